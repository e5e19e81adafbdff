"""Takes over the waits of a program: instead of sleeping it tells how long it would have slept.

A line of text each, answered by `ok`: `wait SECONDS PLACE` before a wait, which is over when the
answer is there, and `call PLACE` before a call goes out. PLACE is `file:line` of the program's own
code, or empty. The scripts that tell are in `coupled/`: for Python, Node and shells.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ADDRESS = "PARDOT_MOCK_WAITS"
_LONGEST_LINE = 64 * 1024
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Told:
    """What a program told: a wait of `seconds`, or None for a call it is about to make.

    `place` is `file:line` of its own code, as far as it is known.
    """

    seconds: float | None
    place: str = ""


class Waits:
    """Listens on loopback within a `with` block, and hands on what programs tell.

    `tell` is called for each, one at a time; a wait is over when it returns. `folder` gets the
    command that stands for `sleep`.
    """

    def __init__(self, tell: Callable[[Told], None], folder: Path) -> None:
        self._folder = folder
        self._server = _Server(tell)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_SECONDS},
            name="pardot-mock-waits",
            daemon=True,
        )

    def __enter__(self) -> Waits:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; whoever waits from now on sleeps in real time."""
        self._server.shutdown()
        self._thread.join()
        self._server.end()

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """Give what makes a program tell its waits; what `base` says beside that is kept."""
        host, port = self._server.server_address[:2]
        programs = self._folder / "bin"
        programs.mkdir(exist_ok=True)
        sleep = programs / "sleep"
        scripts = Path(__file__).with_name("coupled")
        words = shlex.join([sys.executable, "-I", "-S", str(scripts / "sleep.py")])
        sleep.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
        sleep.chmod(0o755)
        require = f'--require "{scripts / "timers.cjs"}"'
        known = {
            "PATH": _joined(str(programs), base.get("PATH", os.defpath)),
            "PYTHONPATH": _joined(str(scripts), base.get("PYTHONPATH", "")),
            "NODE_OPTIONS": f"{base.get('NODE_OPTIONS', '')} {require}".strip(),
            "BASH_ENV": str(scripts / "bash.sh"),
            ADDRESS: f"{host!s}:{port}",
        }
        if "BASH_ENV" in base:
            known["PARDOT_MOCK_BASH_ENV"] = base["BASH_ENV"]
        return known


def _joined(*folders: str) -> str:
    return os.pathsep.join(folder for folder in folders if folder)


class _Server(ThreadingTCPServer):
    """The listener; `tell` is called under a lock."""

    daemon_threads = True

    def __init__(self, tell: Callable[[Told], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._tell = tell
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def hand_on(self, line: bytes) -> None:
        """Read a line and hand it on; raise `ValueError` if it is none of ours."""
        kind, _, rest = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
        if kind == "call":
            told = Told(None, rest)
        else:
            seconds, _, place = rest.partition(" ")
            told = Told(float(seconds), place)
        if kind not in ("call", "wait") or not 0 <= (told.seconds or 0) < float("inf"):
            raise ValueError(line)
        with self._lock:
            self._tell(told)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remember the connection, so that `end` can end it."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - a socket
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Close the listener and what is connected to it."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(StreamRequestHandler):
    """One connection: any number of lines."""

    server: _Server

    def handle(self) -> None:
        """Answer every line; nonsense ends the connection."""
        with suppress(OSError, ValueError):
            while line := self.rfile.readline(_LONGEST_LINE):
                self.server.hand_on(line)
                self.wfile.write(b"ok\n")
