"""Which rows a query selects, found block by block in bounded memory.

A query that takes every candidate is answered by `Layout` and never scanned. Every other one scans
the candidate range, but computes only the columns the filter looks at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.hashing import draw, stream
from pardot_mock.data.layout import time_bounds
from pardot_mock.data.spec import FileSlice
from pardot_mock.data.tables.activities import Activities
from pardot_mock.data.vectors import draws, index_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_mock.data.tables.block import Block
    from pardot_mock.data.vectors import Index, Mask
    from pardot_mock.data.world import World
    from pardot_mock.domain.rows import RowQuery

SCAN_ROWS = 1 << 17
"""Rows looked at together while counting."""

_GROUP = 64
_GOLDEN_SECTION = 0.6180339887498949


@dataclass(frozen=True)
class Selection:
    """The rows of one query in one world."""

    world: World
    query: RowQuery

    @cached_property
    def candidates(self) -> range:
        """The indexes among which the rows are."""
        return self.world.layout.candidates(self.query)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every candidate is a row of the query."""
        return self.world.layout.takes_every_candidate(self.query)

    def block(self, index: Index) -> Block:
        """Give the rows of the query's object at `index`."""
        return self.world.block(self.query.object, index)

    def matches(self, block: Block) -> Mask:
        """Tell which rows of a block the query selects."""
        low, high = time_bounds(self.query)
        moments = block.created if self.query.time_field == "created_at" else block.updated
        mask: Mask = (moments >= low) & (moments < high)
        if self.query.deleted != "all":
            mask &= block.deleted == (self.query.deleted == "true")
        if block.present is not None:
            mask &= block.present
        if isinstance(block, Activities):
            if self.query.types is not None:
                mask &= block.of_types(self.query.types)
            if self.query.prospect_only:
                mask &= block.known
        return mask

    def slices(
        self, rows_per_file: int, hidden: Sequence[int] = (), version: int = 0
    ) -> Iterator[FileSlice]:
        """Cut the rows into files of `rows_per_file`, the last one smaller; none is empty.

        `hidden` are the indexes, ascending, whose rows `version` does not take from the world.
        """
        without = version if hidden else 0
        begin, rows, last = self.candidates.start, 0, self.candidates.start
        for found in self._found(hidden):
            taken = 0
            while rows + len(found) - taken >= rows_per_file:
                taken += rows_per_file - rows
                stop = int(found[taken - 1]) + 1
                yield FileSlice(begin, stop, rows_per_file, without=without)
                begin, rows = stop, 0
            rows += len(found) - taken
            last = int(found[-1]) + 1 if rows else last
        if rows:
            yield FileSlice(begin, last, rows, without=without)

    def _found(self, hidden: Sequence[int]) -> Iterator[Index]:
        """Give the indexes of the rows in order, some at a time, never none."""
        for index in index_blocks(self.candidates, SCAN_ROWS):
            found = without(index[self.matches(self.block(index))], hidden)
            if len(found):
                yield found

    def shuffled(
        self, part: FileSlice, batch_rows: int, hidden: Sequence[int] = ()
    ) -> Iterator[Block]:
        """Give the rows of a file in a random but fixed order, `batch_rows` candidates at a time.

        `hidden` are the indexes, ascending, whose rows are not taken from the world.

        The order is a walk around the file in steps of the golden section, disturbed within
        groups of 64, so it needs no memory however long the file is.
        """
        count = part.index_to - part.index_from
        key = stream(self.world.spec.seed, self.query.object, "order")
        offset = draw(key, part.index_from) % count
        step = _coprime_step(count)
        for place in index_blocks(range(count), batch_rows):
            index = (place * np.uint64(step) + np.uint64(offset)) % np.uint64(count)
            index = without(_disturbed(key, index, count) + np.uint64(part.index_from), hidden)
            block = self.block(index)
            if not self.is_whole:
                block = self.block(block.index[self.matches(block)])
            yield block


def without(index: Index, hidden: Sequence[int]) -> Index:
    """Leave out the hidden indexes."""
    if not hidden or not len(index):
        return index
    first = bisect_left(hidden, int(index.min()))
    near = hidden[first : bisect_right(hidden, int(index.max()), first)]
    if not near:
        return index
    return index[~np.isin(index, np.array(near, dtype=np.uint64))]


def _disturbed(key: int, index: Index, count: int) -> Index:
    """Permute each full group of 64 indexes in its own way."""
    group = index // np.uint64(_GROUP)
    swapped = index ^ (draws(key, group) & np.uint64(_GROUP - 1))
    return np.where(group < np.uint64(count // _GROUP), swapped, index)


def _coprime_step(count: int) -> int:
    step = max(1, int(count * _GOLDEN_SECTION))
    while gcd(step, count) != 1:
        step += 1
    return step
