"""Clients that do not read what they asked for: they are cut off, and hold up nobody for ever."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from waitress.adjustments import Adjustments

from pardot_mock.channels import Channel
from pardot_mock.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tests.integration.conftest import Bench

SOON = 0.1
FOREVER = 3600.0
SIZES = {
    # What the application hands out straight to the socket; more than sockets hold.
    "/large": (65536, 400),
    # What goes through the server's buffers; more than they and the sockets hold.
    "/small": (16384, 1600),
    # What fits into the server's buffers, but not into the sockets.
    "/left": (16384, 700),
}


@dataclass
class Application:
    """Answers with as many pieces as the path says, and tells when it is given up or done."""

    ended: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        size, count = SIZES.get(environ["PATH_INFO"], (2, 1))
        start("200 OK", [("Content-Length", str(size * count))])
        return self._pieces(b"x" * size, count)

    def _pieces(self, piece: bytes, count: int) -> Iterator[bytes]:
        try:
            for _ in range(count):
                yield piece
        finally:
            if count > 1:
                self.ended.set()


@pytest.fixture
def application() -> Application:
    return Application()


def serving(app: Callable[..., Any], patience: float) -> Iterator[Server]:
    served = Server(app, threads=1, patience=patience)
    served.start()
    yield served
    served.stop()


@pytest.fixture
def impatient(application: Application) -> Iterator[Server]:
    yield from serving(application, SOON)


@pytest.fixture
def patient(application: Application) -> Iterator[Server]:
    yield from serving(application, FOREVER)


def asked(server: Server, path: str, headers: str = "") -> socket.socket:
    client = connected(server.address)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
    return client


def connected(address: tuple[str, int]) -> socket.socket:
    """Connect a client that takes little in advance."""
    client = socket.socket()
    client.settimeout(20)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(address)
    return client


def count_of(client: socket.socket) -> int:
    """How many bytes come until the connection ends."""
    count = 0
    try:
        while piece := client.recv(1 << 20):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count


def channels(server: Server) -> list[Channel]:
    return list(server._server.active_channels.values())


@pytest.mark.parametrize("path", ["/large", "/small"])
def test_a_client_that_reads_nothing_gives_its_thread_back(
    impatient: Server, application: Application, path: str
) -> None:
    size, count = SIZES[path]
    with asked(impatient, path) as deaf:
        assert application.ended.wait(20)
        # There is one thread: it is free again.
        with asked(impatient, "/") as other:
            assert other.recv(8) == b"HTTP/1.1"
        assert 0 < count_of(deaf) < size * count


def test_what_is_left_in_the_buffers_is_given_up_too(
    impatient: Server, application: Application
) -> None:
    size, count = SIZES["/left"]
    with asked(impatient, "/left") as deaf:
        assert application.ended.wait(20)
        while channels(impatient):
            with asked(impatient, "/", "Connection: close\r\n") as other:
                assert count_of(other) > 0
        assert count_of(deaf) < size * count


@pytest.mark.parametrize("path", SIZES)
def test_who_reads_late_gets_everything(patient: Server, path: str) -> None:
    size, count = SIZES[path]
    with asked(patient, path, "Connection: close\r\n") as late:
        assert count_of(late) > size * count


class Nobody:
    """As much of a server as a channel needs that is never asked for anything."""

    def __init__(self) -> None:
        self.active_channels: dict[int, Channel] = {}


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells what is on its way")
def test_reading_a_little_is_progress_though_nothing_more_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = connected(listening.getsockname())
        ours, address = listening.accept()
    with client, ours:
        channel = Channel(Nobody(), ours, address, Adjustments(), map={})
        with contextlib.suppress(BlockingIOError):
            while True:
                ours.send(b"x" * 65536)
        before = channel.progress()
        assert channel.progress() == before
        while channel.progress() == before:
            assert client.recv(4096)


def test_a_download_that_nobody_reads_gives_its_place_back_and_is_journaled(bench: Bench) -> None:
    caller = bench.fresh(rows=60_000).caller()
    bench.control("plan", {"kind": "instant"})
    year = {"created_after": "2025-03-01", "created_before": "2026-03-01"}
    export = caller.new_export(procedure={"name": "filter_by_created_at", "arguments": year})
    path = urlsplit(caller.read(export)["resultRefs"]).path
    server = Server(bench.client.application, patience=SOON)
    # Connections take this over from the socket that listens: less than the file is on its way.
    server._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    server.start()
    headers = "".join(f"{name}: {value}\r\n" for name, value in caller.headers.items())
    with asked(server, path, headers) as deaf:
        assert deaf.recv(8) == b"HTTP/1.1"
        while bench.account.calls_under_way:
            requests.get(f"{server.url}/_mock/health", timeout=20)
    entry = bench.account.journal.entries("download")[-1]
    assert entry.status == 200
    assert 0 < entry.bytes < entry.length
    server.stop()
