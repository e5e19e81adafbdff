"""An emulator in a process of its own, and what can be seen of it from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 1, tzinfo=UTC)
CHUNK = 1024 * 1024
KEYS = {"email": "demo@example.com", "password": "demo-password", "user_key": "0" * 31 + "1"}


@dataclass
class Emulator:
    """The default account of a server with a frozen clock, and a client that is logged in."""

    url: str
    pid: int
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        key = self.http.post(f"{self.url}/api/login?format=json", data=KEYS).json()["api_key"]
        self.http.headers["Authorization"] = f"Pardot api_key={key}, user_key={KEYS['user_key']}"

    def plan(self, rows_per_file: int) -> None:
        """Let every export be complete at once, in files of so many rows."""
        plan = {"kind": "instant", "rows_per_file": rows_per_file}
        self.http.post(f"{self.url}/_mock/accounts/default/plan", json=plan).raise_for_status()

    def export(self, year: int) -> list[str]:
        """Export the activities of a year, 1 being the latest; give the URLs of the files."""
        before = f"-{year - 1} years" if year > 1 else "now"
        arguments = {"created_after": f"-{year} years", "created_before": before}
        procedure = {"name": "filter_by_created_at", "arguments": arguments}
        api = f"{self.url}/api/export/version/4/do"
        body = {"object": "visitorActivity", "procedure": procedure}
        made = self.http.post(f"{api}/create?format=json", json=body).json()["export"]
        answer = self.http.get(f"{api}/read/id/{made['id']}?format=json").json()
        refs: Any = answer["export"].get("resultRefs", [])
        return [refs] if isinstance(refs, str) else refs

    def memory(self, name: str = "VmRSS") -> float:
        """Give a figure of the process's memory, in MB."""
        return memory(self.pid, name)

    def cpu(self) -> float:
        """Give the seconds of processor time the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, name: str) -> float:
    """Give a figure of a process's memory, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def fetch(http: requests.Session, urls: list[str]) -> tuple[float, int]:
    """Fetch files and throw them away; give when the first byte came, and the bytes."""
    first, size = 0.0, 0
    for url in urls:
        with http.get(url, stream=True) as answer:
            for chunk in answer.iter_content(CHUNK):
                first = first or time.perf_counter()
                size += len(chunk)
    return first, size


@contextmanager
def emulator(rows: int) -> Iterator[Emulator]:
    """Serve a world of so many activities within the block."""
    command = [sys.executable, "-m", "pardot_mock", "serve", "--port", "0", "--clock", "frozen",
               "--rows", str(rows), "--now", START.isoformat(), "--quiet"]  # fmt: skip
    with process(command) as (line, pid):
        served = Emulator(line.split()[-1], pid)
        with served.http:
            yield served


@contextmanager
def process(command: list[str]) -> Iterator[tuple[str, int]]:
    """Run a command within the block; give the first line it prints, and its id."""
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if started.stdout is None:
        raise RuntimeError("the process has no output")
    try:
        yield started.stdout.readline().strip(), started.pid
    finally:
        started.terminate()
        started.wait()
        started.stdout.close()
