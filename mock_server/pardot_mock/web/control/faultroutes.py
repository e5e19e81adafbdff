"""The faults of an account on the control plane: plan them, list them, and hear how they went."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Response

from pardot_mock.domain.errors import ErrorCode
from pardot_mock.faults import NEEDS, TAKES, Effect, FaultKind, FaultMatch, UnknownFaultError
from pardot_mock.faults.values import ANY, OPS, OPS_WITH_EXPORT, OPS_WITH_FILE, TOKEN
from pardot_mock.web.control.bodies import (
    BadFieldError,
    Body,
    a_duration,
    a_number,
    an_object,
    json_body,
    one_of,
)

if TYPE_CHECKING:
    from flask import Blueprint

    from pardot_mock.faults import FaultPlan
    from pardot_mock.faults.plan import Planned
    from pardot_mock.world import World

Json = dict[str, Any]
MAX_SECONDS = 3600
MAX_BYTES = 2**40
MAX_CALLS = 1_000_000_000
MAX_ID = 2**63 - 1
_WITHOUT_BODY = (204, 205, 304)


def fault_routes(blueprint: Blueprint, world: World) -> None:
    """Register the routes below `/accounts/{a}/faults`."""

    @blueprint.errorhandler(UnknownFaultError)
    def unknown(error: UnknownFaultError) -> tuple[Json, int]:
        message = f"there is no fault {error.args[0]}"
        return {"error": {"code": "unknown_fault", "message": message}}, 404

    @blueprint.get("/accounts/<account_id>/faults")
    def list_faults(account_id: str) -> Json:
        return {"faults": fault_views(world.get(account_id).faults)}

    @blueprint.post("/accounts/<account_id>/faults")
    def add_fault(account_id: str) -> tuple[Json, int]:
        account = world.get(account_id)
        match, effect, times = read_fault(json_body())
        return {"id": account.faults.add(match, effect, times).id}, 201

    @blueprint.delete("/accounts/<account_id>/faults")
    def clear_faults(account_id: str) -> Response:
        world.get(account_id).faults.clear()
        return Response(status=204)

    @blueprint.delete("/accounts/<account_id>/faults/<int:fault_id>")
    def remove_fault(account_id: str, fault_id: int) -> Response:
        world.get(account_id).faults.remove(fault_id)
        return Response(status=204)

    @blueprint.get("/accounts/<account_id>/faults/verdict")
    def show_verdict(account_id: str) -> Json:
        return verdict_view(world.get(account_id).faults)


def fault_views(plan: FaultPlan) -> list[Json]:
    """Show the faults of a plan in the order they were added."""
    return [_view(planned) for planned in plan.list()]


def verdict_view(plan: FaultPlan) -> Json:
    """Show how many hits were planned and have happened, and the faults with hits left."""
    verdict = plan.verdict()
    unused = [_view(planned) for planned in verdict.unused]
    return {"planned": verdict.planned, "consumed": verdict.consumed, "unused": unused}


def _view(planned: Planned) -> Json:
    fault = planned.fault
    return {
        "id": fault.id,
        "match": _given(fault.match),
        "effect": _given(fault.effect),
        "times": fault.times,
        "seen": planned.seen,
        "consumed": planned.consumed,
    }


def _given(value: FaultMatch | Effect) -> Json:
    return {name: each for name, each in asdict(value).items() if each is not None}


def read_fault(body: Body) -> tuple[FaultMatch, Effect, int]:
    """Read a fault: what it matches, what it does, and how many times.

    Raises `BadFieldError` for what is unknown, missing, or makes no sense together.
    """
    match = body.take("match", _read_match, FaultMatch())
    effect = body.take("effect", _read_effect, None)
    times = body.take("times", a_number(1, MAX_CALLS), 1)
    body.finish()
    if effect is None:
        raise BadFieldError("effect", "missing")
    if match.nth is not None and times != 1:
        raise BadFieldError("times", "the nth call comes once")
    if match.op == TOKEN and effect.kind is FaultKind.ERROR:
        raise BadFieldError("effect.kind", "token calls know no code of the API; use status")
    return match, effect, times


def _read_match(value: object) -> FaultMatch:
    body = Body(an_object(value), "match.")
    match = FaultMatch(
        op=body.take("op", one_of({op: op for op in OPS}), ANY),
        nth=body.take("nth", a_number(1, MAX_CALLS), None),
        export=body.take("export", a_number(0, MAX_ID), None),
        file=body.take("file", a_number(0, MAX_ID), None),
    )
    body.finish()
    if match.export is not None and match.op not in OPS_WITH_EXPORT:
        raise BadFieldError("match.export", f"{match.op} calls name no export")
    if match.file is not None and match.op not in OPS_WITH_FILE:
        raise BadFieldError("match.file", f"{match.op} calls name no file")
    return match


def _read_effect(value: object) -> Effect:
    body = Body(an_object(value), "effect.")
    kind = body.take("kind", one_of({str(kind): kind for kind in FaultKind}), None)
    if kind is None:
        raise BadFieldError("effect.kind", "missing")
    for name in NEEDS[kind]:
        if not body.has(name):
            raise BadFieldError(f"effect.{name}", f"{kind} needs it")
    useful = (*NEEDS[kind], *TAKES.get(kind, ()))
    for name in ("code", "status", "seconds", "after_bytes", "bytes_per_second"):
        if body.has(name) and name not in useful:
            raise BadFieldError(f"effect.{name}", f"{kind} takes none")
    effect = Effect(
        kind=kind,
        code=body.take("code", _a_code, None),
        status=body.take("status", _a_status, None),
        seconds=body.take("seconds", _real_seconds, None),
        after_bytes=body.take("after_bytes", a_number(0, MAX_BYTES), None),
        bytes_per_second=body.take("bytes_per_second", a_number(1, MAX_BYTES), None),
    )
    body.finish()
    return effect


def _a_code(value: object) -> int:
    try:
        return int(ErrorCode(a_number(1, MAX_CALLS)(value)))
    except ValueError as error:
        raise ValueError(f"{value!r} is no error code of the API") from error


def _a_status(value: object) -> int:
    status = a_number(200, 599)(value)
    if status in _WITHOUT_BODY:
        raise ValueError(f"an answer with status {status} has no body")
    return status


def _real_seconds(value: object) -> float:
    seconds = a_duration(value).total_seconds()
    if seconds > MAX_SECONDS:
        raise ValueError(f"{value!r} is more than {MAX_SECONDS} seconds")
    return seconds
