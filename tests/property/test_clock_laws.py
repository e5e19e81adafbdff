"""The clock never goes back, and its rate decides how fast it goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.clock import BackwardsError, Clock, ClockError

START = datetime(2026, 1, 1, tzinfo=UTC)

moves = st.lists(
    st.tuples(
        st.sampled_from(["advance", "set", "rate"]),
        st.integers(0, 10**7),
        st.floats(0, 50, allow_nan=False),
    ),
    max_size=20,
)


@given(moves)
def test_the_clock_never_goes_back(steps: list[tuple[str, int, float]]) -> None:
    clock, real = Clock(START, 0.0, 1.0), 0.0
    for what, amount, elapsed in steps:
        before = clock.now(real)
        real += elapsed
        assert clock.now(real) >= before
        if what == "advance":
            clock = clock.advance(timedelta(seconds=amount), real)
        elif what == "set":
            clock = clock.moved_to(clock.now(real) + timedelta(seconds=amount), real)
        else:
            clock = clock.at_rate(amount % 1000, real)
        assert clock.now(real) >= before
        assert clock.now(real).microsecond == 0


@given(st.floats(0.001, 1000), st.floats(0, 10_000))
def test_virtual_time_runs_at_the_rate(rate: float, elapsed: float) -> None:
    passed = Clock(START, 5.0, rate).exactly(5.0 + elapsed) - START
    assert abs(passed.total_seconds() - rate * elapsed) < 0.001


def test_a_frozen_clock_stands_still_until_it_is_moved() -> None:
    clock = Clock(START, 0.0, 0.0)
    assert clock.now(1e9) == START
    assert clock.advance(timedelta(days=7), 1e9).now(2e9) == START + timedelta(days=7)


def test_freezing_keeps_the_present_second() -> None:
    frozen = Clock(START, 0.0, 1.0).at_rate(0, 90.7)
    assert frozen.exactly(1e6) == START + timedelta(seconds=90)


def test_going_back_is_refused() -> None:
    clock = Clock(START, 0.0, 0.0)
    with pytest.raises(BackwardsError):
        clock.moved_to(START - timedelta(seconds=1), 0.0)
    with pytest.raises(BackwardsError):
        clock.advance(timedelta(seconds=-1), 0.0)


def test_going_back_to_an_instant_that_has_passed_since_the_start_is_refused() -> None:
    running = Clock(START, 0.0, 1.0)
    with pytest.raises(BackwardsError):
        running.moved_to(START + timedelta(seconds=5), 10.0)
    assert running.moved_to(START + timedelta(seconds=10), 10.9).exactly(10.9) > START


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), 1e9])
def test_a_senseless_rate_is_refused(rate: float) -> None:
    with pytest.raises(ClockError):
        Clock(START, 0.0).at_rate(rate, 0.0)


def test_the_clock_does_not_run_beyond_the_calendar() -> None:
    with pytest.raises(ClockError):
        Clock(START, 0.0).advance(timedelta(days=900 * 366), 0.0)
