"""Create, update, delete and undelete of the synchronous objects, prospects apart.

What each object takes stands in `domain.writetable`; what is special about one stands here. All
of it is decided before anything is written, so a refused call leaves no trace.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.selections import Condition
from pardot_mock.domain.writetable import WRITES, custom_field
from pardot_mock.web.call import Answer, ApiCall, Nothing
from pardot_mock.web.sync import object_of
from pardot_mock.web.writing import Writing, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.changes import Row


def create(call: ApiCall) -> Answer:
    """Make a record and show it; the status is 200 (recorded for lists)."""
    name = object_of(call).name
    rules = WRITES[name]
    with writing(call) as work:
        values = rules.read_new(work.given, work.around)
        work.check_references(rules.references, values)
        row = _MAKERS.get(name, _make)(work, name, values)
        return work.answer(name, row)


def update(call: ApiCall) -> Answer:
    """Change a record and show it."""
    name = object_of(call).name
    rules = WRITES[name]
    with writing(call) as work:
        row = work.named()
        values = rules.read_change(work.given, work.around)
        work.check_references(rules.references, values)
        return work.answer(name, work.changes.change(name, row, values))


def delete(call: ApiCall) -> Answer:
    """Delete a record; the answer is empty, with status 204 (recorded)."""
    name = object_of(call).name
    with writing(call) as work:
        work.changes.change(name, work.named(), {"is_deleted": True})
        work.account.keep(work.changes)
    return Nothing()


def undelete(call: ApiCall) -> Answer:
    """Bring a deleted record back and show it; one that is not deleted stays as it is (chosen)."""
    found = object_of(call)
    code = found.keys[0].code
    with writing(call) as work:
        row_id = work.id_of("id", code)
        row = None if row_id is None else work.changes.find(found.name, row_id)
        if row is None:
            raise Refused(code, detail=f"there is no {found.name} {row_id}")
        if row["is_deleted"]:
            row = work.changes.change(found.name, row, {"is_deleted": False})
        return work.answer(found.name, row)


def _make(work: Writing, name: str, values: Mapping[str, Any]) -> Row:
    return work.changes.create(name, values)


def _make_membership(work: Writing, name: str, values: Mapping[str, Any]) -> Row:
    """A pair that was deleted comes back as the same record (chosen)."""
    pair = [Condition(field, "among", (values[field],)) for field in ("list_id", "prospect_id")]
    known = next(iter(work.matching(name, *pair)), None)
    if known is None:
        return work.changes.create(name, values)
    if not known["is_deleted"]:
        detail = f"membership {known['id']} is of that prospect and list"
        raise Refused(ErrorCode.ALREADY_LIST_MEMBER, detail=detail)
    return work.changes.change(name, known, {**values, "is_deleted": False})


def _make_custom_field(work: Writing, name: str, values: Mapping[str, Any]) -> Row:
    known = {field.lower() for field in work.account.custom_fields()}
    if values["field_id"].lower() in known:
        detail = f"there is a custom field {values['field_id']!r}"
        raise Refused(ErrorCode.NAME_IN_USE, detail=detail)
    return work.changes.create(name, custom_field(values))


def _make_opportunity(work: Writing, name: str, values: Mapping[str, Any]) -> Row:
    """An opportunity belongs to a prospect, named by its id or its e-mail (documented)."""
    prospect = prospect_meant(work)
    made = work.changes.create(name, values)
    work.changes.change("prospect", prospect, {"opportunity_id": made["id"]})
    return made


def prospect_meant(work: Writing) -> Row:
    """Find the prospect that `prospect_id` or `prospect_email` names; both must mean the same."""
    prospect_id = work.id_of("prospect_id", ErrorCode.INVALID_PROSPECT_ID)
    email = work.given.get("prospect_email")
    if prospect_id is None and not email:
        detail = "neither prospect_id nor prospect_email is there"
        raise Refused(ErrorCode.MISSING_PARAMETER, detail=detail)
    if prospect_id is not None:
        found = work.changes.living("prospect", prospect_id, ErrorCode.INVALID_PROSPECT_ID)
        if email and (found["email"] or "").lower() != str(email).lower():
            detail = f"prospect {prospect_id} has another e-mail"
            raise Refused(ErrorCode.PROSPECT_ID_EMAIL_MISMATCH, detail=detail)
        return found
    named = work.changes.by_email(str(email))
    if named is None or named["is_deleted"]:
        detail = "no prospect has this e-mail"
        raise Refused(ErrorCode.INVALID_PROSPECT_EMAIL, detail=detail)
    return named


_MAKERS: Mapping[str, Callable[[Writing, str, Mapping[str, Any]], Row]] = MappingProxyType(
    {
        "listMembership": _make_membership,
        "customField": _make_custom_field,
        "opportunity": _make_opportunity,
    }
)
"""Who makes the records that are more than their values."""


def assign_account(call: ApiCall) -> Answer:
    """Give a prospect account to a user."""
    with writing(call) as work:
        row = work.named()
        user_id = user_meant(work)
        changed = work.changes.change("prospectAccount", row, {"user_id": user_id})
        return work.answer("prospectAccount", changed)


def assign_visitor(call: ApiCall) -> Answer:
    """Say which prospect a visitor is."""
    with writing(call) as work:
        row = work.named()
        prospect = prospect_meant(work)
        changed = work.changes.change("visitor", row, {"prospect_id": prospect["id"]})
        return work.answer("visitor", changed)


def user_meant(work: Writing) -> int:
    """Find the user that `user_id` or `user_email` names; both must mean the same.

    The emulator has no groups, so a `group_id` names none (chosen).
    """
    given = [name for name in ("user_id", "user_email", "group_id") if work.given.get(name)]
    if not given:
        raise Refused(ErrorCode.MISSING_PARAMETER, detail="the call names no user")
    if "group_id" in given:
        several = len(given) > 1
        code = ErrorCode.MULTIPLE_ASSIGNMENT_TARGETS if several else ErrorCode.INVALID_GROUP_ID
        raise Refused(code, detail="there is no group")
    user_id = work.id_of("user_id", ErrorCode.INVALID_USER_ID)
    if user_id is None:
        email = str(work.given["user_email"])
        return _user(work, Condition("email", "among", (email,)), ErrorCode.INVALID_USER_EMAIL)
    found = _user(work, Condition("id", "among", (user_id,)), ErrorCode.INVALID_USER_ID)
    if "user_email" in given:
        email = str(work.given["user_email"])
        by_email = Condition("email", "among", (email,))
        if _user(work, by_email, ErrorCode.USER_ID_EMAIL_MISMATCH) != found:
            raise Refused(ErrorCode.USER_ID_EMAIL_MISMATCH, detail=f"user {found} has another")
    return found


def _user(work: Writing, condition: Condition, code: ErrorCode) -> int:
    ids = work.ids("user", condition)
    if not ids:
        raise Refused(code, detail=f"no user has the {condition.field} {condition.values[0]!r}")
    return ids[0]
