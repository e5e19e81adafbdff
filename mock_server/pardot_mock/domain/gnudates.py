"""Reading a date expression: from text to a `Draft` that says what was written.

The service documents "GNU date input" and runs on PHP (inferred from its answers), so the
grammar is the one `strtotime` and GNU `date` share. A text is a row of phrases, read from left
to right, blanks and commas between them; each phrase fills one part of the draft:

    date      2020-01-31  2020/1/31  12/25/2019  25.12.2019  20200131  5 May 2020  May 5, 2020
    time      10:30  10:30:00.5  24:59:59  10am  10:30 pm  noon  midnight
    zone      Z  +02  +0200  +02:00  UTC  EST  Europe/Berlin
    epoch     @1577836800
    relative  +1 month  -7 days  3 weeks ago  next year  tomorrow
    weekday   monday  last monday  first monday of  monday next week
    month end first day of  last day of

Rules, following PHP where the two differ:
- one date, one time and one zone at most; relative phrases add up;
- `today`, `yesterday`, `tomorrow`, `midnight` and weekday names drop a time read so far, so
  `yesterday 14:00` is 14:00 and `14:00 yesterday` is midnight;
- four bare digits are a time (`2030` is 20:30) or, after a time, a year;
- `ago` turns round every relative phrase before it.

Stricter than PHP (chosen): month and day 0, second 60, offsets beyond 14 hours and `ago` behind a
weekday are refused. `dates` turns a draft into an instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from pardot_mock.domain import datewords as words

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Draft", "Unreadable", "read"]


class Unreadable(Exception):  # noqa: N818 - a reason, which `dates` turns into its BadDate
    """Why an expression cannot stand, as a clause."""


@dataclass(slots=True)
class Draft:
    """What an expression says; parts it leaves open are None.

    `date` is (year, month, day), each possibly None. `time` is (hour, minute, second) with hour
    up to 24. `epoch` replaces the present as the instant everything starts from. `months`,
    `days`, `seconds` and `weekdays` (working days) are added. `weekday` counts Monday as 0.
    """

    date: tuple[int | None, int | None, int | None] | None = None
    time: tuple[int, int, int] | None = None
    midnight: bool = False
    zone: tzinfo | None = None
    epoch: datetime | None = None
    months: int = 0
    days: int = 0
    seconds: int = 0
    weekdays: int = 0
    weekday: int | None = None
    includes_today: bool = False
    within_week: bool = False
    edge: Literal["first", "last"] | None = None
    nth_of_month: Literal["first", "last"] | None = None
    relative: bool = False

    def drop_time(self) -> None:
        """Start the day anew: a time read so far no longer counts."""
        self.time = None
        self.midnight = True


def read(text: str) -> Draft:
    """The draft of `text`, in which every character is accounted for.

    Raises `Unreadable` where a phrase is unknown, comes twice or is out of range.
    """
    draft = Draft()
    position = phrases = 0
    while position < len(text):
        if text[position] in " \t,":
            position += 1
        else:
            position = _read_phrase(text, position, draft)
            phrases += 1
    if not phrases:
        raise Unreadable("it is empty")
    return draft


def _read_phrase(text: str, position: int, draft: Draft) -> int:
    for pattern, fill in _PHRASES:
        # `re` keeps the compiled pattern, so nothing is compiled before the first date arrives.
        found = re.compile(pattern, re.IGNORECASE | re.ASCII).match(text, position)
        if found is not None:
            fill(draft, found)
            return found.end()
    raise Unreadable(f"{text[position : position + 20]!r} cannot be read")


def _set_date(draft: Draft, year: int | None, month: int | None, day: int | None) -> None:
    if draft.date is not None or draft.epoch is not None:
        raise Unreadable("it has two dates")
    if month is not None and not 1 <= month <= 12:
        raise Unreadable(f"there is no month {month}")
    if day is not None and not 1 <= day <= 31:
        raise Unreadable(f"there is no day {day}")
    draft.date = (year, month, day)


def _set_time(draft: Draft, hour: int, minute: int, second: int) -> None:
    if draft.time is not None:
        raise Unreadable("it has two times")
    if hour > 24 or minute > 59 or second > 59:
        raise Unreadable(f"there is no time {hour:02}:{minute:02}:{second:02}")
    draft.time = (hour, minute, second)


def _year(digits: str) -> int:
    """Four digits as written; two digits mean 1970 to 2069, as PHP reads them."""
    value = int(digits)
    if len(digits) == 4:
        return value
    return value + (2000 if value < 70 else 1900)


def _numeric_date(draft: Draft, found: re.Match[str]) -> None:
    parts = found.groupdict()
    year = None if parts.get("year") is None else _year(parts["year"])
    _set_date(draft, year, int(parts["month"]), int(parts.get("day") or 1))


def _compact_date(draft: Draft, found: re.Match[str]) -> None:
    _numeric_date(draft, found)
    if found["hour"] is not None:
        _set_time(draft, int(found["hour"]), int(found["minute"]), int(found["second"] or 0))


def _named_date(draft: Draft, found: re.Match[str]) -> None:
    parts = found.groupdict()
    month = words.MONTHS.index(parts["name"][:3].lower()) + 1
    year = None if parts.get("year") is None else int(parts["year"])
    if parts.get("day") is not None:
        day: int | None = int(parts["day"])
    else:
        # "May 2020" is its first day, a bare "May" keeps the present day of the month.
        day = None if year is None else 1
    _set_date(draft, year, month, day)


def _clock_time(draft: Draft, found: re.Match[str]) -> None:
    hour, minute, second = (int(part or 0) for part in found.group("hour", "minute", "second"))
    if found["t"] and draft.date is None:
        raise Unreadable("a T needs a date before it")
    _set_time(draft, hour, minute, second)


def _half_day_time(draft: Draft, found: re.Match[str]) -> None:
    hour, minute, second = (int(part or 0) for part in found.group("hour", "minute", "second"))
    if not 1 <= hour <= 12:
        raise Unreadable(f"there is no hour {hour} before or after noon")
    afternoon = found["half"].lower() == "p"
    _set_time(draft, hour % 12 + 12 * afternoon, minute, second)


def _four_digits(draft: Draft, found: re.Match[str]) -> None:
    hour, minute = int(found["hour"]), int(found["minute"])
    if draft.time is None and hour <= 24 and minute <= 59:
        _set_time(draft, hour, minute, 0)
        return
    year = hour * 100 + minute
    if draft.date is None:
        _set_date(draft, year, None, None)
    elif draft.date[0] is None:
        draft.date = (year, *draft.date[1:])
    else:
        raise Unreadable("it has two years")


def _epoch(draft: Draft, found: re.Match[str]) -> None:
    if draft.date or draft.time or draft.zone or draft.epoch:
        raise Unreadable("an epoch stands for date, time and zone")
    # Twelve digits reach beyond year 9999 but not beyond what can be added.
    try:
        draft.epoch = datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(found["seconds"]))
    except OverflowError:
        raise Unreadable("the epoch is out of range") from None
    draft.zone = UTC


def _day_word(draft: Draft, found: re.Match[str]) -> None:
    word = found["word"].lower()
    if word == "now":
        return
    draft.drop_time()
    if word == "noon":
        draft.time = (12, 0, 0)
    elif word in ("yesterday", "tomorrow"):
        draft.days += 1 if word == "tomorrow" else -1
        draft.relative = True


def _amount(word: str) -> int:
    fixed = {"next": 1, "last": -1, "previous": -1, "this": 0}
    return fixed[word] if word in fixed else words.ORDINALS.index(word) + 1


def _worded_count(draft: Draft, found: re.Match[str]) -> None:
    word, unit = found["word"].lower(), found["unit"].lower()
    amount = _amount(word)
    _add(draft, amount, unit, includes_today=word == "this", keep_time=False)
    if unit.startswith("week") and not unit.startswith("weekday") and word not in words.ORDINALS:
        # "monday next week" is the Monday of that calendar week, not the next Monday plus seven.
        draft.within_week = True


def _numeric_count(draft: Draft, found: re.Match[str]) -> None:
    amount = int(found["number"]) * (-1 if found["sign"] == "-" else 1)
    _add(draft, amount, found["unit"].lower(), includes_today=True, keep_time=True)


def _add(draft: Draft, amount: int, unit: str, *, includes_today: bool, keep_time: bool) -> None:
    draft.relative = True
    if unit.startswith("weekday"):
        draft.weekdays += amount
        if not keep_time:
            draft.drop_time()
    elif unit[:3] in words.SECONDS_PER:
        draft.seconds += amount * words.SECONDS_PER[unit[:3]]
    elif unit[:4] in words.MONTHS_PER:
        draft.months += amount * words.MONTHS_PER[unit[:4]]
    elif unit[:3] in words.DAYS_PER:
        draft.days += amount * words.DAYS_PER[unit[:3]]
    else:
        _set_weekday(draft, unit, includes_today=includes_today)
        # The first of them is the coming one, so only the others are whole weeks away.
        draft.days += 7 * (amount - 1 if amount > 0 else amount)
        if not keep_time:
            draft.drop_time()


def _set_weekday(draft: Draft, name: str, *, includes_today: bool) -> None:
    if draft.weekday is not None:
        raise Unreadable("it has two weekdays")
    draft.weekday = words.WEEKDAYS.index(name[:3])
    draft.includes_today = includes_today


def _weekday(draft: Draft, found: re.Match[str]) -> None:
    _set_weekday(draft, found[0].lower(), includes_today=True)
    draft.drop_time()


def _nth_weekday(draft: Draft, found: re.Match[str]) -> None:
    word = found["word"].lower()
    if word not in (*words.ORDINALS, "last"):
        raise Unreadable(f"a month has no {word} weekday")
    _add(
        draft, _amount(word), found["unit"].lower(), includes_today=word != "last", keep_time=False
    )
    draft.nth_of_month = "last" if word == "last" else "first"


def _month_edge(draft: Draft, found: re.Match[str]) -> None:
    if draft.edge is not None:
        raise Unreadable("it asks for two days of the month")
    draft.edge = "first" if found["edge"].lower() == "first" else "last"


def _ago(draft: Draft, _found: re.Match[str]) -> None:
    if not draft.relative or draft.weekday is not None:
        raise Unreadable("'ago' needs an amount of time before it")
    draft.months, draft.days = -draft.months, -draft.days
    draft.seconds, draft.weekdays = -draft.seconds, -draft.weekdays


def _offset(draft: Draft, found: re.Match[str]) -> None:
    glued = found.start() == 0 or found.string[found.start() - 1] not in " \t"
    if not found["name"] and draft.time is None and (glued or draft.date is None):
        raise Unreadable("an offset needs a time before it")
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if hours * 60 + minutes > 14 * 60 or minutes > 59:
        raise Unreadable(f"there is no offset of {hours:02}:{minutes:02}")
    offset = timedelta(hours=hours, minutes=minutes)
    _set_zone(draft, timezone(-offset if found["sign"] == "-" else offset))


def _zone_name(draft: Draft, found: re.Match[str]) -> None:
    try:
        _set_zone(draft, ZoneInfo(found[0]))
    except (KeyError, ValueError, OSError):
        raise Unreadable(f"there is no zone {found[0]}") from None


def _zone_abbreviation(draft: Draft, found: re.Match[str]) -> None:
    hours = words.ABBREVIATIONS.get(found[0].lower())
    if hours is None:
        raise Unreadable(f"{found[0]!r} cannot be read")
    _set_zone(draft, timezone(timedelta(hours=hours)))


def _set_zone(draft: Draft, zone: tzinfo) -> None:
    if draft.zone is not None:
        raise Unreadable("it has two zones")
    draft.zone = zone


# The order decides: of phrases that begin alike, the longer or narrower one stands first.
_PHRASES: Final[tuple[tuple[str, Callable[[Draft, re.Match[str]], None]], ...]] = (
    (words.ISO_DATE, _numeric_date),
    (words.SLASHED_DATE, _numeric_date),
    (words.HALF_DAY_TIME, _half_day_time),
    (words.CLOCK_TIME, _clock_time),
    (words.NUMERIC_COUNT, _numeric_count),
    (words.COMPACT_DATE, _compact_date),
    (words.AMERICAN_DATE, _numeric_date),
    (words.POINTED_DATE, _numeric_date),
    (words.YEAR_MONTH, _numeric_date),
    (words.YEAR_NAME_DAY, _named_date),
    (words.DAY_NAME_YEAR, _named_date),
    (words.DAY_NAME, _named_date),
    (words.YEAR_NAME, _named_date),
    (words.NAME_YEAR, _named_date),
    (words.NAME_DAY_YEAR, _named_date),
    (words.NAME_DAY, _named_date),
    (words.NAME, _named_date),
    (words.FOUR_DIGITS, _four_digits),
    (words.EPOCH, _epoch),
    (words.DAY_WORD, _day_word),
    (words.MONTH_EDGE, _month_edge),
    (words.NTH_WEEKDAY, _nth_weekday),
    (words.WORDED_COUNT, _worded_count),
    (words.WEEKDAY, _weekday),
    (words.AGO, _ago),
    (words.OFFSET, _offset),
    (words.ZONE_NAME, _zone_name),
    (words.LETTERS, _zone_abbreviation),
)
