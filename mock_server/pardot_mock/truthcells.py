"""The rows of a client, be they text or typed, as the cells that an export writes.

Whole numbers and texts are their own spelling. True and False are spelled as the export does, an
instant as its wall time in the export's timezone, and what is missing as an empty cell. A client
that knows yes and no only cannot tell a no from an empty cell, nor `1` from `true`: where True or
False came, such cells are the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pardot_fixtures.catalog import OBJECTS

if TYPE_CHECKING:
    from pardot_mock.domain.rows import RowQuery

Row = tuple[str, ...]
Rows = Iterable[Mapping[str, Any] | Sequence[Any]]
_YES = frozenset({"1", "true"})
_NO = frozenset({"0", "false", ""})
_WHOLE = frozenset({"integer", "boolean", "flag"})
"""Kinds of which a frame makes decimal numbers where a cell is missing."""


class ClientRows:
    """Rows that a client got of the export of `query`, cell by cell as texts.

    A row is a mapping by column, or the cells in the order of the columns. `rows` may be a frame
    of polars. Raises `TypeError`, naming row and column, for a cell that no export can hold.
    """

    def __init__(self, query: RowQuery, rows: Rows) -> None:
        self._query = query
        self._names = frozenset(query.fields)
        kinds: dict[str, str] = {field.name: field.kind for field in OBJECTS[query.object].fields}
        # Fields that the account has defined itself hold texts.
        self._kinds = [kinds.get(name, "string") for name in query.fields]
        self._zone = ZoneInfo(query.timezone)
        self._lacking: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._marked: set[int] = set()
        frame = getattr(rows, "iter_rows", None)
        each: Rows = rows if frame is None else frame(named=True)
        self.cells: list[Row] = [self._row(number, row) for number, row in enumerate(each, 1)]

    @property
    def misfits(self) -> tuple[str, ...]:
        """Say which columns some rows lack, and which they have that the export does not have."""
        lacking = [f"{self._so_many(n)} no column {name}" for name, n in self._lacking.items()]
        unknown = [
            f"{self._so_many(n)} a column {name!r} that the export does not have"
            for name, n in self._unknown.items()
        ]
        return (*lacking, *unknown)

    def _so_many(self, count: int) -> str:
        total = len(self.cells)
        return "the rows have" if count == total else f"{count} of {total} rows have"

    def respelled(self, truth: Iterable[Row]) -> list[Row]:
        """Give the rows with the spelling of the true row that means the same, where one does."""
        if not self._marked:
            return self.cells
        spellings: dict[Row, list[Row]] = {}
        for row in truth:
            spellings.setdefault(self._meaning(row), []).append(row)
        return [_taken(spellings.get(self._meaning(row)), row) for row in self.cells]

    def _meaning(self, row: Row) -> Row:
        return tuple(
            _yes_or_no(cell) if place in self._marked else cell for place, cell in enumerate(row)
        )

    def _row(self, number: int, row: Mapping[str, Any] | Sequence[Any]) -> Row:
        if isinstance(row, str | bytes):
            raise TypeError(f"row {number} is neither a mapping nor a sequence of cells: {row!r}")
        values = self._in_order(row) if isinstance(row, Mapping) else row
        cells = tuple(
            value if type(value) is str else self._text(value, number, place)
            for place, value in enumerate(values)
        )
        return whole(cells, len(self._kinds))

    def _in_order(self, row: Mapping[str, Any]) -> list[Any]:
        fields = self._query.fields
        if row.keys() != self._names:
            self._lacking.update(name for name in fields if name not in row)
            self._unknown.update(str(name) for name in row if name not in self._names)
        return [row.get(name) for name in fields]

    def _text(self, value: object, number: int, place: int) -> str:
        # A row that is too long has cells of no column.
        kind = self._kinds[place] if place < len(self._kinds) else "string"
        if isinstance(value, str):
            return str(value)
        if isinstance(value, bool):
            self._marked.add(place)
            return self._mark(kind, value=value)
        if _is_missing(value):
            return ""
        if isinstance(value, datetime):
            local = value if value.tzinfo is None else value.astimezone(self._zone)
            return local.replace(tzinfo=None).isoformat(sep=" ")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Real | Decimal):
            even = kind in _WHOLE and math.isfinite(value) and value == math.floor(value)
            return str(math.floor(value) if even else value)
        name = self._query.fields[place] if place < len(self._kinds) else place + 1
        known = "a text, True or False, a number, a datetime or None"
        raise TypeError(f"row {number}, column {name}: a cell is {known}, not {value!r}")

    def _mark(self, kind: str, *, value: bool) -> str:
        # Loads the libraries of the data, which are there wherever a truth is.
        from pardot_mock.data.cells import marks

        no, yes = marks(self._query.csv, "flag" if kind == "flag" else "boolean")
        return yes if value else no or ""


def whole(row: Row, width: int) -> Row:
    """Give the row that readers see: of one column, a blank line is a missing value."""
    return row or (("",) if width == 1 else ())


def _taken(spellings: list[Row] | None, row: Row) -> Row:
    """Take a spelling; the last one stays, so that a row that came twice is told as such."""
    if not spellings:
        return row
    return spellings.pop() if len(spellings) > 1 else spellings[0]


def _yes_or_no(cell: str) -> str:
    lowered = cell.lower()
    return "true" if lowered in _YES else "false" if lowered in _NO else cell


def _is_missing(value: object) -> bool:
    """Whether a value is None, or stands for it in a frame: NaN, NaT, or the NA of pandas."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):
        return repr(value) == "<NA>"
