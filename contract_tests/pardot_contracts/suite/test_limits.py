"""Limits: the daily allowance, what counts, and calls at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from pardot_contracts.suite.steps import activities, assert_refused, complete, create

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.wire import Wire

pytestmark = pytest.mark.needs("control")

STALL_SECONDS = 20
ASK = MappingProxyType({"X-Return-Api-Usage": "1"})


def used(raw: RawDriver) -> int:
    """Give the calls of the day including this one."""
    value = raw.call("GET", "query", headers=ASK).headers["x-api-usage"]
    return int(value.partition("/")[0])


@pytest.mark.requirement("LIMIT-001", "LIMIT-006", "LIMIT-011", "ERR-004")
def test_without_allowance_every_call_gives_code_122_in_http_200(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    account = make_account(edition="none")
    raw = connect_raw(account.credentials)
    for reply in (
        raw.query_reply({}),
        raw.read_reply(1),
        raw.create_reply(activities(account)),
    ):
        assert_refused(reply.answer(raw.form), 122)
        assert reply.status == 200
        assert "retry-after" not in reply.headers


@pytest.mark.requirement("LIMIT-009")
@pytest.mark.parametrize("value", ["1", "true"])
def test_the_usage_is_told_when_asked_for(raw: RawDriver, value: str) -> None:
    headers = raw.call("GET", "query", headers={"X-Return-Api-Usage": value}).headers
    count, _, limit = headers["x-api-usage"].partition("/")
    assert 0 < int(count) <= int(limit)


@pytest.mark.requirement("LIMIT-010")
def test_the_usage_is_not_told_unasked(raw: RawDriver) -> None:
    assert "x-api-usage" not in raw.query_reply({}).headers


@pytest.mark.requirement("LIMIT-007")
def test_every_read_of_an_export_counts(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    before = used(raw)
    for _ in range(3):
        raw.read(export.id)
    assert used(raw) == before + 4


@pytest.mark.requirement("LIMIT-008")
@pytest.mark.needs("time_travel")
def test_every_download_of_a_file_counts(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    before = used(raw)
    for _ in range(2):
        raw.download_reply(export.refs[0])
    assert used(raw) == before + 3


@pytest.mark.requirement("LIMIT-012")
def test_accounts_count_separately(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    busy, idle = (connect_raw(make_account().credentials) for _ in range(2))
    for _ in range(5):
        busy.query({})
    assert used(busy) == 6
    assert used(idle) == 1


@pytest.mark.requirement("LIMIT-013")
def test_a_call_refused_for_its_credentials_does_not_count(raw: RawDriver) -> None:
    before = used(raw)
    wrong = f"Pardot api_key={'0' * 32}, user_key={raw.credentials.user_key}"
    for headers in ({"Authorization": wrong}, {}):
        path = f"/api/export/version/{raw.version}/do/query"
        assert not raw.send("GET", path, headers=headers).answer(raw.form).ok
    assert used(raw) == before + 1


@pytest.mark.requirement("LIMIT-002")
def test_the_counter_starts_anew_at_midnight_in_the_timezone_of_the_account(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    zone = ZoneInfo("America/New_York")
    evening = datetime(2024, 3, 15, 22, 0, tzinfo=zone)
    account = make_account(now=evening.isoformat(), timezone="America/New_York")
    raw = connect_raw(account.credentials)
    for _ in range(3):
        raw.query({})
    account.advance(timedelta(hours=1, minutes=59, seconds=59))
    # The key has expired meanwhile, but a call that is refused for it does not count.
    assert used(raw) == 4
    account.advance(timedelta(seconds=1))
    assert used(raw) == 1


@pytest.mark.requirement("LIMIT-004")
def test_five_calls_at_the_same_time_are_all_served(raw: RawDriver) -> None:
    raw.login()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: raw.query({}), range(5)))
    assert [answer.code for answer in answers] == [None] * 5


@pytest.mark.requirement("LIMIT-003", "LIMIT-005", "LIMIT-006")
def test_the_sixth_call_at_the_same_time_is_refused_until_one_has_ended(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    # A stalled answer is under way for as long as nobody hangs up.
    account.add_fault({"op": "query"}, {"kind": "stall", "seconds": STALL_SECONDS}, times=5)
    target, headers = f"/api/export/version/{raw.version}/do/query", raw.authorization()
    with ExitStack() as held:
        for _ in range(5):
            assert held.enter_context(wire.held(target, headers)) == 200
        sixth = raw.query_reply({})
    assert_refused(sixth.answer(raw.form), 66)
    assert sixth.status == 200
    assert "retry-after" not in sixth.headers
