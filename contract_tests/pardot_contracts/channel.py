"""HTTP that stays connected: what a run of thousands of short calls needs, and no more.

Nothing is followed, retried or decoded. A connection that the server has closed meanwhile is
noticed before it is used again, so no call is ever sent twice.
"""

from __future__ import annotations

import json
import select
from collections import deque
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from pardot_contracts.problems import TargetUnreachableError
from pardot_contracts.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS = 3
ANSWER_SECONDS = 60
FORM = "application/x-www-form-urlencoded"
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Outgoing:
    """One call: `body` None sends none; `params` are added to the query string of `url`."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def target(self, parts: SplitResult) -> str:
        """Give what stands in the request line; characters that may not stand there are quoted."""
        query = "&".join(part for part in (parts.query, urlencode(self.params)) if part)
        return quote((parts.path or "/") + (f"?{query}" if query else ""), safe=_SAFE)


def body_of(
    data: Mapping[str, str] | str | bytes | None = None, content: object = None
) -> tuple[bytes | None, dict[str, str]]:
    """Give body and headers: `data` is a form or goes as it is, `content` goes as JSON."""
    if content is not None:
        return json.dumps(content).encode(), {"Content-Type": "application/json"}
    if data is None or isinstance(data, bytes):
        return data, {}
    if isinstance(data, str):
        return data.encode(), {}
    return urlencode(data).encode(), {"Content-Type": FORM}


class Channel:
    """Connections to any number of servers, kept for the next call; safe to use from threads."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], deque[HTTPConnection]] = {}

    def send(self, call: Outgoing) -> Reply:
        """Send one call; raise `TargetUnreachableError` if no answer comes."""
        parts = urlsplit(call.url)
        idle = self._idle.setdefault((parts.scheme, parts.netloc), deque())
        connection = self._take(idle, parts)
        try:
            headers = {"Accept": "*/*", "User-Agent": "pardot-contracts", **call.headers}
            connection.request(call.method, call.target(parts), call.body, headers)
            answer = connection.getresponse()
            body = answer.read()
        except TimeoutError as error:
            connection.close()
            raise TargetUnreachableError(f"{_origin(parts)} answers too slowly") from error
        except (OSError, HTTPException) as error:
            connection.close()
            raise TargetUnreachableError(f"{_origin(parts)} does not answer") from error
        if connection.sock is not None:
            idle.append(connection)
        return Reply(answer.status, _headers(answer.getheaders()), body)

    def close(self) -> None:
        """Close every connection."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    def _take(self, idle: deque[HTTPConnection], parts: SplitResult) -> HTTPConnection:
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                return _connected(parts)
            # Something to read before anything was asked means that the server has hung up.
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()


def _connected(parts: SplitResult) -> HTTPConnection:
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        connection.connect()
    except (OSError, ValueError) as error:
        raise TargetUnreachableError(f"{_origin(parts)} does not answer") from error
    connection.sock.settimeout(ANSWER_SECONDS)
    return connection


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _headers(received: list[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in received:
        known = headers.get(name.lower())
        headers[name.lower()] = value if known is None else f"{known}, {value}"
    return headers
