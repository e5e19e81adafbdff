"""Reads rows from the synthetic world, fixed rows and the overlay as if they were one table.

See `rowsource` for what stands in whose place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data.columns import values_of
from pardot_mock.data.conditions import meeting
from pardot_mock.data.finding import Finding
from pardot_mock.data.gathering import columns_of, gather
from pardot_mock.data.layout import WITH_DELETED
from pardot_mock.data.loadedblock import LoadedBlock, block_of, both
from pardot_mock.data.ordering import first_places, full_order, joined, keys_of, sorted_places
from pardot_mock.domain.selections import Condition, RowSelection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pardot_mock.data.dataset import Dataset
    from pardot_mock.data.tables.block import Block
    from pardot_mock.data.vectors import Index
    from pardot_mock.domain.records import Record, Row
    from pardot_mock.domain.shapes import Part

MOST_LINKED = 10_000_000
"""Rows that a link between objects may lead through: as many as there can be."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """The rows of one page, and how many match in all (0 where that was not asked)."""

    total: int
    rows: tuple[Row, ...]


class Reader:
    """Answers for one account; remembers nothing."""

    def __init__(self, dataset: Dataset, fixed: Mapping[str, Callable[[], Sequence[Row]]]) -> None:
        self._dataset = dataset
        self._fixed = fixed
        self._engine = dataset.engine
        self._world = self._engine.world

    def lookup(self, name: str, ids: Iterable[int], fields: Sequence[str] | None) -> dict[int, Row]:
        """See `RowSource.lookup`."""
        wanted = tuple(set(ids))
        selection = RowSelection(
            name,
            (Condition("id", "among", wanted),),
            limit=len(wanted),
            deleted="all",
            counted=False,
        )
        columns = [*(fields or _every(name)), "id"]
        return {row["id"]: row for row in self.query(selection, columns).rows}

    def query(self, selection: RowSelection, fields: Sequence[str] | None) -> RowPage:
        """See `RowSource.query`."""
        columns = list(dict.fromkeys(fields or _every(selection.object)))
        asked = self._resolved(selection)
        finding = Finding(self._world, self._engine.postings, self._engine.tallies, asked)
        # What is read and what is hidden must be of one version, however many write meanwhile.
        version = self._dataset.version
        loaded = self._loaded(asked.object, version)
        if loaded is None:
            index = finding.first(asked.limit, asked.offset)
            total = finding.count() if asked.counted else 0
            return RowPage(total, tuple(self._synthetic(asked.object, index, columns)))
        hidden = np.array(self._dataset.hidden(asked.object, version), dtype=np.uint64)
        return self._merged(asked, finding, (loaded, hidden), columns)

    def gather(self, name: str, rows: Iterable[Row], parts: Sequence[Part]) -> list[Record]:
        """See `RowSource.gather`."""
        return gather(self, name, rows, parts)

    def columns_of(self, parts: Sequence[Part]) -> Sequence[str]:
        """See `RowSource.columns_of`."""
        return columns_of(parts)

    def _resolved(self, selection: RowSelection) -> RowSelection:
        """Replace links to other objects by the values they lead to."""
        if not selection.links:
            return selection
        conditions = list(selection.conditions)
        for link in selection.links:
            through = RowSelection(link.object, link.conditions, limit=MOST_LINKED, counted=False)
            rows = self.query(through, [link.column]).rows
            values = {row[link.column] for row in rows} - {None}
            conditions.append(Condition(link.field, "among", tuple(sorted(values))))
        return replace(selection, conditions=tuple(conditions), links=())

    def _loaded(self, name: str, version: int) -> LoadedBlock | None:
        """Give the fixed and the overlaid rows of an object; None if there are none."""
        overlaid = self._dataset.overlaid(name, version)
        if name not in self._fixed:
            return overlaid
        fixed = block_of(name, self._fixed[name]())
        return fixed if overlaid is None else both(fixed, overlaid)

    def _merged(
        self,
        asked: RowSelection,
        finding: Finding,
        instead: tuple[LoadedBlock, Index],
        columns: Sequence[str],
    ) -> RowPage:
        """Answer from the world and from rows that stand `instead` of others at some indexes."""
        loaded, hidden = instead
        own = self._matching(asked, loaded)
        take = asked.offset + asked.limit
        index = finding.first(take + len(hidden))
        index = index[~np.isin(index, hidden)][:take]
        total = 0
        if asked.counted:
            total = finding.count() + own.count - int(np.count_nonzero(finding.fits(hidden)))
        order = full_order(asked.order)
        block = self._world.block(asked.object, index)
        own_keys = keys_of(own, order, own.count)
        places = first_places(own_keys, order, take)
        own, own_keys = own.at(places), [key[places] for key in own_keys]
        keys = joined(keys_of(block, order, len(index)), own_keys)
        places = sorted_places(keys, order)[asked.offset : take]
        return RowPage(total, tuple(self._at(asked.object, index, own, places.tolist(), columns)))

    def _matching(self, asked: RowSelection, loaded: LoadedBlock) -> LoadedBlock:
        mask = meeting(loaded, asked.conditions, loaded.count)
        if asked.object not in WITH_DELETED:
            mask &= ~loaded.deleted
        elif asked.deleted != "all":
            mask &= loaded.deleted == (asked.deleted == "true")
        return loaded.at(np.flatnonzero(mask))

    def _at(
        self, name: str, index: Index, own: LoadedBlock, places: list[int], columns: Sequence[str]
    ) -> Iterator[Row]:
        """Give the rows at places of the synthetic rows and the own ones behind them."""
        from_world = [place for place in places if place < len(index)]
        from_own = [place - len(index) for place in places if place >= len(index)]
        synthetic = self._synthetic(name, index[from_world], columns)
        overlaid = _values(own.at(np.array(from_own, dtype=np.int64)), columns, len(from_own))
        for place in places:
            yield next(synthetic if place < len(index) else overlaid)

    def _synthetic(self, name: str, index: Index, columns: Sequence[str]) -> Iterator[Row]:
        return _values(self._world.block(name, index), columns, len(index))


def _every(name: str) -> list[str]:
    return [field.name for field in OBJECTS[name].fields]


def _values(
    block: Block | LoadedBlock, columns: Sequence[str], count: int
) -> Iterator[dict[str, Any]]:
    """Give rows as values; a field that an account has defined has none in a synthetic row."""
    if not count:
        return
    values = [
        values_of(block.column(name), count) if block.has(name) else [None] * count
        for name in columns
    ]
    for row in zip(*values, strict=True):
        yield dict(zip(columns, row, strict=True))
