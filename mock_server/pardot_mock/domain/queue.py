"""The queue of one account's exports, or imports: `advance(queue, now)` is the whole lifecycle.

What is said of exports holds for every `Job`.

Laws:
1. Looking more often never changes the outcome: advance(advance(q, a), b) == advance(q, b).
2. At most one export is Processing, and the oldest goes first.
3. No export is lost.
4. Stepping to the next due instant changes only what is stamped with that instant.
5. Everything settles, and nothing unfinished outlives its seven days.

Each line is kept in the order in which its exports can move, so only the heads are looked at:
`waiting` by creation, `ready` by expiry. `closed` never moves again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeAlias, TypeVar

from pardot_mock.domain.exports import Export, ExportState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pardot_mock.domain.plans import Plan


class Job(Protocol):
    """What can stand in a queue; instants are aware UTC. See `Export` for what each one means."""

    @property
    def id(self) -> int: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def state(self) -> str: ...
    @property
    def has_results(self) -> bool: ...
    @property
    def earliest_start(self) -> datetime: ...
    @property
    def cancel_due(self) -> datetime: ...
    @property
    def finish_due(self) -> datetime | None: ...
    @property
    def expiry_due(self) -> datetime | None: ...
    def started(self, at: datetime) -> Self: ...
    def finished(self, at: datetime, state: ExportState) -> Self: ...
    def cancelled(self, at: datetime) -> Self: ...
    def expired(self, at: datetime) -> Self: ...


J = TypeVar("J", bound=Job)


class IllegalMoveError(ValueError):
    """A state that an export cannot be forced into from where it is."""


@dataclass(frozen=True)
class JobQueue(Generic[J]):
    """All exports of one account, in the lines they stand in.

    `freed_at` is the instant at which an export last left the front of the line unexpired.
    """

    waiting: tuple[J, ...] = ()
    current: J | None = None
    ready: tuple[J, ...] = ()
    closed: tuple[J, ...] = ()
    freed_at: datetime | None = None

    def __iter__(self) -> Iterator[J]:
        """Give every export, in no promised order."""
        yield from self.closed
        yield from self.ready
        if self.current is not None:
            yield self.current
        yield from self.waiting

    def __len__(self) -> int:
        """Count all exports."""
        return len(self.by_id)

    @cached_property
    def by_id(self) -> Mapping[int, J]:
        """Every export under its id, in the order of ids; made once for each value of the queue."""
        # The iterator, not the queue: sorting asks a queue for its length, which is counted here.
        by_id = sorted(iter(self), key=lambda export: export.id)
        return {export.id: export for export in by_id}

    def add(self, export: J) -> JobQueue[J]:
        """Give the queue with `export` at the end of the waiting line."""
        return replace(self, waiting=(*self.waiting, export))


ExportQueue: TypeAlias = JobQueue[Export]


class _Move(IntEnum):
    """What can happen by itself; at one instant in this order.

    An export that finishes at the last permitted second has finished, so ends come before
    cancellations; one that could only start at that second has not, so starts come after.
    """

    END = 0
    CANCEL = 1
    START = 2
    EXPIRE = 3


def next_due(queue: JobQueue[J]) -> datetime | None:
    """Give the earliest instant at which anything in `queue` changes by itself; None: never."""
    head = queue.waiting[0] if queue.waiting else None
    first_ready = queue.ready[0] if queue.ready else None
    moves = _moves(queue.current, head, queue.freed_at, first_ready)
    return min((at for at, _ in moves), default=None)


def advance(queue: JobQueue[J], now: datetime) -> JobQueue[J]:
    """Give `queue` as it stands at `now`, every change stamped with the instant it was due."""
    due = next_due(queue)
    if due is None or due > now:
        return queue
    return _Lines(queue).run_until(now)


def force(queue: JobQueue[J], export_id: int, state: ExportState, now: datetime) -> JobQueue[J]:
    """Give `queue` with one unfinished export ended as `state` (Complete or Failed) at `now`.

    Raises `KeyError` for an unknown id and `IllegalMoveError` for an export that is over, or a
    state that ends nothing. `queue` must stand at `now`.
    """
    export = queue.by_id[export_id]
    if state not in (ExportState.COMPLETE, ExportState.FAILED):
        raise IllegalMoveError(f"an export can be forced to Complete or Failed, not {state}")
    if export.state not in (ExportState.WAITING, ExportState.PROCESSING):
        raise IllegalMoveError(f"export {export_id} is already {export.state}")
    lines = _Lines(queue)
    lines.end_out_of_turn(export, state, now)
    return lines.run_until(now)


def _moves(
    current: J | None, head: J | None, freed_at: datetime | None, ready: J | None
) -> list[tuple[datetime, _Move]]:
    """Give what the heads of the lines will do next, each with the instant it is due."""
    moves = []
    if current is not None:
        finish = current.finish_due
        cancel = current.cancel_due
        moves.append((cancel if finish is None else min(finish, cancel), _Move.END))
    if head is not None:
        moves.append((head.cancel_due, _Move.CANCEL))
        if current is None:
            start = head.earliest_start
            moves.append((start if freed_at is None else max(start, freed_at), _Move.START))
    if ready is not None:
        moves.append((_expiry(ready), _Move.EXPIRE))
    return moves


def _expiry(export: J) -> datetime:
    due = export.expiry_due
    if due is None:
        raise ValueError(f"export {export.id} has no results that could expire")
    return due


class _Lines(Generic[J]):
    """The lines of a queue while it is being advanced; gone when `run_until` returns."""

    def __init__(self, queue: JobQueue[J]) -> None:
        self.waiting = deque(queue.waiting)
        self.current = queue.current
        self.ready = deque(queue.ready)
        self.closed = list(queue.closed)
        self.freed_at = queue.freed_at

    def run_until(self, now: datetime) -> JobQueue[J]:
        while True:
            at, move = min(self._moves(), default=(now, None))
            if move is None or at > now:
                break
            self._make(move, at)
        return JobQueue(
            tuple(self.waiting), self.current, tuple(self.ready), tuple(self.closed), self.freed_at
        )

    def end_out_of_turn(self, export: J, state: ExportState, at: datetime) -> None:
        """Take `export` out of its line and end it as `state`."""
        if self.current is not None and self.current.id == export.id:
            self.current = None
        else:
            self.waiting.remove(export)
        self._close(export.finished(at, state), at)

    def _moves(self) -> list[tuple[datetime, _Move]]:
        head = self.waiting[0] if self.waiting else None
        return _moves(self.current, head, self.freed_at, self.ready[0] if self.ready else None)

    def _make(self, move: _Move, at: datetime) -> None:
        if move is _Move.END and self.current is not None:
            export, self.current = self.current, None
            self._close(self._ended(export, at), at)
        elif move is _Move.CANCEL:
            self._close(self.waiting.popleft().cancelled(at), at)
        elif move is _Move.START:
            self.current = self.waiting.popleft().started(at)
        elif move is _Move.EXPIRE:
            self.closed.append(self.ready.popleft().expired(at))

    def _ended(self, export: J, at: datetime) -> J:
        if export.finish_due != at:
            return export.cancelled(at)
        return export.finished(
            at, ExportState.FAILED if export.plan.fails else ExportState.COMPLETE
        )

    def _close(self, export: J, at: datetime) -> None:
        """File an ended export and let the next one start."""
        self.freed_at = at
        if not export.has_results:
            self.closed.append(export)
            return
        self.ready.append(export)
        # Expiry counted from creation can overtake; counted from completion it never does.
        if len(self.ready) > 1 and _expiry(self.ready[-2]) > _expiry(export):
            self.ready = deque(sorted(self.ready, key=_expiry))
