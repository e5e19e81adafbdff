"""Settings of the command line: `pardot-mock.toml`, or `[tool.pardot-mock]` in pyproject.toml.

An option on the command line counts most, then `PARDOT_MOCK_<OPTION>`, then the file, then the
default. Keys are the long options without their dashes; an unknown key is an error, and so is a
value of a type that the option does not take.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a key may hold: the Python types of its TOML values, and `words` that say it.

    With `several` it is a list of such values.
    """

    words: str
    types: tuple[type, ...]
    several: bool = False

    def fault(self, value: object) -> str:
        """Say what is wrong with the type of `value`; empty if nothing is."""
        if not self.several:
            return "" if type(value) in self.types else _unlike(value, self.words)
        if not isinstance(value, list):
            return _unlike(value, self.words)
        bad = [item for item in value if type(item) not in self.types]
        return _unlike(bad[0], self.words) if bad else ""


TEXT = Wanted("a text", (str,))
TEXTS = Wanted("a list of texts", (str,), several=True)
FLAG = Wanted("true or false", (bool,))
WHOLE_NUMBER = Wanted("a whole number", (int, str))
INSTANT = Wanted("an instant such as 2026-01-31T10:00:00Z", (str, datetime, date))

_TYPES: Mapping[type, str] = MappingProxyType(
    {
        bool: "a boolean",
        int: "a whole number",
        float: "a decimal number",
        str: "a text",
        list: "a list",
        dict: "a table",
        datetime: "an instant",
        date: "a date",
        time: "a time of day",
    }
)
"""What the types of TOML are called."""

_SHOWN = 60
"""Characters of a value that an error repeats."""


def _unlike(value: object, words: str) -> str:
    if isinstance(value, date | time):
        shown = value.isoformat()
    else:
        shown = str(value).lower() if isinstance(value, bool) else repr(value)
    short = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
    return f"{short} is {_TYPES[type(value)]}; {words} is wanted"


class SettingsError(ValueError):
    """A settings file that cannot be read, or that says what nobody understands."""


def read_settings(directory: Path, known: Mapping[str, Wanted]) -> dict[str, Any]:
    """Read the settings that apply in `directory`; nothing if there is no file.

    `known` says by key, with underscores, what it may hold. Keys come back like that, dates and
    instants as ISO 8601. Raises `SettingsError` naming file and key.
    """
    own = directory / "pardot-mock.toml"
    if own.is_file():
        return _checked(own, _load(own), known)
    project = directory / "pyproject.toml"
    if project.is_file():
        tools = _load(project).get("tool", {})
        table = tools.get("pardot-mock", {}) if isinstance(tools, dict) else {}
        return _checked(project, table, known)
    return {}


def _load(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _checked(path: Path, table: object, known: Mapping[str, Wanted]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: the settings are not a table")
    values = {}
    for written, value in table.items():
        key = written.replace("-", "_")
        if key not in known:
            names = ", ".join(sorted(name.replace("_", "-") for name in known))
            raise SettingsError(f"{path}: unknown key {written!r}; known are {names}")
        if key in values:
            raise SettingsError(f"{path}: {written}: said twice, with a dash and an underscore")
        if fault := known[key].fault(value):
            raise SettingsError(f"{path}: {written}: {fault}")
        values[key] = value.isoformat() if isinstance(value, date) else value
    return values
