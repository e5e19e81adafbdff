"""The memory of `--since-last`: every row once, wherever a run is cut off.

    stage the files -> write down what is staged -> move them into place -> set the mark

Before the second step a run that is cut off has changed nothing; after it the next run
finishes the moves first. So no row is lost, and none is exported twice. The file is replaced
in one step, and one run at a time may use it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pardot_client.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_VERSION = 1


@dataclass(frozen=True)
class Pending:
    """Files that are complete and on their way into place.

    Attributes:
        key: names the kind of export.
        until: the mark to set once they are in place.
        stage: the folder they come from.
        out: the folder they go to.
        files: their names.
    """

    key: str
    until: str
    stage: str
    out: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What the file says.

    Attributes:
        marks: the exclusive upper bound of the last run, by kind of export.
        pending: what a run that was cut off had still to move.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None


def load(path: Path) -> State:
    """Read the file; without one nothing has been exported.

    Raises:
        InvalidRequest: the file holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return State()
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{path} cannot be read as a state file: {error}") from error
    marks = content.get("marks") if isinstance(content, dict) else None
    if not isinstance(marks, dict) or content.get("version") != _VERSION:
        raise InvalidRequest(f"{path} is no state file of this command")
    known = {str(key): str(mark) for key, mark in marks.items()}
    return State(known, _pending(path, content.get("pending")))


def _pending(path: Path, found: Any) -> Pending | None:  # noqa: ANN401 - whatever JSON holds
    if found is None:
        return None
    try:
        return Pending(**{**found, "files": tuple(found["files"])})
    except (TypeError, KeyError) as error:
        raise InvalidRequest(f"{path} is no state file of this command") from error


def save(path: Path, state: State) -> None:
    """Replace the file in one step."""
    part = path.with_name(f"{path.name}.part")
    content: dict[str, Any] = {"version": _VERSION, "marks": dict(state.marks)}
    if state.pending is not None:
        content["pending"] = asdict(state.pending)
    try:
        part.write_text(f"{json.dumps(content, indent=2, sort_keys=True)}\n", encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def stage_for(path: Path, out: Path) -> Iterator[Path]:
    """A folder in which to gather files; it is removed unless something in it is pending."""
    owner = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    stage = out.resolve() / f".pardot-export-{owner}"
    # What lies there was never written down, so the run that left it has changed nothing.
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    try:
        yield stage
    finally:
        if load(path).pending is None:
            shutil.rmtree(stage, ignore_errors=True)


def settle(path: Path, state: State, pending: Pending) -> State:
    """Write down what is staged, and put it into place.

    Raises:
        InvalidRequest: a file of another run would be overwritten; nothing has changed.
    """
    out = Path(pending.out)
    if taken := [name for name in pending.files if (out / name).exists()]:
        raise InvalidRequest(f"{out / taken[0]} is there already, from somewhere else")
    begun = replace(state, pending=pending)
    save(path, begun)
    return recover(path, begun)[0]


def recover(path: Path, state: State) -> tuple[State, Sequence[Path]]:
    """Finish what a run that was cut off had begun to put into place.

    Returns:
        The state without anything pending, and the files that are in place thereby.

    Raises:
        InvalidRequest: the staged files have vanished.
    """
    pending = state.pending
    if pending is None:
        return state, ()
    stage, out = Path(pending.stage), Path(pending.out)
    if not stage.is_dir():
        raise InvalidRequest(
            f"the last run was cut off and its files have vanished from {stage}; "
            f"take `pending` out of {path} to export them again"
        )
    for name in pending.files:
        # What is not there any more has been moved already.
        if (stage / name).exists():
            (stage / name).replace(out / name)
    settled = State({**state.marks, pending.key: pending.until})
    save(path, settled)
    shutil.rmtree(stage, ignore_errors=True)
    return settled, [out / name for name in pending.files]
