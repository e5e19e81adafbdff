"""Dates as clients write them and as answers print them.

    text -> instant     parse_instant   (arguments of procedures, filters of queries)
    instant -> text     local_text      (answers, CSV cells)

Rules of this file:
- an instant is an aware datetime in UTC, in whole seconds; a wall time is local to a zone;
- the present is an argument; nothing here reads a clock;
- a wall time that a clock change skips moves forward by the gap, one that happens twice is its
  first occurrence (chosen);
- days, weeks, months and years move the wall clock, hours, minutes and seconds are elapsed time;
  a day that a month does not have rolls into the next month, so 31 January + 1 month is in March,
  and 30 February is 1 or 2 March. Both as PHP does it, on which the service runs (inferred);
- the five keywords are documented, the instants they stand for are inferred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pardot_mock.domain.gnudates import Draft, Unreadable, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from zoneinfo import ZoneInfo

__all__ = ["FIRST_YEAR", "LAST_YEAR", "LONGEST", "BadDate", "local_text", "one_year_after",
           "parse_instant"]  # fmt: skip

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2999
LONGEST: Final = 100
"""Longer texts are refused unread (chosen)."""

# An epoch may be negative, but not beyond what 32 bits hold (chosen).
_EARLIEST_EPOCH: Final = datetime(1901, 12, 13, 20, 45, 52, tzinfo=UTC)
# `today` and `yesterday` are words of the general grammar already.
_KEYWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "last_7_days": "-7 days midnight",
        "this_month": "first day of this month midnight",
        "last_month": "first day of last month midnight",
    }
)
_COLON_FORM: Final = r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}):([0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})"


class BadDate(ValueError):  # noqa: N818 - named by what it is about, as the callers say it
    """A text that is no date the service would understand; the message names text and reason."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= LONGEST else self.text[:LONGEST] + "..."
        return f"{shown!r} is not a date: {self.reason}"


def parse_instant(
    text: str, *, now: datetime, zone: ZoneInfo, colon_form: bool = False
) -> datetime:
    """The instant a date expression stands for: aware, UTC, whole seconds.

    `now` is the aware instant relative expressions start from; `zone` is the zone in which wall
    times without a zone of their own are read (the calling user's). With a zone in the text, the
    present is looked at in that zone too (chosen). With `colon_form` the text may also be
    `YYYY-MM-DD:HH:MM:SS`, a spelling found once in the documentation.

    Raises `BadDate`, naming the text, where it cannot be read, is longer than 100 characters or
    leads outside the years 1970 to 2999.
    """
    _check_characters(text)
    phrase = text.strip(" \t")
    phrase = _KEYWORDS.get(phrase.lower(), phrase)
    if colon_form and (found := re.fullmatch(_COLON_FORM, phrase)):
        phrase = f"{found[1]} {found[2]}"
    try:
        draft = read(phrase)
        return _Resolution(draft, now, zone).instant()
    except Unreadable as unreadable:
        raise BadDate(text, str(unreadable)) from None
    except (OverflowError, ValueError):
        raise BadDate(text, "it leads beyond the calendar") from None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the dates of a call are read: see `parse_instant`.

    It needs the instant of the call, the caller's timezone, and whether the colon form is read.
    """

    now: datetime
    zone: ZoneInfo
    colon_form: bool = False

    def instant(self, text: str) -> datetime:
        """Give the instant a date expression stands for; raise `BadDate` if it is none."""
        return parse_instant(text, now=self.now, zone=self.zone, colon_form=self.colon_form)


_SECONDS_END = len("YYYY-MM-DD HH:MM:SS")


def local_text(instant: datetime, zone: ZoneInfo) -> str:
    """`YYYY-MM-DD HH:MM:SS` on the wall clock of `zone`, without an offset (documented)."""
    return instant.astimezone(zone).isoformat(" ", "seconds")[:_SECONDS_END]


def one_year_after(instant: datetime, zone: ZoneInfo) -> datetime:
    """The same wall time in `zone` one calendar year later, as an instant in UTC.

    29 February leads to 1 March, as PHP's `+1 year` does: the more generous reading (chosen).
    """
    wall = instant.astimezone(zone)
    later = datetime.combine(_rolled(wall.year + 1, wall.month, wall.day), wall.time())
    return _from_wall(later, zone)


def _check_characters(text: str) -> None:
    if len(text) > LONGEST:
        raise BadDate(text, f"it is longer than {LONGEST} characters")
    if not text.isascii() or any(ord(char) < 32 and char != "\t" for char in text):
        raise BadDate(text, "it holds characters no date has")


def _from_wall(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a naive wall time; fold 0 is what moves gaps and picks first occurrences."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _rolled(year: int, month: int, day: int) -> date:
    """A date whose month and day may lie outside their ranges; the surplus rolls over."""
    years, months = divmod(month - 1, 12)
    return date(year + years, months + 1, 1) + timedelta(days=day - 1)


@dataclass(frozen=True, slots=True)
class _Resolution:
    """A draft placed on the time line: first the day, then the time, then the elapsed part."""

    draft: Draft
    now: datetime
    zone: ZoneInfo

    def instant(self) -> datetime:
        base = self._base()
        if self._says_nothing_of_the_wall_clock():
            # Through the wall clock, the second of two equal hours would become the first.
            instant = base.astimezone(UTC)
        else:
            instant = _from_wall(self._wall(base), base.tzinfo or UTC)
        return self._checked(instant + timedelta(seconds=self.draft.seconds))

    def _base(self) -> datetime:
        start = self.draft.epoch or self.now
        return start.astimezone(self.draft.zone or self.zone).replace(microsecond=0)

    def _says_nothing_of_the_wall_clock(self) -> bool:
        draft = self.draft
        days = draft.months or draft.days or draft.weekdays or draft.weekday is not None
        return not (draft.date or draft.time or draft.midnight or draft.edge or days)

    def _wall(self, base: datetime) -> datetime:
        day = self._day(base)
        if self.draft.time is not None:
            hour, minute, second = self.draft.time
            # Added, because hour 24 belongs to the next day.
            return datetime.combine(day, time()) + timedelta(
                hours=hour, minutes=minute, seconds=second
            )
        starts_the_day = self.draft.midnight or self.draft.date is not None
        return datetime.combine(day, time() if starts_the_day else base.time())

    def _day(self, base: datetime) -> date:
        draft = self.draft
        year, month, day = draft.date or (None, None, None)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise Unreadable(f"the year {year} is out of range")
        start = _rolled(year or base.year, month or base.month, day or base.day)
        months = draft.months
        if draft.nth_of_month is not None:
            # The month is settled before its weekdays are counted, from its first day or back
            # from the first day of the month after it.
            after = draft.nth_of_month == "last"
            start = _rolled(start.year, start.month + months + after, 1)
            months = 0
        start = self._on_weekday(start)
        return _working_days(self._moved(start, months), draft.weekdays)

    def _on_weekday(self, day: date) -> date:
        draft = self.draft
        if draft.weekday is None:
            return day
        if draft.within_week:
            return day + timedelta(days=draft.weekday - day.weekday())
        ahead = (draft.weekday - day.weekday()) % 7
        if ahead == 0 and draft.days >= 0 and not draft.includes_today:
            ahead = 7
        return day + timedelta(days=ahead)

    def _moved(self, day: date, months: int) -> date:
        if self.draft.edge is None:
            moved = _rolled(day.year, day.month + months, day.day)
        elif self.draft.edge == "first":
            moved = _rolled(day.year, day.month + months, 1)
        else:
            moved = _rolled(day.year, day.month + months + 1, 0)
        return moved + timedelta(days=self.draft.days)

    def _checked(self, instant: datetime) -> datetime:
        if self.draft.epoch is not None and instant < _EARLIEST_EPOCH:
            raise Unreadable("the epoch lies too far back")
        year = instant.astimezone(self.draft.zone or self.zone).year
        if year > LAST_YEAR or (year < FIRST_YEAR and self.draft.epoch is None):
            raise Unreadable(f"the year {year} is out of range")
        return instant


def _working_days(day: date, count: int) -> date:
    """`count` Mondays to Fridays later or earlier; a week-end counts as the day it leans on."""
    if count == 0:
        return day
    if count > 0:
        day -= timedelta(days=max(day.weekday() - 4, 0))
        weeks, rest = divmod(count, 5)
        over_weekend = day.weekday() + rest > 4
        return day + timedelta(days=7 * weeks + rest + 2 * over_weekend)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    weeks, rest = divmod(-count, 5)
    over_weekend = day.weekday() - rest < 0
    return day - timedelta(days=7 * weeks + rest + 2 * over_weekend)
