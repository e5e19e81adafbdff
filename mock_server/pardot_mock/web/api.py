"""The emulated API on HTTP: every request below `/api/` becomes an `ApiCall` and an answer.

These calls are polls, by the thousand. So they take a short way: a WSGI application of their own
in front of Flask, which has the other routes, without its routing and its contexts.
"""

from __future__ import annotations

import itertools
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.web.access import BareAnswerError
from pardot_mock.web.accounting import account_for
from pardot_mock.web.answering import answer_response, refusal_response
from pardot_mock.web.call import ApiCall
from pardot_mock.web.faulting import TurnedAwayError, cut_short, spoil, turned_away_response
from pardot_mock.web.heading import compress, head_of
from pardot_mock.web.steps import answer
from pardot_mock.wire.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Response
    from werkzeug.datastructures import MultiDict

    from pardot_mock.world import World

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MAX_BODY = 16 * 1024 * 1024
PREFIX = "/api"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_log = logging.getLogger("pardot_mock")


class ApiRequest(Request):
    """A request of the API; its body is bounded."""

    max_content_length = MAX_BODY


class ApiDoor:
    """The emulated API as a WSGI application; other paths go to `others`.

    `public_url` overrides the base of result URLs, which is otherwise taken from each request.
    """

    def __init__(self, world: World, public_url: str | None, others: Application) -> None:
        self._world = world
        self._public_url = public_url
        self._others = others
        self._serial = itertools.count(1)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a call as WSGI has it."""
        path = environ.get("PATH_INFO", "")
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self._others(environ, start_response)
        call, response = self._serve(ApiRequest(environ))
        start_response(response.status, head_of(call, response))
        if response.is_streamed or environ["REQUEST_METHOD"] == "HEAD":
            return response.get_app_iter(environ)
        return response.response  # type: ignore[return-value]

    def _serve(self, request: Request) -> tuple[ApiCall, Response]:
        began = time.perf_counter()
        call = _read_call(request, f"{next(self._serial):08x}", self._public_url)
        call.unattributed = self._world.default_quirks()
        response = _served(call, self._world)
        if call.treatment is not None and call.account is not None:
            response = cut_short(call, response)
            spoil(response, call.treatment, call.account, request.environ)
        account_for(call, response, began, self._world.strangers)
        compress(call, response)
        return call, response


def _read_call(request: Request, request_id: str, public_url: str | None) -> ApiCall:
    path = parse_path(request.path[len(PREFIX) :])
    # An imported file is read as it comes in, by the import itself.
    form = {} if path.object == "import" else _form(request)
    return ApiCall(
        request=request,
        path=path,
        query=_query(request),
        form=form or {},
        request_id=request_id,
        configured_url=public_url,
        readable=form is not None,
    )


def _query(request: Request) -> dict[str, str]:
    # Of a repeated parameter the last value counts, as in the service's own language.
    text = request.query_string.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace")) if text else {}


def _last(values: MultiDict[str, str]) -> dict[str, str]:
    return {name: items[-1] for name, items in values.lists()}


def _form(request: Request) -> dict[str, str] | None:
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
