"""Work in threads: bounded, in order, and stopped when nobody wants it any more."""

from __future__ import annotations

import threading

import pytest

from pardot_client.parallel import in_order
from tests.unit.client.fake import CSV, FakeService


def test_results_come_in_order_whatever_finishes_first() -> None:
    gates = [threading.Event() for _ in range(4)]
    gates[3].set()

    def work(number: int, stop: threading.Event) -> int:
        assert gates[number].wait(10)
        if number:
            gates[number - 1].set()
        return number

    assert list(in_order(range(4), work, 4)) == [0, 1, 2, 3]


def test_no_more_is_begun_than_may_wait_to_be_taken() -> None:
    begun: list[int] = []

    def work(number: int, stop: threading.Event) -> int:
        begun.append(number)
        return number

    results = in_order(range(100), work, 3)
    assert next(results) == 0
    assert next(results) == 1
    assert len(begun) <= 5
    results.close()  # type: ignore[attr-defined]


def test_a_failure_stops_the_others_and_is_raised() -> None:
    stopped: list[int] = []

    def work(number: int, stop: threading.Event) -> int:
        if number == 0:
            raise ValueError("the first")
        assert stop.wait(10)
        stopped.append(number)
        return number

    with pytest.raises(ValueError, match="the first"):
        list(in_order(range(3), work, 3))
    assert sorted(stopped) == [1, 2]


def test_a_taker_that_stops_early_stops_the_work() -> None:
    stopped = threading.Event()

    def work(number: int, stop: threading.Event) -> int:
        if number:
            assert stop.wait(10)
            stopped.set()
        return number

    for _ in in_order(range(2), work, 2):
        break
    assert stopped.wait(10)


def test_an_interruption_waits_for_the_piece_whose_turn_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[int] = []
    begun = threading.Event()

    def work(number: int, stop: threading.Event) -> int:
        begun.set()
        assert stop.wait(10)
        ended.append(number)
        return number

    def interrupted(future: object) -> None:
        assert begun.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr("pardot_client.parallel._result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(in_order(range(1), work, 1))
    assert ended == [0]


def test_nothing_to_do_is_nothing_done() -> None:
    def work(number: int, stop: threading.Event) -> int:
        raise AssertionError(number, stop)

    assert list(in_order([], work, 0)) == []


def test_no_more_calls_are_under_way_than_the_account_may_have(service: FakeService) -> None:
    service.files = [CSV] * 40
    job = service.client(concurrency=3).exports.create("visitor", updated_after="today").wait()
    under_way, most, lock = 0, 0, threading.Lock()
    answer = service.answer

    class Counted:
        def __init__(self, reply: object) -> None:
            self.reply = reply
            self.status, self.headers = reply.status, reply.headers  # type: ignore[attr-defined]

        def blocks(self, size: int) -> object:
            return self.reply.blocks(size)  # type: ignore[attr-defined]

        def close(self) -> None:
            nonlocal under_way
            with lock:
                under_way -= 1

    def counting(request: object) -> Counted:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        return Counted(answer(request))  # type: ignore[arg-type]

    service.answer = counting  # type: ignore[assignment, method-assign]
    assert len(list(job.rows())) == 80
    assert 1 <= most <= 3
    assert under_way == 0
