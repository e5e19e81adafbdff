"""Raw HTTP: what is given goes out unchanged."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.meter import Meter
from pardot_contracts.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 301 Moved\r\nLocation: /there\r\nX-Two: a\r\nContent-Length: 2\r\n\r\nhi"
)


class Listener:
    """Takes one connection, keeps what arrives and sends a fixed answer."""

    def __init__(self, end: bytes) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._end = end
        self.received = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while not self.received.endswith(self._end):
                self.received += connection.recv(65536)
            connection.sendall(ANSWER)

    def close(self) -> None:
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def chunked() -> Iterator[Listener]:
    listener = Listener(b"0\r\n\r\n")
    yield listener
    listener.close()


@pytest.fixture
def plain() -> Iterator[Listener]:
    listener = Listener(b"END")
    yield listener
    listener.close()


def test_chunks_go_out_chunked_and_without_a_length(chunked: Listener) -> None:
    Wire(chunked.url, Meter()).send("POST", "/a", chunks=[b"one", b"two"])
    head, _, body = chunked.received.partition(b"\r\n\r\n")
    assert b"content-length" not in head.lower()
    assert b"Transfer-Encoding: chunked" in head
    assert body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


def test_the_target_goes_out_as_given_and_no_redirect_is_followed(plain: Listener) -> None:
    wire = Wire(plain.url, Meter())
    reply = wire.send("POST", "/a//b/%2B/?x=1+2%20&y", headers={"X-Odd": "1"}, body=b"END")
    assert plain.received.startswith(b"POST /a//b/%2B/?x=1+2%20&y HTTP/1.1\r\n")
    assert b"X-Odd: 1\r\n" in plain.received
    assert (reply.status, reply.headers["location"], reply.body) == (301, "/there", b"hi")


def test_a_prefix_of_the_base_url_is_kept(plain: Listener) -> None:
    Wire(f"{plain.url}/base/", Meter()).post_json("/a", "END")
    assert plain.received.startswith(b"POST /base/a HTTP/1.1\r\n")


def test_every_call_is_metered(plain: Listener) -> None:
    meter = Meter()
    Wire(plain.url, meter).post_json("/a", "END")
    assert meter.used == 1
