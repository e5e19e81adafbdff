"""The control plane answers when clients hold every thread, and the order of calls is kept."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from pardot_mock.dispatcher import RESERVE
from pardot_mock.server import Server
from tests.integration.conftest import EXPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tests.integration.conftest import Bench

THREADS = 2


class Application:
    """Answers every path by itself; a path that ends with `held` once it is released."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.begun = threading.Semaphore(0)
        self.released = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.seen.append(path)
        if path.endswith("held"):
            self.begun.release()
            assert self.released.wait(20)
        start("200 OK", [("Content-Length", str(len(path)))])
        return [path.encode()]


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()
    yield made
    made.released.set()


@pytest.fixture
def server(application: Application) -> Iterator[Server]:
    served = Server(application, threads=THREADS)
    served.start()
    yield served
    application.released.set()
    served.stop()


def asked(server: Server, *paths: str) -> socket.socket:
    """Send calls one after the other over one connection, without waiting for an answer."""
    client = socket.create_connection(server.address, timeout=20)
    client.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths).encode())
    return client


def answers(client: socket.socket, count: int) -> list[str]:
    """Read so many answers, each of which is the path that was called."""
    got = b""
    with client:
        while True:
            parts = got.split(b"\r\n\r\n")
            bodies = [part.split(b"HTTP/")[0].decode() for part in parts[1:]]
            if len(bodies) == count and len(bodies[-1]) > 1:
                return bodies
            piece = client.recv(65536)
            assert piece
            got += piece


def hold(server: Server, application: Application, path: str, count: int) -> list[socket.socket]:
    holding = [asked(server, path) for _ in range(count)]
    for _ in holding:
        assert application.begun.acquire(timeout=20)
    return holding


def let_go(application: Application, holding: list[socket.socket]) -> None:
    application.released.set()
    bodies = [answers(client, 1)[0] for client in holding]
    assert all(body.endswith("held") for body in bodies)


def test_the_control_plane_answers_while_every_thread_is_held(
    server: Server, application: Application
) -> None:
    holding = hold(server, application, "/held", THREADS)
    for number in range(3 * RESERVE):
        assert answers(asked(server, f"/_mock/{number}"), 1) == [f"/_mock/{number}"]
    assert len(application.seen) == THREADS + 3 * RESERVE
    let_go(application, holding)


def test_no_other_call_takes_a_place_of_the_reserve(
    server: Server, application: Application
) -> None:
    holding = hold(server, application, "/held", THREADS)
    waiting = [asked(server, path) for path in ("/api", "/_mockery", "/_mock")]
    for _ in range(3 * RESERVE):
        answers(asked(server, "/_mock/health"), 1)
    assert {*application.seen} == {"/held", "/_mock/health"}
    let_go(application, holding)
    assert [answers(client, 1) for client in waiting] == [["/api"], ["/_mockery"], ["/_mock"]]


def test_calls_of_one_connection_keep_their_order(server: Server, application: Application) -> None:
    holding = hold(server, application, "/held", THREADS)
    mixed = ("/api/1", "/_mock/2", "/api/3", "/_mock/4")
    client = asked(server, *mixed)
    answers(asked(server, "/_mock/health"), 1)
    assert "/_mock/2" not in application.seen
    let_go(application, holding)
    assert answers(client, len(mixed)) == [*mixed]
    assert [path for path in application.seen if path in mixed] == [*mixed]


def test_when_the_reserve_is_held_too_calls_wait_for_their_turn(
    server: Server, application: Application
) -> None:
    holding = hold(server, application, "/_mock/held", THREADS + RESERVE)
    waiting = asked(server, "/_mock/health")
    let_go(application, holding)
    assert answers(waiting, 1) == ["/_mock/health"]


def test_the_reserve_starts_no_thread_before_it_is_needed(
    server: Server, application: Application
) -> None:
    before = threading.active_count()
    holding = hold(server, application, "/held", THREADS)
    others = threading.active_count()
    assert others == before + THREADS - 1
    answers(asked(server, "/_mock/health"), 1)
    assert threading.active_count() == others + 1
    let_go(application, holding)


def test_a_request_without_a_path_is_still_answered(server: Server) -> None:
    with socket.create_connection(server.address, timeout=20) as client:
        client.sendall(b"NONSENSE\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.0 400"


def test_an_account_is_looked_at_and_reset_while_stalled_calls_hold_every_thread(
    bench: Bench,
) -> None:
    caller = bench.caller()
    bench.control("faults", {"effect": {"kind": "stall", "seconds": 3600}, "times": THREADS})
    server = Server(bench.client.application, threads=THREADS)
    server.start()
    headers = "".join(f"{name}: {value}\r\n" for name, value in caller.headers.items())
    call = f"GET {EXPORT}/query?format=json HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode()
    stalled = [socket.create_connection(server.address, timeout=20) for _ in range(THREADS)]
    for client in stalled:
        client.sendall(call)
    while bench.account.calls_under_way < THREADS:
        bench.client.get("/_mock/health")
    url = f"{server.url}/_mock"
    account = f"{url}/accounts/default"
    assert requests.get(f"{url}/health", timeout=20).json()["status"] == "ok"
    entries = requests.get(f"{account}/journal", timeout=20).json()["entries"]
    assert [entry["op"] for entry in entries] == ["login", "query", "query"]
    assert requests.post(f"{account}/reset", timeout=20).status_code == 200
    assert bench.account.calls_under_way == 0
    for client in stalled:
        client.close()
    server.stop()
