"""Results over rows that the case loads itself: awkward cells, and which moment counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.suite.steps import (
    BY_CREATED,
    as_set,
    complete,
    create,
    days_ago,
    ids,
    read,
    request_for,
    result,
    rows_of,
    stamp,
    until,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver

pytestmark = pytest.mark.needs("control", "time_travel")

OWN = 900_000_000
COLUMNS = ("id", "details")
DETAILS = (
    "a, b, and c",
    'she said "no"',
    "two\nlines",
    'all, "three"\nof them',
    "Grüße aus Köln, 東京 and 🦄",
    "<b>&amp;</b>",
    "  blanks around  ",
    "'=1+1",
)


def activity(number: int, at: datetime, details: str = "a page") -> dict[str, Any]:
    """Give a visitor activity of one's own."""
    when = stamp(at)
    kind = {"type": 1, "type_name": "Email Tracker", "details": details}
    return {"id": OWN + number, **kind, "created_at": when, "updated_at": when}


def since_yesterday(account: Account, **arguments: object) -> dict[str, Any]:
    """Ask for the activities of the last day without an upper bound."""
    bounds = {"created_after": days_ago(account, 1)}
    return request_for("visitorActivity", BY_CREATED, bounds | arguments, list(COLUMNS))


@pytest.mark.requirement("RESULT-010", "RESULT-011")
def test_awkward_cells_come_back_as_they_were(driver: Driver, account: Account) -> None:
    at = account.now() - timedelta(hours=2)
    rows = [activity(number, at, text) for number, text in enumerate(DETAILS)]
    account.load("visitorActivity", *rows)
    found = {row["id"]: row["details"] for row in result(driver, account, since_yesterday(account))}
    assert {number: found[str(OWN + number)] for number in range(len(DETAILS))} == dict(
        enumerate(DETAILS)
    )


@pytest.mark.requirement("EXP-STATE-007")
def test_rows_younger_than_an_export_without_an_upper_bound_are_not_part_of_it(
    driver: Driver, account: Account
) -> None:
    hour = timedelta(hours=1)
    account.load("visitorActivity", activity(1, account.now() - hour))
    account.load("visitorActivity", activity(2, account.now() + hour))
    account.plan(kind="timed", wait="1m", work="3h")
    export = complete(driver, account, since_yesterday(account))
    found = ids(rows_of(driver, export))
    assert str(OWN + 1) in found
    assert str(OWN + 2) not in found


@pytest.mark.requirement("EXP-STATE-006")
def test_rows_that_arrive_after_completion_do_not_change_the_result(
    driver: Driver, account: Account
) -> None:
    at = account.now() - timedelta(hours=1)
    account.load("visitorActivity", activity(1, at))
    export = complete(driver, account, since_yesterday(account))
    account.load("visitorActivity", activity(2, at), activity(1, at, "changed"))
    late = rows_of(driver, read(driver, export.id))
    account.advance(timedelta(hours=1))
    assert as_set(rows_of(driver, read(driver, export.id))) == as_set(late)
    details = {row["id"]: row["details"] for row in late}
    assert details[str(OWN + 1)] == "a page"
    assert str(OWN + 2) not in details


@pytest.mark.requirement("EXP-STATE-006")
def test_rows_that_arrive_while_an_export_waits_are_part_of_it(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="timed", wait="5m", work="5m")
    export = create(driver, since_yesterday(account))
    account.load("visitorActivity", activity(1, account.now() - timedelta(hours=1)))
    done = until(driver, account, export.id, "Complete")
    assert str(OWN + 1) in ids(rows_of(driver, done))


@pytest.mark.requirement("RESULT-023")
def test_a_loaded_row_is_left_out_exactly_on_a_bound(driver: Driver, account: Account) -> None:
    at = account.now() - timedelta(hours=3)
    account.load("visitorActivity", activity(1, at))
    second = timedelta(seconds=1)
    around = {"created_after": stamp(at - second), "created_before": stamp(at + second)}
    starting = {"created_after": stamp(at), "created_before": stamp(at + second)}
    ending = {"created_after": stamp(at - second), "created_before": stamp(at)}
    counts = []
    for bounds in (around, starting, ending):
        request = request_for("visitorActivity", BY_CREATED, bounds, list(COLUMNS))
        counts.append(ids(result(driver, account, request)).count(str(OWN + 1)))
    assert counts == [1, 0, 0]
