"""Writing prospects: create, update, upsert, assign, unassign, delete, and the batches of them.

Version 3 knows a prospect by its e-mail, which is unique there; in version 4 several may share one
(documented), so there only the id names a prospect to be changed. An upsert by e-mail is served in
both: of several it means the one that was active last (chosen).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.prospectfields import REFERENCES, new_prospect, readers
from pardot_mock.domain.selections import Condition
from pardot_mock.web.call import Answer, ApiCall, Facts, Nothing
from pardot_mock.web.writes import user_meant
from pardot_mock.web.writing import Writing, writing
from pardot_mock.wire.dialects import V3
from pardot_mock.wire.encoding import Keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pardot_mock.changes import Row

MAX_BATCH = 50
"""Prospects of one batch (documented)."""

Given = Mapping[str, Any]


def create(call: ApiCall) -> Answer:
    """Make a prospect and show it."""
    with writing(call) as work:
        return work.answer("prospect", _create(work, work.given))


def update(call: ApiCall) -> Answer:
    """Change a prospect and show it."""
    with writing(call) as work:
        return work.answer("prospect", _update(work, work.given))


def upsert(call: ApiCall) -> Answer:
    """Make or change a prospect and show it: 201 for a new one, else 200 (observed)."""
    with writing(call) as work:
        row, is_new = _upsert(work, work.given)
        return work.answer("prospect", row, 201 if is_new else 200)


def delete(call: ApiCall) -> Answer:
    """Archive a prospect; the answer is empty, with status 204 (recorded)."""
    with writing(call) as work:
        row = _named(work, work.given)
        work.changes.change("prospect", row, {"is_deleted": True})
        work.account.keep(work.changes)
    return Nothing()


def assign(call: ApiCall) -> Answer:
    """Give a prospect to a user and show it."""
    with writing(call) as work:
        row = _named(work, work.given)
        user_id = user_meant(work)
        return work.answer("prospect", work.changes.change("prospect", row, {"user_id": user_id}))


def unassign(call: ApiCall) -> Answer:
    """Take a prospect from its user and show it."""
    with writing(call) as work:
        row = _named(work, work.given)
        return work.answer("prospect", work.changes.change("prospect", row, {"user_id": None}))


def batch_create(call: ApiCall) -> Answer:
    """Make several prospects."""
    return _batch(call, lambda work, given: (_create(work, given), True))


def batch_update(call: ApiCall) -> Answer:
    """Change several prospects."""
    return _batch(call, lambda work, given: (_update(work, given), False))


def batch_upsert(call: ApiCall) -> Answer:
    """Make or change several prospects."""
    return _batch(call, _upsert)


def _create(work: Writing, given: Given) -> Row:
    if given.get("email") in (None, ""):
        raise Refused(ErrorCode.MISSING_PARAMETER, detail="email is missing")
    return _make(work, given)


def _make(work: Writing, given: Given) -> Row:
    values = _values(work, given)
    _check_email_is_free(work, values, None)
    return work.changes.create("prospect", new_prospect(values))


def _update(work: Writing, given: Given) -> Row:
    return _change(work, _named(work, given), given)


def _change(work: Writing, row: Row, given: Given) -> Row:
    values = _values(work, given)
    _check_email_is_free(work, values, row["id"])
    return work.changes.change("prospect", row, values)


def _upsert(work: Writing, given: Given) -> tuple[Row, bool]:
    row = _found(work, given)
    if row is None and not given.get("email"):
        code = ErrorCode.NO_SUCH_PROSPECT_AND_NO_EMAIL
        raise Refused(code, detail="there is no such prospect, and no e-mail for a new one")
    return (_make(work, given), True) if row is None else (_change(work, row, given), False)


def _found(work: Writing, given: Given) -> Row | None:
    """Find the prospect that an upsert means; an archived one is refused."""
    if given.get("id") or given.get("fid"):
        row = _by_id_or_fid(work, given)
    else:
        row = work.changes.by_email(str(given["email"])) if given.get("email") else None
        # An archived prospect is no obstacle: the e-mail is free again (chosen).
        row = None if row is not None and row["is_deleted"] else row
    _refuse_archived(row)
    return row


def _named(work: Writing, given: Given) -> Row:
    """Find the prospect that a call names, by its id, or in version 3 by its e-mail."""
    if given.get("id") or given.get("fid"):
        row = _by_id_or_fid(work, given)
        code = ErrorCode.INVALID_PROSPECT_ID if given.get("id") else ErrorCode.INVALID_PROSPECT_FID
    elif given.get("email") and _is_v3(work):
        row = work.changes.by_email(str(given["email"]))
        code = ErrorCode.INVALID_PROSPECT_EMAIL
    else:
        row, code = None, ErrorCode.INVALID_PROSPECT_ID
    if row is None:
        raise Refused(code, detail="the call names no prospect that there is")
    _refuse_archived(row)
    return row


def _by_id_or_fid(work: Writing, given: Given) -> Row | None:
    if given.get("id"):
        text = str(given["id"]).strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            detail = f"id is not an id: {text[:40]!r}"
            raise Refused(ErrorCode.INVALID_PROSPECT_ID, detail=detail)
        return work.changes.find("prospect", int(text))
    if _is_v3(work):
        raise Refused(ErrorCode.INVALID_PROSPECT_ID, detail="version 3 knows no fid")
    condition = Condition("salesforce_fid", "among", (str(given["fid"]),))
    return next(iter(work.matching("prospect", condition)), None)


def _refuse_archived(row: Row | None) -> None:
    if row is not None and row["is_deleted"]:
        raise Refused(ErrorCode.PROSPECT_ARCHIVED, detail=f"prospect {row['id']} is archived")


def _is_v3(work: Writing) -> bool:
    return work.call.dialect.version == V3.version


def _values(work: Writing, given: Given) -> dict[str, Any]:
    """Read what is set of a prospect, and refuse what names a record there is not."""
    fields = readers(work.account.custom_fields())
    values = {
        name: read(name, given[name], work.around) for name, read in fields.items() if name in given
    }
    work.check_references(REFERENCES, values)
    return values


def _check_email_is_free(work: Writing, values: Given, own_id: int | None) -> None:
    """In version 3 no two prospects share an e-mail (documented)."""
    if not _is_v3(work) or "email" not in values:
        return
    others = [
        row["id"] for row in work.changes.with_email(values["email"]) if not row["is_deleted"]
    ]
    if any(other != own_id for other in others):
        detail = f"prospect {others[0]} has this e-mail"
        raise Refused(ErrorCode.PROSPECT_EMAIL_EXISTS, detail=detail)


def _batch(call: ApiCall, write: Callable[[Writing, Given], tuple[Row, bool]]) -> Answer:
    """Write each prospect that can be written; tell of the others by place or key (recorded)."""
    with writing(call) as work:
        items = _items(work)
        errors: dict[str, str] = {}
        made: list[bool] = []
        emails = (item.get("email") for _, item in items if isinstance(item, Mapping))
        work.changes.prepare_emails(str(email) for email in emails if email)
        for key, item in items:
            try:
                made.append(write(work, _flat(key, item))[1])
            except Refused as refused:
                errors[key] = refused.message()
        work.account.keep(work.changes)
    status = 201 if made and all(made) and not errors else 200
    return Facts({"errors": Keyed(MappingProxyType(errors), "error")}, status, bool(errors))


def _items(work: Writing) -> Sequence[tuple[str, Any]]:
    """Give the prospects of a batch, each with its key in version 3 or its place in version 4."""
    body = _body(work)
    sent = body.get("prospects", body) if isinstance(body, Mapping) else body
    if _is_v3(work):
        if not isinstance(sent, Mapping):
            detail = "the prospects are not keyed by id or e-mail"
            raise Refused(ErrorCode.PROSPECTS_NOT_KEYED_BY_EMAIL, detail=detail)
        items = [(key, _keyed(key, item)) for key, item in sent.items()]
    else:
        if not isinstance(sent, list):
            raise Refused(ErrorCode.PROSPECTS_NOT_FLAT, detail="the prospects are not an array")
        items = [(str(place), item) for place, item in enumerate(sent)]
    if len(items) > MAX_BATCH:
        detail = f"{len(items)} prospects are more than {MAX_BATCH}"
        raise Refused(ErrorCode.BATCH_TOO_LARGE, detail=detail)
    return items


def _keyed(key: str, item: Any) -> Any:  # noqa: ANN401 - JSON
    """Give an item with what its key says of it: the id, or else the e-mail."""
    if not isinstance(item, Mapping):
        return item
    return {"id" if key.isdecimal() else "email": key, **item}


def _flat(key: str, item: object) -> Given:
    if not isinstance(item, Mapping):
        raise Refused(ErrorCode.PROSPECTS_NOT_FLAT, detail=f"{key} is no object")
    return item


def _body(work: Writing) -> Any:  # noqa: ANN401 - JSON
    """Read the JSON text in the parameter `prospects`, or that is the body of the call."""
    text: Any = work.given.get("prospects")
    if text is None and work.call.request.mimetype == "application/json":
        text = work.call.request.get_data()
    if not text:
        raise Refused(ErrorCode.MISSING_PARAMETER, detail="prospects is missing")
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise Refused(ErrorCode.BODY_NOT_JSON_OR_XML, detail=f"not JSON: {error}") from error
