"""Runs a command as a shell would: its signals reach it, its exit code comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_STARTED = 127
_BY_SIGNAL = 128
_FORWARDED = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH")


class NotStartedError(Exception):
    """The command could not be started; the message says why."""


def run_child(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` to its end and give its exit code: 128 + n if signal n ended it.

    Signals that come meanwhile are passed on. Must be called on the main thread. Raises
    `NotStartedError`.
    """
    with _Forwarding() as forwarding:
        try:
            child = subprocess.Popen(command, env=dict(environment))  # noqa: S603 - the caller's own
        except OSError as error:
            raise NotStartedError(f"{command[0]}: {error.strerror or error}") from error
        forwarding.begin(child)
        code = child.wait()
    return code if code >= 0 else _BY_SIGNAL - code


class _Forwarding:
    """Passes signals on to a child, those that came before it was there included."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def begin(self, child: subprocess.Popen[bytes]) -> None:
        """Pass on what has come, and from now on what comes."""
        self._child = child
        for number in self._early:
            child.send_signal(number)

    def __enter__(self) -> _Forwarding:
        for name in _FORWARDED:
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, self._pass_on)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _pass_on(self, number: int, _: object) -> None:
        if self._child is None:
            self._early.append(number)
        elif not (_from_keyboard(number) and _in_foreground()):
            self._child.send_signal(number)


def _from_keyboard(number: int) -> bool:
    return number in (signal.SIGINT, getattr(signal, "SIGQUIT", None))


def _in_foreground() -> bool:
    """Whether the terminal sends its signals to the child as well, which shares our group."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp()  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):
        return False
