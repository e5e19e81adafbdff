"""The bodies of a call as its journal keeps them: whole or not at all, and without credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pardot_mock.journal import REDACTED, redacted

if TYPE_CHECKING:
    from flask import Response

    from pardot_mock.web.call import ApiCall

MOST = 4000
"""Characters of a body that is kept; longer ones are left out rather than cut."""

_KEY = re.compile(r"[0-9a-f]{32}")


def sent_body(call: ApiCall) -> str:
    """Give what was sent: a form with its credentials blanked, or the JSON of an export create."""
    if call.form:
        return _short(urlencode(redacted(call.form), safe=REDACTED))
    is_create = call.is_export_call and call.operation is not None
    if not is_create or call.request.mimetype != "application/json" or not call.readable:
        return ""
    # A body that is too large has been refused before, so reading it again cannot fail.
    size = call.request.content_length or 0
    return _decoded(call.request.get_data()) if size <= MOST else ""


def answered_body(call: ApiCall, response: Response) -> str:
    """Give what was answered, but for result files; of a login without its key."""
    if response.is_streamed or (response.content_length or 0) > MOST:
        return ""
    text = _decoded(response.get_data())
    is_login = call.operation is not None and call.operation.name == "login"
    return _KEY.sub(REDACTED, text) if is_login else text


def _decoded(raw: bytes) -> str:
    return _short(raw.decode("utf-8", "replace"))


def _short(text: str) -> str:
    return text if len(text) <= MOST else ""
