"""What a grade is given: the calls of one client, the exports they were about, and some settings.

Frozen values only, so that grading the same evidence twice gives the same grade. All instants are
virtual (aware UTC, whole seconds): a clock that was moved by hand between two calls has waited.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pardot_mock.domain.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

STALE = frozenset({ErrorCode.INVALID_KEY, ErrorCode.INVALID_TOKEN})
TERMINAL = frozenset({"Complete", "Failed", "Canceled"})
_FREE = frozenset({"login", "token", "unknown"})
_SERVER_FAULTS = frozenset({ErrorCode.INTERNAL_ERROR, ErrorCode.REQUEST_TIMED_OUT})
_SERVER_ERROR = 500
Signature = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the journal. `bytes` of `length` announced ones were sent.

    `request` is the same for calls with the same parameters; `exposed` names the credentials that
    stood in its URL; `offset` is 0 where none was asked for.
    """

    id: str
    at: datetime
    op: str
    method: str = "GET"
    status: int = 200
    error_code: int | None = None
    detail: str = ""
    user: str | None = None
    export: int | None = None
    file: int | None = None
    state: str = ""
    expired: bool = False
    format: str = ""
    auth: str = "api_key"
    unit: bool = False
    request: str = ""
    bytes: int = 0
    length: int = 0
    faulted: bool = False
    garbled: bool = False
    exposed: tuple[str, ...] = ()
    version: str = ""
    offset: int = 0

    @property
    def refused(self) -> bool:
        """Whether the answer was an error of the API, other than a breakdown of the server."""
        return self.error_code is not None and self.error_code not in _SERVER_FAULTS

    @property
    def broken(self) -> bool:
        """Whether no usable answer arrived: none, a server error, or a body cut off or garbled."""
        if self.refused:
            return False
        cut = self.bytes < self.length
        return self.status == 0 or self.status >= _SERVER_ERROR or cut or self._spoiled

    @property
    def _spoiled(self) -> bool:
        return self.garbled or self.error_code in _SERVER_FAULTS

    @property
    def sound(self) -> bool:
        """Whether the client got what it asked for."""
        return not self.refused and not self.broken

    @property
    def signature(self) -> Signature:
        """What makes a call the same as another one."""
        return self.op, self.method, self.request


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """An export as the account knows it; `request` is the same for exports of the same rows."""

    id: int
    request: str
    created_at: datetime
    finished_at: datetime | None = None
    expired_at: datetime | None = None
    complete: bool = False
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What the rows that a client ended with are worth: `difference` is empty if they are right."""

    export: int
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The calls of an account, oldest first, and what has to be known about the account.

    `dropped` calls are missing. `places` is how many calls it serves at once, `key_life` how long
    an api_key lives.
    """

    calls: tuple[Call, ...]
    exports: Mapping[int, ExportFacts] = field(default_factory=dict)
    truths: tuple[Truth, ...] = ()
    dropped: int = 0
    places: int = 5
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    key_life: timedelta = timedelta(minutes=60)

    def of(self, *ops: str) -> Iterator[Call]:
        """Give the calls of these operations."""
        return (call for call in self.calls if call.op in ops)

    def counted(self) -> Iterator[Call]:
        """Give the calls that need an allowance and a place: all but those for a key or token."""
        return (call for call in self.calls if call.op not in _FREE)

    def queries(self) -> Iterator[Call]:
        """Give the queries, of exports and of synchronous objects."""
        return (call for call in self.calls if call.op.rpartition(".")[2] == "query")

    def by_export(self, *ops: str) -> Mapping[int, Sequence[Call]]:
        """Give the calls of these operations that name an export, by its id."""
        found: dict[int, list[Call]] = defaultdict(list)
        for call in self.of(*ops):
            if call.export is not None:
                found[call.export].append(call)
        return found

    def by_signature(self) -> Mapping[Signature, Sequence[Call]]:
        """Give the calls that are the same, together."""
        found: dict[Signature, list[Call]] = defaultdict(list)
        for call in self.calls:
            found[call.signature].append(call)
        return found

    def creates(self) -> Mapping[int, Call]:
        """Give the call that created each export."""
        return {c.export: c for c in self.of("create") if c.export is not None and not c.refused}
