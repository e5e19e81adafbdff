"""Where the last run ended, so that the next one goes on without gap or overlap.

The file holds one mark per kind of export. A mark is the exclusive upper bound of the last
run; the next run starts one second before it, which is the first second not yet exported.
It is written only after the files of a run are in place, and replaced in one step.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pardot_client.arguments import BOUNDS, Wanted, export_request
from pardot_client.errors import InvalidRequest
from pardot_client.ranges import instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VERSION = 1
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Stretch:
    """What one run shall export.

    Attributes:
        wanted: the request with its bounds filled in.
        key: names the kind of export in the file.
        until: the mark to set once everything is in place, or None if there is nothing new.
    """

    wanted: Wanted
    key: str
    until: str | None


def load(path: Path) -> dict[str, str]:
    """The marks of a file; none if it does not exist.

    Raises:
        InvalidRequest: the file holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{path} cannot be read as a state file: {error}") from error
    marks = content.get("marks") if isinstance(content, dict) else None
    if not isinstance(marks, dict) or content.get("version") != _VERSION:
        raise InvalidRequest(f"{path} is no state file of this command")
    return {str(key): str(mark) for key, mark in marks.items()}


def save(path: Path, marks: Mapping[str, str]) -> None:
    """Replace the file in one step."""
    part = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        text = json.dumps({"version": _VERSION, "marks": dict(marks)}, indent=2, sort_keys=True)
        part.write_text(f"{text}\n", encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def stretch(
    account: tuple[str, str],
    object_name: str,
    wanted: Wanted,
    marks: Mapping[str, str],
    now: datetime,
) -> Stretch:
    """The bounds of the next run.

    Args:
        account: the API host and who is calling.
        object_name: name of the object.
        wanted: what was asked for; its lower bound counts for the first run only.
        marks: what `load` returned.
        now: aware; the upper bound unless one was asked for.

    Raises:
        InvalidRequest: no lower bound, or a bound that only the service can read.
    """
    request = export_request(object_name, wanted)
    if request.procedure not in BOUNDS:
        raise InvalidRequest("--since-last needs a procedure whose bounds are known")
    lower, upper = BOUNDS[request.procedure]
    filters = {
        name: value for name, value in request.arguments.items() if name not in {lower, upper}
    }
    key = json.dumps([*account, object_name.lower(), request.procedure, filters], sort_keys=True)
    ends = request.arguments.get(upper, now.isoformat(timespec="seconds"))
    mark = marks.get(key)
    begins = request.arguments[lower] if mark is None else _a_second_before(mark)
    bounds = {lower: begins, upper: ends}
    nothing_new = not _is_later(upper, str(ends), str(mark or begins))
    filled = Wanted(**{**wanted, **bounds})  # type: ignore[typeddict-item]
    return Stretch(filled, key, None if nothing_new else str(ends))


def _read(name: str, moment: str) -> datetime:
    read = instant_of(moment)
    if read is None:
        raise InvalidRequest(f"--since-last needs {name} as a date, not {moment!r}")
    return read


def _a_second_before(mark: str) -> str:
    moment = _read("its mark", mark) - _SECOND
    return moment.isoformat(sep="T" if moment.tzinfo else " ", timespec="seconds")


def _is_later(name: str, ends: str, begins: str) -> bool:
    end, begin = _read(name, ends), instant_of(begins)
    if begin is None or (begin.tzinfo is None) != (end.tzinfo is None):
        # The service can compare what cannot be compared here.
        return True
    return end > begin
