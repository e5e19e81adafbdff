"""Reads how exports go: the bodies of plans, and the same keys wherever else they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.domain.plans import IMPORT, Plan, PlanKind, PlanRule
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.domain.worlds import MAX_ROWS
from pardot_mock.web.control.bodies import (
    BadFieldError,
    Body,
    a_duration,
    a_number,
    an_object,
    one_of,
)

MAX_READS = 1_000_000
if TYPE_CHECKING:
    from collections.abc import Callable

_OBJECTS = tuple(EXPORT_OBJECTS)


def read_plan(body: Body) -> PlanRule:
    """Read a plan for exports to come, or with the object `import` for imports to come."""
    plan = take_plan(body)
    match = Body(body.take("match", an_object, {}), "match.")
    rule = PlanRule(
        plan,
        object=match.take("object", one_of({n: n for n in (*_OBJECTS, IMPORT)}), None),
        nth=match.take("nth", a_number(1, MAX_ROWS), None),
    )
    match.finish()
    body.finish()
    if rule.object == IMPORT and plan.kind is PlanKind.POLLS:
        raise BadFieldError("kind", "polls is for exports; an import is not counted by its reads")
    return rule


def take_plan(body: Body, *, at_once: bool = False) -> Plan:
    """Take the keys of a plan from `body`; with `at_once` an export does not wait by default."""
    kinds = {str(kind): kind for kind in PlanKind}
    kind = body.take("kind", one_of(kinds), PlanKind.TIMED)
    if kind is PlanKind.POLLS and not body.has("n"):
        raise BadFieldError("n", "missing: polls needs the number of the read that finds it done")
    return Plan.of(
        kind,
        wait=body.take("wait", a_duration, timedelta(0) if at_once else None),
        work=body.take("work", a_duration, None),
        rows_per_file=body.take("rows_per_file", a_number(1, MAX_ROWS), None),
        polls=body.take("n", _reads_of(kind), None),
    )


def _reads_of(kind: PlanKind) -> Callable[[object], int]:
    def read(value: object) -> int:
        if kind is not PlanKind.POLLS:
            raise ValueError(f"{kind} does not count reads; the kind polls does")
        return a_number(1, MAX_READS)(value)

    return read


def an_export_object(value: object) -> str:
    """The name of an object that can be exported, in its canonical spelling."""
    return one_of({name: name for name in _OBJECTS})(value)
