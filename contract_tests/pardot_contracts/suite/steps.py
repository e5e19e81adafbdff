"""Steps that the cases are told in: what to ask for, and how to get an export to where it matters.

No step knows how long an export takes: the account's clock moves from one due event to the next
until the export has got there. Where a target has no clock to move, the case is skipped.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.suite.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.facts import Answer, Credentials, ExportFacts, ResultFile, Row

ACCOUNT_START = datetime(2024, 3, 15, 12, 0, 0, tzinfo=UTC)
ROWS = 1_000
"""Visitor activities in the world of an account: about 270 fall into the default range."""

ENDED = ("Complete", "Failed")
STATES = ("Waiting", "Processing", "Complete", "Failed")
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
MANY_EVENTS = 100
FIELDS = ("id", "prospect_id", "visitor_id", "type", "created_at")
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"

BY_CREATED = "filter_by_created_at"
BY_UPDATED = "filter_by_updated_at"
PROCEDURE = ("export_object", "procedure", "stem")
PROCEDURES = (
    ("visitorActivity", BY_CREATED, "created"),
    ("visitorActivity", BY_UPDATED, "updated"),
    ("listMembership", BY_CREATED, "created"),
    ("listMembership", BY_UPDATED, "updated"),
    ("prospect", BY_UPDATED, "updated"),
    ("visitor", BY_UPDATED, "updated"),
    ("prospectAccount", "filter_by_prospect_updated_at", "prospect_updated"),
)
"""Every known object and procedure, with the beginning of the names of its two bounds."""

Request = dict[str, Any]


def stamp(instant: datetime) -> str:
    """Write an instant as the API does, in the zone that it carries."""
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def request_for(
    export_object: str, procedure: str, arguments: Request, fields: Sequence[str] | None = None
) -> Request:
    """Give the body of a create request."""
    body: Request = {"object": export_object}
    if fields is not None:
        body["fields"] = fields
    body["procedure"] = {"name": procedure, "arguments": arguments}
    return body


def activities(
    account: Account, *, days: int = 300, fields: Sequence[str] | None = None, **arguments: object
) -> Request:
    """Ask for the visitor activities of the last `days` days."""
    now = account.now()
    bounds = {"created_after": stamp(now - timedelta(days=days)), "created_before": stamp(now)}
    columns = list(FIELDS) if fields is None else fields
    return request_for("visitorActivity", "filter_by_created_at", bounds | arguments, columns)


def days_ago(account: Account, days: int) -> str:
    """Write the instant `days` before the account's present."""
    return stamp(account.now() - timedelta(days=days))


def with_arguments(account: Account, **arguments: object) -> Request:
    """Ask for visitor activities with exactly these arguments beside a lower bound."""
    bounds = {"created_after": days_ago(account, 30)}
    return request_for("visitorActivity", BY_CREATED, bounds | arguments)


def between(after: datetime, before: datetime, **arguments: object) -> Request:
    """Ask for the visitor activities created between two instants."""
    bounds = {"created_after": stamp(after), "created_before": stamp(before)}
    return request_for("visitorActivity", "filter_by_created_at", bounds | arguments, list(FIELDS))


def memberships(account: Account, **arguments: object) -> Request:
    """Ask for the list memberships of the last 300 days."""
    after = {"created_after": stamp(account.now() - timedelta(days=300))}
    return request_for("listMembership", "filter_by_created_at", after | arguments)


def prospects(
    account: Account, *, fields: Sequence[str] | None = None, **arguments: object
) -> Request:
    """Ask for the prospects updated in the last 300 days."""
    after = {"updated_after": stamp(account.now() - timedelta(days=300))}
    return request_for("prospect", "filter_by_updated_at", after | arguments, fields)


def nothing(account: Account) -> Request:
    """Ask for a range that lies before everything the account holds."""
    return between(
        account.now() - timedelta(days=365 * 14), account.now() - timedelta(days=365 * 14 - 30)
    )


def export_of(answer: Answer) -> ExportFacts:
    """Give the export of an answer that must be a success."""
    assert answer.ok, f"refused with code {answer.code}: {answer.message}"
    assert answer.export is not None, "the answer holds no export"
    return answer.export


def create(driver: Driver, request: Request) -> ExportFacts:
    """Create an export."""
    return export_of(driver.create(request))


def read(driver: Driver, export_id: int) -> ExportFacts:
    """Read an export."""
    return export_of(driver.read(export_id))


def until(driver: Driver, account: Account, export_id: int, *states: str) -> ExportFacts:
    """Let time pass, event by event, until the export is in one of `states`."""
    for _ in range(MANY_EVENTS):
        facts = read(driver, export_id)
        if facts.state in states:
            return facts
        if facts.state in ENDED:
            break
        account.next_export_event()
    pytest.fail(f"export {export_id} never was {' or '.join(states)}; now it is {facts.state}")


def complete(driver: Driver, account: Account, request: Request) -> ExportFacts:
    """Create an export and let time pass until it is Complete."""
    export = create(driver, request)
    account.to_export_event("export_finishes", export.id)
    return until(driver, account, export.id, "Complete")


def files_of(driver: Driver, export: ExportFacts) -> tuple[ResultFile, ...]:
    """Download the files of a complete export; their number must be that of the references."""
    answer = driver.download(export)
    assert answer.ok, f"refused with code {answer.code}: {answer.message}"
    assert len(answer.files) == len(export.refs)
    return answer.files


def known(driver: Driver) -> list[int]:
    """Give the ids of the exports that the account has, oldest first."""
    answer = driver.query({})
    assert answer.ok, f"refused with code {answer.code}: {answer.message}"
    return sorted(export.id for export in answer.exports)


def rows_of(driver: Driver, export: ExportFacts) -> list[Row]:
    """Download every file of a complete export."""
    return [row for file in files_of(driver, export) for row in file.rows]


def result(driver: Driver, account: Account, request: Request) -> list[Row]:
    """Create an export, wait for it and give its rows."""
    return rows_of(driver, complete(driver, account, request))


def ids(rows: Iterable[Row]) -> list[str]:
    """Give the ids of rows in a comparable order."""
    return sorted(row["id"] for row in rows)


def as_set(rows: Iterable[Row]) -> list[tuple[tuple[str, str], ...]]:
    """Give rows as a multiset: the order of rows and files means nothing."""
    return sorted(tuple(sorted(row.items())) for row in rows)


def finished_at(account: Account, export_id: int) -> datetime:
    """Give the instant at which the export ended, from the control plane."""
    return datetime.fromisoformat(account.export(export_id)["finished_at"])


def assert_refused(answer: Answer, code: int) -> None:
    """Expect a refusal with `code` and its literal text."""
    assert not answer.ok, f"served, but code {code} was due"
    assert (answer.code, answer.message) == (code, TEXTS[code])


def login_fields(credentials: Credentials, **changes: str) -> dict[str, str]:
    """Give the three fields of a login; a change to an empty text leaves the field out."""
    fields = {
        "email": credentials.email,
        "password": credentials.password,
        "user_key": credentials.user_key,
        **changes,
    }
    return {name: value for name, value in fields.items() if value}
