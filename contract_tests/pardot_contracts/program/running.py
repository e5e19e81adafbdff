"""Runs a program in front of an emulator of its own, and keeps what it did.

The emulator's clock runs with real time, and a wait that the program tells of moves it instead of
being slept, as far as the program's language is known: Python, Node, and shells. Everything else
sleeps in real time, or is given a shorter wait and a faster clock.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_contracts.program.scenarios import Scenario
    from pardot_mock.account import Account
    from pardot_mock.dropin.waits import Told
    from pardot_mock.instance import Instance

OUT = "PARDOT_OUT"
OUT_WORD = "{out}"
LAST_WORDS_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Note:
    """What the program told before call number `position` (from 0) of the journal arrived."""

    position: int
    seconds: float | None
    place: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How programs are run: `rate` None couples waits; `timeout` is real seconds for each run."""

    rate: float | None = None
    timeout: float = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `code` is None if it had to be ended, negative for a signal."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float


@dataclass(slots=True)
class Played:
    """One run: the account as the program left it, what it told, printed and wrote."""

    scenario: Scenario
    account: Account
    ended: Ended
    folder: Path
    virtual: timedelta
    notes: list[Note] = field(default_factory=list)
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def slept(self) -> float:
        """Seconds that the program waited on the clock of the account."""
        return sum(note.seconds or 0 for note in self.notes)


class Stage:
    """An emulator with one scenario, for one run within a `with` block."""

    def __init__(self, scenario: Scenario, manner: Manner) -> None:
        self._scenario, self._manner = scenario, manner
        self._stack, self._serving = ExitStack(), ExitStack()
        self._notes: list[Note] = []

    def __enter__(self) -> Stage:
        """Start the emulator; raise `ConfigurationError` for a scenario that does not work."""
        from pardot_mock.dropin.authority import Authority
        from pardot_mock.dropin.opening import DropIn
        from pardot_mock.dropin.waits import Waits

        with ExitStack() as stack:
            self._instance = self._started()
            stack.callback(self._instance.close)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pardot-contracts-"))
            self._folder = Path(folder)
            serving = self._serving
            self._instance.start()
            proxy = DropIn(self._instance.server.address, Authority())
            self._dropin = serving.enter_context(proxy)
            self._waits = serving.enter_context(Waits(self._tell, self._folder))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything; rows and keys are gone."""
        self.stop_serving()
        self._stack.close()

    def stop_serving(self) -> None:
        """Stop what the program needed; what it did can still be looked at."""
        self._serving.close()

    def play(self, command: Sequence[str]) -> Played:
        """Run `command`; raise `ConfigurationError` if it cannot be started."""
        account = self._instance.default
        out = self._folder / "out"
        out.mkdir()
        words = [word.replace(OUT_WORD, str(out)) for word in command]
        began = account.now()
        ended = run(words, self._environment(out), self._manner.timeout)
        virtual = account.now() - began
        refused = self._dropin.refused
        return Played(self._scenario, account, ended, out, virtual, self._notes, refused)

    def _started(self) -> Instance:
        from pardot_mock.instance import Config, Instance
        from pardot_mock.testing.live import default_wish

        rate = {} if self._manner.rate is None else {"rate": self._manner.rate}
        try:
            return Instance(Config(account=default_wish({**self._scenario.settings, **rate})))
        except ValueError as error:
            raise ConfigurationError(f"scenario {self._scenario.name}: {error}") from error

    def _environment(self, out: Path) -> dict[str, str]:
        from pardot_mock.credentials import credentials
        from pardot_mock.dropin.environment import caller_variables

        base = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        base["PATH"] = _path_with_this_python(base)
        known = credentials(self._instance.default.info, self._instance.default.owner)
        led = {**base, **self._dropin.variables(base)}
        if self._manner.rate is None:
            led |= self._waits.variables(led)
        return {**led, **caller_variables(self._instance.url, known), OUT: str(out)}

    def _tell(self, told: Told) -> None:
        account = self._instance.default
        position = len(account.journal.entries()) + account.journal.dropped
        self._notes.append(Note(position, told.seconds, told.place))
        if told.seconds:
            span = timedelta(seconds=told.seconds)
            with account.lock:
                account.move_clock(lambda clock, real: clock.advance(span, real))


def _is_setting(name: str) -> bool:
    return name.startswith("PARDOT_")


def _path_with_this_python(base: Mapping[str, str]) -> str:
    """Let `python` be the one that runs the harness, unless somebody has activated another."""
    path, here = base.get("PATH", os.defpath), str(Path(sys.executable).parent)
    return os.pathsep.join([path, here] if "VIRTUAL_ENV" in base else [here, path])


def run(command: Sequence[str], environment: Mapping[str, str], timeout: float) -> Ended:
    """Run a command to its end, or end it with all its children after `timeout` real seconds.

    Raises `ConfigurationError` if it cannot be started.
    """
    began = time.monotonic()
    # Looked up in the program's PATH, not in ours.
    found = shutil.which(command[0], path=environment.get("PATH"))
    if found is None:
        raise ConfigurationError(f"{command[0]} cannot be started: there is no such command")
    try:
        process = subprocess.Popen(  # noqa: S603 - the caller's own program
            [found, *command[1:]],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigurationError(f"{command[0]} cannot be started: {error}") from error
    watch = threading.Timer(timeout, _end, [process, signal.SIGTERM])
    last = threading.Timer(timeout + LAST_WORDS_SECONDS, _end, [process, signal.SIGKILL])
    for each in (watch, last):
        each.daemon = True
        each.start()
    out, err = process.communicate()
    for each in (watch, last):
        each.cancel()
    seconds = time.monotonic() - began
    _end(process, signal.SIGKILL)
    code = None if seconds >= timeout else process.returncode
    return Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), seconds)


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """End the program and whatever it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
