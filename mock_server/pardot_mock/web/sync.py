"""Reading the synchronous objects: query, read, describe, and what else only looks.

Every handler is the same for all objects; what differs stands in `domain.syncobjects` and
`domain.shapes`. Rows are read without the lock of the account: they are a function of the world,
and the overlay is consistent in itself.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain.accounts import ADMINISTRATOR
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.selections import PAGE, Condition, RowSelection
from pardot_mock.domain.shapes import OUTPUTS, custom_value
from pardot_mock.domain.syncfilters import an_id, shown
from pardot_mock.domain.syncobjects import SYNC_OBJECTS, SyncObject
from pardot_mock.domain.syncquery import read_query
from pardot_mock.web.call import Answer, ApiCall, Facts
from pardot_mock.wire.dialects import V4
from pardot_mock.wire.records import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pardot_mock.domain.records import Record, Row
    from pardot_mock.domain.rows import Deleted
    from pardot_mock.domain.shapes import Output
    from pardot_mock.domain.syncobjects import Key

MOST_RECORDS = 100_000
"""Records of one page where `output=mobile` lifts the cap (chosen: documented is no number)."""

_ARCHIVED = MappingProxyType({"prospect": ("is_archived",)})

_BOUNDED = MappingProxyType({"visitor_activities": 2000})
"""What `limit_related_records` shows at most (documented)."""


def object_of(call: ApiCall) -> SyncObject:
    """Give the object that the path of a synchronous call names."""
    return SYNC_OBJECTS[call.path.object]


def view_of(call: ApiCall, *, read: bool) -> View:
    """Give how the caller wants to see records."""
    account, user = call.caller
    found = object_of(call)
    asked = call.param("fields") if found.picks and not read else None
    fields = frozenset(name.strip() for name in asked.split(",")) if asked else None
    own = account.custom_fields()
    return View(
        user.zone,
        _output(call),
        fields,
        read,
        custom=tuple(custom_value(name, several=field.several) for name, field in own.items()),
        hidden=frozenset({"message"} if _is_false(call, "include_message") else ()),
        most=_BOUNDED if call.param("limit_related_records") == "true" else {},
        form_handler=call.quirks.text("form_handler_name"),
        entities=call.quirks.on("html_entities"),
    )


def _is_false(call: ApiCall, name: str) -> bool:
    return call.param(name) == "false"


def _output(call: ApiCall) -> Output:
    """An unknown output is the full one (inferred)."""
    asked = call.param("output")
    return next((output for output in OUTPUTS if output == asked), "full")


def query(call: ApiCall) -> Answer:
    """Answer one page of the records that a query selects."""
    account, _ = call.caller
    found, view = object_of(call), view_of(call, read=False)
    now = _settled(call)
    most = MOST_RECORDS if found.lifts_cap and view.output == "mobile" else PAGE
    selection = read_query(found, call.param, call.reading(now), most=most)
    selection = _only_own(call, selection, counted=view.output != "bulk")
    parts = view.parts(found.name)
    page = account.rows.query(selection, account.rows.columns_of(parts))
    records = account.rows.gather(found.name, page.rows, parts)
    return Facts(view.query_answer(found.name, records, page.total))


def read(call: ApiCall) -> Answer:
    """Answer the record that the call names; several, where its key fits several."""
    view = view_of(call, read=True)
    _settled(call)
    return Facts(view.read_answer(gathered(call, rows_named(call), view)))


def gathered(call: ApiCall, rows: Sequence[Row], view: View) -> Sequence[Record]:
    """Give rows of the object of the call with everything that `view` shows beside them."""
    account, _ = call.caller
    name = object_of(call).name
    return account.rows.gather(name, rows, view.parts(name))


def rows_named(call: ApiCall) -> Sequence[Row]:
    """Find the rows that the parameters name: one, or several for a key that fits several.

    Of the keys in the table the first that is complete counts, and the others must not speak of
    another record. Raises `Refused` with the code of the key for a bad value, for a record that is
    not there, and for keys that differ.
    """
    found = object_of(call)
    keys = complete_keys(call, found)
    conditions = named_by(call, keys[0])
    # By their id alone deleted records are found too: e-mail finds the living (documented).
    deleted: Deleted = "all" if keys[0].params == ("id",) else "false"
    selection = RowSelection(found.name, conditions, deleted=deleted, counted=False)
    rows = _read_rows(call, selection)
    if not rows:
        named = ", ".join(f"{name} {shown(call.param(name) or '')}" for name in keys[0].params)
        raise Refused(keys[0].code, detail=f"there is no {found.name} with {named}")
    for key in keys[1:]:
        if "email" in key.params and call.param("password"):
            # Clients send their own e-mail address and password along with every call.
            continue
        both = replace(selection, conditions=(*conditions, *named_by(call, key)))
        if not _read_rows(call, both):
            raise Refused(key.differs, detail=f"{key.params[0]} is of another {found.name}")
    _refuse_archived(call, rows)
    return rows if keys[0].several and call.dialect.version == V4.version else rows[:1]


def _read_rows(call: ApiCall, selection: RowSelection) -> Sequence[Row]:
    account, _ = call.caller
    view = view_of(call, read=True)
    columns = account.rows.columns_of(view.parts(selection.object))
    own = _only_own(call, selection, counted=False)
    return account.rows.query(own, [*columns, *_ARCHIVED.get(selection.object, ())]).rows


def _refuse_archived(call: ApiCall, rows: Sequence[Row]) -> None:
    refuse = call.quirks["archived_prospect_read"] == "refuse"
    if refuse and any(row.get("is_archived") for row in rows):
        raise Refused(ErrorCode.PROSPECT_ARCHIVED, detail="the prospect is archived")


def complete_keys(call: ApiCall, found: SyncObject) -> Sequence[Key]:
    """Give the keys that are complete in the call, never none."""
    version = call.dialect.version
    complete = [
        key
        for key in found.keys
        if version in key.versions and all(call.param(name) for name in key.params)
    ]
    if not complete:
        raise Refused(found.no_key, detail=f"the call names no {found.name}")
    return complete


def named_by(call: ApiCall, key: Key) -> tuple[Condition, ...]:
    """Give what must be true of a record that a key names."""
    return tuple(
        Condition(column, "among", (_key_value(call, key, place),))
        for place, column in enumerate(key.columns)
    )


def _key_value(call: ApiCall, key: Key, place: int) -> int | str:
    name, column = key.params[place], key.columns[place]
    text = call.param(name) or ""
    if column == "id" or column.endswith("_id"):
        return an_id(name, text, key.codes[min(place, len(key.codes) - 1)])
    return text


def _only_own(call: ApiCall, selection: RowSelection, *, counted: bool) -> RowSelection:
    """Leave to a user who is no administrator only themselves (documented)."""
    _, user = call.caller
    conditions = selection.conditions
    if selection.object == "user" and user.role != ADMINISTRATOR:
        conditions = (*conditions, Condition("id", "among", (user.id,)))
    return replace(selection, conditions=conditions, counted=counted)


def _settled(call: ApiCall) -> datetime:
    account, _ = call.caller
    with account.lock:
        return account.settle()
