"""Raw bytes over a socket: requests that no client library would send."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ODD = (b"\x00", b"\xff", b"\r\n", b"\n", b" ", b":", b"%", b"/", b"?", b"=", b"&", b"\x7f", b"{")
_HEADERS = (
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: abc",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Expect: 100-continue",
    b"Expect: nothing",
    b"Host:",
    b"Host: a b",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: multipart/form-data",
    b"Content-Type: application/json; charset=utf-16",
    b"Content-Type: \xff\xfe",
    b"Cookie: pardot=\xff; =; ;",
    b"Authorization: Pardot " + b"a" * 5000,
    b"Authorization: Bearer \xff",
    b"Accept-Encoding: gzip;q=x, *;q=\xff",
    b"X-Forwarded-Proto: javascript",
    b": nothing",
    b"Folded: a\r\n b",
)
_ASKED_FOR = b"Transfer-Encoding requested is not supported"
ENOUGH_SECONDS = 5.0


@dataclass(frozen=True)
class Outcome:
    """What came back for some bytes: the first line, or none if the connection just ended."""

    sent: bytes
    status: int | None
    body: bytes

    @property
    def is_server_error(self) -> bool:
        """Whether the server failed by itself: 501 is what an unknown transfer coding asks for."""
        asked_for = self.status == 501 and _ASKED_FOR in self.body
        return self.status is not None and self.status >= 500 and not asked_for


def requests_of(seed: int, headers: dict[str, str], paths: list[str]) -> Iterator[bytes]:
    """Give damaged requests without end; the same seed gives the same ones."""
    drawn = random.Random(seed)  # noqa: S311 - nothing secret
    known = [f"{name}: {value}".encode() for name, value in headers.items()]
    while True:
        method = drawn.choice([b"GET", b"POST", b"PUT", b"get", b"\xff", b"GET GET", b""])
        path = drawn.choice(paths).encode()
        version = drawn.choice([b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/9.9", b"", b"FTP/1"])
        lines = [b"Host: localhost", b"Connection: close", *known]
        lines += drawn.sample(_HEADERS, drawn.randint(0, 2))
        body = drawn.randbytes(drawn.randint(0, 40)) if drawn.random() < 0.4 else b""
        if body and drawn.random() < 0.7:
            lines.append(b"Content-Length: %d" % len(body))
        drawn.shuffle(lines)
        whole = b" ".join((method, path, version)) + b"\r\n" + b"\r\n".join(lines)
        yield damaged(whole + b"\r\n\r\n" + body, drawn)


def damaged(whole: bytes, drawn: random.Random) -> bytes:
    """Give `whole` with some bytes put in, taken out or doubled."""
    for _ in range(drawn.randint(0, 3)):
        at = drawn.randrange(len(whole) + 1)
        end = min(len(whole), at + drawn.randint(0, 8))
        whole = whole[:at] + drawn.choice(_ODD) * drawn.randint(0, 2) + whole[end:]
    return whole


def exchange(port: int, sent: bytes) -> Outcome:
    """Send bytes, and no more, and read what comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=ENOUGH_SECONDS) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            return Outcome(sent, None, b"")
    head, _, body = received.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    return Outcome(sent, status, body)
