"""The operations of single objects that only look: what no table of rows can answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.records import Record
from pardot_mock.domain.selections import RowSelection
from pardot_mock.web.call import Answer, ApiCall, Facts
from pardot_mock.web.sync import view_of

if TYPE_CHECKING:
    from pardot_mock.account import Account


def read_account(call: ApiCall) -> Answer:
    """Answer the account of the caller; it takes no id (documented)."""
    account, _ = call.caller
    record = Record("account", account.row(_plugin_campaign(account)))
    return Facts(view_of(call, read=True).read_answer([record]))


def _plugin_campaign(account: Account) -> int | None:
    """The first campaign stands in for the one the e-mail plugin uses (chosen)."""
    first = account.rows.query(RowSelection("campaign", limit=1, counted=False), ["id"]).rows
    return first[0]["id"] if first else None
