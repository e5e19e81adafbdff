"""The rows of the synthetic world that a selection wants: how many there are, and one page.

Conditions on id and created_at are index ranges, because both grow with the index. Conditions that
`narrowing` knows leave a few indexes. Everything else is scanned in blocks; what a scan counted is
remembered per block, so that the next page counts almost nothing anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pardot_mock.data.conditions import meeting
from pardot_mock.data.layout import MAX_ACTIVITY_LAG, SPARSE, WITH_DELETED
from pardot_mock.data.narrowing import narrowed
from pardot_mock.data.ordering import Best

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.data.postings import Postings
    from pardot_mock.data.tables.block import Block
    from pardot_mock.data.vectors import Index, Mask
    from pardot_mock.data.world import World
    from pardot_mock.domain.selections import Condition, RowSelection

    Filter: TypeAlias = tuple[str, tuple[Condition, ...], str]

BLOCK_ROWS = 1 << 16
"""Rows looked at together, beginning at multiples of it."""

_MOST_TALLIES = 64
_WITH_GAPS = frozenset({*SPARSE, "visitPageView", "identifiedCompany", "visitorReferrer"})
_GROWING = ("id", "created_at")


class Tallies:
    """How many rows of whole blocks met which conditions; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[Filter, dict[int, int]] = OrderedDict()

    def of(self, key: Filter) -> dict[int, int]:
        """Give the counts by block that are known for a filter, to be read and added to."""
        with self._lock:
            counts = self._counts.setdefault(key, {})
            self._counts.move_to_end(key)
            while len(self._counts) > _MOST_TALLIES:
                self._counts.popitem(last=False)
            return counts


class Finding:
    """One selection in one world, without the rows of the overlay."""

    def __init__(
        self, world: World, postings: Postings, tallies: Tallies, selection: RowSelection
    ) -> None:
        self._world = world
        self._postings = postings
        self._tallies = tallies
        self._selection = selection
        self._name = selection.object
        layout = world.layout
        self._ids = layout.ids[self._name]
        self._timeline = layout.timelines[self._name]
        self._rest = tuple(each for each in selection.conditions if not _is_range(each))

    @cached_property
    def span(self) -> range:
        """The index range among which the rows are."""
        start, stop = 0, self._timeline.count
        for each in self._selection.conditions:
            low, high = self._bounds(each)
            start, stop = max(start, low), min(stop, high)
        return range(start, max(start, stop))

    def _bounds(self, each: Condition) -> tuple[int, int]:
        """Give the first index that a condition admits, and the first that it no longer does."""
        count = self._timeline.count
        if each.test not in ("above", "below") or each.field not in (*_GROWING, "updated_at"):
            return 0, count
        value = each.values[0]
        if isinstance(value, datetime):
            second = int(value.timestamp())
            if each.test == "below":
                # Nothing is updated before it is created.
                return 0, self._timeline.first_at(second)
            lag = MAX_ACTIVITY_LAG if self._name == "visitorActivity" else None
            if each.field == "created_at":
                return self._timeline.first_at(second + 1), count
            return (0 if lag is None else self._timeline.first_at(second + 1 - lag)), count
        place = self._ids.first_above(int(value) - (each.test == "below"))
        return (place, count) if each.test == "above" else (0, place)

    @cached_property
    def _few(self) -> Index | None:
        """The rows, where they are found without a scan."""
        near = narrowed(self._world, self._postings, self._name, self._selection.conditions)
        if near is None:
            return None
        inside = near[(near >= self.span.start) & (near < self.span.stop)]
        return self.matching(inside)

    @cached_property
    def _is_whole(self) -> bool:
        """Whether every index of the span is a row."""
        asked = self._name in WITH_DELETED
        return not self._rest and self._name not in _WITH_GAPS and not asked

    def matching(self, index: Index) -> Index:
        """Give those of some indexes of the span that are rows of the selection."""
        return index[self._mask(self._world.block(self._name, index), self._rest)]

    def fits(self, index: Index) -> Mask:
        """Tell which of any indexes are rows of the selection."""
        inside = (index >= self.span.start) & (index < self.span.stop)
        return inside & self._mask(self._world.block(self._name, index), self._rest)

    def _mask(self, block: Block, conditions: tuple[Condition, ...]) -> Mask:
        mask = meeting(block, conditions, len(block.index))
        if block.present is not None:
            mask = mask & block.present
        if self._name in WITH_DELETED and self._selection.deleted != "all":
            mask = mask & (block.deleted == (self._selection.deleted == "true"))
        return mask

    def count(self) -> int:
        """Count all rows."""
        if self._few is not None:
            return len(self._few)
        if self._is_whole:
            return len(self.span)
        sure = self._surely_updated()
        loose = tuple(each for each in self._rest if each.field != "updated_at")
        before = range(self.span.start, sure.start)
        after = range(sure.stop, self.span.stop)
        return self._count(sure, loose) + sum(
            self._count(part, self._rest) for part in (before, after)
        )

    def _surely_updated(self) -> range:
        """The part of the span in which every row was updated within the bounds.

        An activity is updated at its creation or within a month after it.
        """
        if self._name != "visitorActivity":
            touched = any(each.field == "updated_at" for each in self._rest)
            return range(self.span.start, self.span.start) if touched else self.span
        start, stop = self.span.start, self.span.stop
        for each in self._rest:
            if each.field == "updated_at" and isinstance(each.values[0], datetime):
                second = int(each.values[0].timestamp())
                if each.test == "above":
                    start = max(start, self._timeline.first_at(second + 1))
                elif second <= self._world.spec.end:
                    stop = min(stop, self._timeline.first_at(second - MAX_ACTIVITY_LAG))
        return range(min(start, self.span.stop), max(min(start, self.span.stop), stop))

    def _count(self, part: range, conditions: tuple[Condition, ...]) -> int:
        if not len(part):
            return 0
        key = (self._name, conditions, self._selection.deleted)
        known, total = self._tallies.of(key), 0
        for block in _blocks(part):
            number, whole = divmod(block.start, BLOCK_ROWS)[0], len(block) == BLOCK_ROWS
            found = known.get(number) if whole else None
            if found is None:
                rows = self._world.block(self._name, _array(block))
                found = int(np.count_nonzero(self._mask(rows, conditions)))
                if whole:
                    known[number] = found
            total += found
        return total

    def first(self, count: int, skip: int = 0) -> Index:
        """Give the indexes of `count` rows in the order of the selection, after `skip` others."""
        if self._in_index_order():
            return self._walked(count, skip)
        best = Best(self._world, self._selection, skip + count)
        if self._few is not None:
            best.take(self._few)
            return best.index[skip:]
        for block in _blocks(self.span, backwards=self._selection.order[0].descending):
            if best.cannot_change(block):
                break
            best.take(self.matching(_array(block)))
        return best.index[skip:]

    def _in_index_order(self) -> bool:
        order = self._selection.order
        same = len({each.descending for each in order}) == 1
        return same and all(each.field in _GROWING for each in order)

    def _walked(self, count: int, skip: int) -> Index:
        backwards = self._selection.order[0].descending
        if self._few is not None:
            found = self._few[::-1] if backwards else self._few
            return found[skip : skip + count]
        if self._is_whole:
            span = self.span[::-1] if backwards else self.span
            return _array(span[skip : skip + count])
        return self._walk(count, skip, backwards=backwards)

    def _walk(self, count: int, skip: int, *, backwards: bool) -> Index:
        """Collect rows block by block; blocks that are skipped are counted, mostly from memory."""
        found = [np.empty(0, dtype=np.uint64)]
        missing = count
        for block in _blocks(self.span, backwards=backwards):
            if missing <= 0:
                break
            if skip:
                rows = self._count(block, self._rest)
                if rows <= skip:
                    skip -= rows
                    continue
            mine = self.matching(_array(block))
            taken = (mine[::-1] if backwards else mine)[skip : skip + missing]
            found.append(taken)
            missing, skip = missing - len(taken), 0
        return np.concatenate(found)


def _is_range(each: Condition) -> bool:
    return each.test in ("above", "below") and each.field in _GROWING


def _blocks(part: range, *, backwards: bool = False) -> Iterator[range]:
    """Cut a range at the multiples of `BLOCK_ROWS`."""
    first, last = part.start // BLOCK_ROWS, -(-part.stop // BLOCK_ROWS)
    numbers = range(first, last)
    for number in reversed(numbers) if backwards else numbers:
        start, stop = number * BLOCK_ROWS, (number + 1) * BLOCK_ROWS
        cut = range(max(start, part.start), min(stop, part.stop))
        if len(cut):
            yield cut


def _array(indexes: range) -> Index:
    return np.arange(indexes.start, indexes.stop, indexes.step, dtype=np.int64).astype(np.uint64)
