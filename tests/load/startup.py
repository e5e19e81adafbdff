"""How long until it answers: the process, a server on a thread, a fresh account, its reset."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from pardot_mock import MockPardot
from tests.load.report import median_seconds

if TYPE_CHECKING:
    from tests.load.report import Report

BARE = (
    "import flask, waitress, sys\n"
    "app = flask.Flask('bare')\n"
    "app.route('/_mock/health')(lambda: 'ok')\n"
    "waitress.serve(app, port=int(sys.argv[sys.argv.index('--port') + 1]), _quiet=True)\n"
)


def measure(report: Report) -> None:
    """Print start-up times."""
    _warm_caches()
    ours = [sys.executable, "-m", "pardot_mock", "serve", "--quiet", "--port"]
    report.line("process start to first healthy answer", _ms(_process(ours)), "target 250 ms")
    many = [*ours[:-1], "--rows", "10000000", "--port"]
    report.line("the same with 10 million rows", _ms(_process(many)))
    bare = [sys.executable, "-c", BARE, "--port"]
    report.line("reference: a bare Flask route on waitress", _ms(_process(bare)))
    report.line("MockPardot start and stop", _ms(median_seconds(_live, 21)), "target 20 ms")
    with MockPardot(rate=0) as mock:
        report.line("fresh account", _ms(median_seconds(mock.account, 101)), "target 3 ms")
        account = mock.account()
        report.line("reset of an account", _ms(median_seconds(account.reset, 101)), "target 5 ms")


def _warm_caches() -> None:
    subprocess.run([sys.executable, "-m", "pardot_mock", "version"], check=True,
                   stdout=subprocess.DEVNULL, env=_environment())  # fmt: skip


def _environment() -> dict[str, str]:
    # A user's interpreter keeps its compiled files; measure with them.
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _live() -> None:
    with MockPardot(rate=0):
        pass


def _ms(duration: float) -> str:
    return f"{duration * 1000:.1f} ms"


def _process(command: list[str], times: int = 11) -> float:
    return median_seconds(lambda: _until_healthy(command), times)


def _until_healthy(command: list[str]) -> None:
    port = _free_port()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL,
                               env=_environment())  # fmt: skip
    try:
        while not _answers(port):
            time.sleep(0.002)
    finally:
        # Killed, not asked: the shutdown is not what is measured.
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/health", timeout=5):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
