"""Pages of exports and imports: how long they are, and where they start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.domain.exportquery import select, select_imports

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


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
    page = choose(ALL, params.get, now=NOON, zone=ZoneInfo("UTC"))
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
