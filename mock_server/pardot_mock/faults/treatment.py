"""What all faults that hit one call do to it together.

- Of several that turn the call away, a reset wins (nobody is there to answer), then the oldest.
- Latencies add up; the slowest drip counts; the ending with the fewest bytes comes first.
- Garbage replaces the body before anything cuts it.
- A call that takes too long for the service is cut, whatever else would have become of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pardot_mock.faults.values import FaultKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pardot_mock.faults.values import Effect, Fault

GARBAGE_BYTES = 256
EXTRA_LENGTH = 64
"""By how many bytes a wrong Content-Length exceeds the body (chosen)."""

_ENDINGS = (FaultKind.RESET, FaultKind.STALL, FaultKind.TRUNCATE)


@dataclass(frozen=True, slots=True)
class Treatment:
    """The faults of one call, sorted by what they touch. `delay` is in real seconds."""

    faults: tuple[Fault, ...]
    refusal: Fault | None
    delay: float
    garbage: Fault | None
    extra_length: int
    bytes_per_second: int | None
    endings: tuple[Effect, ...]
    overtime: bool = False
    cut: Literal["", "close", "reset"] = ""

    @property
    def unanswered(self) -> bool:
        """Whether the connection ends before any byte of an answer."""
        is_reset = self.refusal is not None and self.refusal.effect.kind is FaultKind.RESET
        return is_reset or bool(self.cut)

    def cut_at(self, limit: float, how: Literal["", "close", "reset"]) -> Treatment:
        """Give what is left if the call ends after `limit` seconds: unanswered, or answered
        then without any other trouble if `how` is empty. Overtime takes no real time.
        """
        delay = 0 if self.overtime else min(self.delay, limit)
        plain = replace(self, garbage=None, extra_length=0, bytes_per_second=None, endings=())
        return replace(plain, delay=delay, cut=how)

    @property
    def touches_delivery(self) -> bool:
        """Whether the answer is sent in any other way than at once and whole."""
        slow = self.delay > 0 or self.bytes_per_second is not None
        return slow or self.unanswered or self.extra_length > 0 or bool(self.endings)

    def ending(self, size: int) -> tuple[Effect, int] | None:
        """Give how the body of `size` bytes ends early, and after how many; None: it does not."""
        cut = [(effect, _after(effect, size)) for effect in self.endings]
        return min(cut, key=lambda pair: pair[1]) if cut else None

    def __str__(self) -> str:
        """Name the faults in journal and logs."""
        return ", ".join(str(fault) for fault in self.faults)


def combine(faults: Sequence[Fault]) -> Treatment:
    """Put together what `faults`, oldest first, do to one call."""
    stopping = [fault for fault in faults if fault.effect.stops_the_call]
    stopping.sort(key=lambda fault: fault.effect.kind is not FaultKind.RESET)
    going_on = [fault for fault in faults if not fault.effect.stops_the_call]
    spoiling = [fault for fault in going_on if fault.effect.kind is FaultKind.GARBAGE]
    effects = [fault.effect for fault in going_on]
    rates = [effect.bytes_per_second for effect in effects if effect.bytes_per_second is not None]
    return Treatment(
        faults=tuple(faults),
        refusal=stopping[0] if stopping else None,
        delay=sum(effect.seconds or 0 for effect in effects if effect.kind is FaultKind.LATENCY),
        garbage=spoiling[0] if spoiling else None,
        extra_length=EXTRA_LENGTH * any(e.kind is FaultKind.WRONG_LENGTH for e in effects),
        bytes_per_second=min(rates, default=None),
        endings=tuple(effect for effect in effects if effect.kind in _ENDINGS),
        overtime=any(effect.kind is FaultKind.OVERTIME for effect in effects),
    )


def _after(effect: Effect, size: int) -> int:
    if effect.after_bytes is not None:
        return min(effect.after_bytes, size)
    return size // 2 if effect.kind is FaultKind.TRUNCATE else 0


def garbage(seed: int, fault_id: int) -> bytes:
    """Give bytes that are neither XML, JSON, CSV nor text; they depend on the arguments alone."""
    drawn = hashlib.shake_256(f"garbage {seed} {fault_id}".encode()).digest(GARBAGE_BYTES - 2)
    # No text encoding of the API knows 0xff after a zero byte.
    return b"\x00\xff" + drawn
