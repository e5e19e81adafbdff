"""How a server ends: at once, or when the calls under way are answered."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_mock.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

PIECE = b"x" * 65536
PIECES = 400
LENGTH = len(PIECE) * PIECES
"""More than sockets and buffers hold, so the call is under way until the client has read it."""


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    length = LENGTH if environ["PATH_INFO"] == "/long" else 2
    start("200 OK", [("Content-Length", str(length))])
    return (PIECE for _ in range(PIECES)) if length == LENGTH else [b"ok"]


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server(application)
    served.start()
    yield served
    served.stop()


def asked(server: Server, path: str) -> socket.socket:
    client = socket.create_connection(server.address, timeout=20)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert client.recv(8) == b"HTTP/1.1"
    return client


def ended_well(client: socket.socket) -> bool:
    """Whether the short answer comes to its end."""
    got = b""
    while not got.endswith(b"ok"):
        piece = client.recv(100)
        if not piece:
            return False
        got += piece
    return True


def rest(client: socket.socket) -> int:
    count = 0
    while piece := client.recv(1 << 20):
        count += len(piece)
    return count


def polling(server: Server) -> threading.Thread:
    thread = server._thread
    assert thread is not None
    return thread


def test_a_download_under_way_is_finished_and_nothing_more_is_accepted(server: Server) -> None:
    with asked(server, "/long") as running, asked(server, "/") as idle:
        assert ended_well(idle)
        server.finish(3600)
        # The idle connection ends first: then the server is known to accept no more.
        assert rest(idle) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.address, timeout=20)
        assert polling(server).is_alive()
        assert rest(running) > LENGTH
    polling(server).join(timeout=20)
    assert not polling(server).is_alive()


def test_what_outlasts_the_grace_is_cut_off(server: Server) -> None:
    with asked(server, "/long") as running:
        server.finish(0)
        polling(server).join(timeout=20)
        assert not polling(server).is_alive()
        try:
            count = rest(running)
        except ConnectionResetError:
            count = 0
    assert count < LENGTH


def test_without_calls_the_end_comes_at_once(server: Server) -> None:
    server.finish(3600)
    polling(server).join(timeout=20)
    assert not polling(server).is_alive()


def test_more_connections_than_threads_are_all_served() -> None:
    served = Server(application, threads=2)
    served.start()
    clients = [asked(served, "/") for _ in range(120)]
    assert all(map(ended_well, clients))
    for client in clients:
        client.close()
    served.stop()


def test_threads_are_started_when_they_are_needed() -> None:
    gate = threading.Barrier(3, timeout=20)

    def meeting(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        gate.wait()
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    before = set(threading.enumerate())
    served = Server(meeting, threads=3)
    served.start()
    assert len(set(threading.enumerate()) - before) == 2
    # Three calls meet at the gate, so three threads serve at once.
    clients = [socket.create_connection(served.address, timeout=20) for _ in range(3)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert all(client.recv(8) == b"HTTP/1.1" for client in clients)
    for client in clients:
        client.close()
    served.stop()
    assert set(threading.enumerate()) <= before
