"""The fields of prospects that an account has defined itself.

An account begins with those of the catalogue. What its custom field records say holds: a new
record makes a field that can be written, queried and exported, a deleted one takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS, Field, ObjectType
from pardot_mock.domain import fieldvalues as take

TYPES: Mapping[int, str] = MappingProxyType(
    {
        1: "Text",
        2: "Radio Button",
        3: "Checkbox",
        4: "Dropdown",
        5: "Textarea",
        6: "Multi-Select",
        7: "Hidden",
        8: "Number",
        12: "Date",
        14: "CRM User",
    }
)
"""The types of custom fields by their number (recorded)."""

MULTI_SELECT, NUMBER, DATE = 6, 8, 12


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field by the name under which it is written: its type, and whether it holds several."""

    name: str
    type_id: int = 1
    several: bool = False

    @property
    def read(self) -> take.Reader:
        """How values of the field are read."""
        if self.several:
            return take.several
        return {NUMBER: take.a_number, DATE: take.a_date}.get(self.type_id, take.a_text)


CustomFields = Mapping[str, CustomField]

OF_THE_CATALOGUE: CustomFields = MappingProxyType(
    {
        field.name: CustomField(
            field.name,
            MULTI_SELECT if field.name in MULTI_VALUE_FIELDS else 1,
            field.name in MULTI_VALUE_FIELDS,
        )
        for field in OBJECTS["prospect"].fields
        if field.custom
    }
)
"""The fields with which every account begins."""


def custom_fields(rows: Iterable[Mapping[str, Any]]) -> CustomFields:
    """Give the fields that the living custom field records define."""
    found = (
        CustomField(
            row["field_id"],
            row["type_id"],
            row["type_id"] == MULTI_SELECT or bool(row["is_record_multiple_responses"]),
        )
        for row in rows
    )
    return {field.name: field for field in found}


def described(found: ObjectType, custom: CustomFields) -> ObjectType:
    """Give an object with these fields in the place of those of the catalogue."""
    if found.name != "prospect" or custom is OF_THE_CATALOGUE:
        return found
    standard = tuple(field for field in found.fields if not field.custom)
    own = tuple(Field(name, "string", custom=True, evidence="chosen") for name in custom)
    return replace(found, fields=(*standard, *own))


def unknown_to_catalogue(name: str, columns: Iterable[str]) -> frozenset[str]:
    """Give those columns of an object that only the account knows."""
    known = {field.name for field in OBJECTS[name].fields}
    return frozenset(column for column in columns if column not in known)
