"""The headers that the service puts on every answer, and gzip for callers that accept it.

Names, shapes and order are recorded. The middle part of `X-Pardot-Rsp` is the length of the body;
what the other two count is unknown. The session cookie is set on callers that send none, as the
service's own language does it (inferred); nothing depends on whether it comes back.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pardot_mock.domain.identity import marks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flask import Response

    from pardot_mock.web.call import ApiCall

REQUEST_ID = "X-Pardot-Mock-Request-Id"
NOBODY = marks("nobody")
"""The marks on answers to callers of no account."""
_COOKIE = "pardot"
_POLICY = (
    'CP="NOI DSP COR CURa ADMa DEVa TAIa OUR BUS IND UNI COM NAV INT", policyref="/w3c/p3p.xml"'
)
_SAME_FOR_ALL = (
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate"),
    ("Pragma", "no-cache"),
    ("P3p", _POLICY),
    ("Vary", "Accept-Encoding,User-Agent"),
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_CONTENT = 204
_GZIP_LEVEL = 1
_GZIP_WINDOW = 31
"""A window of 15 bits in the format of gzip, whose header then holds no time."""


def head_of(call: ApiCall, response: Response) -> list[tuple[str, str]]:
    """Give the headers of an answer: its own and those of the service."""
    account = call.account
    seen = account.marks if account is not None else NOBODY
    headers = response.headers.to_wsgi_list()
    if account is not None:
        # Clients take the service's time from here, and that is the account's.
        headers.append(("Date", _http_date(account.now())))
    if f"{_COOKIE}=" not in call.request.environ.get("HTTP_COOKIE", ""):
        headers.append(("Set-Cookie", f"{_COOKIE}={seen.session}; path=/"))
    if response.status_code != _NO_CONTENT:
        length = call.plain_length or 0
        headers.append(("X-Pardot-Rsp", f"{seen.head}/{length}/{seen.tail}"))
    headers += (
        *_SAME_FOR_ALL,
        ("X-Pardot-Route", seen.route),
        ("X-Pardot-LB", seen.balancer),
        (REQUEST_ID, call.request_id),
    )
    return headers


def _http_date(at: datetime) -> str:
    # The general way through `email.utils` takes as long as finding the export.
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    time = f"{at.hour:02}:{at.minute:02}:{at.second:02}"
    return f"{day}, {at.day:02} {month} {at.year:04} {time} GMT"


def compress(call: ApiCall, response: Response) -> None:
    """Send the answer by gzip if the caller accepts it and the quirk `gzip` has it so.

    A call that meets a fault is sent plain: a fault counts the bytes of the body.
    """
    call.plain_length = response.content_length
    accepted = call.request.environ.get("HTTP_ACCEPT_ENCODING", "")
    if "gzip" not in accepted or call.treatment is not None:
        return
    rule = call.quirks["gzip"]
    if rule == "off" or response.status_code == _NO_CONTENT:
        return
    if call.request.accept_encodings.quality("gzip") <= 0:
        return
    if not response.is_streamed:
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        response.set_data(packer.compress(response.get_data()) + packer.flush())
    elif rule == "all" and call.request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        # Of a packed file nobody knows the length, and HTTP/1.0 has no other end than that.
        response.response = _compressed(response.iter_encoded())
        del response.headers["Content-Length"]
    else:
        return
    response.headers["Content-Encoding"] = "gzip"


def _compressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    try:
        for chunk in chunks:
            if packed := packer.compress(chunk):
                yield packed
        yield packer.flush()
    finally:
        getattr(chunks, "close", _nothing)()


def _nothing() -> None:
    pass
