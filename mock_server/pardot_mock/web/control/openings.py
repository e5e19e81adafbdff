"""Reads what a scenario says with the readers of the control plane's own bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.domain.worlds import MAX_ROWS
from pardot_mock.scenarios.catalogue import named
from pardot_mock.scenarios.opening import EarlyExport, EarlyRows, Opening
from pardot_mock.scenarios.scenario import Scenario, scenario_of
from pardot_mock.web.control.bodies import (
    BadFieldError,
    Body,
    a_duration,
    a_list,
    a_number,
    a_text,
    an_object,
    one_of,
)
from pardot_mock.web.control.faultroutes import read_fault
from pardot_mock.web.control.plans import an_export_object, read_plan, take_plan

if TYPE_CHECKING:
    from pardot_mock.domain.plans import PlanRule
    from pardot_mock.faults import Effect, FaultMatch

MAX_BACKGROUND = 10_000
OPERATIONS = ("login", "create", "read", "query", "download")
_DEFAULT_OBJECT = "visitorActivity"
_DEFAULT_RANGE = "-30 days"
_NOT_SHARED = ("id", "scenario")
_BY = MappingProxyType({"owner": False, "colleague": True})


def a_scenario(value: object) -> Scenario:
    """The name of a scenario, or a scenario as an object with the keys of its file."""
    if isinstance(value, Scenario):
        return value
    if isinstance(value, Mapping):
        return scenario_of(value, "custom", "scenario")
    if isinstance(value, str):
        return named(value)
    raise ValueError(f"{value!r} is neither the name of a scenario nor an object")


def read_opening(scenario: Scenario, read_account: Callable[[Body], object]) -> Opening:
    """Understand the whole of `scenario`, its account fields included.

    Raises `BadFieldError` for the field `scenario`, naming its source and the bad key.
    """
    for name in _NOT_SHARED:
        if name in scenario.account:
            error = scenario.wrong(f"account.{name}", "a scenario does not say this")
            raise BadFieldError("scenario", str(error))
    with _explained(scenario, "account."):
        read_account(Body(scenario.account))
    return Opening(
        scenario=scenario.name,
        plan_rules=tuple(_plan_rules(scenario)),
        exports=_exports(scenario),
        data=tuple(_data(scenario)),
        used=_used(scenario),
    )


@contextmanager
def _explained(scenario: Scenario, where: str) -> Iterator[None]:
    """Say of a bad field in which scenario and table it stands."""
    try:
        yield
    except BadFieldError as error:
        message = str(error).removeprefix(f"{error.field}: ")
        wrong = scenario.wrong(where + error.field, message)
        raise BadFieldError("scenario", str(wrong)) from error


def _plan_rules(scenario: Scenario) -> Iterator[PlanRule]:
    for number, table in enumerate(scenario.plans):
        with _explained(scenario, f"plan[{number}]."):
            yield read_plan(Body(table))


def read_faults(scenario: Scenario) -> Iterator[tuple[FaultMatch, Effect, int]]:
    """Read the faults of `scenario`; raises as `read_opening` does."""
    for number, table in enumerate(scenario.faults):
        with _explained(scenario, f"faults[{number}]."):
            yield read_fault(Body(table))


def _exports(scenario: Scenario) -> tuple[EarlyExport, ...]:
    """Give the exports with the oldest first, as they would have been created."""
    found = []
    for number, table in enumerate(scenario.exports):
        with _explained(scenario, f"exports[{number}]."):
            found.append(_early_export(Body(table)))
    return tuple(sorted(found, key=lambda export: export.age, reverse=True))


def _data(scenario: Scenario) -> Iterator[EarlyRows]:
    for number, table in enumerate(scenario.data):
        with _explained(scenario, f"data[{number}]."):
            body = Body(table)
            name = body.take("object", an_export_object, _DEFAULT_OBJECT)
            rows = EarlyRows(name, body.take("rows", a_list(an_object), ()))
            body.finish()
            yield rows


def _early_export(body: Body) -> EarlyExport:
    early = EarlyExport(
        body=_create_body(body),
        plan=take_plan(body, at_once=True),
        count=body.take("count", a_number(1, MAX_BACKGROUND), 1),
        age=body.take("age", a_duration, timedelta(0)),
        by_colleague=body.take("by", one_of(_BY), default=False),
    )
    body.finish()
    return early


def _create_body(body: Body) -> Mapping[str, Any]:
    """Give the create request; without a procedure or arguments, those of the last 30 days."""
    name = body.take("object", an_export_object, _DEFAULT_OBJECT)
    procedures = EXPORT_OBJECTS[name].procedures
    known = {procedure.name: procedure for procedure in procedures.values()}
    procedure = body.take("procedure", one_of(known), next(iter(known.values())))
    arguments = body.take("arguments", an_object, {procedure.after: _DEFAULT_RANGE})
    fields = body.take("fields", a_list(a_text), None)
    return {
        "object": name,
        "fields": None if fields is None else list(fields),
        "procedure": {"name": procedure.name, "arguments": arguments},
    }


def _used(scenario: Scenario) -> Mapping[str, int]:
    with _explained(scenario, "used."):
        body = Body(scenario.used)
        taken = {name: body.take(name, a_number(0, MAX_ROWS), 0) for name in OPERATIONS}
        body.finish()
    return {name: count for name, count in taken.items() if count}
