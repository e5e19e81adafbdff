"""Puts the rows that a record shows beside its own: references by id, and collections.

Every part of a shape costs one question for all records of a page, whatever their number.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.domain.records import Record, Row
from pardot_mock.domain.selections import Condition, Order, RowSelection
from pardot_mock.domain.shapes import One, Some, Value, parts_shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pardot_mock.data.reading import RowPage
    from pardot_mock.domain.shapes import Output, Part

MOST_RELATED = 100_000
"""Rows of one collection that are gathered for a page (chosen: more would not be readable)."""


class Source(Protocol):
    """Where rows come from."""

    def lookup(
        self, name: str, ids: Iterable[int], fields: Sequence[str] | None
    ) -> Mapping[int, Row]: ...

    def query(self, selection: RowSelection, fields: Sequence[str] | None) -> RowPage: ...


def columns_of(parts: Iterable[Part]) -> list[str]:
    """Give the columns that parts of a shape need."""
    names = ["id"]
    for part in parts:
        if isinstance(part, Value):
            names.append(part.column)
        elif isinstance(part, One):
            names += [part.by, *([part.latest_at] if part.latest_at else [])]
        elif isinstance(part, Some):
            names.append(part.by)
    return list(dict.fromkeys(names))


def gather(source: Source, name: str, rows: Iterable[Row], parts: Sequence[Part]) -> list[Record]:
    """Give rows of an object with the rows that `parts` of its shape refer to."""
    page = list(rows)
    ones: dict[str, Mapping[Any, Record]] = {}
    somes: dict[str, Mapping[Any, list[Record]]] = {}
    for part in parts:
        if isinstance(part, One):
            ones[part.key] = _ones(source, part, page)
        elif isinstance(part, Some):
            somes[part.name] = _somes(source, part, page)
    by = {part.key: part.by for part in parts if isinstance(part, One)}
    of = {part.name: part.by for part in parts if isinstance(part, Some)}
    return [
        Record(
            name,
            row,
            {key: found.get(row[by[key]]) for key, found in ones.items()},
            {key: found.get(row[of[key]], []) for key, found in somes.items()},
        )
        for row in page
    ]


def _ones(source: Source, part: One, page: list[Row]) -> Mapping[Any, Record]:
    """Give the records of a reference, by the value that refers to them."""
    wanted = [row for row in page if not part.latest_at or row[part.latest_at] is not None]
    values = {row[part.by] for row in wanted} - {None}
    if not values:
        return {}
    if part.latest_at:
        latest = _latest(source, part, values)
        found = source.lookup(part.object, latest.values(), _columns(part.object, part.view))
        rows = {value: found[row_id] for value, row_id in latest.items() if row_id in found}
    elif part.to == "id":
        rows = dict(source.lookup(part.object, values, _columns(part.object, part.view)))
    else:
        columns = [*_columns(part.object, part.view), part.to]
        rows = {
            row[part.to]: row for row in _related(source, part.object, part.to, values, columns)
        }
    return dict(zip(rows, _nested(source, part.object, part.view, rows.values()), strict=True))


def _latest(source: Source, part: One, values: set[Any]) -> Mapping[Any, int]:
    """Give the id of the latest row for each value; rows come in the order of their creation."""
    rows = _related(source, part.object, part.to, values, ["id", part.to])
    return {row[part.to]: row["id"] for row in rows}


def _somes(source: Source, part: Some, page: list[Row]) -> Mapping[Any, list[Record]]:
    values = {row[part.by] for row in page} - {None}
    if not values:
        return {}
    columns = [*_columns(part.shape or part.object, part.view), part.column]
    rows = _related(source, part.object, part.column, values, columns)
    found: defaultdict[Any, list[Record]] = defaultdict(list)
    records = _nested(source, part.object, part.view, rows, part.shape)
    for row, record in zip(rows, records, strict=True):
        found[row[part.column]].append(record)
    return found


def _related(
    source: Source, name: str, column: str, values: set[Any], columns: Sequence[str]
) -> Sequence[Row]:
    selection = RowSelection(
        name,
        (Condition(column, "among", tuple(sorted(values))),),
        order=(Order(_age(name)),),
        limit=MOST_RELATED,
        counted=False,
    )
    return source.query(selection, columns).rows


def _age(name: str) -> str:
    """Give the column by which rows are the older ones first."""
    return "created_at" if OBJECTS[name].field("created_at") else "id"


def _nested(
    source: Source,
    name: str,
    view: tuple[str, ...] | Output,
    rows: Iterable[Row],
    shape: str = "",
) -> list[Record]:
    return gather(source, name, rows, parts_shown(shape or name, view, read=False))


def _columns(shape: str, view: tuple[str, ...] | Output) -> list[str]:
    return columns_of(parts_shown(shape, view, read=False))
