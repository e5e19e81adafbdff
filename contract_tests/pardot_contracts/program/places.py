"""Finds the lines to change: where a program waited, or sent the call, that broke a rule.

A program whose language is coupled tells its lines itself. Of every other one the source files on
its command line are searched for words that mean a wait.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pardot_contracts.program.running import Note
    from pardot_mock.conduct import Call
    from pardot_mock.reports import Place

SHOWN = 3
_WAIT_RULES = frozenset(
    {
        "first-poll-not-at-once",
        "polls-no-faster-than-documented",
        "polls-less-and-less-often",
        "backs-off-when-crowded",
        "pauses-after-failures",
    }
)
"""Rules that are kept by waiting longer: the wait is the line to change."""

_WAITING = re.compile(r"\b(sleep|usleep|msleep|setTimeout|setInterval|delay|time\.After)\b", re.I)
_MAX_SOURCE = 1_000_000


class Lines:
    """The lines of one program, by the calls it made; `command` is how it was started."""

    def __init__(
        self, calls: Sequence[Call], notes: Sequence[Note], dropped: int, command: Sequence[str]
    ) -> None:
        self._calls = calls
        self._at = {call.id: number + dropped for number, call in enumerate(calls)}
        self._notes = notes
        self._dropped = dropped
        self._command = command

    def of(self, rule: str, entries: Iterable[str]) -> tuple[Place, ...]:
        """Give the lines that are behind these calls, the most frequent ones first."""
        numbers = [self._at[entry] for entry in entries if entry in self._at]
        waits = rule in _WAIT_RULES
        told = [place for number in numbers for place in self._told(number, waits=waits)]
        ranked = sorted(dict.fromkeys(told), key=told.count, reverse=True)
        found = [place for name in ranked for place in places_at(name)]
        if not found and waits and numbers:
            found = list(waiting_lines(self._command))
        return tuple(dict.fromkeys(found))[:SHOWN]

    def _told(self, number: int, *, waits: bool) -> Iterator[str]:
        """Give the waits before call `number`, or where it was sent if there were none."""
        before = self._before(number) if waits else number
        slept = [n for n in self._notes if before < n.position <= number and n.seconds is not None]
        sent = [n for n in self._notes if n.position <= number and n.seconds is None]
        if waits and slept:
            yield from (note.place for note in slept)
        elif sent:
            yield sent[-1].place

    def _before(self, number: int) -> int:
        """Give the call that call `number` came too soon after."""
        call = self._calls[number - self._dropped]
        for earlier in range(number - self._dropped - 1, -1, -1):
            other = self._calls[earlier]
            if other.op in ("create", call.op) and other.export == call.export:
                return earlier + self._dropped
        return number - 1


def places_at(told: str) -> list[Place]:
    """Read a line that was told as `file:line`; line 0 stands for the waits in the file."""
    from pardot_mock.reports import Place

    name, _, line = told.rpartition(":")
    if not name or not line.isdecimal():
        return []
    path, number = Path(name), int(line)
    if number == 0:
        return list(waiting_lines([name]))
    lines = _lines(path)
    text = lines[number - 1].strip() if number <= len(lines) else ""
    return [Place(_shown(path), number, text)]


def waiting_lines(words: Sequence[str]) -> Iterator[Place]:
    """Give the lines of the files among `words` that seem to wait."""
    from pardot_mock.reports import Place

    for path in map(Path, words):
        for number, line in enumerate(_lines(path), start=1):
            if _WAITING.search(line) and not line.lstrip().startswith(("#", "//", "import ")):
                yield Place(_shown(path), number, line.strip())


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > _MAX_SOURCE:
            return []
        return path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _shown(path: Path) -> str:
    """Give a path as people name it: below where the run was started, if it is there."""
    here = Path.cwd()
    absolute = path if path.is_absolute() else here / path
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
