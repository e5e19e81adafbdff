"""Queries of exports and imports: which match, how long a page is, and where it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.domain.dates import Reading
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exportquery import select, select_imports

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
READING = Reading(NOON, ZoneInfo("UTC"))


@dataclass(frozen=True)
class Listed:
    """As much of an export or import as a list looks at."""

    id: int

    @property
    def created_at(self) -> datetime:
        # Two of a second, so that the id has to decide.
        return NOON + timedelta(seconds=self.id // 2)

    updated_at = created_at


ALL: Any = [Listed(number) for number in range(1, 251)]


def ids_of(choose: Callable[..., Any], params: dict[str, str]) -> list[int]:
    """Give the ids of the page that a query gets; it must count all that there are."""
    page = choose(ALL, params.get, READING)
    assert page.total == len(ALL)
    return [one.id for one in page.jobs]


@given(
    st.none() | st.integers(1, 300) | st.sampled_from([99, 100, 101, 199, 200, 201]),
    st.none() | st.integers(0, 260),
    st.sampled_from([None, "ascending", "descending"]),
)
@settings(max_examples=60)
def test_a_page_is_as_long_as_was_asked_and_the_list_allows(
    limit: int | None, offset: int | None, order: str | None
) -> None:
    asked = {"limit": limit, "offset": offset, "sort_order": order}
    params = {name: str(value) for name, value in asked.items() if value is not None}
    ids = sorted((one.id for one in ALL), reverse=order != "ascending")[offset or 0 :]
    assert ids_of(select, params) == ids[: min(limit or 200, 200)]
    assert ids_of(select_imports, params) == ids[: min(limit or 20, 100)]


seconds = st.none() | st.integers(-1, 126)


@given(seconds, seconds, seconds, seconds)
@settings(max_examples=60)
def test_the_bounds_of_a_query_are_exclusive_and_hold_together(
    created_after: int | None,
    created_before: int | None,
    updated_after: int | None,
    updated_before: int | None,
) -> None:
    lows, highs = (created_after, updated_after), (created_before, updated_before)
    names = ("created_after", "updated_after", "created_before", "updated_before")
    params = {
        name: f"@{int(NOON.timestamp()) + second}"
        for name, second in zip(names, lows + highs, strict=True)
        if second is not None
    }
    empty = any(
        low is not None and high is not None and low > high
        for low, high in zip(lows, highs, strict=True)
    )
    if empty:
        with pytest.raises(Refused) as refused:
            select(ALL, params.get, READING)
        assert refused.value.code is ErrorCode.INVALID_TIME_RANGE
        return
    page = select(ALL, params.get, READING)
    within = [
        one.id
        for one in ALL
        if all(low is None or low < one.id // 2 for low in lows)
        and all(high is None or one.id // 2 < high for high in highs)
    ]
    assert page.total == len(within)
    assert [one.id for one in page.jobs] == within[::-1][:200]


@pytest.mark.parametrize("choose", [select, select_imports])
def test_the_colon_form_of_a_date_is_read_where_the_quirk_says_so(
    choose: Callable[..., Any],
) -> None:
    params = {"created_after": "2026-03-10:12:00:30"}
    page = choose(ALL, params.get, replace(READING, colon_form=True))
    assert page.total == sum(one.created_at > NOON + timedelta(seconds=30) for one in ALL)
    with pytest.raises(Refused) as refused:
        choose(ALL, params.get, READING)
    assert refused.value.code is ErrorCode.INVALID_TIMESTAMP
