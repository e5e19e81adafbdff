"""Reads how exports go: the bodies of plans, and the same keys wherever else they stand."""

from __future__ import annotations

from datetime import timedelta

from pardot_mock.domain.plans import Plan, PlanKind, PlanRule
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.web.control.bodies import Body, a_duration, a_number, an_object, one_of

MAX_ROWS = 100_000_000
_OBJECTS = tuple(EXPORT_OBJECTS)


def read_plan(body: Body) -> PlanRule:
    """Read a plan for exports to come."""
    plan = take_plan(body)
    match = Body(body.take("match", an_object, {}), "match.")
    rule = PlanRule(
        plan,
        object=match.take("object", an_export_object, None),
        nth=match.take("nth", a_number(1, MAX_ROWS), None),
    )
    match.finish()
    body.finish()
    return rule


def take_plan(body: Body, *, at_once: bool = False) -> Plan:
    """Take the keys of a plan from `body`; with `at_once` an export does not wait by default."""
    kinds = {str(kind): kind for kind in PlanKind}
    return Plan.of(
        body.take("kind", one_of(kinds), PlanKind.TIMED),
        wait=body.take("wait", a_duration, timedelta(0) if at_once else None),
        work=body.take("work", a_duration, None),
        rows_per_file=body.take("rows_per_file", a_number(1, MAX_ROWS), None),
    )


def an_export_object(value: object) -> str:
    """The name of an object that can be exported, in its canonical spelling."""
    return one_of({name: name for name in _OBJECTS})(value)
