"""Date input: each form means one exact instant.

An expression is pinned between two exports, one created exactly at the expected instant and one a
second later: as an exclusive lower bound it must find the second and not the first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo

import pytest

from pardot_contracts.suite.steps import (
    SECOND,
    assert_refused,
    create,
    nothing,
    read,
    stamp,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.wire import Wire

# What a date means does not depend on the format of the answer.
pytestmark = [pytest.mark.needs("control", "time_travel"), pytest.mark.form("json")]

NEW_YORK = ZoneInfo("America/New_York")
Pin = Callable[..., None]


@pytest.fixture
def pin(connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]) -> Pin:
    """Give the check that `expression`, read at `at`, means exactly `instant`."""

    def check(
        expression: str, instant: datetime, *, at: datetime | None = None, zone: str = "UTC"
    ) -> None:
        account = make_account(now=instant.isoformat(), timezone=zone)
        driver = connect_raw(account.credentials)
        on = create(driver, nothing(account)).id
        account.advance(SECOND)
        after = create(driver, nothing(account)).id
        if at is not None:
            account.set_time(at)
        later = driver.query({"created_after": expression})
        assert later.ok, f"refused with code {later.code}: {later.message}"
        assert [export.id for export in later.exports] == [after]
        earlier = driver.query({"created_before": expression})
        assert on not in [export.id for export in earlier.exports]

    return check


@pytest.mark.requirement("DATE-001")
def test_a_date_with_a_time_is_that_second(pin: Pin) -> None:
    pin("2024-03-15 09:30:15", datetime(2024, 3, 15, 9, 30, 15, tzinfo=UTC))


@pytest.mark.requirement("DATE-002")
def test_a_date_alone_is_midnight(pin: Pin) -> None:
    pin("2024-03-15", datetime(2024, 3, 15, tzinfo=UTC))


@pytest.mark.requirement("DATE-003")
@pytest.mark.parametrize("suffix", ["", "Z", "+00:00"])
def test_iso_8601_with_a_t_is_that_second(pin: Pin, suffix: str) -> None:
    pin(f"2024-03-15T09:30:15{suffix}", datetime(2024, 3, 15, 9, 30, 15, tzinfo=UTC))


@pytest.mark.requirement("DATE-009", "DATE-003")
@pytest.mark.parametrize(
    ("offset", "hour"), [("+02:00", 7), ("-07:00", 16), ("+05:30", 4), ("Z", 9)]
)
def test_an_offset_is_converted_even_for_a_user_elsewhere(pin: Pin, offset: str, hour: int) -> None:
    minute = 0 if offset == "+05:30" else 30
    instant = datetime(2024, 3, 15, hour, minute, 15, tzinfo=UTC)
    pin(f"2024-03-15T09:30:15{offset}", instant, zone="Australia/Sydney")


@pytest.mark.requirement("DATE-006")
def test_month_day_and_hour_need_no_padding(pin: Pin) -> None:
    pin("2024-3-5 09:05:00", datetime(2024, 3, 5, 9, 5, tzinfo=UTC))


@pytest.mark.requirement("DATE-007")
def test_the_hour_24_rolls_over_to_the_next_day(pin: Pin) -> None:
    pin("2020-12-25 24:59:59", datetime(2020, 12, 26, 0, 59, 59, tzinfo=UTC))


@pytest.mark.requirement("DATE-015")
def test_an_at_sign_introduces_epoch_seconds(pin: Pin) -> None:
    instant = datetime(2024, 3, 15, 9, 30, 15, tzinfo=UTC)
    pin(f"@{int(instant.timestamp())}", instant, zone="America/New_York")


@pytest.mark.requirement("DATE-008")
def test_a_date_without_a_zone_is_read_in_the_timezone_of_the_user(pin: Pin) -> None:
    instant = datetime(2024, 3, 15, 9, 30, 15, tzinfo=NEW_YORK)
    pin("2024-03-15 09:30:15", instant, zone="America/New_York")


@pytest.mark.requirement("DATE-008", "DATE-010")
def test_two_users_read_and_write_the_same_instant_differently(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    abroad = {"email": "ann@example.com", "role": "Administrator", "timezone": "America/New_York"}
    account = make_account(users=[abroad])
    here, there = connect(account.credentials), connect(account.users[0].credentials)
    export = create(here, nothing(account))
    local = read(there, export.id)
    assert export.created_at == stamp(account.now())
    assert local.created_at == stamp(account.now().astimezone(NEW_YORK))
    before = account.now() - SECOND
    found = there.query({"created_after": stamp(before.astimezone(NEW_YORK))})
    assert [item.id for item in found.exports] == [export.id]
    assert there.query({"created_after": stamp(before + timedelta(hours=1))}).exports == ()


@pytest.mark.requirement("DATE-010")
def test_a_changed_timezone_shows_in_the_next_answer(driver: Driver, account: Account) -> None:
    export = create(driver, nothing(account))
    mine = {"email": account.credentials.email, "timezone": "Asia/Tokyo"}
    account.change(users=[mine])
    expected = stamp(account.now().astimezone(ZoneInfo("Asia/Tokyo")))
    assert read(driver, export.id).created_at == expected


KEYWORDS = (
    ("today", datetime(2024, 3, 15)),  # noqa: DTZ001 - a local time of the user
    ("yesterday", datetime(2024, 3, 14)),  # noqa: DTZ001
    ("last_7_days", datetime(2024, 3, 8)),  # noqa: DTZ001
    ("this_month", datetime(2024, 3, 1)),  # noqa: DTZ001
    ("last_month", datetime(2024, 2, 1)),  # noqa: DTZ001
)


@pytest.mark.requirement("DATE-004", "DATE-011")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize(("keyword", "local"), KEYWORDS)
def test_a_keyword_starts_at_midnight_of_the_user(
    pin: Pin, keyword: str, local: datetime, zone: str
) -> None:
    midnight = local.replace(tzinfo=ZoneInfo(zone))
    afternoon = datetime(2024, 3, 15, 15, 45, 10, tzinfo=ZoneInfo(zone))
    pin(keyword, midnight, at=afternoon, zone=zone)


@pytest.mark.requirement("DATE-011")
def test_today_is_the_day_of_the_user_and_not_of_utc(pin: Pin) -> None:
    # In Sydney it is already the 16th.
    midnight = datetime(2024, 3, 16, tzinfo=ZoneInfo("Australia/Sydney"))
    pin("today", midnight, at=datetime(2024, 3, 15, 20, tzinfo=UTC), zone="Australia/Sydney")


@pytest.mark.requirement("DATE-014")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2024, 1, 10, 8, tzinfo=UTC), datetime(2023, 12, 1, tzinfo=UTC)),
        (datetime(2024, 3, 31, 8, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)),
    ],
)
def test_last_month_is_the_first_of_the_previous_month(
    pin: Pin, now: datetime, expected: datetime
) -> None:
    pin("last_month", expected, at=now)


@pytest.mark.requirement("DATE-005")
@pytest.mark.parametrize("expression", ["1 week ago", "-7 days", "-1 week", "7 days ago"])
def test_a_relative_date_counts_back_from_now(pin: Pin, expression: str) -> None:
    instant = datetime(2024, 3, 15, 9, 30, 15, tzinfo=UTC)
    pin(expression, instant, at=instant + timedelta(days=7))


@pytest.mark.requirement("DATE-005")
def test_now_is_the_present_second(pin: Pin) -> None:
    instant = datetime(2024, 3, 15, 9, 30, 15, tzinfo=UTC)
    pin("1 second ago", instant, at=instant + SECOND)


@pytest.mark.requirement("DATE-005")
def test_now_as_an_upper_bound_leaves_the_present_out(driver: Driver, account: Account) -> None:
    earlier = create(driver, nothing(account)).id
    account.advance(SECOND)
    create(driver, nothing(account))
    found = driver.query({"created_before": "now"}).exports
    assert [export.id for export in found] == [earlier]


@pytest.mark.requirement("DATE-012")
def test_a_range_that_ends_before_it_starts_is_refused(driver: Driver) -> None:
    bounds = {"created_after": "2024-03-10", "created_before": "2024-03-09"}
    assert_refused(driver.query(bounds), 8)


@pytest.mark.requirement("DATE-013", "DATE-009")
def test_a_plus_offset_works_when_the_plus_is_percent_encoded(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    export = create(raw, nothing(account))
    before = (account.now() - SECOND).astimezone(ZoneInfo("Asia/Kolkata"))
    for instant, total in ((before, 1), (before + SECOND, 0)):
        date = quote(instant.isoformat(), safe=":-")
        assert "%2B05:30" in date
        path = f"/api/export/version/{raw.version}/do/query?created_after={date}&format=json"
        answer = wire.get(path, raw.authorization()).answer(raw.form)
        assert (answer.code, answer.total) == (None, total)
        assert [item.id for item in answer.exports] == [export.id] * total


@pytest.mark.requirement("DATE-001", "DATE-005", "EXP-CREATE-010")
@pytest.mark.parametrize(
    "after", ["2024-01-01", "yesterday", "1 week ago", "@1704067200", "2024-01-01T00:00:00+02:00"]
)
def test_export_arguments_take_the_same_dates(raw: RawDriver, after: str) -> None:
    arguments = {"created_after": after}
    procedure = {"name": "filter_by_created_at", "arguments": arguments}
    assert raw.create({"object": "visitorActivity", "procedure": procedure}).ok


@pytest.mark.requirement("ENV-023")
def test_a_relative_date_with_pluses_for_blanks_is_understood(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    create(raw, nothing(account))
    date = quote_plus("1 week ago")
    path = f"/api/export/version/{raw.version}/do/query?created_after={date}&format=json"
    assert wire.get(path, raw.authorization()).answer(raw.form).total == 1
