"""When a connection has stood still for too long: the time is an argument."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.patience import Patience

SECONDS = 120
gaps = st.integers(1, SECONDS - 1)


@given(st.lists(gaps, max_size=20))
def test_who_shows_something_new_within_the_time_is_never_stuck(pauses: list[int]) -> None:
    patience, now = Patience[str](SECONDS), 0
    for mark, pause in enumerate(pauses):
        assert patience.lost_with({"reader": mark}, now) == []
        now += pause
        assert patience.lost_with({"reader": mark}, now) == []


@given(st.lists(gaps, max_size=20))
def test_who_shows_the_same_is_stuck_from_the_end_of_the_time_on(pauses: list[int]) -> None:
    patience, now = Patience[str](SECONDS), 0
    assert patience.lost_with({"deaf": 0}, now) == []
    for other, pause in enumerate(pauses):
        now += pause
        shown = {"reader": other, "deaf": 0}
        assert patience.lost_with(shown, now) == (["deaf"] if now >= SECONDS else [])


@given(gaps, gaps)
def test_who_had_nothing_to_wait_for_meanwhile_starts_anew(first: int, second: int) -> None:
    patience = Patience[str](SECONDS)
    assert patience.lost_with({"idle": 0}, 0) == []
    assert patience.lost_with({}, first) == []
    assert patience.lost_with({"idle": 0}, first + second) == []
    assert patience.lost_with({"idle": 0}, first + second + SECONDS) == ["idle"]
