"""The faults planned for one account, and which of them have happened.

Laws: planned = consumed + what is left of the unused; a fault hits at most `times` calls, one with
`nth` at most one; a call counts once for each fault that it matches, hit or not.
Safe to use from several threads; knows nothing of other accounts.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_mock.faults.values import Fault

if TYPE_CHECKING:
    from pardot_mock.faults.values import Effect, FaultMatch


class UnknownFaultError(KeyError):
    """No fault of the plan has this id."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault, how many matching calls it has seen, and how many of them it has hit."""

    fault: Fault
    seen: int = 0
    consumed: int = 0

    @property
    def left(self) -> int:
        """How many hits have not happened."""
        return self.fault.times - self.consumed


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the plan went: hits `planned` and `consumed`, and the faults with hits left."""

    planned: int
    consumed: int
    unused: tuple[Planned, ...]


class FaultPlan:
    """The faults of one account, in the order they were added."""

    def __init__(self) -> None:
        self._planned: dict[int, Planned] = {}
        self._added = 0
        self._lock = threading.Lock()

    def add(self, match: FaultMatch, effect: Effect, times: int = 1) -> Fault:
        """Plan a fault for calls to come; give it with its id."""
        with self._lock:
            self._added += 1
            fault = Fault(self._added, match, effect, times)
            self._planned[fault.id] = Planned(fault)
        return fault

    def remove(self, fault_id: int) -> None:
        """Forget a fault and its hits; raise `UnknownFaultError` if there is none."""
        with self._lock:
            if self._planned.pop(fault_id, None) is None:
                raise UnknownFaultError(fault_id)

    def clear(self) -> None:
        """Forget every fault and every hit."""
        with self._lock:
            self._planned.clear()

    def list(self) -> tuple[Planned, ...]:
        """List the faults with what they have seen and hit."""
        with self._lock:
            return tuple(self._planned.values())

    def take(
        self, op: str, export: int | None = None, file: int | None = None
    ) -> tuple[Fault, ...]:
        """Count a call, and give the faults that hit it, oldest first."""
        if not self._planned:
            return ()
        with self._lock:
            return tuple(
                planned.fault
                for planned in list(self._planned.values())
                if planned.fault.meets(op, export, file) and self._count(planned)
            )

    def _count(self, planned: Planned) -> bool:
        fault, seen = planned.fault, planned.seen + 1
        hit = fault.hits(seen, planned.consumed)
        self._planned[fault.id] = Planned(fault, seen, planned.consumed + hit)
        return hit

    def verdict(self) -> Verdict:
        """Say what was planned, what has happened, and what never did."""
        known = self.list()
        return Verdict(
            planned=sum(each.fault.times for each in known),
            consumed=sum(each.consumed for each in known),
            unused=tuple(each for each in known if each.left),
        )
