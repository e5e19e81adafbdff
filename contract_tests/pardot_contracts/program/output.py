"""Finds the rows that a program handed over: files in its folder, else its standard output.

Read are CSV (`.csv`, and `.csv.gz`), JSON lines (`.jsonl`, `.ndjson`) and arrays of objects
(`.json`), in any number of files and folders. Cells are compared as texts, as a CSV reader sees
them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

STDOUT = "standard output"
_JSON_LINES = (".jsonl", ".ndjson")


class UnreadableError(ValueError):
    """A file of the program cannot be read as rows; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one file: `name` for messages, the columns, and cells in their order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(folder: Path, printed: str) -> list[Table]:
    """Give every table in `folder`, or what was `printed` if there is none and it is one.

    Raises `UnreadableError`.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    found = [table for path in paths if (table := _table(path, str(path.relative_to(folder))))]
    if found:
        return found
    told = _told(printed)
    return [told] if told else []


def _table(path: Path, name: str) -> Table | None:
    kind = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    try:
        if kind in (".csv", ".csv.gz"):
            packed = path.read_bytes()
            text = (gzip.decompress(packed) if kind.endswith(".gz") else packed).decode("utf-8-sig")
            return _csv(name, text)
        if kind in _JSON_LINES:
            lines = path.read_text("utf-8").splitlines()
            return _objects(name, [json.loads(line) for line in lines if line.strip()])
        if kind == ".json":
            return _objects(name, json.loads(path.read_text("utf-8")))
    except (ValueError, OSError, EOFError, csv.Error) as error:
        raise UnreadableError(f"{name} cannot be read: {error}") from error
    return None


def _csv(name: str, text: str) -> Table | None:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = tuple(next(lines, ()))
    return Table(name, columns, tuple(map(tuple, lines))) if columns else None


def _objects(name: str, found: Any) -> Table | None:  # noqa: ANN401 - JSON
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UnreadableError(f"{name} holds no rows: an array of objects is read, or JSON lines")
    columns = tuple(dict.fromkeys(key for row in found for key in row))
    return Table(name, columns, tuple(_cells(row, columns) for row in found)) if found else None


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    values: Iterable[Any] = (row.get(name) for name in columns)
    return tuple("" if value is None else str(value) for value in values)


def _told(printed: str) -> Table | None:
    """Read what was printed, if its first line looks like a header or an object."""
    first = printed.lstrip().partition("\n")[0].strip()
    try:
        if first.startswith("{"):
            lines = [json.loads(line) for line in printed.splitlines() if line.strip()]
            return _objects(STDOUT, lines)
        words = next(csv.reader([first]), [])
        if "id" in words and all(word.replace("_", "").isalnum() for word in words):
            return _csv(STDOUT, printed.lstrip())
    except (ValueError, csv.Error):
        return None
    return None
