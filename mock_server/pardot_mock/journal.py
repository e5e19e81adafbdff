"""What the clients of an account sent, and what they were answered.

Append-only and bounded by bytes: when it is full the oldest entries go, and `dropped` says how
many, so that nobody grades a client on half of what it did. Credentials never get in.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pardot_mock.domain.quirks import Quirks

MAX_BYTES = 16 * 1024 * 1024
MAX_TEXT = 500
MOST_RECENT = 500
"""Calls of an account whose answers can be explained; older ones are forgotten."""
_OVERHEAD = 600
REDACTED = "***"
SECRETS = frozenset(
    {
        "password",
        "api_key",
        "user_key",
        "access_token",
        "refresh_token",
        "client_secret",
        "assertion",
        "code",
        "token",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One call: when (virtual, UTC), what, by whom, and how it was answered.

    `bytes` counts the body that was sent, of `length` in all; `duration_ms` real
    milliseconds until it was. `detail` says in words why a call was refused, `hint` what the
    nearest valid call would be, and `warnings` what of it was ignored though it may matter. What
    a grade needs beyond that: which `export` and `file` the call was about, the `state` that the
    answer showed and whether it said `expired`; the `format` asked for; `auth`, the kind of
    credentials, and whether the header of the business `unit` came; `request`, a digest that is
    the same for the same parameters and leaves the places of credentials out; whether a fault hit
    (`faulted`) and whether it made the body useless (`garbled`). `sent` and `answered` are the
    bodies, without credentials, where they are texts of a bearable length.
    """

    id: str
    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    op: str
    status: int
    error_code: int | None
    user: str | None
    bytes: int
    duration_ms: float
    charged: bool
    detail: str = ""
    export: int | None = None
    file: int | None = None
    state: str = ""
    expired: bool = False
    format: str = ""
    auth: str = ""
    unit: bool = False
    request: str = ""
    length: int = 0
    faulted: bool = False
    garbled: bool = False
    hint: str = ""
    warnings: tuple[str, ...] = ()
    sent: str = ""
    answered: str = ""

    @property
    def size(self) -> int:
        """About how many bytes of memory the entry takes."""
        words = (self.path, self.detail, self.hint, self.sent, self.answered, *self.warnings)
        texts = (*words, *self.query, *self.query.values())
        return _OVERHEAD + sum(len(text) for text in texts)


def redacted(values: Mapping[str, str]) -> Mapping[str, str]:
    """Give `values` with every credential blanked and every text cut to a bearable length."""
    return {
        name[:MAX_TEXT]: REDACTED if name.lower() in SECRETS else value[:MAX_TEXT]
        for name, value in values.items()
    }


def redacted_path(path: str) -> str:
    """Give a path with the value after every credential name blanked."""
    lowered = path.lower()
    if not any(name in lowered for name in SECRETS):
        return path[:MAX_TEXT]
    segments = path.split("/")
    blanked = [
        REDACTED if before.lower() in SECRETS and segment else segment
        for before, segment in zip(["", *segments], segments, strict=False)
    ]
    return "/".join(blanked)[:MAX_TEXT]


class Journal:
    """The entries of one account, oldest first. Safe to use from several threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._entries: deque[Entry] = deque()
        self._max_bytes = max_bytes
        self._bytes = 0
        self._dropped = 0
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        """Append an entry; the oldest make room for it."""
        with self._lock:
            self._entries.append(entry)
            self._bytes += entry.size
            while self._bytes > self._max_bytes and len(self._entries) > 1:
                self._bytes -= self._entries.popleft().size
                self._dropped += 1

    def sent(
        self, entry_id: str, size: int, duration_ms: float, *, whole: bool, why: str = ""
    ) -> None:
        """Note how much of a streamed answer went out, how long it took, and if that was all.

        Of an answer without an announced length that was broken off, no more is known than that at
        least one byte is missing. `why` says what broke it off, if that was not the client.
        """
        with self._lock:
            for place in range(len(self._entries) - 1, -1, -1):
                if self._entries[place].id == entry_id:
                    known = self._entries[place]
                    self._entries[place] = replace(
                        known,
                        bytes=size,
                        duration_ms=duration_ms,
                        length=known.length or (size if whole else size + 1),
                        detail="; ".join(filter(None, (known.detail, why))),
                    )
                    return

    def entries(self, op: str | None = None, since: datetime | None = None) -> list[Entry]:
        """List the entries: of one operation only, or at and after an instant only."""
        with self._lock:
            found = list(self._entries)
        return [
            entry
            for entry in found
            if (op is None or entry.op == op) and (since is None or entry.at >= since)
        ]

    @property
    def dropped(self) -> int:
        """How many entries had to make room."""
        return self._dropped

    def clear(self) -> None:
        """Forget every entry and the count of dropped ones."""
        with self._lock:
            self._entries.clear()
            self._bytes = self._dropped = 0


class Recent:
    """The last calls with the quirks that were in force, so that an answer can be explained.

    Safe to use from several threads.
    """

    def __init__(self, most: int = MOST_RECENT) -> None:
        self._calls: deque[tuple[Entry, Quirks]] = deque(maxlen=most)

    def add(self, entry: Entry, quirks: Quirks) -> None:
        """Remember a call; the oldest one makes room."""
        self._calls.append((entry, quirks))

    def find(self, entry_id: str) -> tuple[Entry, Quirks] | None:
        """Give a call and the quirks in force at it; None if it is not, or no longer, known."""
        known = self._calls.copy()
        return next((call for call in reversed(known) if call[0].id == entry_id), None)
