"""Sending an e-mail: to one prospect, or to the members of lists.

Nothing leaves the emulator. What is left behind is the e-mail with its message, and one activity
`Sent` for each prospect it went to, so statistics, queries and exports tell of it. That the
recipients are named by `prospect_id`, `prospect_email` or `list_ids[]` is documented; the other
parameters and the rules for them are chosen, the codes follow from their texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_mock.domain import fieldvalues as take
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.selections import Condition, RowSelection
from pardot_mock.domain.syncfilters import an_id
from pardot_mock.web.writes import prospect_meant
from pardot_mock.web.writing import Writing, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.changes import Row
    from pardot_mock.web.call import Answer, ApiCall

SENT = 6
"""The activity type of an e-mail that was sent (documented)."""

_MOST_RECIPIENTS = 1_000_000


def send(call: ApiCall) -> Answer:
    """Send an e-mail and show it as a read of it would."""
    with writing(call) as work:
        lists = _lists(work)
        people = _members(work, lists) if lists else [_single(work)]
        email = work.changes.create("email", {**_content(work), "isOneToOne": not lists})
        message = {name: _text(work, f"{name}_content") for name in ("text", "html")}
        work.changes.create("emailMessage", {**message, "email_id": email["id"]})
        about = _about(work, email, to_lists=bool(lists))
        for prospect_id in people:
            work.changes.create("visitorActivity", {**about, "prospect_id": prospect_id})
        return work.answer("email", email)


def _lists(work: Writing) -> list[int]:
    """Give the ids of the lists it goes to, none for an e-mail to one prospect."""
    sent = work.given.get("list_ids")
    texts = sent if isinstance(sent, list) else str(sent or "").split(",")
    ids = [an_id("list_ids", text, ErrorCode.INVALID_LIST_ID) for text in texts if text]
    if ids and (work.given.get("prospect_id") or work.given.get("prospect_email")):
        detail = "an e-mail goes to a prospect or to lists, not to both"
        raise Refused(ErrorCode.INVALID_PARAMETER, detail=detail)
    for list_id in ids:
        work.changes.living("list", list_id, ErrorCode.INVALID_LIST_ID)
    return ids


def _single(work: Writing) -> int:
    prospect = prospect_meant(work)
    if not _is_mailable(prospect):
        detail = f"prospect {prospect['id']} wants no e-mail"
        raise Refused(ErrorCode.PROSPECT_NOT_MAILABLE, detail=detail)
    prospect_id: int = prospect["id"]
    return prospect_id


def _is_mailable(prospect: Any) -> bool:  # noqa: ANN401
    return not prospect["opted_out"] and not prospect["is_do_not_email"]


def _members(work: Writing, lists: Iterable[int]) -> list[int]:
    """Give the prospects of lists who want e-mail, each once."""
    rows = work.account.rows
    in_lists = Condition("list_id", "among", tuple(lists))
    selection = RowSelection("listMembership", (in_lists,), limit=_MOST_RECIPIENTS, counted=False)
    members = rows.query(selection, ("prospect_id", "opted_out")).rows
    ids = tuple({row["prospect_id"] for row in members if not row["opted_out"]})
    by_id = Condition("id", "among", ids)
    selection = RowSelection("prospect", (by_id,), limit=_MOST_RECIPIENTS, counted=False)
    people = rows.query(selection, ("id", "opted_out", "is_do_not_email")).rows
    return [person["id"] for person in people if _is_mailable(person)]


def _content(work: Writing) -> dict[str, Any]:
    """Give name and subject, those of the template where they are not sent."""
    template = _template(work)
    subject = _text(work, "subject") or (template["subject"] if template else None)
    has_body = template or _text(work, "text_content") or _text(work, "html_content")
    if not subject or not has_body:
        detail = "the e-mail has no subject or no content, and no template"
        raise Refused(ErrorCode.MISSING_PARAMETER, detail=detail)
    return {"name": _text(work, "name") or subject, "subject": subject}


def _template(work: Writing) -> Row | None:
    template_id = work.id_of("email_template_id", ErrorCode.INVALID_TEMPLATE_ID)
    if template_id is None:
        return None
    return work.changes.living("emailTemplate", template_id, ErrorCode.TEMPLATE_NOT_FOUND)


def _text(work: Writing, name: str) -> str | None:
    return take.a_text(name, work.given.get(name), work.around)


def _about(work: Writing, email: Row, *, to_lists: bool) -> dict[str, Any]:
    """Give what every activity of the e-mail tells."""
    campaign_id = work.id_of("campaign_id", ErrorCode.INVALID_CAMPAIGN_ID)
    if campaign_id is not None:
        work.changes.living("campaign", campaign_id, ErrorCode.INVALID_CAMPAIGN_ID)
    names = {"name": email["name"], "subject": email["subject"]}
    list_email = work.changes.create("listEmail", names)["id"] if to_lists else None
    return {
        "type": SENT,
        "type_name": "Email",
        "details": email["subject"],
        "email_id": email["id"],
        "list_email_id": list_email,
        "email_template_id": work.id_of("email_template_id", ErrorCode.INVALID_TEMPLATE_ID),
        "campaign_id": campaign_id,
    }
