"""Laws of the plan: what was planned is consumed or left, and nobody is hit too often."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.faults import Effect, FaultKind, FaultMatch, FaultPlan, UnknownFaultError
from pardot_mock.faults.values import OPS

if TYPE_CHECKING:
    from pardot_mock.faults import Fault

CALL_OPS = ("login", "create", "read", "query", "download", "token")
RESET = Effect(FaultKind.RESET)

Call = tuple[str, int | None, int | None]
Wish = tuple[FaultMatch, Effect, int]

ids = st.none() | st.integers(1, 3)
calls = st.tuples(st.sampled_from(CALL_OPS), ids, ids)
effects = st.sampled_from([RESET, Effect(FaultKind.ERROR, code=1)])


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    nth = draw(st.none() | st.integers(1, 6))
    match = FaultMatch(draw(st.sampled_from(OPS)), nth, draw(ids), draw(ids))
    return match, draw(effects), 1 if nth is not None else draw(st.integers(1, 4))


def planned(wanted: list[Wish]) -> tuple[FaultPlan, list[Fault]]:
    plan = FaultPlan()
    return plan, [plan.add(*wish) for wish in wanted]


@given(st.lists(wishes(), max_size=5), st.lists(calls, max_size=30))
def test_what_is_planned_has_been_consumed_or_is_left(wanted: list[Wish], made: list[Call]) -> None:
    plan, _ = planned(wanted)
    hits = sum(len(plan.take(*call)) for call in made)
    verdict = plan.verdict()
    assert verdict.consumed == hits
    assert verdict.planned == sum(times for _, _, times in wanted)
    assert verdict.planned == verdict.consumed + sum(each.left for each in verdict.unused)
    assert all(each.left > 0 for each in verdict.unused)


@given(st.lists(wishes(), max_size=5), st.lists(calls, max_size=30))
def test_a_fault_hits_the_first_times_of_its_calls_or_the_nth_alone(
    wanted: list[Wish], made: list[Call]
) -> None:
    plan, faults = planned(wanted)
    taken = [plan.take(*call) for call in made]
    for fault in faults:
        mine = [place for place, call in enumerate(made) if fault.meets(*call)]
        hit = [place for place, found in enumerate(taken) if fault in found]
        nth = fault.match.nth
        assert hit == (mine[: fault.times] if nth is None else mine[nth - 1 : nth])


@given(wishes(), st.lists(calls, max_size=10), st.lists(calls, max_size=10))
def test_calls_before_a_fault_was_added_do_not_count(
    wish: Wish, before: list[Call], after: list[Call]
) -> None:
    plan, fresh = FaultPlan(), FaultPlan()
    for call in before:
        plan.take(*call)
    plan.add(*wish)
    fresh.add(*wish)
    assert [plan.take(*call) for call in after] == [fresh.take(*call) for call in after]


@given(wishes(), st.lists(calls))
def test_a_call_that_names_something_else_is_never_hit(wish: Wish, made: list[Call]) -> None:
    plan, (fault,) = planned([wish])
    for op, export, file in made:
        if plan.take(op, export, file):
            assert fault.match.op in ("*", op)
            assert fault.match.export in (None, export)
            assert fault.match.file in (None, file)
            assert op != "token" or fault.effect.kind is not FaultKind.ERROR


@given(st.lists(wishes(), max_size=4), st.lists(calls))
def test_plans_never_see_each_others_faults(wanted: list[Wish], made: list[Call]) -> None:
    plan, _ = planned(wanted)
    other = FaultPlan()
    assert all(other.take(*call) == () for call in made)
    for call in made:
        plan.take(*call)
    assert other.verdict().planned == other.verdict().consumed == 0


@given(st.lists(wishes(), min_size=1, max_size=4), st.data())
def test_a_removed_fault_is_gone_and_its_id_is_not_given_again(
    wanted: list[Wish], data: st.DataObject
) -> None:
    plan, faults = planned(wanted)
    gone = data.draw(st.sampled_from(faults))
    plan.remove(gone.id)
    assert [each.fault for each in plan.list()] == [f for f in faults if f != gone]
    with pytest.raises(UnknownFaultError):
        plan.remove(gone.id)
    plan.clear()
    assert plan.list() == ()
    assert plan.add(FaultMatch(), RESET).id > max(fault.id for fault in faults)


def test_many_threads_share_exactly_the_planned_hits() -> None:
    plan = FaultPlan()
    hits: list[Fault] = []
    plan.add(FaultMatch("read"), RESET, 100)
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        hits.extend(found for _ in range(50) for found in plan.take("read"))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hits) == 100
    assert plan.list()[0].seen == 400
