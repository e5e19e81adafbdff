"""`make big`: ten million rows, downloaded by the reference client, held against the truth.

The one measurement that can fail: nothing may be lost, doubled or altered.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pardot_client import Pardot, Polling
from tests.load.emulator import KEYS, emulator

if TYPE_CHECKING:
    from tests.load.emulator import Emulator
    from tests.load.report import Report

ROWS = 10_000_000
YEARS = (("-3 years", "-2 years"), ("-2 years", "-1 year"), ("-1 year", "now"))
ROWS_PER_FILE = 100_000


def measure(report: Report) -> None:
    """Export the three years of the world, and check every row; raises if one is not right."""
    with emulator(ROWS) as served, TemporaryDirectory() as folder:
        idle = served.memory()
        served.plan(ROWS_PER_FILE)
        began = time.perf_counter()
        exports = _downloaded(served, Path(folder))
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.csv")) / 1e6
        growth = served.memory("VmHWM") - idle
        report.line("create to the last byte on the client's disk", f"{took:.1f} s",
                    f"{size:.0f} MB, {size / took:.0f} MB/s")  # fmt: skip
        report.line("memory growth of the server", f"{growth:.0f} MB", "target 100 MB")
        for export in exports:
            report.line(f"export {export}", _checked(served, export, Path(folder) / str(export)))


def _downloaded(served: Emulator, folder: Path) -> list[int]:
    done = []
    # The exports are complete at once, so there is nothing to wait for before the first look.
    at_once = Polling(unit=0, at_least=0)
    with Pardot(**KEYS, base_url=served.url, polling=at_once) as pardot:
        for after, before in YEARS:
            job = pardot.exports.create(
                "visitorActivity", created_after=after, created_before=before
            ).wait()
            job.download(folder / str(job.id))
            done.append(job.id)
    return done


def _checked(served: Emulator, export: int, folder: Path) -> str:
    command = [sys.executable, "-m", "pardot_mock", "truth", str(export),
               "--url", served.url, "--check", str(folder)]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        raise SystemExit(f"export {export}: {found.stdout}{found.stderr}")
    return found.stdout.strip()
