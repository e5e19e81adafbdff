"""Rows of an account that stand beside its synthetic world, or take the place of rows in it.

Users load them and clients write them. The overlay is append-only: every load and every write
makes a new version, and what a version holds never changes. A later row takes the place of an
earlier one with the same id. Loading may not use the ids of the synthetic world (chosen: so that
a file of rows never changes the world unnoticed); writing may, and then hides the synthetic row.
Both are all or nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from pardot_mock.data.hashing import stream
from pardot_mock.data.layout import time_bounds
from pardot_mock.data.loadedblock import LoadedBlock
from pardot_mock.data.overlaychecks import MAX_ID
from pardot_mock.data.overlayreading import BadRowError
from pardot_mock.data.rowtable import DELETED, RowTable, highest_id
from pardot_mock.data.vectors import draws

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pardot_mock.data.overlaychecks import CheckedRows
    from pardot_mock.data.spec import LoadedPart
    from pardot_mock.domain.rows import RowQuery

_KEPT = 8
"""Selections that are remembered: files of one export are written one by one."""


class Overlay:
    """The loaded and written rows of one account; safe to use from several threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._version = 0
        self._tables: dict[str, RowTable] = {}
        self._selections: OrderedDict[tuple[RowQuery, int], pl.DataFrame] = OrderedDict()

    @property
    def version(self) -> int:
        """The number of loads and writes so far."""
        return self._version

    def load(self, checked: CheckedRows, taken: range) -> int:
        """Add rows and give the version they make; `taken` are the ids of the synthetic world.

        Raises `BadRowError` for a taken id; then nothing is loaded.
        """
        _refuse_taken(checked, taken)
        with self._lock:
            table = self._table(checked.object)
            rows = checked.rows.with_columns(_given(checked.rows["id"], table.highest, taken))
            self._version += 1
            table.add(rows, self._version)
            return self._version

    def write(self, rows: Iterable[tuple[str, Mapping[str, Any], int | None]]) -> int:
        """Add single rows in one version and give it.

        Each row comes with its object before it, and behind it its place in the synthetic world
        (None for a row that has none there). Raises `TypeError` for a value of another kind than
        its field; then nothing is written.
        """
        with self._lock:
            stored = [(self._table(n), self._table(n).stored(row), i) for n, row, i in rows]
            self._version += 1
            for table, row, index in stored:
                table.put(row, self._version, index)
            return self._version

    def _table(self, name: str) -> RowTable:
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = RowTable(name)
        return found

    def highest(self, name: str) -> int:
        """Give the highest id of a row of an object, 0 if there is none."""
        with self._lock:
            table = self._tables.get(name)
            return 0 if table is None else table.highest

    def changes(self, name: str) -> int:
        """Give how many versions changed rows of an object."""
        with self._lock:
            table = self._tables.get(name)
            return 0 if table is None else table.changes

    def find(self, name: str, row_id: int) -> dict[str, Any] | None:
        """Give the latest state of a row as values, with `is_deleted`; None if it is not here."""
        with self._lock:
            table = self._tables.get(name)
            return None if table is None else table.find(row_id)

    def find_many(self, name: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Give the latest states of those of some rows that are here, by id; see `find`."""
        with self._lock:
            table = self._tables.get(name)
            return {} if table is None else table.find_many(ids)

    def hidden(self, name: str, version: int | None = None) -> Sequence[int]:
        """Give the places in the synthetic world whose rows stand here instead, ascending."""
        with self._lock:
            table = self._tables.get(name)
            return () if table is None else table.hidden(version)

    def count(self, name: str, version: int | None = None) -> int:
        """Give how many rows of an object a version holds (default: the latest)."""
        return self.snapshot(name, version).height

    def snapshot(self, name: str, version: int | None = None) -> pl.DataFrame:
        """Give the rows of an object as a version holds them (default: the latest)."""
        with self._lock:
            return self._table(name).snapshot(version)

    def current(self, name: str, version: int) -> LoadedBlock | None:
        """Give the rows of an object for lookups and queries; None if there are none."""
        rows = self.snapshot(name, version)
        return LoadedBlock(name, rows) if rows.height else None

    def selected(self, query: RowQuery, version: int) -> pl.DataFrame:
        """Give the rows of a version that a query selects, by creation and id."""
        key = (query, version)
        with self._lock:
            found = self._selections.get(key)
            if found is not None:
                self._selections.move_to_end(key)
                return found
        found = self.snapshot(query.object, version)
        if found.height:
            found = found.filter(_matching(query)).sort("created_at", "id")
        with self._lock:
            self._selections[key] = found
            while len(self._selections) > _KEPT:
                self._selections.popitem(last=False)
        return found

    def blocks(self, query: RowQuery, part: LoadedPart, rows: int) -> Iterator[LoadedBlock]:
        """Give the rows of one file in a random but fixed order, so many `rows` at a time."""
        found = self.selected(query, part.version)
        mine = found.slice(part.start, part.stop - part.start)
        key = stream(self._seed, query.object, "loaded")
        order = np.argsort(draws(key, mine["id"].to_numpy().astype(np.uint64)), kind="stable")
        for start in range(0, mine.height, rows):
            yield LoadedBlock(query.object, mine[order[start : start + rows]])


def _given(ids: pl.Series, highest: int, taken: range) -> pl.Series:
    """Give ids to the rows without: above every id there is and was."""
    missing = ids.null_count()
    if not missing:
        return ids
    top = max(highest_id(ids), taken.stop - 1, highest)
    if top + missing > MAX_ID:
        raise BadRowError("no id is left above those that were given", column="id")
    absent = ids.is_null()
    new = absent.cast(pl.Int64).cum_sum() + top
    return pl.select(pl.when(absent).then(new).otherwise(ids).alias("id")).to_series()


def _refuse_taken(checked: CheckedRows, taken: range) -> None:
    ids = checked.rows["id"]
    inside = (ids.is_between(taken.start, taken.stop - 1)).fill_null(value=False)
    place = inside.arg_max() if inside.any() else None
    if place is not None:
        message = (
            f"{ids[place]} is among the ids that the synthetic world keeps for itself, all from "
            f"{taken.start} to {taken.stop - 1}; leave it out, or use an account with rows=0"
        )
        raise BadRowError(message, checked.lines[place], "id", checked.unit)


def _matching(query: RowQuery) -> pl.Expr:
    low, high = time_bounds(query)
    moment = pl.col(query.time_field)
    found = (moment >= low) & (moment < high)
    if query.deleted != "all":
        found &= pl.col(DELETED) == (query.deleted == "true")
    if query.object == "visitorActivity":
        if query.types is not None:
            found &= pl.col("type").is_in(sorted(query.types))
        if query.prospect_only:
            found &= pl.col("prospect_id").is_not_null()
    return found
