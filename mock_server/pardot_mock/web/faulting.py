"""Makes the front door misbehave: the last step before an operation, and the last thing after it.

A fault that turns the call away keeps the operation from running, so nothing is created. Every
other fault acts on an answer that was really made: a create whose answer is cut off has created.
Waiting happens while the answer is sent, never under the lock of the account.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.limits import LONGEST_CALL_SECONDS
from pardot_mock.faults import (
    CONNECTION,
    NoSocket,
    Treatment,
    combine,
    deliver,
    garbage,
)
from pardot_mock.web.answering import refusal_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pardot_mock.account import Account
    from pardot_mock.faults import Connection
    from pardot_mock.web.call import ApiCall
    from pardot_mock.world import World

_ABOUT_EXPORT = ("read", "download")
_LONGEST = timedelta(seconds=LONGEST_CALL_SECONDS)
_GATEWAY_TIMEOUT = 504


class TurnedAwayError(Exception):
    """A call that a fault turns away without an answer of the API: a bare status, or none."""

    def __init__(self, treatment: Treatment) -> None:
        super().__init__(str(treatment))
        self.treatment = treatment


def meet_faults(call: ApiCall, world: World) -> None:
    """Count the call for the faults of its account, and turn it away if one of them does."""
    del world
    if call.account is None or call.operation is None:
        return
    op = call.operation.name
    export = _id(call, "id") if op in _ABOUT_EXPORT else None
    file = _id(call, "file") if op == "download" else None
    faults = call.account.faults.take(op, export, file)
    if not faults:
        return
    call.treatment = treatment = combine(faults)
    if treatment.refusal is None:
        return
    code = treatment.refusal.effect.code
    if code is None:
        raise TurnedAwayError(treatment)
    raise Refused(ErrorCode(code), detail=str(treatment))


def _id(call: ApiCall, name: str) -> int | None:
    text = call.param(name) or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def turned_away_response(treatment: Treatment) -> Response:
    """Write the bare answer of a front door that let nobody through."""
    effect = treatment.refusal.effect if treatment.refusal is not None else None
    if effect is None or effect.status is None:
        return Response()
    return Response(
        f"{effect.status} {_phrase(effect.status)}\n", effect.status, mimetype="text/plain"
    )


def _phrase(status: int) -> str:
    with contextlib.suppress(ValueError):
        return HTTPStatus(status).phrase
    return "Unknown"


def cut_short(call: ApiCall, response: Response) -> Response:
    """Cut a call that faults make longer than the service lets any call run.

    What the call did is done; only its answer is lost. How a call is cut is the quirk `long_call`.
    The overtime of a fault passes on the account's clock and takes no real time.
    """
    treatment, account = call.treatment, call.account
    if treatment is None or account is None:
        return response
    if not treatment.overtime and treatment.delay <= LONGEST_CALL_SECONDS:
        return response
    if treatment.overtime:
        with account.lock:
            account.move_clock(lambda clock, real: clock.advance(_LONGEST, real))
    how = account.quirks["long_call"]
    if treatment.unanswered or how == "serve":
        return response
    if how in ("close", "reset"):
        call.treatment = treatment.cut_at(LONGEST_CALL_SECONDS, how)  # type: ignore[arg-type]
        return response
    call.treatment = treatment.cut_at(LONGEST_CALL_SECONDS, "")
    response.close()
    if how == _GATEWAY_TIMEOUT:
        return Response(f"504 {_phrase(504)}\n", 504, mimetype="text/plain")
    code = ErrorCode(account.quirks.number("long_call"))
    detail = f"the call took more than {LONGEST_CALL_SECONDS} seconds"
    return refusal_response(call, Refused(code, detail=detail))


def spoil(
    response: Response, treatment: Treatment, account: Account, environ: Mapping[str, Any]
) -> Response:
    """Change an answer, and how it is sent, as `treatment` says."""
    refusal = treatment.refusal
    if refusal is not None and refusal.effect.status is not None:
        response.status_code = refusal.effect.status
    if treatment.garbage is not None:
        response.close()
        response.set_data(garbage(account.options.seed, treatment.garbage.id))
    if treatment.touches_delivery:
        connection: Connection = environ.get(CONNECTION) or NoSocket()
        size = response.content_length or 0
        body = response.response if response.is_streamed else [response.get_data()]
        response.response = deliver(body, size, treatment, connection)  # type: ignore[arg-type]
        response.content_length = size + treatment.extra_length
    return response


def spoiled_token(
    account: Account, environ: Mapping[str, Any], make: Callable[[], Response]
) -> Response:
    """Answer a token call under the faults of `account`; `make` issues the token."""
    faults = account.faults.take("token")
    if not faults:
        return make()
    treatment = combine(faults)
    response = turned_away_response(treatment) if treatment.refusal is not None else make()
    return spoil(response, treatment, account, environ)
