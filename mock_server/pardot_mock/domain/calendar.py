"""What is due in an account, and what happened on the way when its clock moved.

Both are read off timestamps: the queue is advanced (for the future: on a copy, until everything
has settled), and every stamp in the asked interval is an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pardot_mock.domain.exports import LIFETIME, Ending, Export
from pardot_mock.domain.limits import next_reset
from pardot_mock.domain.queue import ExportQueue, advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.imports import Import, ImportDesk
    from pardot_mock.domain.sessions import Sessions


class EventKind(StrEnum):
    """What can happen to an account by itself."""

    EXPORT_STARTS = "export_starts"
    EXPORT_FINISHES = "export_finishes"
    EXPORT_CANCELLED = "export_cancelled"
    EXPORT_EXPIRES = "export_expires"
    KEY_EXPIRES = "key_expires"
    QUOTA_RESETS = "quota_resets"
    IMPORT_STARTS = "import_starts"
    IMPORT_FINISHES = "import_finishes"
    IMPORT_CANCELLED = "import_cancelled"
    IMPORT_EXPIRES = "import_expires"


_ORDER = tuple(EventKind)
MAX_RESETS = 400
"""Midnights listed at most for one movement of the clock."""


@dataclass(frozen=True, slots=True)
class _Kinds:
    """What can happen to a job of some sort."""

    starts: EventKind
    finishes: EventKind
    cancelled: EventKind
    expires: EventKind


_OF_EXPORTS = _Kinds(
    EventKind.EXPORT_STARTS,
    EventKind.EXPORT_FINISHES,
    EventKind.EXPORT_CANCELLED,
    EventKind.EXPORT_EXPIRES,
)
_OF_IMPORTS = _Kinds(
    EventKind.IMPORT_STARTS,
    EventKind.IMPORT_FINISHES,
    EventKind.IMPORT_CANCELLED,
    EventKind.IMPORT_EXPIRES,
)
_START_OF: Final[Mapping[EventKind, EventKind]] = MappingProxyType(
    {
        end: kinds.starts
        for kinds in (_OF_EXPORTS, _OF_IMPORTS)
        for end in (kinds.finishes, kinds.cancelled)
    }
)
"""The kinds of events that end a job, each with the kind that began it."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What an account works on by itself."""

    exports: ExportQueue
    imports: ImportDesk


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at an instant to a subject: the id of an export or import, a user's
    e-mail, a day."""

    at: datetime
    kind: EventKind
    subject: int | str


def events_between(
    jobs: Jobs,
    sessions: Sessions,
    users: Mapping[int, str],
    zone: ZoneInfo,
    interval: tuple[datetime, datetime],
) -> list[Event]:
    """List what lies after the first and not after the second instant of `interval`, in order.

    `jobs` must stand at the second instant or later; `users` maps user ids to e-mails.
    """
    after, until = interval
    events = [event for export in jobs.exports for event in _of_job(export, _OF_EXPORTS)]
    events += [event for one in jobs.imports for event in _of_job(one, _OF_IMPORTS)]
    events += [
        Event(key.expires_at, EventKind.KEY_EXPIRES, users[user])
        for user, key in sessions.keys.items()
    ]
    kept = [event for event in events if after < event.at <= until]
    kept += _resets(after, until, zone)
    return _in_order(kept)


def calendar(
    jobs: Jobs,
    sessions: Sessions,
    users: Mapping[int, str],
    zone: ZoneInfo,
    now: datetime,
) -> list[Event]:
    """List what is due after `now` if nobody does anything, in order."""
    horizon = now + 2 * LIFETIME + timedelta(seconds=1)
    settled = Jobs(advance(jobs.exports, horizon), jobs.imports.at(horizon))
    coming = events_between(settled, sessions, users, zone, (now, horizon))
    tonight = next_reset(now, zone)
    return [e for e in coming if e.kind is not EventKind.QUOTA_RESETS or e.at == tonight]


def _of_job(job: Export | Import, kinds: _Kinds) -> Iterator[Event]:
    if job.started_at is not None:
        yield Event(job.started_at, kinds.starts, job.id)
    if job.finished_at is not None:
        cancelled = job.ending is Ending.CANCELLED
        kind = kinds.cancelled if cancelled else kinds.finishes
        yield Event(job.finished_at, kind, job.id)
    if job.expired_at is not None and job.ending is not Ending.CANCELLED:
        yield Event(job.expired_at, kinds.expires, job.id)


def _resets(after: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Event]:
    at = next_reset(after, zone)
    resets: list[Event] = []
    while at <= until and len(resets) < MAX_RESETS:
        day = at.astimezone(zone).date().isoformat()
        resets.append(Event(at, EventKind.QUOTA_RESETS, day))
        at = next_reset(at, zone)
    return resets


def _in_order(events: list[Event]) -> list[Event]:
    """Sort events by their instants; those of one instant as they follow from another."""
    known = frozenset(events)

    def place(event: Event) -> tuple[datetime, int, str, bool]:
        kind, at_once = event.kind, False
        if kind in _START_OF:
            begun = Event(event.at, _START_OF[kind], event.subject)
            at_once = begun in known
            kind = begun.kind if at_once else kind
        # A job that ends frees the next one, so ends come before starts of the same instant; but
        # no end comes before its own start.
        rank = _ORDER.index(kind) + (0 if kind in _START_OF else len(_ORDER))
        subject = event.subject
        # Ids as long as each other sort as numbers do.
        return (event.at, rank, f"{subject:012}" if isinstance(subject, int) else subject, at_once)

    return sorted(events, key=place)
