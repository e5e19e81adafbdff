"""Plans: which one an export gets, and how long its work takes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.plans import IMPORT, Plan, PlanKind, PlanRule, choose_plan
from pardot_mock.domain.polling import documented_wait, reads_as_documented, reads_at_interval
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS


def test_millions_of_rows_take_over_an_hour_by_rows() -> None:
    plan = Plan(PlanKind.BY_ROWS, work=timedelta(seconds=10))
    assert plan.work_for(0) == timedelta(seconds=10)
    work = plan.work_for(1_000_000)
    assert work is not None
    assert work > timedelta(hours=1)


def test_a_stuck_plan_never_ends_and_an_instant_one_takes_no_time() -> None:
    assert Plan.of(PlanKind.STUCK).work_for(5) is None
    instant = Plan.of(PlanKind.INSTANT)
    assert (instant.wait, instant.work_for(10**7)) == (timedelta(0), timedelta(0))


def test_what_a_plan_does_not_say_takes_the_default_and_zero_counts_as_said() -> None:
    plan = Plan.of(PlanKind.TIMED, wait=timedelta(0))
    assert (plan.wait, plan.work) == (timedelta(0), Plan().work)


def test_the_newest_rule_that_fits_wins_and_rules_count_on_their_own() -> None:
    failing, stuck = Plan.of(PlanKind.FAILING), Plan.of(PlanKind.STUCK)
    rules = (PlanRule(failing, object="prospect"), PlanRule(stuck, nth=2))
    chosen = []
    for name in ("prospect", "visitor", "prospect"):
        plan, rules = choose_plan(rules, Plan(), name)
        chosen.append(plan.kind)
    assert chosen == ["failing", "stuck", "failing"]
    assert [rule.seen for rule in rules] == [2, 3]


def test_a_rule_without_an_object_concerns_every_export_and_no_import() -> None:
    stuck = Plan.of(PlanKind.STUCK)
    kinds = {
        name: choose_plan((PlanRule(stuck),), Plan(), name)[0].kind
        for name in (*EXPORT_OBJECTS, IMPORT)
    }
    assert kinds == {**dict.fromkeys(EXPORT_OBJECTS, "stuck"), IMPORT: "timed"}


def test_the_documented_interval_grows_and_costs_an_eighth_of_polling_every_minute() -> None:
    waits = [documented_wait(look).total_seconds() / 60 for look in range(1, 7)]
    assert waits == [2, 2, 3, 5, 6, 9]
    duration = timedelta(minutes=90)
    assert reads_at_interval(duration, timedelta(minutes=1)) == 91
    assert reads_as_documented(duration) == 11


@given(st.integers(0, 40), st.integers(1, 60))
def test_every_documented_wait_that_is_begun_costs_one_read_more(waits: int, seconds: int) -> None:
    whole = sum((documented_wait(look) for look in range(1, waits + 1)), timedelta(0))
    assert reads_as_documented(whole) == waits + 1
    assert reads_as_documented(whole + timedelta(seconds=seconds)) == waits + 2
