"""Loaded by Python before a program whose waits are coupled to an emulator's clock.

`time.sleep` and `asyncio.sleep` tell how long they would have slept and return; the clocks of the
module `time` go on by as much. Sleeps of the standard library itself stay real: it sleeps to look
at real things again. Without the variable PARDOT_MOCK_WAITS nothing is changed.

Standard library only, and little of it: this runs in somebody else's interpreter.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TURNS = 5
"""Turns an event loop gets before a sleeper moves the clock, so that other tasks may sleep too."""


class Coupling:
    """Tells waits over one connection for each thread that waits."""

    def __init__(self, address: str) -> None:
        import _thread

        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.real_sleep = time.sleep
        self.grown = 0.0
        self.asleep: dict[object, list[float]] = {}
        self.connections = _thread._local()

    def tell(self, line: str) -> bool:
        """Send a line and wait for its answer; False if nobody listens any more."""
        import _socket

        try:
            connection = getattr(self.connections, "known", None)
            if connection is None:
                connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
                connection.connect(self.address)
                self.connections.known = connection
            connection.send(f"{line}\n".encode("utf-8", "replace"))
            answered = connection.recv(16)
        except OSError:
            return False
        return bool(answered)

    def wait(self, seconds: float, place: str) -> bool:
        """Tell a wait; False if it has to be slept for real."""
        told = self.tell(f"wait {seconds:.6f} {place}")
        if told:
            self.grown += seconds
        return told

    def sleep(self, seconds: float, /) -> None:
        """Stand for `time.sleep`."""
        frame = sys._getframe(1)
        is_ours = not is_library(frame.f_code.co_filename)
        if not (is_ours and seconds > 0 and self.wait(float(seconds), place(frame))):
            self.real_sleep(seconds)
        else:
            self.real_sleep(0)

    def couple_clocks(self) -> None:
        """Let the clocks of `time` go on with the waits."""
        for name in ("time", "monotonic", "perf_counter"):
            setattr(time, name, self._grown(getattr(time, name), 1))
            setattr(time, f"{name}_ns", self._grown(getattr(time, f"{name}_ns"), 10**9))
        setattr(time, "sleep", self.sleep)  # noqa: B010 - a module is not meant to be changed

    def _grown(self, real: Any, unit: int) -> Any:
        def clock() -> Any:
            return real() + type(unit)(self.grown * unit) if unit > 1 else real() + self.grown

        return clock

    def async_sleep(self, real: Any) -> Any:
        """Give what stands for `asyncio.sleep`: tasks of a loop sleep side by side."""

        async def sleep(delay: float, result: Any = None) -> Any:
            if delay <= 0:
                return await real(delay, result)
            import asyncio

            where = place(sys._getframe(0))
            asleep = self.asleep.setdefault(asyncio.get_running_loop(), [])
            until = self.grown + delay
            asleep.append(until)
            try:
                quiet = 0
                while quiet < TURNS:
                    quiet = quiet + 1 if min(asleep) == until else 0
                    await real(0)
            finally:
                asleep.remove(until)
            left = until - self.grown
            if left > 0 and not self.wait(left, where):
                await real(left)
            return result

        return sleep

    def note_calls(self, connection: Any) -> None:
        """Let every HTTP request tell from where it is sent."""
        real = connection.putrequest

        def putrequest(this: Any, *arguments: Any, **named: Any) -> Any:
            self.tell(f"call {place(sys._getframe(1))}")
            return real(this, *arguments, **named)

        connection.putrequest = putrequest


class Afterwards:
    """Finds two modules as usual and changes them right after they were loaded."""

    def __init__(self, coupling: Coupling) -> None:
        self.coupling = coupling
        self.searching = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Give the usual spec with a loader that changes the module."""
        if name not in ("asyncio.tasks", "http.client") or self.searching:
            return None
        from importlib.util import find_spec

        self.searching = True
        try:
            spec = find_spec(name)
        finally:
            self.searching = False
        if spec is not None and spec.loader is not None:
            real = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                real(module)
                self.change(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def change(self, module: Any) -> None:
        """Change what the module has."""
        if module.__name__ == "asyncio.tasks":
            module.sleep = self.coupling.async_sleep(module.sleep)
        else:
            self.coupling.note_calls(module.HTTPConnection)


def folder_of(file: str) -> str:
    """Give the folder a file lies in."""
    return os.path.dirname(os.path.abspath(file))


def is_library(file: str) -> bool:
    """Whether a file belongs to the standard library."""
    if file.startswith("<"):
        return file not in ("<string>", "<stdin>")
    return file.startswith(folder_of(os.__file__)) and "-packages" not in file


def place(frame: Any) -> str:
    """Give the nearest line of the program's own code, neither ours nor of a library."""
    while frame is not None:
        file = frame.f_code.co_filename
        known = is_library(file) or "-packages" in file or file.startswith(folder_of(__file__))
        if not known and os.path.exists(file):
            return f"{os.path.abspath(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def next_sitecustomize() -> None:
    """Load the module of this name that would have been found without ours."""
    from importlib.machinery import PathFinder

    here = folder_of(__file__)
    others = [folder for folder in sys.path if os.path.abspath(folder or ".") != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        spec.loader.exec_module(module_from_spec(spec))


def start(address: str | None) -> None:
    """Couple this interpreter to whoever listens at `address`."""
    if address:
        coupling = Coupling(address)
        coupling.couple_clocks()
        sys.meta_path.insert(0, Afterwards(coupling))
        next_sitecustomize()


start(os.environ.get("PARDOT_MOCK_WAITS"))
