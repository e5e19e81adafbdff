"""Neighbouring cells that many rows share, written once and then taken as one text.

Most cells of an activity follow from what it is about: its type, its details, the ids of its asset.
There are some thousands of such patterns in a world and millions of activities, and looking up one
text costs what one cell costs.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from pardot_mock.domain.rows import CsvFormat

Key: TypeAlias = "tuple[str, CsvFormat, tuple[str, ...]]"
"""What the texts of a stretch follow from: object, format, fields."""

_KEPT = 8
"""Stretches that are remembered: a query has few, and most queries have the same."""


class Stretches:
    """The texts of the stretches of one world, by pattern; safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[Key, pl.Series] = {}

    def texts(self, key: Key, make: Callable[[], list[str]]) -> pl.Series:
        """Give the texts of a stretch, made by `make` if they are not remembered."""
        known = self._known
        found = known.get(key)
        if found is None:
            found = pl.Series(make(), dtype=pl.String)
            if len(known) >= _KEPT:
                # Another dictionary, because other threads may be looking at this one.
                known = {}
            self._known = {**known, key: found}
        return found


def stretches(fields: Sequence[str], shared: AbstractSet[str]) -> Iterator[tuple[str, ...]]:
    """Cut fields into stretches of neighbours that are `shared`; any other stands alone."""
    for is_shared, group in groupby(fields, shared.__contains__):
        if is_shared:
            yield tuple(group)
        else:
            yield from ((field,) for field in group)
