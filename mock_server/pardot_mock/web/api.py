"""The emulated API on HTTP: every request below `/api/` becomes an `ApiCall` and an answer."""

from __future__ import annotations

import itertools
import logging
import time
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.web.access import BareAnswerError
from pardot_mock.web.accounting import account_for
from pardot_mock.web.answering import answer_response, refusal_response
from pardot_mock.web.call import ApiCall
from pardot_mock.web.faulting import TurnedAwayError, cut_short, spoil, turned_away_response
from pardot_mock.web.heading import compress, put_headers
from pardot_mock.web.steps import answer
from pardot_mock.wire.paths import parse_path

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from pardot_mock.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_log = logging.getLogger("pardot_mock")


def api_blueprint(world: World, public_url: str | None) -> Blueprint:
    """Give the routes of the emulated API; `public_url` overrides the base of result URLs."""
    blueprint = Blueprint("api", __name__)
    serial = itertools.count(1)

    @blueprint.route("/api/", defaults={"path": ""}, methods=METHODS)
    @blueprint.route("/api/<path:path>", methods=METHODS)
    def serve(path: str) -> Response:
        began = time.perf_counter()
        call = _read_call(path, f"{next(serial):08x}", public_url)
        call.unattributed = world.default_quirks()
        response = _served(call, world)
        if call.treatment is not None and call.account is not None:
            response = cut_short(call, response)
            spoil(response, call.treatment, call.account, request.environ)
        account_for(call, response, began, world.strangers)
        put_headers(call, response)
        compress(call, response)
        return response

    return blueprint


def _read_call(path: str, request_id: str, public_url: str | None) -> ApiCall:
    form = _form()
    return ApiCall(
        request=request,
        path=parse_path(path),
        query=_last(request.args),
        form=form or {},
        request_id=request_id,
        configured_url=public_url,
        readable=form is not None,
    )


def _last(values: MultiDict[str, str]) -> dict[str, str]:
    # Of a repeated parameter the last value counts, as in the service's own language.
    return {name: items[-1] for name, items in values.lists()}


def _form() -> dict[str, str] | None:
    """Read the form fields of the request; None if there is more of them than is read."""
    if request.mimetype not in _FORMS:
        return {}
    try:
        return _last(request.form)
    except RequestEntityTooLarge:
        return None


def _served(call: ApiCall, world: World) -> Response:
    try:
        return answer_response(call, answer(call, world))
    except Refused as refused:
        return refusal_response(call, refused)
    except TurnedAwayError as turned_away:
        return turned_away_response(turned_away.treatment)
    except BareAnswerError as bare:
        call.bare = bare
        return bare.response()
    except HTTPException as error:
        return refusal_response(call, _of_http(error))
    except Exception:
        _log.exception("call %s failed", call.request_id)
        return refusal_response(call, Refused(ErrorCode.INTERNAL_ERROR, detail="see the log"))


def _of_http(error: HTTPException) -> Refused:
    if isinstance(error, RequestEntityTooLarge):
        return Refused(ErrorCode.BODY_SIZE, detail="the body is too large")
    return Refused(ErrorCode.INVALID_PARAMETER, detail=f"the request cannot be read: {error}")
