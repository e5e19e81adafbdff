"""What stands at the start went the way it would have gone if somebody had been there."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.web.control.bodies import Body
from pardot_mock.web.control.wishes import read_account_wish
from pardot_mock.world import World

if TYPE_CHECKING:
    from pardot_mock.account import Account
    from pardot_mock.domain.plans import Plan

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
RANGE = {"created_after": "2026-01-01", "created_before": "2026-02-01"}

early = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["instant", "timed", "stuck", "failing"]),
        "wait": st.integers(0, 7200),
        "work": st.integers(0, 7200),
        "age": st.integers(0, 16 * 86_400),
        "count": st.integers(1, 3),
    }
)


def plan_of(table: dict[str, Any]) -> Plan:
    wish = read_account_wish(Body({"scenario": {"exports": [table]}}), "x")
    return wish.opening.exports[0].plan


def lived(account: Account, tables: list[dict[str, Any]]) -> None:
    """Create the exports one by one at their time, on a clock that is moved there."""
    for table in sorted(tables, key=lambda each: -each["age"]):
        at = START - timedelta(seconds=table["age"])
        account.move_clock(lambda clock, real, at=at: clock.moved_to(at, real))  # type: ignore[misc]
        account.add_background(table["count"], plan_of(table))
    account.move_clock(lambda clock, real: clock.moved_to(START, real))


def facts(account: Account) -> list[tuple[object, ...]]:
    account.settle()
    return [
        (e.id, e.state, e.created_at, e.started_at, e.finished_at, e.expired_at, e.ending)
        for e in sorted(account.queue, key=lambda export: export.id)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(early, max_size=5))
def test_exports_of_an_opening_stand_as_if_they_had_been_created_then(
    tables: list[dict[str, Any]],
) -> None:
    exports = [{**table, "arguments": RANGE, "by": "colleague"} for table in tables]
    body = {"scenario": {"exports": exports}, "now": START.isoformat(), "rate": 0, "rows": 100}
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        opened = world.create(account_options(read_account_wish(Body(body), "opened")))
        begin = START - timedelta(days=16)
        wish = AccountWish("lived", now=begin, rate=0.0, rows=100)
        other = world.create(account_options(wish))
        lived(other, tables)
        assert facts(opened) == facts(other)
        assert opened.next_export_id == other.next_export_id
        world.close()
