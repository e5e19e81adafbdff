"""What holds for every date, every zone and every present."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given
from hypothesis import strategies as st

from pardot_mock.domain.dates import LONGEST, BadDate, local_text, one_year_after, parse_instant

# Half-hour summer time, midnight changes, odd offsets, and an island that skipped a whole day.
ZONES = (
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(1975, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda wall: wall.replace(tzinfo=UTC, microsecond=0)
)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
VOCABULARY = """
now today midnight noon tomorrow yesterday ago first last next this of day days week weeks
fortnight month months year weekday weekdays hours sec mon friday jan may december
5 31 0 24 1999 2020 99999999 + - +1 -3 @0 @-5 @99999999999 2020-01-31 2020-02-30 12/25/2019
25.12.2019 20200131 10:30 24:59:59 10am T Z UTC +02 +0200 -14:00 EST Europe/Berlin
Europe/Nowhere , . : / last_month
"""
words = st.sampled_from(VOCABULARY.split())
phrases = st.builds(
    lambda parts, glue: glue.join(parts), st.lists(words, max_size=8), st.sampled_from(" ,/-:\t")
)
# As many weeks before the first of the instants are still within the years that can be said.
numbers = st.integers(0, 250)


def read(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    return parse_instant(text, now=now, zone=zone)


@given(instants, instants, zones)
def test_what_is_printed_is_read_back_outside_doubled_hours(
    instant: datetime, now: datetime, zone: ZoneInfo
) -> None:
    assume(instant.astimezone(zone).fold == 0)
    assert read(local_text(instant, zone), now, zone) == instant


@given(instants, instants, zones)
def test_a_doubled_hour_is_read_as_its_first_occurrence(
    instant: datetime, now: datetime, zone: ZoneInfo
) -> None:
    again = read(local_text(instant, zone), now, zone)
    assert again <= instant
    assert local_text(again, zone) == local_text(instant, zone)


@given(instants, instants, zones, offsets, st.sampled_from("T "), st.sampled_from(("", " ")))
def test_an_offset_makes_a_text_exact_whatever_the_zone_of_the_reader(
    instant: datetime, now: datetime, zone: ZoneInfo, offset: timezone, between: str, blank: str
) -> None:
    local = instant.astimezone(offset)
    wall, signed = local.strftime(f"%Y-%m-%d{between}%H:%M:%S"), local.strftime("%z")
    for written in (signed, f"{signed[:3]}:{signed[3:]}"):
        assert read(wall + blank + written, now, zone) == instant


@given(instants, zones, st.integers(0, 999999))
def test_now_is_the_present_second(now: datetime, zone: ZoneInfo, microsecond: int) -> None:
    assert read("now", now.replace(microsecond=microsecond), zone) == now


@given(instants, zones)
def test_an_epoch_means_the_same_everywhere(instant: datetime, zone: ZoneInfo) -> None:
    assert read(f"@{int(instant.timestamp())}", datetime(2020, 1, 1, tzinfo=UTC), zone) == instant


@given(
    st.one_of(st.text(max_size=LONGEST + 5), phrases, st.text("0123456789:-+/. TZ@", max_size=40)),
    instants,
    zones,
    st.booleans(),
)
@example("\x00", datetime(2020, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), False)
@example("Europe/../../etc/passwd", datetime(2020, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), False)
def test_any_text_is_an_instant_in_whole_seconds_or_a_bad_date_and_nothing_else(
    text: str, now: datetime, zone: ZoneInfo, colon_form: bool
) -> None:
    try:
        instant = parse_instant(text, now=now, zone=zone, colon_form=colon_form)
    except BadDate:
        return
    assert instant.tzinfo is UTC
    assert instant.microsecond == 0
    assert 1901 <= instant.year <= 3000


@given(phrases, instants, zones)
def test_case_and_outer_blanks_do_not_matter_outside_zone_names(
    text: str, now: datetime, zone: ZoneInfo
) -> None:
    assume("Europe" not in text)

    def outcome(variant: str) -> datetime | None:
        try:
            return read(variant, now, zone)
        except BadDate:
            return None

    assert outcome(text) == outcome(text.upper()) == outcome(f" \t{text.lower()} ")


@given(instants, zones, st.sampled_from(("last_7_days", "this_month", "last_month")))
def test_a_keyword_is_the_first_instant_of_its_day(
    now: datetime, zone: ZoneInfo, keyword: str
) -> None:
    for word in (keyword, "today", "yesterday", "tomorrow"):
        instant = read(word, now, zone)
        day, before = instant.astimezone(zone), instant - timedelta(seconds=1)
        assert before.astimezone(zone).date() < day.date()


@given(instants, zones)
def test_the_keywords_name_the_days_they_say(now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    assume(not date(2011, 12, 28) < today < date(2012, 2, 10))  # the day Apia never had
    first = today.replace(day=1)
    expected = {
        "today": today,
        "yesterday": today - timedelta(days=1),
        "last_7_days": today - timedelta(days=7),
        "this_month": first,
        "last_month": (first - timedelta(days=1)).replace(day=1),
    }
    assert {word: read(word, now, zone).astimezone(zone).date() for word in expected} == expected


@given(instants, zones, numbers, st.sampled_from(("day", "week", "hour", "minute", "weekday")))
def test_ago_is_a_minus_sign(now: datetime, zone: ZoneInfo, number: int, unit: str) -> None:
    minus = read(f"-{number} {unit}", now, zone)
    assert read(f"{number} {unit}s ago", now, zone) == minus
    assert read(f"+{number} {unit} ago", now, zone) == minus
    assert minus <= now + timedelta(days=1)


@given(instants, zones, st.integers(-(10**6), 10**6))
def test_hours_minutes_and_seconds_are_elapsed_time(
    now: datetime, zone: ZoneInfo, seconds: int
) -> None:
    minutes, rest = divmod(seconds, 60)
    expected = now + timedelta(seconds=seconds)
    assume(expected.astimezone(zone).year >= 1970)
    assert read(f"{seconds:+} seconds", now, zone) == expected
    assert read(f"{minutes:+} min {rest:+} sec", now, zone) == expected


@given(instants, zones, st.integers(-400, 400))
def test_days_keep_the_wall_time_unless_a_clock_change_swallows_it(
    now: datetime, zone: ZoneInfo, days: int
) -> None:
    wall = now.astimezone(zone).replace(tzinfo=None)
    moved = read(f"{days:+} days", now, zone).astimezone(zone).replace(tzinfo=None)
    target = wall + timedelta(days=days)
    exists = local_text(target.replace(tzinfo=zone).astimezone(UTC), zone) == str(target)
    assert moved == target if exists else moved > target


@given(instants, st.integers(-500, 500))
def test_months_keep_the_day_or_roll_into_the_next_month(now: datetime, months: int) -> None:
    assume(now.year * 12 + now.month + months > 1971 * 12)
    moved = read(f"{months:+} months", now, ZoneInfo("UTC"))
    distance = (moved.year - now.year) * 12 + moved.month - now.month
    assert moved.time() == now.time()
    if moved.day == now.day:
        assert distance == months
    else:
        assert (distance, moved.day < 4, now.day > 28) == (months + 1, True, True)


@given(instants, st.integers(-60, 60))
def test_working_days_are_counted_one_by_one(now: datetime, count: int) -> None:
    # Few of them across a week-end are where a rule goes wrong, so these are always looked at.
    for few in (count, *range(-6, 7)):
        day, step = now.date(), 1 if few > 0 else -1
        for _ in range(abs(few)):
            day += timedelta(days=step)
            while day.weekday() > 4:
                day += timedelta(days=step)
        assert read(f"{few:+} weekdays", now, ZoneInfo("UTC")).date() == day


@given(instants, st.integers(0, 6))
def test_weekday_names_land_within_a_week_on_the_right_side(now: datetime, weekday: int) -> None:
    name = ("monday", "tue", "wednesday", "thur", "fri", "saturday", "sunday")[weekday]
    days = {
        text: read(text, now, ZoneInfo("UTC"))
        for text in (name, f"next {name}", f"last {name}", f"{name} this week")
    }
    midnight = now.replace(hour=0, minute=0, second=0)
    assert {day.weekday() for day in days.values()} == {weekday}
    assert timedelta(0) <= days[name] - midnight < timedelta(7)
    assert timedelta(0) < days[f"next {name}"] - midnight <= timedelta(7)
    assert timedelta(0) < midnight - days[f"last {name}"] <= timedelta(7)
    assert days[f"{name} this week"].isocalendar()[:2] == now.isocalendar()[:2]


@given(instants, st.sampled_from(("Jan", "Feb", "April", "dec")), st.integers(1990, 2100))
def test_first_and_last_day_enclose_their_month(now: datetime, month: str, year: int) -> None:
    zone = ZoneInfo("UTC")
    first = read(f"first day of {month} {year}", now, zone)
    last = read(f"last day of {month} {year}", now, zone)
    assert (first.day, (last + timedelta(days=1)).day) == (1, 1)
    assert (first.year, first.month) == (last.year, last.month)
    assert first <= read(f"first friday of {month} {year}", now, zone) < first + timedelta(7)
    assert last >= read(f"last friday of {month} {year}", now, zone) > last - timedelta(7)


@given(instants, instants, zones)
def test_a_year_later_is_the_same_wall_time_and_keeps_the_order(
    one: datetime, other: datetime, zone: ZoneInfo
) -> None:
    later = one_year_after(one, zone)
    assert timedelta(days=364) <= later - one <= timedelta(days=368)
    assert later == parse_instant(f"{local_text(one, zone)} +1 year", now=other, zone=zone)
    assume(abs(one - other) > timedelta(days=2))
    assert (one_year_after(other, zone) < later) == (other < one)
