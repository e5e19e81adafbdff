"""Typed cells become what an export writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.rows import CsvFormat, RowQuery
from pardot_mock.truthcells import ClientRows

AFTER, BEFORE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def text(name: str, value: object, style: CsvFormat | None = None, zone: str = "UTC") -> str:
    query = RowQuery(
        object="prospect",
        fields=(name,),
        time_field="updated_at",
        after=AFTER,
        before=BEFORE,
        timezone=zone,
        csv=style or CsvFormat(),
        custom=frozenset({"favourite"}),
    )
    ((cell,),) = ClientRows(query, [[value]]).cells
    return cell


@pytest.mark.parametrize(
    ("name", "value", "cell"),
    [
        ("id", 7, "7"),
        ("id", 7.0, "7"),
        ("id", Decimal("7.00"), "7"),
        ("id", 7.5, "7.5"),
        ("id", float("inf"), "inf"),
        ("is_starred", 1.0, "1"),
        ("company", 7.0, "7.0"),
        ("company", "False", "False"),
        ("company", True, "true"),
        ("favourite", False, "false"),
        ("company", date(2026, 1, 31), "2026-01-31"),
        ("created_at", datetime(2026, 1, 31, 9), "2026-01-31 09:00:00"),  # noqa: DTZ001
        ("created_at", datetime(2026, 1, 31, 9, 0, 0, 5, UTC), "2026-01-31 09:00:00.000005"),
        ("created_at", pd.Timestamp("2026-01-31 09:00"), "2026-01-31 09:00:00"),
        *((name, nothing, "") for name in ("id", "company", "created_at", "is_starred")
          for nothing in (None, float("nan"), pd.NaT, pd.NA)),
    ],
)  # fmt: skip
def test_a_typed_cell_is_written_as_the_export_does(name: str, value: object, cell: str) -> None:
    assert text(name, value) == cell


@pytest.mark.parametrize(
    ("boolean", "flag", "proper"),
    [("json", ("", "1"), ("false", "true")),
     ("1_0", ("0", "1"), ("0", "1")),
     ("true_false", ("false", "true"), ("false", "true"))],
)  # fmt: skip
def test_yes_and_no_are_written_as_the_quirk_says(
    boolean: str, flag: tuple[str, str], proper: tuple[str, str]
) -> None:
    style = CsvFormat(boolean=boolean)  # type: ignore[arg-type]
    assert (text("is_starred", False, style), text("is_starred", True, style)) == flag
    assert (text("favourite", False, style), text("favourite", True, style)) == proper


zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu"])
offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(
    st.integers(0, 2_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    zones,
    st.one_of(zones.map(ZoneInfo), offsets),
)
def test_an_instant_is_written_in_the_timezone_of_the_export_whatever_its_own(
    at: datetime, zone: str, own: ZoneInfo | timezone
) -> None:
    expected = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
    assert text("created_at", at.astimezone(own), zone=zone) == expected
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert text("created_at", wall, zone=zone) == expected
