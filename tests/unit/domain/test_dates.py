"""Date expressions one by one, at a fixed present: Monday 18 May 2020, 10:30:15 in New York."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pardot_mock.domain.dates import LONGEST, BadDate, local_text, one_year_after, parse_instant

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2020, 5, 18, 14, 30, 15, 999_999, tzinfo=UTC)


def instant(text: str, **options: bool) -> datetime:
    return parse_instant(text, now=NOW, zone=NEW_YORK, **options)


def wall(text: str) -> str:
    return local_text(instant(text), NEW_YORK)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2020-05-18 10:30:15"),
        ("today", "2020-05-18 00:00:00"),
        ("yesterday", "2020-05-17 00:00:00"),
        ("last_7_days", "2020-05-11 00:00:00"),
        ("this_month", "2020-05-01 00:00:00"),
        ("last_month", "2020-04-01 00:00:00"),
        ("Last_Month", "2020-04-01 00:00:00"),
        ("midnight", "2020-05-18 00:00:00"),
        ("noon", "2020-05-18 12:00:00"),
        ("tomorrow", "2020-05-19 00:00:00"),
    ],
)
def test_a_keyword_is_read_in_the_zone_of_the_user(text: str, expected: str) -> None:
    assert wall(text) == expected


def test_the_last_month_of_january_lies_in_the_year_before() -> None:
    january = datetime(2021, 1, 31, 12, tzinfo=UTC)
    found = parse_instant("last_month", now=january, zone=NEW_YORK)
    assert local_text(found, NEW_YORK) == "2020-12-01 00:00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-12-25 10:00:00", "2019-12-25 10:00:00"),
        ("2019-12-25T10:00:00", "2019-12-25 10:00:00"),
        ("2019-12-25t10:00", "2019-12-25 10:00:00"),
        ("2019-12-25 10:00:00.987", "2019-12-25 10:00:00"),
        ("2019-12-25", "2019-12-25 00:00:00"),
        ("  2019-12-25\t", "2019-12-25 00:00:00"),
        ("2017-1-5 09:05:00", "2017-01-05 09:05:00"),
        ("2017-1-5 9:5", "2017-01-05 09:05:00"),
        ("19-12-25", "2019-12-25 00:00:00"),
        ("2019/12/25", "2019-12-25 00:00:00"),
        ("12/25/2019", "2019-12-25 00:00:00"),
        ("12/25/71", "1971-12-25 00:00:00"),
        ("12/25", "2020-12-25 00:00:00"),
        ("25.12.2019", "2019-12-25 00:00:00"),
        ("25-12-2019", "2019-12-25 00:00:00"),
        ("20191225", "2019-12-25 00:00:00"),
        ("20191225T101112", "2019-12-25 10:11:12"),
        ("20191225101112", "2019-12-25 10:11:12"),
        ("2019-12", "2019-12-01 00:00:00"),
        ("5 May 2020", "2020-05-05 00:00:00"),
        ("5th May 2020", "2020-05-05 00:00:00"),
        ("May 5, 2020", "2020-05-05 00:00:00"),
        ("May 5th", "2020-05-05 00:00:00"),
        ("Dec 25 2019 10:00", "2019-12-25 10:00:00"),
        ("Dec 25 10:00", "2020-12-25 10:00:00"),
        ("25-Dec-2019", "2019-12-25 00:00:00"),
        ("2019-Dec-25", "2019-12-25 00:00:00"),
        ("December 2019", "2019-12-01 00:00:00"),
        ("2019 december", "2019-12-01 00:00:00"),
        ("sept", "2020-09-18 00:00:00"),
        ("Wed, 25 Dec 2019 15:52:01 +0000", "2019-12-25 10:52:01"),
        ("Wed Dec 25 08:00:00 UTC 2019", "2019-12-25 03:00:00"),
        ("2019-02-30", "2019-03-02 00:00:00"),
        ("2020-02-30", "2020-03-01 00:00:00"),
        ("2019-04-31", "2019-05-01 00:00:00"),
    ],
)
def test_a_calendar_date_is_read_in_its_usual_spellings(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-12-25 24:59:59", "2020-12-26 00:59:59"),
        ("2020-12-31 24:00", "2021-01-01 00:00:00"),
        ("2020-12-25 10am", "2020-12-25 10:00:00"),
        ("2020-12-25 12 a.m.", "2020-12-25 00:00:00"),
        ("2020-12-25 12:01:02 PM", "2020-12-25 12:01:02"),
        ("10:30 pm", "2020-05-18 22:30:00"),
        ("2030", "2020-05-18 20:30:00"),
        ("1986", "1986-05-18 00:00:00"),
        ("yesterday 14:00", "2020-05-17 14:00:00"),
        ("14:00 yesterday", "2020-05-17 00:00:00"),
        ("tomorrow noon", "2020-05-19 12:00:00"),
        ("monday 9am", "2020-05-18 09:00:00"),
    ],
)
def test_a_time_of_day_is_read_as_php_reads_it(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01T05:00:00Z",
        "2020-01-01 05:00:00 z",
        "2020-01-01T05:00:00+00:00",
        "2020-01-01 05:00:00 +0000",
        "2020-01-01 07:00+02",
        "2020-01-01 07:00 +2",
        "2020-01-01 07:00 GMT+2",
        "2020-01-01 00:00 EST",
        "2020-01-01 06:00 Europe/Berlin",
        "2020-01-01 +19 hours -14 hours UTC",
        "1 January 2020 05:00 utc",
        "@1577854800",
        "@1577768400 +1 day",
    ],
)
def test_a_zone_in_the_text_outweighs_the_zone_of_the_user(text: str) -> None:
    assert instant(text) == datetime(2020, 1, 1, 5, tzinfo=UTC)


def test_a_date_alone_may_carry_a_zone_after_a_blank() -> None:
    assert instant("2020-01-01 +02:00") == datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert instant("today UTC") == datetime(2020, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-7 days", "2020-05-11 10:30:15"),
        ("- 7 days", "2020-05-11 10:30:15"),
        ("7days ago", "2020-05-11 10:30:15"),
        ("1 week ago", "2020-05-11 10:30:15"),
        ("2 fortnights", "2020-06-15 10:30:15"),
        ("-1 month -3 days", "2020-04-15 10:30:15"),
        ("1 month 3 days ago", "2020-04-15 10:30:15"),
        ("+1 year", "2021-05-18 10:30:15"),
        ("90 mins ago", "2020-05-18 09:00:15"),
        ("next month", "2020-06-18 10:30:15"),
        ("last year", "2019-05-18 10:30:15"),
        ("this week", "2020-05-18 10:30:15"),
        ("third day", "2020-05-21 10:30:15"),
        ("2020-01-31 +1 month", "2020-03-02 00:00:00"),
        ("2019-01-31 +1 month", "2019-03-03 00:00:00"),
        ("2020-03-31 -1 month", "2020-03-02 00:00:00"),
        ("2020-01-31 10:00 +1 month", "2020-03-02 10:00:00"),
        ("+1 month 2020-01-31", "2020-03-02 00:00:00"),
        ("3 weekdays ago", "2020-05-13 10:30:15"),
        ("5 weekdays", "2020-05-25 10:30:15"),
    ],
)
def test_relative_amounts_move_the_wall_clock(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("monday", "2020-05-18 00:00:00"),
        ("next monday", "2020-05-25 00:00:00"),
        ("last monday", "2020-05-11 00:00:00"),
        ("friday", "2020-05-22 00:00:00"),
        ("next friday", "2020-05-22 00:00:00"),
        ("last friday", "2020-05-15 00:00:00"),
        ("this tues", "2020-05-19 00:00:00"),
        ("monday next week", "2020-05-25 00:00:00"),
        ("sunday this week", "2020-05-24 00:00:00"),
        ("wed last week", "2020-05-13 00:00:00"),
        ("second friday", "2020-05-29 00:00:00"),
        ("2 fridays", "2020-05-29 10:30:15"),
        ("friday 2020-05-23", "2020-05-29 00:00:00"),
        ("first monday of january 2020", "2020-01-06 00:00:00"),
        ("first wednesday of january 2020", "2020-01-01 00:00:00"),
        ("last friday of next month", "2020-06-26 00:00:00"),
        ("last friday of january 2020", "2020-01-31 00:00:00"),
    ],
)
def test_weekdays_are_found_from_the_day_at_hand(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("first day of last month", "2020-04-01 10:30:15"),
        ("last day of last month", "2020-04-30 10:30:15"),
        ("last day of february 2020", "2020-02-29 00:00:00"),
        ("last day of 2020-01-31 +1 month", "2020-02-29 00:00:00"),
        ("first day of next month midnight", "2020-06-01 00:00:00"),
        ("first day of next month midnight -1 day", "2020-05-31 00:00:00"),
        ("last day", "2020-05-17 10:30:15"),
    ],
)
def test_the_ends_of_a_month_are_found_after_the_month(text: str, expected: str) -> None:
    assert wall(text) == expected


def test_a_wall_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    assert wall("2020-03-08 02:30:00") == "2020-03-08 03:30:00"


def test_a_wall_time_that_happens_twice_is_its_first_occurrence() -> None:
    assert instant("2020-11-01 01:30:00") == datetime(2020, 11, 1, 5, 30, tzinfo=UTC)


def test_now_in_the_second_of_two_equal_hours_stays_there() -> None:
    second = datetime(2020, 11, 1, 6, 30, tzinfo=UTC)
    assert parse_instant("now", now=second, zone=NEW_YORK) == second
    hour_before = datetime(2020, 11, 1, 5, 30, tzinfo=UTC)
    assert parse_instant("1 hour ago", now=second, zone=NEW_YORK) == hour_before


def test_a_day_across_a_clock_change_is_a_wall_clock_day_and_24_hours_are_not() -> None:
    assert wall("2020-03-07 12:00 +1 day") == "2020-03-08 12:00:00"
    assert wall("2020-03-07 12:00 +24 hours") == "2020-03-08 13:00:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        (",", "empty"),
        ("garbage", "'garbage' cannot be read"),
        ("2020-01-01 garbage", "'garbage' cannot be read"),
        ("2020-13-01", "no month 13"),
        ("2020-00-10", "no month 0"),
        ("2020-01-32", "no day 32"),
        ("2020-01-00", "no day 0"),
        ("13/25/2019", "no month 13"),
        ("32 May 2020", "no day 32"),
        ("2020-01-01 25:00", "no time 25:00:00"),
        ("2020-01-01 10:60", "no time 10:60:00"),
        ("2020-01-01 10:00:60", "no time 10:00:60"),
        ("2020-01-01 13pm", "no hour 13"),
        ("2020-01-01 0am", "no hour 0"),
        ("2020-01-01:10:00:00", "cannot be read"),
        ("2020-01-01T", "cannot be read"),
        ("2020-01-01T10", "cannot be read"),
        ("T10:00", "a T needs a date"),
        ("10:00:00:00", "cannot be read"),
        ("12/25/2019/1", "cannot be read"),
        ("2020-01-01 2020-01-02", "two dates"),
        ("@0 2020-01-02", "two dates"),
        ("2020-01-02 @0", "an epoch stands for"),
        ("10:00 11:00", "two times"),
        ("10:00Z UTC", "two zones"),
        ("monday tuesday", "two weekdays"),
        ("2020-01-01 10:00 2021", "two years"),
        ("2020-01-01 10:00 +15:00", "no offset of 15:00"),
        ("2020-01-01 10:00 +02:60", "no offset of 02:60"),
        ("2020-01-01 10:00 Europe/Nowhere", "no zone Europe/Nowhere"),
        ("2020-01-01 10:00 America/Argentina", "no zone America/Argentina"),
        ("2020-01-01 10:00 Europe/../UTC", "cannot be read"),
        ("+02:00", "needs a time before it"),
        ("today+2", "needs a time before it"),
        ("ago", "amount of time before it"),
        ("monday ago", "amount of time before it"),
        ("next monday of may", "no next weekday"),
        ("first day of last day of may", "two days of the month"),
        ("5", "cannot be read"),
        ("7", "cannot be read"),
        ("1577836800", "cannot be read"),
        ("True", "cannot be read"),
        ("None", "cannot be read"),
        ("3000-01-01", "year 3000 is out of range"),
        ("1969-12-31", "year 1969 is out of range"),
        ("2999-12-31 +1 day", "year 3000 is out of range"),
        ("1970-01-01 -1 second", "year 1969 is out of range"),
        ("-100 years", "year 1920 is out of range"),
        ("+99999999 years", "beyond the calendar"),
        ("+999999999 weeks", "beyond the calendar"),
        ("+999999999 hours", "out of range|beyond the calendar"),
        ("@999999999999", "beyond the calendar|out of range"),
        ("@-2147483649", "too far back"),
        ("2020-01-01\x00", "characters no date has"),
        ("2020-01-01\n10:00", "characters no date has"),
        ("２０２０-01-01", "characters no date has"),  # noqa: RUF001
        ("٢٠٢٠-01-01", "characters no date has"),
        ("2020-01-01\u00a010:00", "characters no date has"),
        ("now " + " " * LONGEST, "longer than 100"),
    ],
)
def test_a_text_that_is_no_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadDate, match=reason) as bad:
        instant(text)
    assert bad.value.text == text
    assert str(bad.value).startswith(repr(text[:LONGEST])[:-1])


def test_a_message_holds_no_more_of_a_text_than_could_be_a_date() -> None:
    with pytest.raises(BadDate) as bad:
        instant("x" * 10_000)
    assert str(bad.value).startswith(repr("x" * LONGEST + "..."))


def test_the_longest_text_is_still_read() -> None:
    assert instant("now".ljust(LONGEST)) == NOW.replace(microsecond=0)


@pytest.mark.parametrize(
    "piece", ["a", "_", "-", "+1", "1 ", "may-.", "2020-", "Asia/", "a_", "1:"]
)
def test_a_hostile_text_is_refused_without_retrying_for_ever(piece: str) -> None:
    for text in (piece * LONGEST, "Asia/" + piece * LONGEST, "5 May " + piece * LONGEST):
        with pytest.raises(BadDate):
            instant(text[: LONGEST - 1] + "!")


def test_an_epoch_may_be_negative_as_far_as_32_bits_reach() -> None:
    assert instant("@-1") == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert instant("@-2147483648") == datetime(1901, 12, 13, 20, 45, 52, tzinfo=UTC)


def test_the_years_1970_and_2999_are_within_range() -> None:
    assert wall("1970-01-01") == "1970-01-01 00:00:00"
    assert wall("2999-12-31 23:59:59") == "2999-12-31 23:59:59"


def test_the_colon_form_is_read_only_where_it_is_switched_on() -> None:
    text = "2020-01-01:10:00:01"
    assert instant(text, colon_form=True) == instant("2020-01-01 10:00:01")
    assert instant("2020-01-02", colon_form=True) == instant("2020-01-02")
    with pytest.raises(BadDate, match="cannot be read"):
        instant(text)
    with pytest.raises(BadDate, match="no time 25:00:00"):
        instant("2020-01-01:25:00:00", colon_form=True)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-12-25 00:00:00", "2020-12-25 00:00:00"),
        ("2019-07-01 00:00:01", "2020-07-01 00:00:01"),
        ("2020-02-29 10:00:00", "2021-03-01 10:00:00"),
        ("2019-02-28 10:00:00", "2020-02-28 10:00:00"),
        ("2019-03-08 02:30:00", "2020-03-08 03:30:00"),
    ],
)
def test_a_year_later_is_counted_on_the_wall_clock(start: str, end: str) -> None:
    assert local_text(one_year_after(instant(start), NEW_YORK), NEW_YORK) == end


def test_instants_are_printed_without_an_offset_in_the_zone_asked_for() -> None:
    moment = datetime(2020, 5, 18, 3, 4, 5, tzinfo=UTC)
    assert local_text(moment, NEW_YORK) == "2020-05-17 23:04:05"
    assert local_text(moment, ZoneInfo("Asia/Kathmandu")) == "2020-05-18 08:49:05"
