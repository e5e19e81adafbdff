"""What the control plane says of a body that is too large: its size, the limit, what to do."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from pardot_mock import MockPardot
from pardot_mock.web.api import MAX_BODY
from pardot_mock.web.control.sizes import too_large_view

if TYPE_CHECKING:
    from tests.integration.conftest import Bench

ABOVE = MAX_BODY + 1
UNREAD = 100 * 1024 * 1024
"""Bytes that the server does not even begin to read."""
LIMIT = "bytes are more than the 16 MiB of one body"
PIECES = (
    "; load the rows of a scenario afterwards, in pieces: POST /_mock/accounts/{a}/data/{object}"
)


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "accounts", LIMIT + PIECES),
        ("PATCH", "accounts/default", LIMIT),
        ("POST", "accounts/default/reset", LIMIT),
        ("POST", "accounts/default/clock", LIMIT),
        ("POST", "accounts/default/plan", LIMIT),
        ("POST", "accounts/default/queue", LIMIT),
        ("POST", "accounts/default/faults", LIMIT),
    ],
)
def test_every_body_is_told_the_limit(bench: Bench, method: str, path: str, says: str) -> None:
    before = bench.client.get("/_mock/state").get_json()
    body = b'{"rate": 0}'.ljust(ABOVE)
    answer = bench.client.open(f"/_mock/{path}", method=method, data=body)
    assert answer.status_code == 413
    assert answer.get_json()["error"] == {
        "code": "request_entity_too_large",
        "message": f"{ABOVE} {says}",
    }
    assert bench.client.get("/_mock/state").get_json() == before


def declared(url: str, path: str, head: str) -> tuple[bytes, bytes]:
    """Send a head that declares a body, and give the head and the body of the answer."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    told, _, body = received.partition(b"\r\n\r\n")
    return told, body


def test_a_body_too_large_to_be_read_is_told_the_same() -> None:
    with MockPardot(rows=0) as mock:
        for path in ("/_mock/accounts/default/data/prospect", "/_mock/accounts"):
            head, body = declared(mock.url, path, f"Content-Length: {UNREAD}")
            assert head.startswith(b"HTTP/1.1 413 ")
            assert b"Content-Type: application/json" in head
            assert json.loads(body) == too_large_view(path, UNREAD)
        head, body = declared(mock.url, "/api/login/version/4", f"Content-Length: {UNREAD}")
        assert head.startswith(b"HTTP/1.1 413 ")
        assert b"Content-Type: text/plain" in head
        head, body = declared(mock.url, "/_mock/accounts", "Transfer-Encoding: gzip")
        assert head.startswith(b"HTTP/1.1 501 ")


def test_a_body_of_unknown_length_is_told_the_limit() -> None:
    told = too_large_view("/_mock/accounts/a/data/prospect", None)["error"]["message"]
    assert told.startswith("the body has more than the 16 MiB of one load; ")
