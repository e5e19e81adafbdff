"""Rows from create to the last byte, first byte, sealed against plain files, and memory."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import requests

from pardot_mock.domain.plans import DEFAULT_ROWS_PER_FILE
from tests.load.emulator import Emulator, emulator, fetch, process
from tests.load.report import seconds

if TYPE_CHECKING:
    from tests.load.report import Report

LARGE_FILE = 100_000
ROUNDS = 7
PLAIN = """
import sys
from flask import Flask, Response
from pardot_mock.ownprocess import set_up
from pardot_mock.server import Server
path, app = sys.argv[1], Flask("plain")

@app.get("/file")
def send():
    import os
    def chunks():
        with open(path, "rb") as file:
            while chunk := file.read(262144):
                yield chunk
    answer = Response(chunks(), content_type="text/csv")
    answer.content_length = os.path.getsize(path)
    return answer

set_up()
server = Server(app)
print(server.url, flush=True)
server.run()
"""


def measure(report: Report) -> None:
    """Print what a client sees of one and ten million rows."""
    for rows_per_file in (DEFAULT_ROWS_PER_FILE, LARGE_FILE):
        for rows in (1_000_000, 10_000_000):
            _story(report, rows, rows_per_file)
    _first_bytes(report)
    with TemporaryDirectory() as folder:
        _again(report, Path(folder))


def _story(report: Report, rows: int, rows_per_file: int) -> None:
    with emulator(rows) as served:
        idle, busy = served.memory(), served.cpu()
        served.plan(rows_per_file)
        began = time.perf_counter()
        refs = [ref for year in (3, 2, 1) for ref in served.export(year)]
        _, size = fetch(served.http, refs)
        took = time.perf_counter() - began
        name = f"{rows // 1_000_000} M rows in files of {rows_per_file:,}"
        used = f"processor time of the server {served.cpu() - busy:.1f} s"
        report.line(f"{name}: create to last byte", f"{took:.2f} s",
                    f"{size / took / 1e6:.0f} MB/s; {used}")  # fmt: skip
        growth = served.memory("VmHWM") - idle
        report.line(f"{name}: memory growth", f"{growth:.0f} MB", "target 100 MB")


def _first_bytes(report: Report) -> None:
    with emulator(1_000_000) as served:
        served.plan(LARGE_FILE)
        cold = _first_byte(served)
        warm = statistics.median(_first_byte(served) for _ in range(ROUNDS))
        report.line("first byte after Complete", f"{warm * 1000:.0f} ms",
                    f"target 50 ms; {cold * 1000:.0f} ms for the first file of a process, "
                    "which loads numpy and polars")  # fmt: skip


def _first_byte(served: Emulator) -> float:
    refs = served.export(1)
    listed = time.perf_counter()
    with served.http.get(refs[0], stream=True) as answer:
        next(answer.iter_content(1024))
        return time.perf_counter() - listed


def _again(report: Report, folder: Path) -> None:
    """Fetch one file over and over: sealed, plain from the same server, and from a static one."""
    path = folder / "rows.csv"
    with emulator(1_000_000) as served:
        served.plan(1_000_000)
        (ref,) = served.export(1)
        path.write_bytes(served.http.get(ref).content)
        plain = [sys.executable, "-c", PLAIN, str(path)]
        static = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1",
                  "--directory", str(folder)]  # fmt: skip
        with process(plain) as (url, _), process(static) as (line, _), requests.Session() as http:
            http.trust_env = False
            port = line.split(" port ")[1].split()[0]
            targets = {
                "sealed file again": (served.http, ref),
                "reference: the same server, the plain file": (http, f"{url}/file"),
                "reference: a static file server": (http, f"http://127.0.0.1:{port}/rows.csv"),
            }
            # In turn, so that whatever else the machine does meets all of them.
            rounds = [
                {name: _seconds_of(*target) for name, target in targets.items()}
                for _ in range(ROUNDS)
            ]
    took = {name: statistics.median(each[name] for each in rounds) for name in targets}
    best = took["reference: the same server, the plain file"]
    for name, median in took.items():
        report.line(name, f"{path.stat().st_size / median / 1e6:.0f} MB/s",
                    f"{best / median:.0%} of the plain file")  # fmt: skip


def _seconds_of(http: requests.Session, url: str) -> float:
    return seconds(lambda: fetch(http, [url]))
