"""Settings of the command line: `pardot-mock.toml`, or `[tool.pardot-mock]` in pyproject.toml.

An option on the command line counts most, then `PARDOT_MOCK_<OPTION>`, then the file, then the
default. Keys are the long options without their dashes; an unknown key is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


class SettingsError(ValueError):
    """A settings file that cannot be read, or that holds a key nobody knows."""


def read_settings(directory: Path, known: Collection[str]) -> dict[str, Any]:
    """Read the settings that apply in `directory`; nothing if there is no file.

    Keys come back with underscores. Raises `SettingsError` naming file and key.
    """
    own = directory / "pardot-mock.toml"
    if own.is_file():
        return _checked(own, _load(own), known)
    project = directory / "pyproject.toml"
    if project.is_file():
        table = _load(project).get("tool", {}).get("pardot-mock", {})
        return _checked(project, table, known)
    return {}


def _load(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _checked(path: Path, table: object, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: the settings are not a table")
    values = {key.replace("-", "_"): value for key, value in table.items()}
    for key in values:
        if key not in known:
            names = ", ".join(sorted(name.replace("_", "-") for name in known))
            raise SettingsError(f"{path}: unknown key {key!r}; known are {names}")
    return values
