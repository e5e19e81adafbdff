"""The meter: what a run may send, decided before it is sent."""

from __future__ import annotations

import pytest

from pardot_contracts.meter import Meter
from pardot_contracts.problems import BudgetSpentError, MissingCapabilityError

EXPORT = "https://pi.pardot.com/api/export/version/4/do/"


def test_no_call_is_sent_beyond_the_budget() -> None:
    meter = Meter(2)
    meter.spend("/a")
    meter.spend("/b")
    with pytest.raises(BudgetSpentError, match="budget of 2 calls"):
        meter.spend("/c")
    assert meter.used == 2


@pytest.mark.parametrize(
    "target",
    [
        f"{EXPORT}create",
        "/api/list/do/delete/id/3/version/4",
        "/api/prospect/version/3/do/anew?x=1",
    ],
)
def test_a_read_only_run_sends_no_operation_that_may_write(target: str) -> None:
    meter = Meter(read_only=True)
    with pytest.raises(MissingCapabilityError, match="the run is read-only"):
        meter.spend(target)
    assert meter.used == 0
    Meter().spend(target)


@pytest.mark.parametrize(
    "target",
    ["/api/login/version/4", f"{EXPORT}query", f"{EXPORT}read/id/1", "/services/oauth2/token"],
)
def test_a_read_only_run_logs_in_and_reads(target: str) -> None:
    meter = Meter(read_only=True)
    meter.spend(target)
    assert meter.used == 1
