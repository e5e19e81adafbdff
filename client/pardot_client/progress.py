"""What a caller can be told while an export is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["created", "waiting", "polled", "complete", "downloading", "downloaded"]


@dataclass(frozen=True)
class Progress:
    """One step of an export.

    Attributes:
        stage: `created`, `waiting` (about to sleep), `polled` (looked), `complete`,
            `downloading` (some bytes of a file arrived), `downloaded` (a file is in place).
        export_id: the export.
        state: its state when last looked at.
        polls: looks so far.
        next_poll: seconds until the next look, at stage `waiting`.
        file: number of the file, from 1, at the download stages.
        files: how many files there are.
        bytes_done: bytes of this file that have arrived.
        bytes_total: bytes this file announced, if it did.
        part: number of this export, from 1, among those that make up a long range.
        parts: how many exports there are.
    """

    stage: Stage
    export_id: int
    state: str
    polls: int = 0
    next_poll: float | None = None
    file: int | None = None
    files: int | None = None
    bytes_done: int = 0
    bytes_total: int | None = None
    part: int = 1
    parts: int = 1


OnProgress = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Tell nobody."""


def one_at_a_time(progress: OnProgress) -> OnProgress:
    """The same, safe to be called from several threads."""
    lock = threading.Lock()

    def told(step: Progress) -> None:
        with lock:
            progress(step)

    return told
