"""Long ranges cut into pieces the service accepts: at most one year each.

Both bounds of an export are exclusive and timestamps have whole seconds (documented), so a
piece that ends before P is followed by one that starts after P minus one second: every
second in between belongs to exactly one piece. P is a noon, for at no noon do clocks go
forward or back, so that holds in whatever zone the service reads the bounds. A range the
service accepts as it is stays untouched, and so does one whose bounds only the service can
read, such as `last_7_days`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from .arguments import Moment

_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """One piece of a range; both bounds are exclusive.

    Attributes:
        after: lower bound.
        before: upper bound, or None for the moment of creation.
    """

    after: Moment
    before: Moment | None


def instant_of(moment: Moment) -> datetime | None:
    """A bound as a datetime, aware if it names an offset; None if only the service can read it.

    Hour 24 rolls over into the next day, as the service does it.
    """
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - the user's zone
    found = _DATE.fullmatch(moment.strip())
    if found is None:
        return None
    part = {name: int(found[name] or 0) for name in ("hour", "minute", "second")}
    offset = found["offset"]
    try:
        day = datetime(int(found["year"]), int(found["month"]), int(found["day"]))  # noqa: DTZ001
        zone = datetime.fromisoformat(f"2000-01-01T00:00{offset.upper()}") if offset else day
    except ValueError:
        return None
    if part["hour"] > 24 or part["minute"] > 59 or part["second"] > 59:
        return None
    return day.replace(tzinfo=zone.tzinfo) + timedelta(
        hours=part["hour"], minutes=part["minute"], seconds=part["second"]
    )


def one_year_after(moment: datetime) -> datetime:
    """The same date and time a calendar year later; 29 February becomes 28 February."""
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)


def windows(
    after: Moment, before: Moment | None, now: datetime, zone: tzinfo | None
) -> list[Window]:
    """The pieces of a range, oldest first.

    Args:
        after: exclusive lower bound.
        before: exclusive upper bound, or None for the moment of creation.
        now: the present instant, aware; it matters only without an upper bound.
        zone: timezone of the API user, in which bounds without an offset are meant.

    Returns:
        One piece with the very bounds that were given, or several of less than a year each.
    """
    whole = [Window(after, before)]
    lower = instant_of(after)
    # A day more than now, for the user's zone may be unknown and clocks may differ.
    upper = _like(lower, now, zone) + _DAY if before is None else instant_of(before)
    if lower is None or upper is None or (lower.tzinfo is None) != (upper.tzinfo is None):
        return whole
    if one_year_after(lower) >= upper:
        return whole
    pieces = list(_cut(lower, upper))
    last = pieces.pop()
    return [*pieces, Window(last.after, before)]


def _like(moment: datetime | None, now: datetime, zone: tzinfo | None) -> datetime:
    """Now, aware or as wall time, whichever the lower bound is."""
    if moment is not None and moment.tzinfo is None:
        return now.astimezone(zone or UTC).replace(tzinfo=None)
    return now


def _cut(lower: datetime, upper: datetime) -> Iterator[Window]:
    while True:
        # A day or more less than a year: in whatever zone it is counted, it is not too long.
        end = (one_year_after(lower) - _DAY).replace(hour=12, minute=0, second=0, microsecond=0)
        if end > one_year_after(lower) - _DAY:
            end -= _DAY
        if end >= upper:
            yield Window(_spelled(lower), _spelled(upper))
            return
        yield Window(_spelled(lower), _spelled(end))
        lower = end - _SECOND


def _spelled(moment: datetime) -> Moment:
    """Wall time as text in the user's zone, an aware instant as it is."""
    return moment if moment.tzinfo else moment.isoformat(sep=" ", timespec="seconds")
