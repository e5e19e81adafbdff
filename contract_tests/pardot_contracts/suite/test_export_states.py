"""The life of one export: the states and the one way through them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    ENDED,
    STATES,
    WEEK,
    activities,
    assert_refused,
    complete,
    create,
    read,
    request_for,
    rows_of,
    stamp,
    until,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

STEPS = 12


def life_of(driver: Driver, account: Account, export_id: int, step: timedelta) -> list[str]:
    """Read the state again and again while time passes in equal steps."""
    states = [read(driver, export_id).state]
    for _ in range(STEPS):
        account.advance(step)
        states.append(read(driver, export_id).state)
    return states


@pytest.mark.requirement("EXP-STATE-001", "EXP-STATE-002", "EXP-STATE-005")
@pytest.mark.needs("control")
def test_an_export_goes_from_waiting_over_processing_to_complete(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="timed", wait="2m", work="3m")
    export = create(driver, activities(account))
    states = life_of(driver, account, export.id, timedelta(seconds=50))
    assert list(dict.fromkeys(states)) == ["Waiting", "Processing", "Complete"]


@pytest.mark.requirement("EXP-STATE-002", "EXP-STATE-004", "EXP-STATE-005")
@pytest.mark.needs("control")
def test_a_failing_export_goes_from_waiting_over_processing_to_failed(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="failing", wait="2m", work="3m")
    export = create(driver, activities(account))
    states = life_of(driver, account, export.id, timedelta(seconds=50))
    assert list(dict.fromkeys(states)) == ["Waiting", "Processing", "Failed"]


@pytest.mark.requirement("EXP-STATE-002", "EXP-STATE-005")
@pytest.mark.needs("control")
@pytest.mark.parametrize("kind", ["instant", "timed", "by_rows", "stuck", "failing"])
@pytest.mark.form("json")
def test_whatever_happens_states_are_known_and_never_go_back(
    raw: RawDriver, account: Account, kind: str
) -> None:
    account.plan(kind=kind)
    export = create(raw, activities(account))
    states = life_of(raw, account, export.id, timedelta(hours=17))
    assert set(states) <= set(STATES)
    places = [min(STATES.index(state), 2) for state in states]
    assert places == sorted(places)


@pytest.mark.requirement("EXP-STATE-003")
def test_complete_is_terminal(driver: Driver, account: Account) -> None:
    export = complete(driver, account, activities(account))
    states = life_of(driver, account, export.id, timedelta(days=1))
    assert set(states) == {"Complete"}


@pytest.mark.requirement("EXP-STATE-003", "EXP-STATE-004")
@pytest.mark.needs("control")
def test_failed_is_terminal_and_never_has_results(driver: Driver, account: Account) -> None:
    account.plan(kind="failing")
    export = until(driver, account, create(driver, activities(account)).id, *ENDED)
    assert (export.state, export.refs) == ("Failed", ())
    account.advance(2 * WEEK)
    later = read(driver, export.id)
    assert (later.state, later.refs) == ("Failed", ())


@pytest.mark.requirement("EXP-STATE-004", "RESULT-016")
@pytest.mark.needs("control")
def test_nothing_can_be_downloaded_from_a_failed_export(raw: RawDriver, account: Account) -> None:
    account.plan(kind="failing")
    bad = until(raw, account, create(raw, activities(account)).id, "Failed")
    reply = raw.call("GET", f"downloadResults/id/{bad.id}/file/1")
    assert_refused(reply.answer(raw.form), 178)


@pytest.mark.requirement("EXP-STATE-007")
def test_without_an_upper_bound_rows_reach_up_to_the_creation_of_the_export(
    driver: Driver, account: Account
) -> None:
    lower = account.now() - timedelta(days=200)
    open_ended = {"created_after": stamp(lower)}
    bounded = {**open_ended, "created_before": stamp(account.now())}

    def ask(arguments: dict[str, str]) -> list[str]:
        request = request_for("visitorActivity", "filter_by_created_at", arguments, ["id"])
        return sorted(row["id"] for row in rows_of(driver, complete(driver, account, request)))

    # No row of this account is younger, so this shows that the bound is not earlier than creation.
    assert ask(open_ended) == ask(bounded)
