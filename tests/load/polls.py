"""Status polls a second, beside a bare Flask route on the same server."""

from __future__ import annotations

import re
import socket
import threading
import time
from statistics import median
from typing import TYPE_CHECKING

from flask import Flask

from pardot_mock import MockPardot
from pardot_mock.server import Server
from tests.load.story import Story

if TYPE_CHECKING:
    from tests.load.report import Report

DURATION = 0.5
ROUNDS = 9
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")


def measure(report: Report) -> None:
    """Print polls a second for 1 and 8 connections, each connection with its own account."""
    bare = Flask("bare")
    bare.add_url_rule("/poll", view_func=lambda: "ok")
    server = Server(bare)
    server.start()
    with MockPardot(rate=0, edition="ultimate") as mock:
        stories = [Story(mock.account()) for _ in range(8)]
        for story in stories:
            story.create()
        for connections in (1, 8):
            port = int(mock.url.rsplit(":", 1)[1])
            targets = [(story.read_path, story.headers) for story in stories[:connections]]
            bare_targets: list[tuple[str, dict[str, str]]] = [("/poll", {})] * connections
            # Turn about, so that whatever else the machine does hits both alike.
            rounds = [
                (_rate(server.port, bare_targets), _rate(port, targets)) for _ in range(ROUNDS)
            ]
            reference, ours = (median(each) for each in zip(*rounds, strict=True))
            ratio = median(mine / theirs for theirs, mine in rounds)
            report.line(
                f"status polls a second, {connections} connections",
                f"{ours:.0f}",
                f"bare Flask route {reference:.0f}, ratio {ratio:.2f}",
            )
    server.stop()


def _rate(port: int, targets: list[tuple[str, dict[str, str]]]) -> float:
    counts = [0] * len(targets)
    end = time.perf_counter() + DURATION

    def poll(number: int) -> None:
        path, headers = targets[number]
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *map(": ".join, headers.items())]
        request = "\r\n".join([*lines, "", ""]).encode()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.perf_counter() < end:
                connection.sendall(request)
                _read_answer(connection)
                counts[number] += 1

    threads = [threading.Thread(target=poll, args=(n,)) for n in range(len(targets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / DURATION


def _read_answer(connection: socket.socket) -> None:
    """Read one answer, and no more of it than its end: client and server share a processor.

    A client library spends more time on our fifteen headers than the server does on the call.
    """
    received = connection.recv(65536)
    while (head := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65536)
    length = _LENGTH.search(received, 0, head)
    if not received.startswith(b"HTTP/1.1 200") or length is None:
        raise AssertionError(received)
    missing = head + 4 + int(length[1]) - len(received)
    while missing > 0:
        missing -= len(connection.recv(missing))
