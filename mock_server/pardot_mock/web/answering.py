"""Writes answers and refusals in the format, and with the status, that the caller will see."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.datastructures import Headers

from pardot_mock.web.call import Answer, ApiCall, CsvFile, Nothing
from pardot_mock.wire.encoding import Stat, content_type, error_body, ok_body
from pardot_mock.wire.statuses import status_of

if TYPE_CHECKING:
    from pardot_mock.domain.errors import Refused
    from pardot_mock.wire.encoding import Format

_log = logging.getLogger("pardot_mock")


def answer_response(call: ApiCall, made: Answer) -> Response:
    """Write an answer: facts in the asked format, a result file as it is."""
    if isinstance(made, CsvFile):
        kind = call.quirks.text("csv_content_type")
        response = Response(made.chunks, content_type=kind)
        if made.size is not None:
            response.content_length = made.size
        return response
    if isinstance(made, Nothing):
        return Response(status=204, content_type="text/html; charset=utf-8")
    form, quirks = call.form_of_answer, call.quirks
    attributes = quirks.on("export_attributes") or not call.is_export_call
    null = quirks.text("xml_null")
    stat: Stat = "fail" if made.failed else "ok"
    body = ok_body(form, made.tree, attributes=attributes, null=null, stat=stat)  # type: ignore[arg-type]
    return _response(body, made.status, form)


def refusal_response(call: ApiCall, refused: Refused) -> Response:
    """Write a refusal and note it in the call."""
    call.refused = refused
    form = call.form_of_answer
    newest = call.quirks["auth_era"] == "oauth"
    body = error_body(form, refused.code, refused.message(newest=newest))
    status = status_of(
        refused.code, call.quirks, export_call=call.is_bulk_call, anonymous=call.anonymous
    )
    _log.info("call %s refused: %s", call.request_id, refused)
    return _response(body, status, form)


def _response(body: bytes, status: int, form: Format) -> Response:
    # With its headers made here, an answer takes a third of the time: every poll is one.
    headers = Headers([("Content-Type", content_type(form)), ("Content-Length", str(len(body)))])
    return Response([body], status, headers)
