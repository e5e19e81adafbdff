"""The operations of single objects that only look: what no table of rows can answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.emailstats import email_stats
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.records import Record
from pardot_mock.domain.selections import Condition, RowSelection
from pardot_mock.domain.syncfilters import a_boolean
from pardot_mock.web.call import Answer, ApiCall, Facts
from pardot_mock.web.sync import MOST_RECORDS, gathered, object_of, rows_named, view_of
from pardot_mock.wire.describing import (
    description_answer,
    missing_template_answer,
    templates_answer,
)

if TYPE_CHECKING:
    from pardot_mock.account import Account

_MOST_ACTIVITIES = 10_000_000


def read_account(call: ApiCall) -> Answer:
    """Answer the account of the caller; it takes no id (documented)."""
    account, _ = call.caller
    record = Record("account", account.row(_plugin_campaign(account)))
    return Facts(view_of(call, read=True).read_answer([record]))


def _plugin_campaign(account: Account) -> int | None:
    """The first campaign stands in for the one the e-mail plugin uses (chosen)."""
    first = account.rows.query(RowSelection("campaign", limit=1, counted=False), ["id"]).rows
    return first[0]["id"] if first else None


def describe(call: ApiCall) -> Answer:
    """Describe the fields of an object."""
    return Facts(description_answer(object_of(call).name))


def email_statistics(call: ApiCall) -> Answer:
    """Count what happened to an e-mail."""
    account, _ = call.caller
    (row,) = rows_named(call)
    about = (Condition("email_id", "among", (row["id"],)),)
    selection = RowSelection("visitorActivity", about, limit=_MOST_ACTIVITIES, counted=False)
    page = account.rows.query(selection, ["type", "prospect_id"])
    return Facts({"stats": email_stats(page.rows)})


def read_template(call: ApiCall) -> Answer:
    """Answer a template; a failure is told inside a successful envelope (documented)."""
    view = view_of(call, read=True)
    try:
        rows = rows_named(call)
    except Refused as refused:
        return Facts(missing_template_answer(refused.code))
    return Facts(view.read_answer(gathered(call, rows, view)))


def list_one_to_one(call: ApiCall) -> Answer:
    """List the templates for e-mails to single prospects; no template is archived (chosen)."""
    account, _ = call.caller
    archived = call.param("archived")
    if archived and a_boolean("archived", archived, ErrorCode.INVALID_ARCHIVED_FILTER):
        return Facts(templates_answer([]))
    usable = (Condition("isOneToOne", "given"),)
    page = account.rows.query(RowSelection("emailTemplate", usable, limit=MOST_RECORDS))
    view = view_of(call, read=True)
    return Facts(templates_answer(view.records(gathered(call, page.rows, view))))
