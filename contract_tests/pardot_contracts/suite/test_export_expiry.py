"""Expiry: seven days after completion to the second, and seven days for what never ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    SECOND,
    WEEK,
    activities,
    assert_refused,
    complete,
    create,
    finished_at,
    memberships,
    nothing,
    read,
    rows_of,
    until,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

pytestmark = pytest.mark.needs("control", "time_travel")


@pytest.mark.requirement("EXP-EXPIRY-001", "EXP-EXPIRY-002")
def test_an_export_expires_seven_days_after_completion_to_the_second(
    driver: Driver, account: Account
) -> None:
    export = complete(driver, account, activities(account))
    account.set_time(finished_at(account, export.id) + WEEK - SECOND)
    assert not read(driver, export.id).is_expired
    account.advance(SECOND)
    assert read(driver, export.id).is_expired


@pytest.mark.requirement("EXP-EXPIRY-002")
def test_one_second_before_its_expiry_an_export_is_still_downloadable(
    driver: Driver, account: Account
) -> None:
    export = complete(driver, account, activities(account))
    account.set_time(finished_at(account, export.id) + WEEK - SECOND)
    late = read(driver, export.id)
    assert sorted(late.refs) == sorted(export.refs)
    assert rows_of(driver, late)


@pytest.mark.requirement("EXP-EXPIRY-003", "EXP-EXPIRY-004", "EXP-EXPIRY-006")
def test_an_expired_export_stays_readable_and_complete_but_has_no_results(
    driver: Driver, account: Account
) -> None:
    export = complete(driver, account, activities(account))
    assert export.refs
    account.advance(WEEK)
    expired = read(driver, export.id)
    assert (expired.id, expired.state, expired.is_expired) == (export.id, "Complete", True)
    assert expired.refs == ()


@pytest.mark.requirement("EXP-EXPIRY-003")
def test_an_expired_export_is_still_readable_after_months(driver: Driver, account: Account) -> None:
    export = complete(driver, account, activities(account))
    account.advance(timedelta(days=200))
    assert read(driver, export.id).is_expired


@pytest.mark.requirement("EXP-EXPIRY-004", "ENV-006")
@pytest.mark.form("json")
def test_the_json_of_an_expired_export_has_no_result_key(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    account.advance(WEEK)
    shown = raw.read_reply(export.id).json()["export"]
    assert shown["isExpired"] is True
    assert "resultRefs" not in shown


@pytest.mark.requirement("EXP-EXPIRY-005", "EXP-EXPIRY-010")
def test_a_reference_kept_from_before_the_expiry_downloads_no_longer(
    driver: Driver, account: Account
) -> None:
    export = complete(driver, account, activities(account))
    assert rows_of(driver, export)
    account.advance(WEEK)
    assert_refused(driver.download(export), 178)


@pytest.mark.requirement("EXP-EXPIRY-005")
def test_a_download_after_the_expiry_is_refused_even_if_nobody_read_the_export_meanwhile(
    raw: RawDriver, account: Account
) -> None:
    export = complete(raw, account, activities(account))
    account.advance(3 * WEEK)
    reply = raw.download_reply(export.refs[0])
    assert 400 <= reply.status < 500
    assert_refused(reply.answer(raw.form), 178)


@pytest.mark.requirement("EXP-EXPIRY-007")
@pytest.mark.parametrize("kind", ["stuck", "timed"])
def test_an_export_unfinished_after_seven_days_is_failed_and_expired(
    driver: Driver, account: Account, kind: str
) -> None:
    account.plan(kind=kind, work="30d")
    export = create(driver, activities(account))
    account.advance(WEEK - SECOND)
    almost = read(driver, export.id)
    assert (almost.state, almost.is_expired) == ("Processing", False)
    account.advance(SECOND)
    cancelled = read(driver, export.id)
    assert (cancelled.state, cancelled.is_expired, cancelled.refs) == ("Failed", True, ())


@pytest.mark.requirement("EXP-EXPIRY-007")
def test_an_export_that_never_began_within_seven_days_is_failed_and_expired(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="timed", wait="10d")
    export = create(driver, activities(account))
    account.advance(WEEK - SECOND)
    assert read(driver, export.id).state == "Waiting"
    account.advance(SECOND)
    cancelled = read(driver, export.id)
    assert (cancelled.state, cancelled.is_expired, cancelled.refs) == ("Failed", True, ())


@pytest.mark.requirement("EXP-EXPIRY-008")
def test_the_seven_days_start_at_completion_and_not_at_creation(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="timed", wait="1m", work="3d")
    export = complete(driver, account, activities(account))
    account.advance(timedelta(days=5))
    assert rows_of(driver, read(driver, export.id))
    account.set_time(finished_at(account, export.id) + WEEK)
    assert read(driver, export.id).is_expired


@pytest.mark.requirement("EXP-EXPIRY-009")
def test_an_expired_export_still_appears_in_queries(driver: Driver, account: Account) -> None:
    export = complete(driver, account, activities(account))
    account.advance(WEEK)
    fresh = create(driver, nothing(account))
    answer = driver.query({})
    shown = {item.id: (item.state, item.is_expired) for item in answer.exports}
    assert shown == {export.id: ("Complete", True), fresh.id: ("Waiting", False)}
    assert [item.id for item in driver.query({"status": "Complete"}).exports] == [export.id]


@pytest.mark.requirement("EXP-EXPIRY-001")
def test_an_export_without_files_expires_as_well(driver: Driver, account: Account) -> None:
    export = complete(driver, account, nothing(account))
    account.advance(WEEK)
    assert read(driver, export.id).is_expired


@pytest.mark.requirement("EXP-EXPIRY-001", "EXP-EXPIRY-008")
def test_each_export_expires_in_its_own_time(driver: Driver, account: Account) -> None:
    early = complete(driver, account, activities(account))
    account.advance(timedelta(days=3))
    late = complete(driver, account, memberships(account))
    account.set_time(finished_at(account, early.id) + WEEK)
    assert (read(driver, early.id).is_expired, read(driver, late.id).is_expired) == (True, False)
    assert rows_of(driver, read(driver, late.id))


@pytest.mark.requirement("EXP-EXPIRY-001")
def test_the_calendar_announces_the_expiry_and_going_there_expires_the_export(
    driver: Driver, account: Account
) -> None:
    export = create(driver, activities(account)).id
    until(driver, account, export, "Complete")
    due = [event for event in account.calendar() if event.kind == "export_expires"]
    assert [event.subject for event in due] == [str(export)]
    account.set_time(due[0].at)
    assert read(driver, export).is_expired
