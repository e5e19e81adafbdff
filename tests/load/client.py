"""The reference client: files beside curl, memory while they come, and rows out of them."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pardot_client import Pardot, Polling
from pardot_client.frames import polars_frame
from pardot_client.rows import read_rows
from tests.load.emulator import KEYS, emulator, memory
from tests.load.report import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pardot_client import Export
    from tests.load.report import Report

ROWS = 1_000_000
ROUNDS = 5


def measure(report: Report) -> None:
    """Print how fast the client fetches and reads a million rows, and what memory it takes."""
    # The world spans three years, and an export one of them.
    with emulator(3 * ROWS) as served, TemporaryDirectory() as folder:
        served.plan(ROWS // 10)
        jobs = {width: _export(served.url, width) for width in (1, 5)}
        _memory_of(report, jobs[5], Path(folder) / "5")
        for width, job in jobs.items():
            # The first time a file is fetched it is made; here its way is measured.
            job.download(Path(folder) / f"{width}")
            _beside_curl(report, job, width, Path(folder) / "again")
        _parsing(report, sorted((Path(folder) / "5").iterdir()))


def _export(url: str, width: int) -> Export:
    pardot = Pardot(**KEYS, base_url=url, concurrency=width, polling=Polling(unit=0, at_least=0))
    bounds = {"created_after": "-1 year", "created_before": "now"}
    return pardot.exports.create("visitorActivity", **bounds).wait()  # type: ignore[arg-type]


def _beside_curl(report: Report, job: Export, width: int, folder: Path) -> None:
    if shutil.which("curl") is None:
        report.line(f"client beside curl, {width} at a time", "-", "curl is not installed")
        return

    def curl() -> None:
        _curl(job, width, folder)

    def client() -> None:
        job.download(folder)

    took: dict[Callable[[], None], list[float]] = {curl: [], client: []}
    for _ in range(ROUNDS):
        # Turn and turn about, so that whatever else the machine does strikes both.
        for work, times in took.items():
            times.append(seconds(work))
    size = sum(path.stat().st_size for path in folder.iterdir()) / 2e6
    ours, theirs = (size / statistics.median(took[work]) for work in (client, curl))
    report.line(
        f"client fetches a million rows, {width} at a time",
        f"{ours:.0f} MB/s",
        f"curl {theirs:.0f} MB/s, ratio {ours / theirs:.2f}, target 0.80",
    )
    shutil.rmtree(folder)


def _curl(job: Export, width: int, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    signed = job._caller.shared.keyring
    key = signed._held.key.secret if signed._held else ""
    command = ["curl", "--silent", "--fail", "--noproxy", "*", "--parallel"]
    command += ["--parallel-max", str(width)]
    command += ["--header", f"Authorization: Pardot api_key={key}, user_key={KEYS['user_key']}"]
    for number, ref in enumerate(job.refs):
        command += [ref, "--output", str(folder / f"{number}.curl")]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def _memory_of(report: Report, job: Export, folder: Path) -> None:
    before = memory(os.getpid(), "VmRSS")
    # Forgets the peak so far, so that what follows is the download's own.
    Path("/proc/self/clear_refs").write_text("5")
    job.download(folder)
    growth = memory(os.getpid(), "VmHWM") - before
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    report.line(
        "client: memory growth while a million rows come", f"{growth:.1f} MB", f"{size:.0f} MB came"
    )


def _parsing(report: Report, paths: Sequence[Path]) -> None:
    def dicts(typed: bool) -> Callable[[], int]:
        return lambda: sum(1 for path in paths for _ in read_rows(path, typed=typed, zone=None))

    for name, work in (
        ("dictionaries", dicts(typed=False)),
        ("typed dictionaries", dicts(typed=True)),
        ("a typed polars frame", lambda: polars_frame(paths, (), None)),
    ):
        took = seconds(work)
        report.line(f"a million rows to {name}", f"{took:.2f} s", f"{1 / took:.2f} M rows/s")
