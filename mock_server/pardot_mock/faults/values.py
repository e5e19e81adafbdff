"""A fault: which calls of an account it meets, what it does to them, and how often.

- Faults are frozen values; how often one has hit is known to the plan alone.
- A match with more fields meets fewer calls; `op` `*` meets every operation.
- The kinds, fields and defaults are chosen; they name what clients meet on real networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain.syncobjects import SYNC_OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY = "*"
TOKEN = "token"  # noqa: S105 - the name of an operation
OPS = ("login", "create", "read", "query", "download", TOKEN, *SYNC_OPERATIONS, ANY)
OPS_WITH_EXPORT = ("read", "download", ANY)
OPS_WITH_FILE = ("download", ANY)


class FaultKind(StrEnum):
    """What can go wrong at the front door."""

    ERROR = "error"
    STATUS = "status"
    LATENCY = "latency"
    RESET = "reset"
    STALL = "stall"
    TRUNCATE = "truncate"
    DRIP = "drip"
    GARBAGE = "garbage"
    WRONG_LENGTH = "wrong_length"
    OVERTIME = "overtime"


NEEDS: Mapping[FaultKind, tuple[str, ...]] = MappingProxyType(
    {
        FaultKind.ERROR: ("code",),
        FaultKind.STATUS: ("status",),
        FaultKind.LATENCY: ("seconds",),
        FaultKind.RESET: (),
        FaultKind.STALL: ("seconds",),
        FaultKind.TRUNCATE: (),
        FaultKind.DRIP: ("bytes_per_second",),
        FaultKind.GARBAGE: (),
        FaultKind.WRONG_LENGTH: (),
        FaultKind.OVERTIME: (),
    }
)
"""The fields of an effect without which it means nothing."""

TAKES: Mapping[FaultKind, tuple[str, ...]] = MappingProxyType(
    {
        FaultKind.ERROR: ("status",),
        FaultKind.RESET: ("after_bytes",),
        FaultKind.STALL: ("after_bytes",),
        FaultKind.TRUNCATE: ("after_bytes",),
    }
)
"""The fields of an effect that may be left out."""


@dataclass(frozen=True, slots=True)
class FaultMatch:
    """The calls that a fault meets.

    `nth` is the one matching call to hit, counted from 1 since the fault was added. `export` and
    `file` are ids as the calls name them.
    """

    op: str = ANY
    nth: int | None = None
    export: int | None = None
    file: int | None = None

    def fits(self, op: str, export: int | None, file: int | None) -> bool:
        """Whether a call of `op` about `export` and `file` is meant; `nth` does not count here."""
        return self.op in (ANY, op) and self.export in (None, export) and self.file in (None, file)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does: `seconds` are real ones, `after_bytes` counts bytes of the body.

    `code` is an error code of the API, `status` an HTTP status.
    """

    kind: FaultKind
    code: int | None = None
    status: int | None = None
    seconds: float | None = None
    after_bytes: int | None = None
    bytes_per_second: int | None = None

    @property
    def stops_the_call(self) -> bool:
        """Whether the operation must not run: the call is turned away before it."""
        if self.kind is FaultKind.RESET:
            return self.after_bytes is None
        return self.kind in (FaultKind.ERROR, FaultKind.STATUS)


@dataclass(frozen=True, slots=True)
class Fault:
    """An effect on the calls that `match`, for the first `times` of them or for the nth alone."""

    id: int
    match: FaultMatch
    effect: Effect
    times: int = 1

    def meets(self, op: str, export: int | None, file: int | None) -> bool:
        """Whether a call counts for this fault."""
        # Error codes belong to the API; the token endpoint speaks another language.
        if op == TOKEN and self.effect.kind is FaultKind.ERROR:
            return False
        return self.match.fits(op, export, file)

    def hits(self, seen: int, consumed: int) -> bool:
        """Whether the `seen`-th matching call is hit, after `consumed` hits before it."""
        if self.match.nth is not None:
            return seen == self.match.nth
        return consumed < self.times

    def __str__(self) -> str:
        """Name the fault in journal and logs."""
        return f"fault {self.id} ({self.effect.kind})"
