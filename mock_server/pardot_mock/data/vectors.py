"""The arithmetic of `hashing`, `rhythm` and `layout` for arrays of indexes.

An index array is uint64; arithmetic on it wraps as SplitMix64 wants. A law in the tests holds every
function here to its scalar sibling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from pardot_mock.data.hashing import GOLDEN, MIX_1, MIX_2
from pardot_mock.data.rhythm import (
    FIRST_MONDAY,
    HOUR,
    WEEK,
    WEEK_UNITS,
    WEIGHT_BEFORE,
    WEIGHTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.data.layout import IdRange
    from pardot_mock.data.rhythm import Timeline

Index: TypeAlias = npt.NDArray[np.uint64]
Seconds: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_HOUR_OF_SLOT = np.repeat(np.arange(len(WEIGHTS), dtype=np.uint64), WEIGHTS)
_UNITS_BEFORE = np.array(WEIGHT_BEFORE[:-1], dtype=np.uint64) * np.uint64(HOUR)
_WEIGHTS = np.array(WEIGHTS, dtype=np.uint64)
_HOUR_OF_SLOT.setflags(write=False)
_UNITS_BEFORE.setflags(write=False)
_WEIGHTS.setflags(write=False)


def index_blocks(span: range, together: int) -> Iterator[Index]:
    """Give the indexes of `span` in order, up to `together` of them at a time."""
    for start in range(span.start, span.stop, together):
        yield np.arange(start, min(start + together, span.stop), dtype=np.uint64)


def draws(key: int, index: Index) -> Index:
    """Give the numbers of a stream at `index`, 64 bits each; see `hashing.draw`."""
    mixed = index * np.uint64(GOLDEN)
    mixed += np.uint64(key)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(MIX_1)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(MIX_2)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def low_bits(bits: Index) -> Index:
    """Give the lower 32 of 64 random bits."""
    return bits & np.uint64(0xFFFF_FFFF)


def high_bits(bits: Index) -> Index:
    """Give the upper 32 of 64 random bits."""
    return bits >> np.uint64(32)


def below(bits: Index, limit: Index | int) -> Index:
    """Scale 32 random bits to numbers below `limit`; see `hashing.below`."""
    bound = limit if isinstance(limit, np.ndarray) else np.uint64(limit)
    return (bits * bound) >> np.uint64(32)


def chance(bits: Index, percent: float) -> Mask:
    """Tell for 32 random bits each whether an event of that probability happens."""
    return bits < np.uint64(int(percent / 100 * 2**32))


def positions(timeline: Timeline, index: Index) -> Index:
    """Give the units between the beginning of the timeline and each row."""
    units, count = np.uint64(timeline.units), np.uint64(timeline.count)
    part = index * units // count
    width = (index + np.uint64(1)) * units // count - part
    room = width * np.uint64(timeline.late - timeline.early) // np.uint64(8)
    place = part + below(high_bits(draws(timeline.key, index)), room)
    if timeline.early:
        place += width * np.uint64(timeline.early) // np.uint64(8)
    if timeline.founders:
        place[index < np.uint64(timeline.founders)] = 0
    return place


def seconds_at(timeline: Timeline, position: Index) -> Seconds:
    """Give the epoch seconds of positions on a timeline; see `rhythm.second_at`."""
    # The first unit of a world before 1970 is negative; whole weeks are added to stay unsigned.
    weeks_back = max(0, -(timeline.first_unit // WEEK_UNITS))
    units = position + np.uint64(timeline.first_unit + weeks_back * WEEK_UNITS)
    week = units // np.uint64(WEEK_UNITS)
    rest = units - week * np.uint64(WEEK_UNITS)
    hour = _HOUR_OF_SLOT[rest // np.uint64(HOUR)]
    seconds = (rest - _UNITS_BEFORE[hour]) // _WEIGHTS[hour]
    total = week * np.uint64(WEEK) + hour * np.uint64(HOUR) + seconds
    since_monday: Seconds = total.astype(np.int64)
    return since_monday + np.int64(FIRST_MONDAY - weeks_back * WEEK)


def ids_of(ids: IdRange, index: Index) -> npt.NDArray[np.int64]:
    """Give the ids of rows; see `IdRange.id_of`."""
    jitter = below(high_bits(index * np.uint64(GOLDEN)), ids.step)
    return (index * np.uint64(ids.step) + jitter + np.uint64(ids.base)).astype(np.int64)
