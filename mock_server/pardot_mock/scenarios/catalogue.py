"""The scenarios that come along, and scenarios from files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pardot_mock.scenarios.scenario import Scenario, ScenarioError, scenario_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "default"
FOLDER = Path(__file__).parent / "files"
_MAX_BYTES = 1024 * 1024


def names() -> tuple[str, ...]:
    """Give the names of the scenarios that come along: `default` first, then by alphabet."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def catalogue() -> tuple[Scenario, ...]:
    """Give every scenario that comes along."""
    return tuple(named(name) for name in names())


def named(name: str) -> Scenario:
    """Give the scenario `name` (case does not matter); raise `ScenarioError` if there is none."""
    wanted = name.lower()
    if wanted not in names():
        raise ScenarioError(f"there is no scenario {name!r}; known are {', '.join(names())}")
    return from_file(FOLDER / f"{wanted}.toml")


def from_file(path: Path) -> Scenario:
    """Give the scenario written in a file; raise `ScenarioError` if it cannot be read."""
    return scenario_of(_load(path), path.stem, path.name)


def find(name_or_file: str) -> Scenario:
    """Give the scenario of that name, else the one in that file.

    Whatever ends in `.toml` or names a folder is a file. Raises `ScenarioError`.
    """
    if is_file_name(name_or_file):
        return from_file(Path(name_or_file))
    return named(name_or_file)


def is_file_name(text: str) -> bool:
    """Whether `text` means a file and not the name of a scenario."""
    path = Path(text)
    return path.suffix == ".toml" or len(path.parts) > 1


def _load(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror or error}") from error
    if len(raw) > _MAX_BYTES:
        raise ScenarioError(f"{path}: a scenario of more than {_MAX_BYTES} bytes is not read")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error
