"""The short profile: the same few hundred calls every time; `make fuzz` makes many thousands."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from pardot_mock import MockPardot
from tests.fuzz.calls import Call, calls, operations
from tests.fuzz.probe import Probe, fingerprint, probing
from tests.fuzz.raw import exchange, requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    with probing() as made:
        yield made


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(calls())
def test_no_call_ends_in_a_server_error_and_no_refused_one_changes_anything(
    probe: Probe, call: Call
) -> None:
    probe.check(call)


def test_the_calls_get_past_the_first_check(probe: Probe) -> None:
    """A fuzz run whose every call is refused proves nothing."""
    for path, method, _, _ in operations("/api/export"):
        if "{" not in path.replace("{version}", ""):
            probe.check(Call(method, path.replace("{version}", "4")))
    probe.check(Call("GET", "/api/export/version/4/do/query"))
    assert probe.served > 0
    assert probe.refused > 0


def test_a_change_by_a_refused_call_would_be_found(probe: Probe) -> None:
    before = fingerprint(probe.account)
    probe.account.next_export_id += 1
    assert fingerprint(probe.account) != before
    probe.account.next_export_id -= 1


def test_raw_bytes_never_end_in_a_server_error() -> None:
    with MockPardot(rows=10, rate=0) as mock:
        port = int(mock.url.rsplit(":", 1)[1])
        paths = ["/api/login/version/4", "/api/export/version/4/do/query", "/_mock/health"]
        outcomes = [exchange(port, sent) for sent in islice(requests_of(7, {}, paths), 150)]
    assert [each for each in outcomes if each.is_server_error] == []
    assert {each.status for each in outcomes} > {200, 400}
