"""Sorting rows by columns, and keeping the best few of many without holding them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.columns import Column, Joined, Texts, Words, values_of
from pardot_mock.data.conditions import is_given
from pardot_mock.data.layout import MAX_ACTIVITY_LAG
from pardot_mock.domain.selections import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pardot_mock.data.conditions import Rows
    from pardot_mock.data.vectors import Index
    from pardot_mock.data.world import World
    from pardot_mock.domain.selections import RowSelection

Keys = list["npt.NDArray[np.generic]"]
"""For each column of an order: whether a value is there, and the value."""


def full_order(order: Sequence[Order]) -> tuple[Order, ...]:
    """Give an order in which no two rows are equal: by id, where nothing else decides."""
    if any(each.field == "id" for each in order):
        return tuple(order)
    return (*order, Order("id", order[0].descending))


def keys_of(rows: Rows, order: Sequence[Order], count: int) -> Keys:
    """Give the keys of `count` rows."""
    keys: Keys = []
    for each in order:
        column = rows.column(each.field)
        given = is_given(column, count)
        keys += [given, np.where(given, _values(column, count), _nothing(column))]
    return keys


def _values(column: Column, count: int) -> npt.NDArray[np.generic]:
    if isinstance(column, Words | Joined | Texts):
        texts = values_of(column, count)
        return np.array([str(text or "").casefold() for text in texts], dtype=np.str_)
    return np.asarray(column.values)


def _nothing(column: Column) -> str | int:
    return "" if isinstance(column, Words | Joined | Texts) else 0


def joined(first: Keys, second: Keys) -> Keys:
    """Put the keys of some rows behind those of others."""
    return [np.concatenate(pair) for pair in zip(first, second, strict=True)]


def sorted_places(keys: Keys, order: Sequence[Order]) -> npt.NDArray[np.intp]:
    """Give the places of rows in the order asked for."""
    ranked = [
        _turned(key) if each.descending else key
        for place, each in enumerate(order)
        for key in keys[2 * place : 2 * place + 2]
    ]
    # The last key of lexsort is the first to decide.
    return np.lexsort(ranked[::-1])


def first_places(keys: Keys, order: Sequence[Order], most: int) -> npt.NDArray[np.intp]:
    """Give the places of rows among which the first `most` are, in no order, without sorting all.

    Numbers are cut where the first column says so, with all that are equal there.
    """
    given, values = keys[0].astype(np.bool_), keys[1]
    if len(values) <= most or values.dtype.kind not in "if":
        return np.arange(len(values))
    first = np.where(given, values.astype(np.float64), -np.inf)
    if order[0].descending:
        first = -first
    return np.flatnonzero(first <= np.partition(first, most - 1)[most - 1])


def _turned(key: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Give keys that sort the other way round."""
    ranks: npt.NDArray[np.int64]
    if key.dtype.kind == "f":
        return np.negative(key.astype(np.float64))
    if key.dtype.kind == "i":
        return np.negative(key.astype(np.int64))
    ranks = np.unique(key, return_inverse=True)[1]
    return np.negative(ranks.astype(np.int64))


class Best:
    """The first `most` rows of a selection among all that were taken so far."""

    def __init__(self, world: World, selection: RowSelection, most: int) -> None:
        self._world = world
        self._name = selection.object
        self._order = full_order(selection.order)
        self._most = most
        self._keys: Keys | None = None
        self.index: Index = np.empty(0, dtype=np.uint64)

    def take(self, index: Index) -> None:
        """Take more rows and keep the best."""
        if not len(index):
            return
        keys = keys_of(self._world.block(self._name, index), self._order, len(index))
        if self._keys is not None:
            keys, index = joined(self._keys, keys), np.concatenate([self.index, index])
        places = sorted_places(keys, self._order)[: self._most]
        self.index, self._keys = index[places], [key[places] for key in keys]

    def cannot_change(self, block: range) -> bool:
        """Tell whether no row of `block`, nor of any block after it, is better than those kept.

        Blocks come in the order of the first column. Created_at and id grow with the index, and a
        row is never updated before its creation; an activity at most a month after it.
        """
        first = self._order[0]
        if self._keys is None or len(self.index) < self._most:
            return False
        timeline = self._world.layout.timelines[self._name]
        worst = self._keys[1][-1].item()
        if first.field == "id":
            # In either direction, the indexes that come are beyond all that came.
            return True
        if first.field == "created_at":
            edge = timeline.created(block.stop - 1 if first.descending else block.start)
        elif first.field == "updated_at" and not first.descending:
            edge = timeline.created(block.start)
        elif first.field == "updated_at" and self._name == "visitorActivity":
            edge = timeline.created(block.stop - 1) + MAX_ACTIVITY_LAG
        else:
            return False
        return bool(edge < worst) if first.descending else bool(edge > worst)
