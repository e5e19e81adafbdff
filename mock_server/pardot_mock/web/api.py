"""The emulated API on HTTP: every request below `/api/` becomes an `ApiCall` and an answer."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.web.call import Answer, ApiCall, CsvFile
from pardot_mock.web.steps import answer
from pardot_mock.wire.encoding import content_type, error_body, ok_body
from pardot_mock.wire.paths import parse_path
from pardot_mock.wire.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.datastructures import MultiDict

    from pardot_mock.account import Account
    from pardot_mock.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
REQUEST_ID = "X-Pardot-Mock-Request-Id"
MAX_FORM_FIELDS = 1000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_HEADERS = (
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Vary", "Accept-Encoding,User-Agent"),
)
_log = logging.getLogger("pardot_mock")


def api_blueprint(world: World, public_url: str | None) -> Blueprint:
    """Give the routes of the emulated API; `public_url` overrides the base of result URLs."""
    blueprint = Blueprint("api", __name__)
    serial = itertools.count(1)

    @blueprint.route("/api/", defaults={"path": ""}, methods=METHODS)
    @blueprint.route("/api/<path:path>", methods=METHODS)
    def serve(path: str) -> Response:
        request_id = f"{next(serial):08x}"
        call = _read_call(path, request_id, public_url)
        response = _served(call, world)
        response.headers.extend([*_HEADERS, (REQUEST_ID, request_id)])
        return response

    return blueprint


def _read_call(path: str, request_id: str, public_url: str | None) -> ApiCall:
    return ApiCall(
        request=request,
        path=parse_path(path),
        query=_last(request.args),
        form=_form(),
        request_id=request_id,
        configured_url=public_url,
    )


def _last(values: MultiDict[str, str]) -> dict[str, str]:
    # Of a repeated parameter the last value counts, as in the service's own language.
    return {name: items[-1] for name, items in values.lists()}


def _form() -> dict[str, str]:
    if request.mimetype not in _FORMS:
        return {}
    try:
        return _last(request.form)
    except RequestEntityTooLarge:
        return {}


def _served(call: ApiCall, world: World) -> Response:
    try:
        response = _ok(call, answer(call, world))
    except Refused as refused:
        response = _refused(call, refused)
    except HTTPException as error:
        response = _refused(call, _of_http(error))
    except Exception:
        _log.exception("call %s failed", call.request_id)
        response = _refused(call, Refused(ErrorCode.INTERNAL_ERROR, detail="see the log"))
    if call.account is not None:
        _settle_charges(call, call.account, response)
    return response


def _settle_charges(call: ApiCall, account: Account, response: Response) -> None:
    """Charge refused calls as the quirk says, report the usage, and give the place back."""
    rule = account.quirks["count_failed_calls"]
    if call.refused and call.operation is not None:
        if call.charged and rule == "none":
            account.change_usage(lambda usage, op: usage.refunded(op), call.operation.name)
        elif not call.charged and rule == "all":
            account.change_usage(lambda usage, op: usage.charged(op), call.operation.name)
    if call.request.headers.get("X-Return-Api-Usage", "").lower() in ("1", "true"):
        response.headers["x-api-usage"] = f"{account.usage.used}/{account.info.daily_limit}"
    if call.charged:
        _give_place_back(account, response)


def _give_place_back(account: Account, response: Response) -> None:
    """A call is under way until its answer is made; a download until its last byte is sent."""
    if response.is_streamed:
        response.response = _Held(response.iter_encoded(), account.end_call)
    else:
        account.end_call()


class _Held:
    """The chunks of an answer, and what to do once they are all sent or given up."""

    def __init__(self, chunks: Iterator[bytes], done: Callable[[], None]) -> None:
        self._chunks = chunks
        self._done: Callable[[], None] | None = done

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give up sending; also called by the server after the last chunk."""
        done, self._done = self._done, None
        if done is not None:
            done()
            if isinstance(self._chunks, Generator):
                self._chunks.close()


def _ok(call: ApiCall, made: Answer) -> Response:
    if isinstance(made, CsvFile):
        kind = call.quirks.text("csv_content_type")
        response = Response(made.chunks, content_type=kind)
        response.content_length = made.size
        return response
    form, quirks = call.form_of_answer, call.quirks
    attributes = quirks.on("export_attributes") or not call.is_export_call
    null = quirks.text("xml_null")
    body = ok_body(form, made.tree, attributes=attributes, null=null)  # type: ignore[arg-type]
    return Response(body, content_type=content_type(form))


def _refused(call: ApiCall, refused: Refused) -> Response:
    call.refused = True
    form = call.form_of_answer
    era = call.quirks["auth_era"]
    body = error_body(form, refused.code, refused.message(newest=era == "oauth"))
    status = status_of(refused.code, call.quirks, export_call=call.is_export_call)
    _log.info("call %s refused: %s", call.request_id, refused)
    return Response(body, status=status, content_type=content_type(form))


def _of_http(error: HTTPException) -> Refused:
    if isinstance(error, RequestEntityTooLarge):
        return Refused(ErrorCode.BODY_SIZE, detail="the body is too large")
    return Refused(ErrorCode.INVALID_PARAMETER, detail=f"the request cannot be read: {error}")
