"""What is due in an account, and what happened on the way when its clock moved.

Both are read off timestamps: the queue is advanced (for the future: on a copy, until everything
has settled), and every stamp in the asked interval is an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pardot_mock.domain.exports import LIFETIME, Ending, Export
from pardot_mock.domain.limits import next_reset
from pardot_mock.domain.queue import ExportQueue, advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.sessions import Sessions


class EventKind(StrEnum):
    """What can happen to an account by itself."""

    EXPORT_STARTS = "export_starts"
    EXPORT_FINISHES = "export_finishes"
    EXPORT_CANCELLED = "export_cancelled"
    EXPORT_EXPIRES = "export_expires"
    KEY_EXPIRES = "key_expires"
    QUOTA_RESETS = "quota_resets"


_ORDER = tuple(EventKind)
MAX_RESETS = 400
"""Midnights listed at most for one movement of the clock."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at an instant to a subject: an export id, a user's e-mail, a day."""

    at: datetime
    kind: EventKind
    subject: int | str


def events_between(
    queue: ExportQueue,
    sessions: Sessions,
    users: Mapping[int, str],
    zone: ZoneInfo,
    interval: tuple[datetime, datetime],
) -> list[Event]:
    """List what lies after the first and not after the second instant of `interval`, in order.

    `queue` must stand at the second instant or later; `users` maps user ids to e-mails.
    """
    after, until = interval
    events = [event for export in queue for event in _of_export(export)]
    events += [
        Event(key.expires_at, EventKind.KEY_EXPIRES, users[user])
        for user, key in sessions.keys.items()
    ]
    kept = [event for event in events if after < event.at <= until]
    kept += _resets(after, until, zone)
    return sorted(kept, key=_in_order)


def calendar(
    queue: ExportQueue,
    sessions: Sessions,
    users: Mapping[int, str],
    zone: ZoneInfo,
    now: datetime,
) -> list[Event]:
    """List what is due after `now` if nobody does anything, in order."""
    horizon = now + 2 * LIFETIME + timedelta(seconds=1)
    settled = advance(queue, horizon)
    coming = events_between(settled, sessions, users, zone, (now, horizon))
    tonight = next_reset(now, zone)
    return [e for e in coming if e.kind is not EventKind.QUOTA_RESETS or e.at == tonight]


def _of_export(export: Export) -> Iterator[Event]:
    if export.started_at is not None:
        yield Event(export.started_at, EventKind.EXPORT_STARTS, export.id)
    if export.finished_at is not None:
        cancelled = export.ending is Ending.CANCELLED
        kind = EventKind.EXPORT_CANCELLED if cancelled else EventKind.EXPORT_FINISHES
        yield Event(export.finished_at, kind, export.id)
    if export.expired_at is not None and export.ending is not Ending.CANCELLED:
        yield Event(export.expired_at, EventKind.EXPORT_EXPIRES, export.id)


def _resets(after: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Event]:
    at = next_reset(after, zone)
    resets: list[Event] = []
    while at <= until and len(resets) < MAX_RESETS:
        day = at.astimezone(zone).date().isoformat()
        resets.append(Event(at, EventKind.QUOTA_RESETS, day))
        at = next_reset(at, zone)
    return resets


def _in_order(event: Event) -> tuple[datetime, int, str]:
    # An export that ends frees the next one, so ends come before starts of the same instant.
    ends_first = 0 if event.kind in (EventKind.EXPORT_FINISHES, EventKind.EXPORT_CANCELLED) else 1
    return (event.at, ends_first * 10 + _ORDER.index(event.kind), str(event.subject))
