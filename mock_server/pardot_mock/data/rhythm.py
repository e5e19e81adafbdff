"""When things happen: a week has busy and quiet hours, and every week is like the other.

Time is measured in *units*: a second of an hour with weight w is worth w units. Spreading rows
evenly over units spreads them over seconds with the rhythm of the week, and since units grow with
time, the created_at of a table grows with the index: a date range is an index range, found by
bisection. All arithmetic is on integers, so it is exact on every machine.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from pardot_mock.data.hashing import below, draw

HOUR = 3600
WEEK = 7 * 24 * HOUR
FIRST_MONDAY = 4 * 24 * HOUR
"""The first Monday of the epoch, in seconds."""

# By hour of the day in UTC: most of the audience works between 8:00 and 24:00 UTC.
_WEEKDAY = (2, 1, 1, 1, 1, 2, 3, 4, 6, 7, 7, 6, 6, 8, 10, 10, 9, 8, 7, 6, 5, 4, 3, 2)
_WEEKEND = (1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1)
WEIGHTS = _WEEKDAY * 5 + _WEEKEND * 2
"""The weight of every hour of the week, from Monday 0:00 UTC."""

WEIGHT_BEFORE = (0, *accumulate(WEIGHTS))
"""The sum of the weights before an hour of the week."""

WEEK_UNITS = WEIGHT_BEFORE[-1] * HOUR


def units_at(second: int) -> int:
    """Give the units that have passed at an epoch second."""
    week, rest = divmod(second - FIRST_MONDAY, WEEK)
    hour, rest = divmod(rest, HOUR)
    return week * WEEK_UNITS + WEIGHT_BEFORE[hour] * HOUR + rest * WEIGHTS[hour]


def second_at(units: int) -> int:
    """Give the epoch second in which a unit falls; undoes `units_at`."""
    week, rest = divmod(units, WEEK_UNITS)
    hour = bisect_right(WEIGHT_BEFORE, rest // HOUR) - 1
    seconds = (rest - WEIGHT_BEFORE[hour] * HOUR) // WEIGHTS[hour]
    return FIRST_MONDAY + week * WEEK + hour * HOUR + seconds


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each of `count` rows was created, between the epoch seconds `begin` and `end`.

    Row i happens at a random place of the i-th of `count` equal parts of the units between. The
    place lies between `early` and `late` eighths of the part. The first `founders` rows happen at
    `begin`, so that from there on there is something to refer to.
    """

    key: int
    count: int
    begin: int
    end: int
    early: int = 0
    late: int = 8
    founders: int = 0

    @property
    def first_unit(self) -> int:
        """The units passed at `begin`."""
        return units_at(self.begin)

    @property
    def units(self) -> int:
        """The units between `begin` and `end`."""
        return units_at(self.end) - units_at(self.begin)

    def created(self, index: int) -> int:
        """Give the epoch second in which row `index` was created."""
        return self._created(index, self.units, self.first_unit)

    def _created(self, index: int, units: int, first_unit: int) -> int:
        if index < self.founders:
            return self.begin
        part = index * units // self.count
        width = (index + 1) * units // self.count - part
        room = width * (self.late - self.early) // 8
        offset = width * self.early // 8 + below(draw(self.key, index) >> 32, room)
        return second_at(first_unit + part + offset)

    def first_at(self, second: int) -> int:
        """Give the first index that was created at `second` or later; `count` if none was."""
        if second <= self.begin:
            return 0
        # Every export that is created asks this, and what all steps share is most of the work.
        units, first_unit = self.units, self.first_unit
        indexes = range(self.count)
        return bisect_left(indexes, second, key=lambda i: self._created(i, units, first_unit))
