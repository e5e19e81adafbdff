"""What can be written of each synchronous object, as data.

One row says which parameters create and update take, how each is read, which must be there, and
which name a record that must exist. Prospects have more to them: see `prospectfields`. Parameters
that no row knows are ignored (documented). The names are those of the field reference, minus what
the service itself keeps (inferred); codes follow from their texts (inferred).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.domain import fieldvalues as take
from pardot_mock.domain.customfields import TYPES
from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.domain.fieldvalues import Circumstances

Param = Any
"""What gives a parameter by its name: a text, a list of texts, a scalar of JSON, or None."""

_FIELD_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
_TYPE_NUMBERS: Mapping[str, int] = MappingProxyType({n.lower(): i for i, n in TYPES.items()})


@dataclass(frozen=True, slots=True)
class WriteRules:
    """How one object is written.

    `fields` maps a parameter to its reader. `fixed` are those that only create takes. `required`
    must be there at create. `references` names the object a field points at, and the code where
    there is no such record. `defaults` are the values of a new record.
    """

    fields: Mapping[str, take.Reader]
    required: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    references: Mapping[str, tuple[str, ErrorCode]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def read_new(self, given: Mapping[str, Any], around: Circumstances) -> dict[str, Any]:
        """Read the values of a new record; code 13 for a required one that is not there."""
        missing = [name for name in self.required if given.get(name) is None]
        if missing:
            raise Refused(ErrorCode.MISSING_PARAMETER, detail=f"{missing[0]} is missing")
        return {**self.defaults, **self._read(given, self.fields, around)}

    def read_change(self, given: Mapping[str, Any], around: Circumstances) -> dict[str, Any]:
        """Read the values that an update changes."""
        changing = {n: read for n, read in self.fields.items() if n not in self.fixed}
        return self._read(given, changing, around)

    def _read(
        self, given: Mapping[str, Any], fields: Mapping[str, take.Reader], around: Circumstances
    ) -> dict[str, Any]:
        return {
            name: read(name, given[name], around)
            for name, read in fields.items()
            if given.get(name) is not None
        }


def _a_type(name: str, value: object, _: Circumstances) -> int:
    """The type of a custom field, by its number or its name."""
    text = take.plain(name, value).strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None
    found = _TYPE_NUMBERS.get(text.lower(), number)
    if found is None or found not in TYPES:
        raise Refused(ErrorCode.INVALID_PARAMETER, detail=f"{name} {text[:40]!r} is no type")
    return found


def _a_field_id(name: str, value: object, _: Circumstances) -> str:
    """The name of a custom field in calls and files; those of the standard fields are taken."""
    text = take.plain(name, value).strip()
    standard = {f.name.lower() for f in OBJECTS["prospect"].fields if not f.custom}
    if not _FIELD_ID.fullmatch(text) or text.lower() in standard:
        detail = f"{name} {text[:40]!r} is no name for a custom field"
        raise Refused(ErrorCode.INVALID_NAME, detail=detail)
    return text


def _fields(**readers: take.Reader) -> Mapping[str, take.Reader]:
    return MappingProxyType(readers)


def _all_as(read: take.Reader, names: str) -> dict[str, take.Reader]:
    return dict.fromkeys(names.split(), read)


_PROSPECT = frozenset({"prospect_id", "prospect_email"})
_ASSIGNING = frozenset({*_PROSPECT, "user_id", "user_email", "group_id"})
_SENDING = frozenset(
    (
        *_PROSPECT,
        "list_ids",
        "list_ids[]",
        "campaign_id",
        "email_template_id",
        "name",
        "subject",
        "text_content",
        "html_content",
    )
)
_CAMPAIGN = MappingProxyType({"campaign_id": ("campaign", ErrorCode.INVALID_CAMPAIGN_ID)})

WRITES: Mapping[str, WriteRules] = MappingProxyType(
    {
        "list": WriteRules(
            _fields(
                name=take.a_name,
                **_all_as(take.a_text, "title description"),
                **_all_as(take.a_truth, "is_public is_crm_visible"),
            ),
            ("name",),
            defaults=MappingProxyType(
                {"is_public": False, "is_dynamic": False, "is_crm_visible": False}
            ),
        ),
        "listMembership": WriteRules(
            _fields(
                list_id=take.an_id(ErrorCode.INVALID_LIST_ID),
                prospect_id=take.an_id(ErrorCode.INVALID_PROSPECT_ID),
                opted_out=take.a_truth,
            ),
            ("list_id", "prospect_id"),
            frozenset({"list_id", "prospect_id"}),
            MappingProxyType(
                {
                    "list_id": ("list", ErrorCode.INVALID_LIST_ID),
                    "prospect_id": ("prospect", ErrorCode.INVALID_PROSPECT_ID),
                }
            ),
            MappingProxyType({"opted_out": False}),
        ),
        "campaign": WriteRules(
            _fields(name=take.a_name, cost=take.whole(least=0)),
            ("name",),
        ),
        "customField": WriteRules(
            _fields(
                name=take.a_name,
                field_id=_a_field_id,
                type=_a_type,
                type_id=_a_type,
                crm_id=take.a_text,
                **_all_as(take.a_truth, "is_record_multiple_responses is_use_values"),
            ),
            ("name", "field_id"),
            frozenset({"field_id", "type", "type_id"}),
            defaults=MappingProxyType(
                {"type_id": 1, "is_record_multiple_responses": False, "is_use_values": False}
            ),
        ),
        "opportunity": WriteRules(
            _fields(
                name=take.a_name,
                value=take.decimal(ErrorCode.INVALID_OPPORTUNITY_VALUE),
                probability=take.whole(ErrorCode.INVALID_PROBABILITY, 0, 100),
                campaign_id=take.an_id(ErrorCode.INVALID_CAMPAIGN_ID),
                status=take.one_of("Open", "Won", "Lost"),
                closed_at=take.an_instant,
                **_all_as(take.a_text, "type stage"),
            ),
            ("name", "value", "probability"),
            references=_CAMPAIGN,
            defaults=MappingProxyType({"status": "Open"}),
        ),
        "prospectAccount": WriteRules(
            _fields(
                name=take.a_name,
                **{
                    each.name: take.a_text
                    for each in OBJECTS["prospectAccount"].fields
                    if each.custom
                },
            ),
            ("name",),
        ),
    }
)
"""Every object but the prospect that can be written, by its name."""


def parameters(name: str, operation: str) -> frozenset[str] | None:
    """Give what a write of an object takes besides its keys; None where the account decides it."""
    if name == "prospect":
        return None
    rules = WRITES.get(name)
    if operation == "send":
        return _SENDING
    if operation == "assign" or rules is None:
        return _ASSIGNING
    if operation not in ("create", "update"):
        return frozenset()
    more = _PROSPECT if name == "opportunity" and operation == "create" else frozenset()
    known = rules.fields if operation == "create" else set(rules.fields) - rules.fixed
    return more | frozenset(known)


def custom_field(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a custom field with its type both as a number and as a word."""
    number = values.get("type") or values["type_id"]
    return {**values, "type_id": number, "type": TYPES[number]}
