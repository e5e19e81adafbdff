"""`MockPardot`: a live server on a thread, any number of them, gone when the block ends."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import requests

from pardot_mock import MockPardot
from pardot_mock.domain.clock import BackwardsError
from pardot_mock.web.control.bodies import BadFieldError
from tests.integration.conftest import serving_threads

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def get(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10)


def test_several_emulators_in_one_process_share_nothing() -> None:
    with MockPardot(now=NOW, rate=0, rows=100) as one, MockPardot(rows=100) as other:
        one.default.clock.advance(days=7)
        assert one.url != other.url
        shown = get(f"{one.url}/_mock/accounts/default/clock").json()["now"]
        assert shown == "2026-03-17T12:00:00+00:00"
        assert len(get(f"{other.url}/_mock/accounts").json()["accounts"]) == 1


def test_nothing_answers_and_no_thread_is_left_after_the_block() -> None:
    before = serving_threads()
    with MockPardot(rows=100) as mock:
        url = f"{mock.url}/_mock/health"
        assert get(url).status_code == 200
    assert serving_threads() == before
    with pytest.raises(requests.ConnectionError):
        get(url)


def test_a_stopped_emulator_says_that_it_is_not_running() -> None:
    with pytest.raises(RuntimeError):
        _ = MockPardot().url


def test_a_bad_setting_is_refused_by_name() -> None:
    with pytest.raises(BadFieldError, match="rows"):
        MockPardot(rows=-1).start()


def test_a_handle_moves_only_the_clock_of_its_account() -> None:
    with MockPardot(now=NOW, rate=0, rows=100) as mock:
        mine, other = mock.account(), mock.account()
        mine.clock.advance(timedelta(hours=1))
        mine.clock.set("2026-03-10T14:00:00Z")
        assert mine.clock.now() == NOW + timedelta(hours=2)
        assert other.clock.now() == NOW
        assert [str(event.kind) for event in mine.clock.next()] == ["quota_resets"]
        with pytest.raises(BackwardsError):
            mine.clock.set(NOW)
        mine.reset()
        assert mine.clock.now() == NOW
        mine.delete()
        assert get(f"{mock.url}/_mock/accounts/{mine.id}").status_code == 404


WAITING = """
import sys, threading
from pardot_client import Pardot
from pardot_mock import MockPardot
with MockPardot(rate=0, rows=100) as mock:
    keys = {name: mock.default.credentials[name] for name in ("email", "password", "user_key")}
    pardot = Pardot(**keys, base_url=mock.url)
    job = pardot.exports.create("visitorActivity", created_after="-1 month", created_before="now")
    for _ in range(3):
        job.refresh()
    print(job.state, [name for name in sys.argv[1:] if name in sys.modules])
    mock.default.clock.next()
    job.refresh()
    for thread in threading.enumerate():
        if thread.name == "pardot-mock-rows":
            thread.join()
    print(job.state, [name for name in sys.argv[1:] if name in sys.modules])
"""


def test_the_heavy_libraries_come_when_an_export_starts_and_not_before() -> None:
    command = [sys.executable, "-c", WAITING, "numpy", "polars", "faker"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert told == ["Waiting []", "Processing ['numpy', 'polars']"]
