"""Durations as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.durations import BadDuration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("1h30m", 5400),
     ("1h 30m", 5400), ("-1d", -86_400), ("0", 0), ("2.5", 2.5), (90, 90), (0.5, 0.5)],
)  # fmt: skip
def test_a_duration_is_understood(text: object, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "soon", "d", "1x", "1h30", "--1d", True, None, [], float("nan"), 1e30]
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(BadDuration):
        parse_duration(value)


@given(st.text(max_size=12))
def test_no_text_makes_it_stumble(text: str) -> None:
    with suppress(BadDuration):
        assert isinstance(parse_duration(text), timedelta)
