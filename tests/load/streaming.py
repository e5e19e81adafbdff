"""Rows from create to the last byte, first byte, sealed against plain files, and memory."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import requests

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.domain.rows import RowQuery
from tests.load.report import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.load.report import Report

START = datetime(2026, 3, 1, tzinfo=UTC)
ROWS_PER_FILE = 100_000
CHUNK = 1024 * 1024
KEYS = {"email": "demo@example.com", "password": "demo-password", "user_key": "0" * 31 + "1"}
PLAIN = """
import sys
from flask import Flask, Response
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

server = Server(app)
print(server.url, flush=True)
server.run()
"""


def measure(report: Report) -> None:
    """Print throughput and memory for one and ten million rows."""
    with TemporaryDirectory() as folder:
        _generation(report, Path(folder))
        for rows in (1_000_000, 10_000_000):
            _story(report, rows)
        _plain(report, Path(folder) / "rows.csv")


def _years(rows: int) -> tuple[Dataset, list[RowQuery]]:
    dataset = Dataset(WorldSpec(1, rows, START))
    fields = OBJECTS["visitorActivity"].export_fields
    bounds = [START - timedelta(days=days) for days in (1096, 731, 366, 0)]
    return dataset, [
        RowQuery("visitorActivity", fields, "created_at", after, before, "UTC", inclusive=True)
        for after, before in pairwise(bounds)
    ]


def _generation(report: Report, folder: Path) -> None:
    import polars as pl

    dataset, queries = _years(1_000_000)
    path = folder / "rows.csv"

    def generate() -> None:
        with path.open("wb") as file:
            for query in queries:
                for part in dataset.slices(query, ROWS_PER_FILE):
                    file.writelines(dataset.csv(query, part))

    took = seconds(generate)
    size = path.stat().st_size / 1e6
    frame = pl.concat([pl.read_csv(path, infer_schema_length=0)])
    raw = seconds(lambda: frame.write_csv(folder / "raw.csv"))
    report.line(
        "generate 1 M rows to a file",
        f"{size / took:.0f} MB/s",
        f"{1 / took:.2f} M rows/s; raw polars write {size / raw:.0f} MB/s, ratio {raw / took:.2f}",
    )


@contextmanager
def _emulator(rows: int) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "pardot_mock", "serve", "--port", "0", "--clock", "frozen",
               "--rows", str(rows), "--now", START.isoformat(), "--quiet"]  # fmt: skip
    with _process(command) as (line, pid):
        yield line.split()[-1], pid


@contextmanager
def _process(command: list[str]) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.terminate()
        process.wait()


def _memory(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def _story(report: Report, rows: int) -> None:
    with _emulator(rows) as (url, pid), requests.Session() as http:
        http.trust_env = False
        idle = _memory(pid, "VmRSS")
        key = http.post(f"{url}/api/login?format=json", data=KEYS).json()["api_key"]
        http.headers["Authorization"] = f"Pardot api_key={key}, user_key={KEYS['user_key']}"
        plan = {"kind": "instant", "rows_per_file": ROWS_PER_FILE}
        http.post(f"{url}/_mock/accounts/default/plan", json=plan)
        began = time.perf_counter()
        refs = [ref for year in (3, 2, 1) for ref in _export(http, url, year)]
        listed = time.perf_counter()
        first, size = _fetch(http, refs)
        took = time.perf_counter() - began
        name = f"{rows // 1_000_000} M rows"
        growth = _memory(pid, "VmHWM") - idle
        report.line(
            f"{name}: create to last byte", f"{took:.2f} s", f"{size / took / 1e6:.0f} MB/s"
        )
        report.line(f"{name}: first byte after Complete", f"{(first - listed) * 1000:.0f} ms")
        report.line(f"{name}: memory growth of the server", f"{growth:.0f} MB", "target 100 MB")
        again = seconds(lambda: _fetch(http, refs[:12]))
        _, part = _fetch(http, refs[:12])
        report.line(f"{name}: sealed files again", f"{part / again / 1e6:.0f} MB/s")


def _export(http: requests.Session, url: str, year: int) -> list[str]:
    before = f"-{year - 1} years" if year > 1 else "now"
    arguments = {"created_after": f"-{year} years", "created_before": before}
    procedure = {"name": "filter_by_created_at", "arguments": arguments}
    api = f"{url}/api/export/version/4/do"
    body = {"object": "visitorActivity", "procedure": procedure}
    made = http.post(f"{api}/create?format=json", json=body).json()["export"]
    answer = http.get(f"{api}/read/id/{made['id']}?format=json").json()
    refs: Any = answer["export"].get("resultRefs", [])
    return [refs] if isinstance(refs, str) else refs


def _fetch(http: requests.Session, urls: list[str]) -> tuple[float, int]:
    """Fetch files and throw them away; give when the first byte came, and the bytes."""
    first, size = 0.0, 0
    for url in urls:
        with http.get(url, stream=True) as answer:
            for chunk in answer.iter_content(CHUNK):
                first = first or time.perf_counter()
                size += len(chunk)
    return first, size


def _plain(report: Report, path: Path) -> None:
    size = path.stat().st_size
    with _process([sys.executable, "-c", PLAIN, str(path)]) as (url, _):
        _rate(report, "reference: the same server, the plain file", f"{url}/file", size)
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1",
               "--directory", str(path.parent)]  # fmt: skip
    with _process(command) as (line, _):
        port = line.split(" port ")[1].split()[0]
        _rate(report, "reference: a static file server", f"http://127.0.0.1:{port}/rows.csv", size)


def _rate(report: Report, what: str, url: str, size: int) -> None:
    with requests.Session() as http:
        http.trust_env = False
        _fetch(http, [url])
        took = seconds(lambda: _fetch(http, [url]))
    report.line(what, f"{size / took / 1e6:.0f} MB/s")
