"""The queue: one running export per account, oldest first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    ENDED,
    SECOND,
    WEEK,
    activities,
    create,
    finished_at,
    memberships,
    prospects,
    read,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver


def states(driver: Driver, export_ids: list[int]) -> list[str]:
    """Give the states of several exports as they are now."""
    return [read(driver, export_id).state for export_id in export_ids]


@pytest.mark.requirement("EXP-QUEUE-001", "EXP-QUEUE-002")
@pytest.mark.needs("control")
def test_of_several_exports_at_most_one_is_processing_and_the_oldest_goes_first(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="timed", wait="30s", work="3m")
    waiting = [create(driver, activities(account)).id for _ in range(4)]
    ended: list[int] = []
    for _ in range(16):
        now = dict(zip(waiting, states(driver, waiting), strict=True))
        assert list(now.values()).count("Processing") <= 1
        ended += [export for export in waiting if now[export] in ENDED and export not in ended]
        running = [export for export in waiting if now[export] == "Processing"]
        assert running == [export for export in waiting if now[export] not in ENDED][: len(running)]
        account.advance(timedelta(minutes=1))
    assert ended == waiting


@pytest.mark.requirement("EXP-QUEUE-003")
def test_the_second_export_waits_until_the_first_one_ends(driver: Driver, account: Account) -> None:
    first, second = (create(driver, activities(account)).id for _ in range(2))
    until(driver, account, first, "Processing")
    assert read(driver, second).state == "Waiting"
    until(driver, account, first, "Complete")
    until(driver, account, second, "Processing", "Complete")
    until(driver, account, second, "Complete")


@pytest.mark.requirement("EXP-QUEUE-003")
@pytest.mark.needs("control")
def test_the_second_export_does_not_overtake_a_slow_first_one(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="instant")
    account.plan(kind="timed", work="3d", match={"object": "prospect"})
    slow = create(driver, prospects(account)).id
    quick = create(driver, activities(account)).id
    account.advance(timedelta(days=2))
    assert states(driver, [slow, quick]) == ["Processing", "Waiting"]
    account.advance(timedelta(days=1, hours=1))
    assert states(driver, [slow, quick]) == ["Complete", "Complete"]
    assert finished_at(account, quick) >= finished_at(account, slow)


@pytest.mark.requirement("EXP-QUEUE-004")
def test_exports_of_different_accounts_do_not_wait_for_each_other(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    jammed, free = make_account(), make_account()
    jammed.plan(kind="stuck")
    blocked, other = connect(jammed.credentials), connect(free.credentials)
    stuck = create(blocked, activities(jammed)).id
    until(blocked, jammed, stuck, "Processing")
    export = create(other, activities(free)).id
    until(other, free, export, "Complete")
    assert read(blocked, stuck).state == "Processing"


@pytest.mark.requirement("EXP-QUEUE-005")
@pytest.mark.needs("control")
def test_a_failed_export_frees_the_queue(driver: Driver, account: Account) -> None:
    account.plan(kind="failing", match={"object": "listMembership"})
    failing = create(driver, memberships(account)).id
    following = create(driver, activities(account)).id
    until(driver, account, failing, "Failed")
    until(driver, account, following, "Complete")


@pytest.mark.requirement("EXP-QUEUE-006", "EXP-EXPIRY-007")
def test_an_export_cancelled_by_age_frees_the_queue(driver: Driver, account: Account) -> None:
    account.plan(kind="stuck", match={"object": "prospect"})
    stuck = create(driver, prospects(account)).id
    account.advance(timedelta(days=6))
    following = create(driver, activities(account)).id
    account.advance(timedelta(days=1) - SECOND)
    assert states(driver, [stuck, following]) == ["Processing", "Waiting"]
    account.advance(SECOND)
    assert read(driver, stuck).state == "Failed"
    until(driver, account, following, "Complete")


@pytest.mark.requirement("EXP-QUEUE-006", "EXP-EXPIRY-007")
def test_an_export_that_waits_its_seven_days_in_the_queue_is_cancelled_too(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="stuck", match={"object": "prospect"})
    jam = create(driver, prospects(account)).id
    behind = create(driver, activities(account)).id
    account.advance(WEEK)
    assert states(driver, [jam, behind]) == ["Failed", "Failed"]
    assert read(driver, behind).is_expired


@pytest.mark.requirement("EXP-QUEUE-001", "EXP-QUEUE-002")
@pytest.mark.needs("control")
def test_exports_of_both_versions_share_one_queue(
    raw_of: Callable[..., Driver], account: Account
) -> None:
    account.plan(kind="timed", wait="10s", work="5m")
    old, new = (raw_of(version, account.credentials) for version in ("3", "4"))
    first = create(new, activities(account)).id
    second = create(old, activities(account)).id
    until(new, account, first, "Processing")
    assert read(old, second).state == "Waiting"
    until(new, account, first, "Complete")
    until(old, account, second, "Complete")


@pytest.mark.requirement("EXP-QUEUE-001")
@pytest.mark.needs("control")
def test_exports_of_colleagues_share_one_queue(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    colleague = {"email": "ben@example.com", "role": "Marketing", "timezone": "UTC"}
    account = make_account(users=[colleague])
    mine, theirs = connect(account.credentials), connect(account.users[0].credentials)
    first = create(theirs, activities(account)).id
    second = create(mine, activities(account)).id
    until(theirs, account, first, "Processing")
    assert read(mine, second).state == "Waiting"
