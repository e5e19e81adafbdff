"""Starts the emulator as a process of its own, and ends it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pardot_contracts.problems import TargetUnreachableError

START_SECONDS = 30
STOP_SECONDS = 5
LOOK_SECONDS = 0.01


class EmulatorProcess:
    """`pardot-mock serve` on a free port with clocks that only tests move.

    `arguments` are further options of `pardot-mock serve`.
    """

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pardot-contracts-")
        self._ready = Path(self._folder.name, "ready")
        self._log = Path(self._folder.name, "log")
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it and give its URL; raise `TargetUnreachableError` if it does not come up."""
        serve = ("serve", "--port", "0", "--ready-file", str(self._ready), "--clock", "frozen")
        command = [sys.executable, "-m", "pardot_mock", *serve, *self._arguments]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            url = self._ready.read_text("utf-8").strip() if self._ready.exists() else ""
            if url:
                return url
            time.sleep(LOOK_SECONDS)
        said = self._log.read_text("utf-8", errors="replace").strip()
        self.stop()
        raise TargetUnreachableError(f"the emulator did not start: {said[-2000:] or 'no output'}")

    def stop(self) -> None:
        """End the process and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()
