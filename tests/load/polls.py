"""Status polls a second, beside a bare Flask route on the same server."""

from __future__ import annotations

import http.client
import threading
import time
from typing import TYPE_CHECKING

from flask import Flask

from pardot_mock import MockPardot
from pardot_mock.server import Server
from tests.load.story import Story

if TYPE_CHECKING:
    from tests.load.report import Report

DURATION = 2.0


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
            reference = _rate(server.port, [("/poll", {})] * connections)
            port = int(mock.url.rsplit(":", 1)[1])
            targets = [(story.read_path, story.headers) for story in stories[:connections]]
            ours = _rate(port, targets)
            report.line(
                f"status polls a second, {connections} connections",
                f"{ours:.0f}",
                f"bare Flask route {reference:.0f}, ratio {ours / reference:.2f}",
            )
    server.stop()


def _rate(port: int, targets: list[tuple[str, dict[str, str]]]) -> float:
    counts = [0] * len(targets)
    end = time.perf_counter() + DURATION

    def poll(number: int) -> None:
        path, headers = targets[number]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < end:
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=poll, args=(n,)) for n in range(len(targets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / DURATION
