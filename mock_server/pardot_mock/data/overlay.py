"""Rows that a user loads into an account, beside its synthetic world.

The overlay is append-only: every load makes a new version, and what a version holds never changes.
A loaded row takes the place of an earlier loaded one with the same id. The ids of the synthetic
world are not free (chosen: so its slices stay arithmetic). Loading is all or nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

from pardot_mock.data.hashing import stream
from pardot_mock.data.layout import time_bounds
from pardot_mock.data.loadedblock import LoadedBlock
from pardot_mock.data.overlaychecks import DELETED, MAX_ID
from pardot_mock.data.overlayreading import BadRowError
from pardot_mock.data.vectors import draws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.data.overlaychecks import CheckedRows
    from pardot_mock.data.spec import LoadedPart
    from pardot_mock.domain.rows import RowQuery

_K = TypeVar("_K")
_KEPT = 8
"""Snapshots and selections that are remembered: files of one export are written one by one."""


@dataclass(frozen=True, slots=True)
class _Load:
    version: int
    rows: pl.DataFrame


class Overlay:
    """The loaded rows of one account; safe to use from several threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._version = 0
        self._loads: dict[str, tuple[_Load, ...]] = {}
        self._snapshots: OrderedDict[tuple[str, int], pl.DataFrame] = OrderedDict()
        self._selections: OrderedDict[tuple[RowQuery, int], pl.DataFrame] = OrderedDict()

    @property
    def version(self) -> int:
        """The number of loads so far."""
        return self._version

    def load(self, checked: CheckedRows, taken: range) -> int:
        """Add rows and give the version they make; `taken` are the ids of the synthetic world.

        Raises `BadRowError` for a taken id; then nothing is loaded.
        """
        name, ids = checked.object, checked.rows["id"]
        _refuse_taken(checked, taken)
        with self._lock:
            loads = self._loads.get(name, ())
            rows = checked.rows.with_columns(_given(ids, loads, taken))
            self._version += 1
            self._loads[name] = (*loads, _Load(self._version, rows))
            return self._version

    def count(self, name: str, version: int | None = None) -> int:
        """Give how many rows of an object a version holds (default: the latest)."""
        return self.snapshot(name, version).height

    def snapshot(self, name: str, version: int | None = None) -> pl.DataFrame:
        """Give the rows of an object as a version holds them (default: the latest)."""
        known = self._loads.get(name, ())
        loads = [each for each in known if version is None or each.version <= version]
        if not loads:
            return pl.DataFrame(schema={"id": pl.Int64()})
        key = (name, len(loads))
        found = self._remembered(self._snapshots, key)
        if found is None:
            every = pl.concat([load.rows for load in loads])
            found = every.unique(subset="id", keep="last", maintain_order=True)
            self._remember(self._snapshots, key, found)
        return found

    def selected(self, query: RowQuery, version: int) -> pl.DataFrame:
        """Give the rows of a version that a query selects, by creation and id."""
        key = (query, version)
        found = self._remembered(self._selections, key)
        if found is None:
            rows = self.snapshot(query.object, version)
            if rows.height:
                rows = rows.filter(_matching(query)).sort("created_at", "id")
            found = rows
            self._remember(self._selections, key, found)
        return found

    def blocks(self, query: RowQuery, part: LoadedPart, rows: int) -> Iterator[LoadedBlock]:
        """Give the rows of one file in a random but fixed order, so many `rows` at a time."""
        found = self.selected(query, part.version)
        mine = found.slice(part.start, part.stop - part.start)
        key = stream(self._seed, query.object, "loaded")
        order = np.argsort(draws(key, mine["id"].to_numpy().astype(np.uint64)), kind="stable")
        for start in range(0, mine.height, rows):
            yield LoadedBlock(query.object, mine[order[start : start + rows]])

    def _remembered(self, memory: OrderedDict[_K, pl.DataFrame], key: _K) -> pl.DataFrame | None:
        with self._lock:
            found = memory.get(key)
            if found is not None:
                memory.move_to_end(key)
            return found

    def _remember(
        self, memory: OrderedDict[_K, pl.DataFrame], key: _K, frame: pl.DataFrame
    ) -> None:
        with self._lock:
            memory[key] = frame
            while len(memory) > _KEPT:
                memory.popitem(last=False)


def _given(ids: pl.Series, loads: tuple[_Load, ...], taken: range) -> pl.Series:
    """Give ids to the rows without: above every id there is and was."""
    missing = ids.null_count()
    if not missing:
        return ids
    highest = [_highest(load.rows["id"]) for load in loads]
    top = max([_highest(ids), taken.stop - 1, *highest])
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
            f"{ids[place]} is among the ids of the synthetic world, "
            f"{taken.start} to {taken.stop - 1}; leave it out, or use an account with rows=0"
        )
        raise BadRowError(message, checked.lines[place], "id", checked.unit)


def _highest(ids: pl.Series) -> int:
    highest = ids.max()
    return highest if isinstance(highest, int) else 0


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
