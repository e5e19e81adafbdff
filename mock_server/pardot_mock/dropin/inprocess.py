"""Answers a prepared request of `requests` from a WSGI application, without a socket.

The answer looks as it does behind the real server: same headers, a body that is read from the
application piece by piece, and the errors of a broken connection where a fault breaks it. A wait
that outlasts the client's read timeout raises that timeout at once: nobody gains by waiting.
"""

from __future__ import annotations

import io
import sys
from email.utils import formatdate
from http.client import responses as reasons
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from urllib3 import HTTPHeaderDict, HTTPResponse, Timeout

from pardot_mock.faults import CONNECTION, NoSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

SERVER = "PardotServer"
_PORTS = (("http", 80), ("https", 443))


def answer(
    app: Application, request: requests.PreparedRequest, timeout: float | None
) -> HTTPResponse:
    """Give what `app` answers to `request`.

    `timeout` is how many seconds the client waits for the next byte. Raises
    `requests.ReadTimeout` or `requests.ConnectionError` where a socket would have led to one.
    """
    known: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        del exc_info
        known.update(status=status, headers=headers)

    try:
        body = Body(app(environ(request, timeout), start))
    except TimeoutError as error:
        raise requests.ReadTimeout(str(error), request=request) from error
    except OSError as error:
        raise requests.ConnectionError(str(error), request=request) from error
    code, _, reason = known["status"].partition(" ")
    headers = HTTPHeaderDict([*known["headers"], ("Date", formatdate(usegmt=True))])
    headers["Server"] = SERVER
    return HTTPResponse(
        body=body,
        headers=headers,
        status=int(code),
        version=11,
        version_string="HTTP/1.1",
        reason=reason or reasons.get(int(code)),
        preload_content=False,
        request_method=request.method,
        original_response=_head(headers) if "Set-Cookie" in headers else None,
        request_url=request.url,
    )


def read_timeout(given: object) -> float | None:
    """Give the seconds a caller waits for a byte from its `timeout`; None: as long as it takes."""
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, Timeout):
        given = given.read_timeout
    return float(given) if isinstance(given, int | float) else None


def _head(headers: HTTPHeaderDict) -> Any:  # noqa: ANN401 - what `requests` reads cookies from
    nothing = io.BytesIO()
    nothing.close()
    return HTTPResponse(body=nothing, msg=headers, preload_content=False)  # type: ignore[arg-type]


def environ(request: requests.PreparedRequest, timeout: float | None) -> dict[str, Any]:
    """Give the WSGI environment of `request`."""
    url = urlsplit(request.url or "")
    host = url.hostname or ""
    port = url.port or dict(_PORTS)[url.scheme]
    body = _body(request)
    made: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path or "/").decode("latin-1"),
        "QUERY_STRING": url.query,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host if (url.scheme, port) in _PORTS else f"{host}:{port}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        CONNECTION: Impatient(timeout),
    }
    for name, value in request.headers.items():
        made[f"HTTP_{name.upper().replace('-', '_')}"] = _text(value)
    made.pop("HTTP_TRANSFER_ENCODING", None)
    made.pop("HTTP_CONTENT_LENGTH", None)
    if "HTTP_CONTENT_TYPE" in made:
        made["CONTENT_TYPE"] = made.pop("HTTP_CONTENT_TYPE")
    if body or "Content-Length" in request.headers:
        made["CONTENT_LENGTH"] = str(len(body))
    return made


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(map(_bytes, body))


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode() if isinstance(piece, str) else piece


class Impatient(NoSocket):
    """The connection of a client that gives up after `timeout` seconds without a byte."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout

    def wait(self, seconds: float) -> None:
        """Let real seconds pass, unless the client would not wait that long."""
        if self._timeout is not None and seconds > self._timeout:
            self._give_up()
        super().wait(seconds)

    def stall(self, seconds: float) -> None:
        """End in the client's timeout; without one, a caller in the process cannot wait."""
        if self._timeout is not None and seconds > self._timeout:
            self._give_up()

    def _give_up(self) -> NoReturn:
        raise TimeoutError(f"read timed out (read timeout={self._timeout})")


class Body(io.RawIOBase):
    """The body of an answer as a file; the application makes it while it is read.

    The first piece is made at once, as a server does before it sends the head.
    """

    def __init__(self, made: Iterable[bytes]) -> None:
        self._made = made
        self._pieces: Iterator[bytes] = iter(made)
        self._piece = memoryview(b"")
        try:
            self._fill()
        except BaseException:
            self.close()
            raise

    def readable(self) -> bool:
        """A body can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - a writable buffer
        """Read up to the size of `buffer`; 0 at the end."""
        self._fill()
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size

    def readall(self) -> bytes:
        """Read what is left."""
        rest = bytes(self._piece)
        self._piece = memoryview(b"")
        return b"".join([rest, *self._pieces])

    def close(self) -> None:
        """End the answer, read or not; the application learns of it."""
        if not self.closed:
            super().close()
            end = getattr(self._made, "close", None)
            if end is not None:
                end()

    def _fill(self) -> None:
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._piece = memoryview(piece)
