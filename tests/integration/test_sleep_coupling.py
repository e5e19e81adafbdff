"""Sleeps of an unmodified client move the clock of its account, and of nothing else."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from pardot_client import Pardot
from pardot_mock import MockPardot
from pardot_mock.testing.sleeping import coupled_sleep
from tests.integration import polling_client
from tests.integration.polling_client import PollingClient, whole_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.testing import AccountHandle

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINE = "tests.integration.polling_client"


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(now=NOW, rate=0, rows=300) as server:
        yield server


@pytest.fixture
def account(mock: MockPardot) -> Iterator[AccountHandle]:
    fresh = mock.account()
    yield fresh
    fresh.delete()


@pytest.fixture
def client(account: AccountHandle) -> Iterator[PollingClient]:
    made = PollingClient(account.url, account.credentials)
    yield made
    made.close()


def seen(account: AccountHandle) -> list[tuple[object, ...]]:
    return [(e.at, e.op, e.method, e.path, e.status, e.error_code) for e in account.journal()]


def globals_of(module: ModuleType) -> dict[str, object]:
    kept = dict(vars(module))
    for function in (polling_client.nap_by_default, polling_client.nap_by_keyword):
        kept[f"defaults of {function}"] = (function.__defaults__, function.__kwdefaults__)
    kept["class"] = dict(vars(PollingClient))
    return kept


def test_ninety_minutes_of_polling_and_seven_days_leave_the_journal_of_a_clock_moved_by_hand(
    mock: MockPardot, account: AccountHandle, client: PollingClient
) -> None:
    account.plan("timed", wait=0, work="90m")
    with coupled_sleep(account, modules=[MINE]) as coupling:
        assert whole_story(client) == [False, True]
    assert coupling.slept == timedelta(minutes=90, days=7)

    twin = mock.account()
    twin.plan("timed", wait=0, work="90m")
    by_hand = PollingClient(twin.url, twin.credentials)
    export_id = by_hand.create()
    while by_hand.read(export_id)["state"] != "Complete":
        twin.clock.advance(seconds=60)
    by_hand.read(export_id)
    twin.clock.advance(days=7)
    by_hand.read(export_id)
    by_hand.close()
    assert seen(account) == seen(twin)
    assert len(seen(account)) == 1 + 1 + 91 + 2 + 1 + 1 + 2
    twin.delete()


def test_the_export_takes_exactly_as_long_as_the_client_slept(
    account: AccountHandle, client: PollingClient
) -> None:
    account.plan("timed", wait="90s", work="150s")
    with coupled_sleep(account, modules=[MINE]):
        took = client.poll(client.create())
    assert took == 240
    assert account.clock.now() == NOW + timedelta(minutes=4)


def test_a_client_that_gives_up_does_so_by_the_clock_of_its_account(
    account: AccountHandle, client: PollingClient
) -> None:
    account.plan("stuck")
    with coupled_sleep(account, modules=[MINE]), pytest.raises(TimeoutError):
        client.poll(client.create(), give_up=3000)
    assert account.clock.now() == NOW + timedelta(seconds=3060)


def test_a_sleep_past_several_events_settles_them_in_order(
    account: AccountHandle, client: PollingClient
) -> None:
    account.plan("timed", wait=0, work="20m")
    first, second = client.create(), client.create()
    with coupled_sleep(account, modules=[MINE]) as coupling:
        polling_client.nap(3600)
    happened = [(e.at - NOW, str(e.kind), e.subject) for e in coupling.events]
    assert happened == [
        (timedelta(minutes=20), "export_finishes", first),
        (timedelta(minutes=20), "export_starts", second),
        (timedelta(minutes=40), "export_finishes", second),
        (timedelta(minutes=60), "key_expires", account.credentials["email"]),
    ]
    assert client.read(second)["updatedAt"] == "2026-03-10 12:40:00"


def test_fractions_of_a_second_are_read_at_once_and_add_up_on_the_clock(
    account: AccountHandle,
) -> None:
    with coupled_sleep(account, modules=[MINE]):
        began = polling_client.time.monotonic()
        polling_client.time.sleep(0.75)
        assert polling_client.time.monotonic() - began == pytest.approx(0.75)
        assert account.clock.now() == NOW
        polling_client.time.sleep(0.5)
        assert account.clock.now() == NOW + timedelta(seconds=1)
        assert polling_client.time.time() == pytest.approx(NOW.timestamp() + 1.25)
        assert polling_client.time.perf_counter_ns() > 0


def test_every_way_of_holding_a_sleep_is_found_and_put_back_as_it_was(
    account: AccountHandle, client: PollingClient
) -> None:
    before = globals_of(polling_client)
    with coupled_sleep(account, modules=[polling_client]):
        for way in (
            polling_client.nap,
            polling_client.time.sleep,
            polling_client.nap_by_default,
            polling_client.nap_by_keyword,
            client.wait,
        ):
            way(86_400)
        assert polling_client.time.strftime is time.strftime
        assert polling_client.asyncio.gather is asyncio.gather
    assert account.clock.now() == NOW + timedelta(days=5)
    assert globals_of(polling_client) == before
    assert polling_client.nap is time.sleep


def test_everything_is_put_back_after_an_error_in_the_block(account: AccountHandle) -> None:
    before = globals_of(polling_client)
    with pytest.raises(ZeroDivisionError), coupled_sleep(account, modules=[MINE]):
        raise ZeroDivisionError
    assert globals_of(polling_client) == before


def test_a_refused_coupling_replaces_nothing(account: AccountHandle) -> None:
    before = globals_of(polling_client)
    without_time = ModuleType("without_time")
    for other in ("time", "threading", "pytest", "pardot_mock.world", without_time):
        refused = pytest.raises(ValueError, match=r"keeps real time|neither time nor asyncio")
        with refused, coupled_sleep(account, modules=[MINE, other]):
            pass
    with pytest.raises(ImportError), coupled_sleep(account, modules=["no_such_client"]):
        pass
    assert globals_of(polling_client) == before


def test_a_module_cannot_be_coupled_to_two_clocks(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=MINE):
        with pytest.raises(ValueError, match="already"), coupled_sleep(account, modules=MINE):
            pass
        polling_client.nap(5)
    assert account.clock.now() == NOW + timedelta(seconds=5)
    assert polling_client.nap is time.sleep


def test_nobody_else_notices(account: AccountHandle) -> None:
    real = (time.sleep, time.monotonic, time.time, time.perf_counter, asyncio.sleep)
    with coupled_sleep(account, modules=[MINE]):
        assert (
            time.sleep,
            time.monotonic,
            time.time,
            time.perf_counter,
            asyncio.sleep,
        ) == real
        before = time.monotonic()
        polling_client.nap(86_400)
        assert time.monotonic() - before < 86_400


def test_a_function_kept_beyond_the_block_is_the_real_one_again(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=[MINE]) as coupling:
        kept = polling_client.nap
    kept(0.001)
    coupling.sleep(0.001)
    assert account.clock.now() == NOW
    assert abs(coupling.time() - time.time()) < 3600
    assert abs(coupling.monotonic() - time.monotonic()) < 3600
    asyncio.run(coupling.async_sleep(0.001))
    assert account.clock.now() == NOW


def test_sleeps_of_several_threads_add_up_and_none_is_lost(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=[MINE]) as coupling:
        threads = [
            threading.Thread(target=lambda: [polling_client.nap(0.7) for _ in range(100)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert coupling.slept == timedelta(seconds=560)
    assert account.clock.now() == NOW + timedelta(seconds=560)


class TornClock:
    """A clock that loses movements unless they come one at a time."""

    def __init__(self) -> None:
        self.at = NOW

    @property
    def clock(self) -> TornClock:
        return self

    def now(self) -> datetime:
        return self.at

    def advance(self, duration: timedelta) -> tuple[()]:
        seen = self.at
        time.sleep(0)
        self.at = seen + duration
        return ()


def test_movements_of_several_threads_come_one_at_a_time() -> None:
    torn = TornClock()
    with coupled_sleep(torn) as coupling:
        threads = [
            threading.Thread(target=lambda: [coupling.sleep(1) for _ in range(200)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert torn.at == NOW + timedelta(seconds=800)


def test_a_task_whose_time_has_passed_meanwhile_moves_nothing(account: AccountHandle) -> None:
    async def main() -> None:
        short = asyncio.create_task(polling_client.asyncio.sleep(10))
        await asyncio.sleep(0)
        account.clock.advance(seconds=60)
        await short

    with coupled_sleep(account, modules=[MINE]):
        asyncio.run(main())
    assert account.clock.now() == NOW + timedelta(seconds=60)


def test_the_watch_of_the_client_starts_on_a_whole_second(account: AccountHandle) -> None:
    real = time.monotonic()
    with coupled_sleep(account, modules=[MINE]):
        assert polling_client.ticks() == int(polling_client.ticks()) > real
        assert polling_client.time.perf_counter() % 1 == 0


def test_tasks_of_one_loop_sleep_side_by_side(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=[MINE]):
        woke = asyncio.run(polling_client.side_by_side([30, 86_400, 0.5, 60, 60, 0]))
    assert woke == pytest.approx([30, 86_400, 0.5, 60, 60, 0])
    assert account.clock.now() == NOW + timedelta(days=1)


def test_a_cancelled_task_leaves_its_sleep_unslept(account: AccountHandle) -> None:
    async def main() -> None:
        long = asyncio.create_task(polling_client.asyncio.sleep(3600))
        await asyncio.sleep(0)
        long.cancel()
        await polling_client.asyncio.sleep(7200, "rested")
        assert long.cancelled()

    with coupled_sleep(account, modules=[MINE]):
        asyncio.run(main())
    assert account.clock.now() == NOW + timedelta(hours=2)


@pytest.mark.parametrize("length", [-1, float("nan"), float("inf"), "60"])
def test_a_sleep_that_is_none_is_refused_as_by_the_real_one(
    account: AccountHandle, length: float
) -> None:
    def kind_of_error(sleep: object) -> type[BaseException]:
        with pytest.raises((ValueError, TypeError, OverflowError)) as refused:
            sleep(length)  # type: ignore[operator]
        return refused.type

    with coupled_sleep(account, modules=[MINE]):
        assert kind_of_error(polling_client.nap) is kind_of_error(time.sleep)
    assert account.clock.now() == NOW


def test_the_least_sleep_still_passes_time(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=[MINE]) as coupling:
        polling_client.nap(1e-9)
        polling_client.nap(0)
    assert coupling.slept == timedelta(microseconds=1)


def test_monotonic_time_does_not_go_back_when_the_account_is_reset(account: AccountHandle) -> None:
    with coupled_sleep(account, modules=[MINE]):
        polling_client.nap(3600)
        before = polling_client.ticks()
        account.reset()
        assert polling_client.ticks() == before
        assert polling_client.time.time() == NOW.timestamp()
        polling_client.nap(10)
        assert polling_client.ticks() == pytest.approx(before + 10)


def test_the_reference_client_takes_the_coupled_sleep_as_its_own(account: AccountHandle) -> None:
    account.plan("timed", wait=0, work="90m")
    mine = account.credentials
    with (
        coupled_sleep(account) as coupling,
        Pardot(
            email=mine["email"],
            password=mine["password"],
            user_key=mine["user_key"],
            base_url=account.url,
            sleep=coupling.sleep,
        ) as pardot,
    ):
        job = pardot.exports.create("visitorActivity", created_after="yesterday").wait()
        assert job.state == "Complete"
        coupling.sleep(7 * 86_400)
        assert job.refresh().is_expired
    assert coupling.slept >= timedelta(minutes=90, days=7)
    assert [e.error_code for e in account.journal()].count(1) <= 1


def test_a_package_stands_for_all_of_its_modules(account: AccountHandle) -> None:
    account.plan("timed", wait=0, work="10m")
    mine = account.credentials
    with (
        coupled_sleep(account, modules=["pardot_client"]),
        Pardot(
            email=mine["email"],
            password=mine["password"],
            user_key=mine["user_key"],
            base_url=account.url,
        ) as pardot,
    ):
        job = pardot.exports.create("visitorActivity", created_after="yesterday").wait()
    assert job.state == "Complete"
    assert account.clock.now() >= NOW + timedelta(minutes=10)
