"""What the control plane shows of the world, as plain JSON values."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pardot_mock.credentials import credentials
from pardot_mock.domain.limits import next_reset
from pardot_mock.domain.polling import forecast, reads_as_documented, reads_at_interval
from pardot_mock.scenarios.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User
    from pardot_mock.domain.calendar import Event
    from pardot_mock.domain.exports import Export
    from pardot_mock.journal import Entry, Journal
    from pardot_mock.truth import ExportTruth

Json = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """Give an instant as ISO 8601 with offset."""
    return None if at is None else at.isoformat()


def event_views(events: Iterable[Event]) -> list[Json]:
    """Show events in their order."""
    return [{"at": instant(e.at), "kind": str(e.kind), "subject": e.subject} for e in events]


def account_view(account: Account) -> Json:
    """Show an account with the credentials of its users; the owner's stand for the account."""
    info = account.info
    others = [account.users[user.id] for user in account.options.users[1:]]
    return {
        "id": info.id,
        "name": info.name,
        "timezone": info.timezone,
        "api_version": info.api_version,
        "access": str(info.access),
        "edition": info.edition,
        "seed": account.options.seed,
        "rows": account.options.rows,
        "now": instant(account.now()),
        "scenario": account.options.opening.scenario,
        "quirks": dict(account.quirks.changed),
        "credentials": credentials(info, account.owner),
        "users": [user_view(account, user) for user in others],
    }


def scenario_views() -> list[Json]:
    """Show the scenarios that come along."""
    return [
        {"name": each.name, "title": each.title, "shows": each.shows, "try": each.attempt}
        for each in catalogue()
    ]


def user_view(account: Account, user: User) -> Json:
    """Show a user; the credentials stand both beside the facts and below `credentials`."""
    known = credentials(account.info, user)
    return {
        **known,
        "role": user.role,
        "timezone": user.timezone,
        "abilities": sorted(str(ability) for ability in user.abilities),
        "credentials": known,
    }


def export_view(account: Account, export: Export) -> Json:
    """Show an export; `rows` and `files` are known once it is complete and not expired."""
    files = account.results.files(export)
    complete = export.has_results
    return {
        "id": export.id,
        "object": export.request.query.object,
        "state": str(export.state),
        "is_expired": export.is_expired,
        "created_by": account.users[export.created_by].email,
        "created_at": instant(export.created_at),
        "started_at": instant(export.started_at),
        "finished_at": instant(export.finished_at),
        "expires_at": instant(export.expired_at or export.expiry_due or _cancelled_at(export)),
        "rows": sum(file.slice.rows for file in files) if complete else None,
        "files": [file.id for file in files],
    }


def truth_view(truth: ExportTruth) -> Json:
    """Show the rows a correct client must end up with."""
    return {
        "fields": list(truth.fields),
        "rows": truth.rows,
        "digest": truth.digest,
        "files": truth.files,
    }


def _cancelled_at(export: Export) -> datetime | None:
    return None if export.finished_at is not None else export.cancel_due


def clock_view(account: Account, events: Iterable[Event]) -> Json:
    """Show the clock, and what happened while it moved."""
    rate = account.clock.rate
    return {"now": instant(account.now()), "rate": rate, "events": event_views(events)}


def journal_view(journal: Journal, op: str | None, since: datetime | None) -> Json:
    """Show the journal, oldest first; `dropped` entries had to make room and are lost."""
    entries = [entry_view(entry) for entry in journal.entries(op, since)]
    return {"entries": entries, "dropped": journal.dropped}


def entry_view(entry: Entry) -> Json:
    """Show one call."""
    return {**asdict(entry), "at": instant(entry.at)}


def budget_view(account: Account, duration: timedelta) -> Json:
    """Show the daily allowance, and what polling for `duration` would cost."""
    now = account.settle()
    zone = account.info.zone
    usage = account.usage.on(now, zone)
    limit = account.info.daily_limit
    return {
        "limit": limit,
        "used": usage.used,
        "remaining": max(0, limit - usage.used),
        "resets_at": instant(next_reset(now, zone)),
        "by_op": dict(usage.by_op),
        "forecast": {
            "seconds": duration.total_seconds(),
            "every_minute": reads_at_interval(duration, timedelta(minutes=1)),
            "documented_interval": reads_as_documented(duration),
            "text": forecast(duration),
        },
    }


def state_view(account: Account) -> Json:
    """Show everything about an account."""
    now = account.settle()
    usage = account.usage.on(now, account.info.zone)
    return {
        **account_view(account),
        "clock": {"now": instant(now), "rate": account.clock.rate},
        "exports": [export_view(account, export) for export in account.queue.by_id.values()],
        "calendar": event_views(account.due()),
        "usage": {
            "limit": account.info.daily_limit,
            "used": usage.used,
            "by_op": dict(usage.by_op),
        },
    }
