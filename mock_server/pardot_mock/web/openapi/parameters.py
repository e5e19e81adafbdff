"""Describes the parameters of an operation: what each is called and what it takes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_fixtures.catalog import find_object
from pardot_mock.domain.exportquery import PAGE
from pardot_mock.domain.exports import ExportState
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.domain.shapes import OUTPUTS
from pardot_mock.domain.syncfilters import GRADES
from pardot_mock.domain.syncobjects import SYNC_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.web.operations import Operation

Json = dict[str, Any]
SHARED = ("format", "output", "version", "do")
"""Parameters of every call: described once, or part of the path."""

_ID: Mapping[str, Any] = MappingProxyType({"$ref": "#/components/schemas/Id"})
_TIME: Mapping[str, Any] = MappingProxyType({"$ref": "#/components/schemas/Time"})
_BY_KIND: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "time": _TIME,
        "id": _ID,
        "ids": MappingProxyType({"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"}),
        "activity types": MappingProxyType({"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"}),
        "boolean": MappingProxyType({"type": "string", "enum": ("true", "false")}),
        "number": MappingProxyType({"type": "number"}),
        "grade": MappingProxyType({"type": "string", "enum": GRADES}),
    }
)
_BY_NAME: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "prospects": MappingProxyType(
            {"type": "string", "description": "JSON: prospects by key, in version 4 an array."}
        ),
        "limit": MappingProxyType({"type": "integer", "minimum": 1, "default": PAGE}),
        "offset": MappingProxyType({"type": "integer", "minimum": 0, "default": 0}),
        "sort_order": MappingProxyType({"type": "string", "enum": ("ascending", "descending")}),
        "deleted": MappingProxyType({"type": "string", "enum": ("true", "false")}),
        "fields": MappingProxyType({"type": "string", "description": "Names between commas."}),
        "status": MappingProxyType({"type": "string", "enum": tuple(map(str, ExportState))}),
        "object": MappingProxyType({"type": "string", "enum": tuple(EXPORT_OBJECTS)}),
        "id": _ID,
        "file": _ID,
        "list_id": _ID,
        "prospect_id": _ID,
        "include_message": MappingProxyType({"type": "string", "enum": ("true", "false")}),
        "limit_related_records": MappingProxyType({"type": "string", "enum": ("true", "false")}),
    }
)


def names_of(object_name: str, do: str, operation: Operation) -> tuple[str, ...]:
    """Give the parameters that are an operation's own, by alphabet.

    Writing a prospect takes any name, because custom fields have any: the known fields are named.
    """
    known = operation.parameters
    if known is None:
        found = find_object(object_name)
        fields = found.export_fields if found is not None else ()
        known = frozenset({"prospects"} if do.startswith("batch") else {"id", "fid", *fields})
    return tuple(sorted(known - set(SHARED)))


def schema_of(object_name: str, name: str) -> Json:
    """Describe what the parameter `name` of an object's operations takes."""
    kinds = {}
    if (found := SYNC_OBJECTS.get(object_name)) is not None:
        kinds = {each.name: each.takes for each in found.filters}
        if name == "sort_by" and found.sorts:
            return {"type": "string", "enum": sorted(found.sorts)}
    if name in kinds:
        described = _BY_KIND.get(kinds[name], {"type": "string", "description": kinds[name]})
    elif name == "sort_by":
        described = {"type": "string", "enum": ("id", "created_at", "updated_at")}
    elif name.endswith(("_after", "_before")):
        described = _TIME
    else:
        described = _BY_NAME.get(name, {"type": "string"})
    return {key: list(v) if isinstance(v, tuple) else v for key, v in described.items()}


def shared_parameters() -> Json:
    """Give the components that operations refer to."""
    return {
        "version": {
            "name": "version",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "enum": [3, 4]},
        },
        "format": {
            "name": "format",
            "in": "query",
            "description": "JSON only for `json`; anything else gives XML.",
            "schema": {"type": "string", "enum": ["xml", "json"], "default": "xml"},
        },
        "output": {
            "name": "output",
            "in": "query",
            "schema": {"type": "string", "enum": list(OUTPUTS), "default": "full"},
        },
    }
