"""The laws of the export queue, over random plans, creation times and ways of looking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.exports import LIFETIME, Ending, Export, ExportRequest, ExportState
from pardot_mock.domain.plans import Plan, PlanKind
from pardot_mock.domain.queue import (
    ExportQueue,
    IllegalMoveError,
    advance,
    force,
    next_due,
)
from pardot_mock.domain.rows import RowQuery

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HORIZON = START + timedelta(days=40)
QUERY = RowQuery("visitorActivity", ("id",), "created_at", START, START, "UTC")
REQUEST = ExportRequest("visitorActivity", None, "filter_by_created_at", {}, QUERY)
SETTLED = {ExportState.COMPLETE, ExportState.FAILED}

seconds = st.one_of(st.integers(0, 90), st.integers(0, 9 * 86_400))
durations = seconds.map(lambda n: timedelta(seconds=n))
plans = st.builds(Plan, st.sampled_from(PlanKind), durations, durations, st.just(10))


@st.composite
def queues(draw: st.DrawFn) -> ExportQueue:
    """A queue of exports created one after the other, looked at whenever one is created."""
    queue, now = ExportQueue(), START
    from_creation = draw(st.booleans())
    for number, plan in enumerate(draw(st.lists(plans, min_size=1, max_size=8)), start=1):
        now += draw(durations) / 4
        now = now.replace(microsecond=0)
        work = plan.work_for(draw(st.integers(0, 5_000_000)))
        export = Export(
            number, 1, REQUEST, plan, work, now, expiry_counts_from_creation=from_creation
        )
        queue = advance(queue, now).add(export)
    return queue


looks = st.lists(st.integers(0, 40 * 86_400), max_size=12).map(
    lambda offsets: [START + timedelta(seconds=n) for n in sorted(offsets)]
)


def facts(queue: ExportQueue) -> dict[int, Export]:
    return dict(queue.by_id)


@given(queues(), looks)
def test_looking_more_often_never_changes_the_outcome(
    queue: ExportQueue, instants: list[datetime]
) -> None:
    often = queue
    for instant in instants:
        often = advance(often, instant)
    assert facts(advance(often, HORIZON)) == facts(advance(queue, HORIZON))


@given(queues(), looks)
def test_at_most_one_export_is_processing_and_the_oldest_goes_first(
    queue: ExportQueue, instants: list[datetime]
) -> None:
    for instant in instants:
        queue = advance(queue, instant)
        processing = [e for e in queue if e.state is ExportState.PROCESSING]
        assert len(processing) <= 1
        waiting = [e.id for e in queue if e.state is ExportState.WAITING]
        assert all(processing[0].id < number for number in waiting if processing)


@given(queues())
def test_no_two_exports_were_ever_processed_at_the_same_time(queue: ExportQueue) -> None:
    ran = [e for e in advance(queue, HORIZON) if e.started_at is not None]
    ran.sort(key=lambda e: e.id)
    for earlier, later in pairwise(ran):
        assert earlier.finished_at is not None
        assert later.started_at is not None
        assert later.started_at >= earlier.finished_at


@given(queues(), looks)
def test_no_export_is_lost(queue: ExportQueue, instants: list[datetime]) -> None:
    ids = sorted(export.id for export in queue)
    for instant in instants:
        queue = advance(queue, instant)
        assert sorted(export.id for export in queue) == ids


@given(queues())
def test_stepping_to_the_next_due_instant_changes_only_what_is_stamped_with_it(
    queue: ExportQueue,
) -> None:
    while (due := next_due(queue)) is not None:
        before = facts(queue)
        queue = advance(queue, due)
        changed = [e for e in queue if e != before[e.id]]
        assert changed
        assert all(export.updated_at == due for export in changed)


@given(queues())
def test_nothing_happens_before_it_is_due(queue: ExportQueue) -> None:
    due = next_due(queue)
    if due is not None:
        assert advance(queue, due - timedelta(seconds=1)) is queue


@given(queues())
def test_everything_settles_and_nothing_unfinished_outlives_its_seven_days(
    queue: ExportQueue,
) -> None:
    settled = advance(queue, HORIZON)
    assert next_due(settled) is None
    for export in settled:
        assert export.state in SETTLED
        assert export.finished_at is not None
        assert export.finished_at <= export.created_at + LIFETIME


def assert_results_live_exactly_seven_days(settled: ExportQueue) -> None:
    for export in settled:
        if export.state is not ExportState.COMPLETE:
            continue
        assert export.finished_at is not None
        counted = export.created_at if export.expiry_counts_from_creation else export.finished_at
        assert export.expired_at == max(counted + LIFETIME, export.finished_at)


@given(queues())
def test_results_live_exactly_seven_days(queue: ExportQueue) -> None:
    assert_results_live_exactly_seven_days(advance(queue, HORIZON))


@given(queues(), looks)
def test_the_state_goes_one_way(queue: ExportQueue, instants: list[datetime]) -> None:
    order = [ExportState.WAITING, ExportState.PROCESSING, ExportState.COMPLETE, ExportState.FAILED]
    for instant in instants:
        before, queue = facts(queue), advance(queue, instant)
        for export in queue:
            old = before[export.id]
            assert order.index(export.state) >= order.index(old.state)
            assert old.state not in SETTLED or export.state is old.state


@given(queues(), st.integers(1, 8), st.sampled_from(sorted(SETTLED)), looks)
def test_forcing_ends_one_export_and_keeps_every_other_law(
    queue: ExportQueue, number: int, state: ExportState, instants: list[datetime]
) -> None:
    now = max([START, *(e.created_at for e in queue), *instants])
    queue = advance(queue, now)
    target = queue.by_id.get(number)
    if target is None:
        with pytest.raises(KeyError):
            force(queue, number, state, now)
    elif target.state in SETTLED:
        with pytest.raises(IllegalMoveError):
            force(queue, number, state, now)
    else:
        forced = force(queue, number, state, now)
        assert forced.by_id[number].state is state
        assert forced.by_id[number].finished_at == now
        assert set(forced.by_id) == set(queue.by_id)
        settled = advance(forced, now + timedelta(days=20))
        assert all(export.state in SETTLED for export in settled)
        assert_results_live_exactly_seven_days(settled)


def test_an_export_forced_out_of_turn_expires_in_its_own_turn() -> None:
    slow = replace(one(Plan(work=timedelta(days=2))), expiry_counts_from_creation=True)
    later = replace(slow, id=2, created_at=at(days=1))
    queue = advance(ExportQueue().add(slow).add(later), at(days=1))
    queue = force(force(queue, 2, ExportState.COMPLETE, at(days=1)), 1,
                  ExportState.COMPLETE, at(days=1))  # fmt: skip
    assert advance(queue, at(days=7)).by_id[1].is_expired
    assert not advance(queue, at(days=7)).by_id[2].is_expired


def one(plan: Plan, number: int = 1, created_at: datetime = START) -> Export:
    return Export(number, 1, REQUEST, plan, plan.work_for(0), created_at)


def at(**units: float) -> datetime:
    return START + timedelta(**units)


def test_changes_are_stamped_with_the_instant_they_were_due_not_when_somebody_looked() -> None:
    plan = Plan(wait=timedelta(seconds=10), work=timedelta(minutes=2))
    late = advance(ExportQueue().add(one(plan)), at(hours=3)).by_id[1]
    assert (late.started_at, late.finished_at) == (at(seconds=10), at(seconds=130))
    assert late.updated_at == at(seconds=130)


def test_a_second_export_waits_until_the_first_has_ended() -> None:
    plan = Plan(wait=timedelta(0), work=timedelta(minutes=5))
    queue = ExportQueue().add(one(plan)).add(one(plan, 2))
    assert advance(queue, at(minutes=4)).by_id[2].state is ExportState.WAITING
    assert advance(queue, at(minutes=5)).by_id[2].started_at == at(minutes=5)


def test_a_ready_export_behind_a_slow_one_still_waits() -> None:
    slow = Plan(wait=timedelta(hours=1), work=timedelta(hours=1))
    quick = Plan(PlanKind.INSTANT, timedelta(0), timedelta(0))
    queue = ExportQueue().add(one(slow)).add(one(quick, 2))
    assert advance(queue, at(minutes=90)).by_id[2].state is ExportState.WAITING
    assert advance(queue, at(hours=2)).by_id[2].finished_at == at(hours=2)


def test_a_failed_export_frees_the_queue() -> None:
    failing = Plan(PlanKind.FAILING, timedelta(0), timedelta(minutes=1))
    queue = advance(ExportQueue().add(one(failing)).add(one(failing, 2)), at(minutes=1))
    assert queue.by_id[1].state is ExportState.FAILED
    assert not queue.by_id[1].is_expired
    assert queue.by_id[2].state is ExportState.PROCESSING


def test_an_export_that_is_stuck_is_cancelled_at_seven_days_and_frees_the_queue() -> None:
    stuck = Plan(PlanKind.STUCK, timedelta(0), timedelta(0))
    later = one(Plan(wait=timedelta(0), work=timedelta(hours=1)), 2, at(days=1))
    queue = ExportQueue().add(one(stuck)).add(later)
    assert advance(queue, at(days=7, seconds=-1)).by_id[1].state is ExportState.PROCESSING
    queue = advance(queue, at(days=7))
    cancelled = queue.by_id[1]
    assert (cancelled.state, cancelled.is_expired) == (ExportState.FAILED, True)
    assert cancelled.ending is Ending.CANCELLED
    assert queue.by_id[2].started_at == at(days=7)


def test_an_export_that_finishes_at_the_last_permitted_second_has_finished() -> None:
    exact = Plan(wait=timedelta(0), work=LIFETIME)
    assert advance(ExportQueue().add(one(exact)), at(days=7)).by_id[1].state is ExportState.COMPLETE


def test_results_are_there_one_second_before_seven_days_and_gone_at_the_second() -> None:
    plan = Plan(wait=timedelta(0), work=timedelta(minutes=1))
    queue = ExportQueue().add(one(plan))
    end = at(minutes=1) + LIFETIME
    assert advance(queue, end - timedelta(seconds=1)).by_id[1].has_results
    assert not advance(queue, end).by_id[1].has_results


def test_an_idle_look_at_a_thousand_pending_exports_gives_the_same_value() -> None:
    slow = Plan(wait=timedelta(0), work=timedelta(hours=1))
    waiting = tuple(one(slow, number) for number in range(1, 1001))
    queue = advance(ExportQueue(waiting=waiting), START)
    assert advance(queue, at(minutes=59)) is queue


def test_the_plan_of_an_export_is_not_touched_by_advancing() -> None:
    plan = Plan(wait=timedelta(seconds=1), work=timedelta(seconds=1))
    export = one(plan)
    ended = advance(ExportQueue().add(export), at(days=30)).by_id[1]
    assert (
        replace(
            ended,
            state=export.state,
            started_at=None,
            finished_at=None,
            expired_at=None,
            ending=None,
        )
        == export
    )
