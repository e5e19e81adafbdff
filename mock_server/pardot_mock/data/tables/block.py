"""A block of rows of one object, evaluated at any indexes in any order.

A column is the method `col_<field>` in lower case. Nothing is computed before a column asks for
it, and what two columns share is computed once per block.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pardot_mock.data.columns import Column, Lexicon, Marks, Moments, Numbers, Words
from pardot_mock.data.vectors import (
    Index,
    Mask,
    Seconds,
    below,
    chance,
    draws,
    high_bits,
    ids_of,
    low_bits,
    positions,
    seconds_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_mock.data.world import World

_NEVER_UPDATED_PERCENT = 15


class Block:
    """Rows of `object` at `index`, an uint64 array."""

    object: ClassVar[str]
    shared: ClassVar[frozenset[str]] = frozenset()
    """The fields whose values follow from the pattern of a row alone; see `patterns`."""

    def __init__(self, world: World, index: Index) -> None:
        self.world = world
        self.index = index

    def column(self, field: str) -> Column:
        """Give the column of a field; raise `KeyError` if the object has none of that name."""
        method: Callable[[], Column] | None = getattr(self, f"col_{field.lower()}", None)
        if method is None:
            raise KeyError(f"{self.object} has no column {field!r}")
        return method()

    def has(self, field: str) -> bool:
        """Whether the object has a field of that name."""
        return hasattr(self, f"col_{field.lower()}")

    @property
    def present(self) -> Mask | None:
        """Which of the indexes have a row; None if all have one."""
        return None

    @property
    def deleted(self) -> Mask:
        """Which rows are deleted (archived)."""
        return np.zeros(len(self.index), dtype=np.bool_)

    @cached_property
    def position(self) -> Index:
        """The place of each row on the timeline of its object."""
        return positions(self.world.layout.timelines[self.object], self.index)

    @cached_property
    def created(self) -> Seconds:
        """When each row was created."""
        return seconds_at(self.world.layout.timelines[self.object], self.position)

    @cached_property
    def updated(self) -> Seconds:
        """When each row was last updated: any time between its creation and the account's start."""
        bits = self.bits("updated")
        life = (self.world.spec.end - self.created).astype(np.uint64)
        lag = below(high_bits(bits), life)
        lag[chance(low_bits(bits), _NEVER_UPDATED_PERCENT)] = 0
        return self.created + lag.astype(np.int64)

    def patterns(self) -> tuple[Index, Block]:
        """Give the pattern of each row, and a row of each pattern, the same for every block."""
        raise NotImplementedError(f"the rows of {self.object} share nothing")

    def col_id(self) -> Column:
        return self.ids(self.object, self.index)

    def col_created_at(self) -> Column:
        return Moments(self.created)

    def col_updated_at(self) -> Column:
        return Moments(self.updated)

    def bits(self, purpose: str) -> Index:
        """Give 64 random bits per row for a purpose."""
        return draws(self.world.key(self.object, purpose), self.index)

    def ids(self, name: str, index: Index, valid: Mask | None = None) -> Numbers:
        """Give the ids of rows of the object `name`."""
        return Numbers(ids_of(self.world.layout.ids[name], index), valid)

    def pick(self, purpose: str, count: int) -> Index:
        """Give a random number below `count` per row."""
        return below(low_bits(self.bits(purpose)), count)

    def words(self, purpose: str, lexicon: Lexicon, *, missing: float = 0) -> Words:
        """Give a random word per row; in `missing` percent of the rows there is none."""
        bits = self.bits(purpose)
        codes = below(low_bits(bits), len(lexicon.words)).astype(np.int64)
        return Words(codes, lexicon, _valid(bits, missing))

    def number(self, purpose: str, low: int, high: int, *, missing: float = 0) -> Numbers:
        """Give a random number from `low` to `high` per row; in `missing` percent there is none."""
        bits = self.bits(purpose)
        values = below(low_bits(bits), high - low + 1).astype(np.int64) + low
        return Numbers(values, _valid(bits, missing))

    def mark(self, purpose: str, percent: float) -> Marks:
        """Give a yes in `percent` percent of the rows."""
        return Marks(chance(low_bits(self.bits(purpose)), percent))

    def nothing(self) -> Words:
        """Give a column without a single value."""
        return Words(np.zeros(len(self.index), dtype=np.int64), NOTHING)


NOTHING = Lexicon((None,))


def _valid(bits: Index, missing: float) -> Mask | None:
    return None if missing == 0 else ~chance(high_bits(bits), missing)
