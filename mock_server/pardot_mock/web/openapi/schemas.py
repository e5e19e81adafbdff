"""Describes bodies: what a create takes, and what answers look like in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_fixtures.catalog import find_object
from pardot_mock.domain.errors import ERRORS
from pardot_mock.domain.exports import ExportState
from pardot_mock.domain.procedures import MAX_FIELDS
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.domain.shapes import SHAPES, key_of
from pardot_mock.domain.syncobjects import SYNC_OBJECTS

if TYPE_CHECKING:
    from pardot_mock.domain.proceduretable import Procedure

Json = dict[str, Any]
_TEXT: str = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"


def reference(name: str) -> Json:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer_of(payload: Json, required: str) -> Json:
    """Describe a successful JSON answer: `@attributes` and one payload key."""
    properties = {"@attributes": reference("Ok"), required: payload}
    return {"type": "object", "required": list(properties), "properties": properties}


def contents_of(object_name: str, do: str) -> Json:
    """Describe a body that is no form, by content type."""
    if object_name == "export":
        return {"application/json": {"schema": reference("ExportRequest")}}
    if object_name != "import":
        return {"application/json": {"schema": {"type": "object"}}}
    file = {"type": "string", "description": "CSV with a header row"}
    if do == "update":
        return {"application/json": {"schema": reference("ImportUpdate")}}
    if do == "batch":
        form: Json = {"type": "object", "properties": {"importFile": file}}
        return {"multipart/form-data": {"schema": form}}
    both = {"importInput": {"type": "string", "description": "The JSON of the import"},
            "importFile": file}  # fmt: skip
    return {
        "application/json": {"schema": reference("ImportRequest")},
        "multipart/form-data": {"schema": {"type": "object", "properties": both}},
    }


def one_or_many(item: Json) -> Json:
    """Describe a collection: absent with no item, the item itself with one, else an array."""
    return {"oneOf": [item, {"type": "array", "items": item, "minItems": 2}]}


def query_result(key: str, item: Json) -> Json:
    """Describe the answer of a query; with output=bulk there is no count, and maybe no result."""
    properties = {"total_results": {"type": "integer", "minimum": 0}, key: one_or_many(item)}
    result = {"type": ["object", "null"], "properties": properties}
    return answer_of(result, "result")


def schemas() -> Json:
    """Give every schema that operations refer to."""
    attributes = {"stat": {"const": "ok"}, "version": {"const": 1}}
    failed = {"stat": {"const": "fail"}, "version": {"const": 1},
              "err_code": {"type": "integer", "enum": sorted(ERRORS)}}  # fmt: skip
    return {
        "Ok": {"type": "object", "required": ["stat", "version"], "properties": attributes},
        "Error": {
            "type": "object",
            "required": ["@attributes", "err"],
            "properties": {
                "@attributes": {
                    "type": "object",
                    "required": ["stat", "version", "err_code"],
                    "properties": failed,
                },
                "err": {"type": "string"},
            },
        },
        "Login": {
            "type": "object",
            "required": ["email", "password", "user_key"],
            "properties": {
                "email": {"type": "string"},
                "password": {"type": "string"},
                "user_key": {"type": "string", "pattern": "^[0-9A-Fa-f]{32}$"},
                "format": {"type": "string"},
            },
        },
        "Id": {"type": "integer", "minimum": 1},
        "Time": {
            "type": "string",
            "description": "A date such as 2026-01-31 10:00:00, a keyword such as last_7_days, or"
            " GNU date input such as `1 week ago`; without a zone in the timezone of the user.",
            "examples": ["2026-01-31 10:00:00", "last_7_days"],
        },
        "Export": _export(),
        "ExportRequest": {"oneOf": [_request(n, p) for n, p in _procedures()]},
        "ImportRequest": _import_request(),
        "ImportUpdate": {
            "type": "object",
            "required": ["state"],
            "properties": {"state": {"enum": ["Ready"]}},
        },
        "OAuthError": {
            "type": "object",
            "required": ["error", "error_description"],
            "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
        },
        **{f"{name}.fields": _fields(name) for name in EXPORT_OBJECTS},
        **{name: _record(name) for name in SYNC_OBJECTS},
    }


def _export() -> Json:
    stamp = {"type": "string", "pattern": _TEXT}
    url = {"type": "string", "format": "uri"}
    return {
        "type": "object",
        "required": ["id", "state", "isExpired", "createdAt", "updatedAt"],
        "properties": {
            "id": {"type": "integer"},
            "state": {"type": "string", "enum": [*map(str, ExportState), "Canceled"]},
            "isExpired": {"type": "boolean"},
            "resultRefs": {"oneOf": [url, {"type": "array", "items": url}]},
            "createdAt": stamp,
            "updatedAt": stamp,
            "object": {"type": "string"},
            "fields": {"type": "array", "items": {"type": "string"}},
            "procedure": {"type": "object"},
        },
    }


def _procedures() -> list[tuple[str, Procedure]]:
    return [(n, p) for n, each in EXPORT_OBJECTS.items() for p in each.procedures.values()]


def _request(name: str, procedure: Procedure) -> Json:
    arguments = {argument: _argument(argument) for argument in sorted(procedure.arguments)}
    return {
        "type": "object",
        "required": ["object", "procedure"],
        "additionalProperties": False,
        "properties": {
            "object": {"const": name},
            "fields": reference(f"{name}.fields"),
            "procedure": {
                "type": "object",
                "required": ["name", "arguments"],
                "additionalProperties": False,
                "properties": {
                    "name": {"const": procedure.name},
                    "arguments": {
                        "type": "object",
                        "required": [procedure.after],
                        "additionalProperties": False,
                        "properties": arguments,
                    },
                },
            },
        },
    }


def _fields(name: str) -> Json:
    found = find_object(name)
    names = list(found.export_fields) if found is not None else []
    return {"type": "array", "maxItems": MAX_FIELDS, "items": {"enum": names}}


def _argument(name: str) -> Json:
    if name == "type":
        return {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 38},
                "minItems": 1}  # fmt: skip
    if name == "prospectOnly":
        return {"type": "boolean"}
    if name == "deleted":
        return {"enum": ["all", "true", "false", True, False]}
    return reference("Time")


def _record(name: str) -> Json:
    shape = SHAPES.get(SYNC_OBJECTS[name].name)
    keys = [key_of(part) for part in shape.parts] if shape is not None else []
    return {"type": "object", "properties": {key: {} for key in keys}}


def _import_request() -> Json:
    flag = {"type": "boolean"}
    column = {
        "type": "object",
        "required": ["field"],
        "properties": {"field": {"type": "string"}, "overwrite": flag, "nullOverwrite": flag},
    }
    return {
        "type": "object",
        "required": ["operation", "object"],
        "additionalProperties": False,
        "properties": {
            "operation": {"enum": ["Upsert"]},
            "object": {"enum": ["Prospect"]},
            "restoreDeleted": flag,
            "columns": {"type": "array", "items": column},
            "state": {"enum": ["Open", "Ready"]},
        },
    }
