"""Puts the document together: one path for every operation that is served, and the OAuth calls.

Paths are written as the documentation writes them; the API takes their pairs in any order.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock._version import __version__
from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.web.openapi.oauth import oauth_paths
from pardot_mock.web.openapi.parameters import names_of, schema_of, shared_parameters
from pardot_mock.web.openapi.schemas import (
    answer_of,
    contents_of,
    one_or_many,
    query_result,
    reference,
    schemas,
)
from pardot_mock.web.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.web.operations import Operation

Json = dict[str, Any]
_IN_PATH: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("export", "read"): ("id",),
        ("export", "downloadResults"): ("id", "file"),
        ("import", "batch"): ("id",),
        ("import", "update"): ("id",),
        ("import", "read"): ("id",),
        ("import", "downloadErrors"): ("id",),
    }
)
_NO_CONTENT = frozenset({"batch", "delete"})
_FILES = frozenset({"downloadErrors", "downloadResults"})
_FORM = "application/x-www-form-urlencoded"


def openapi_document(server_url: str = "/") -> Json:
    """Give the OpenAPI 3.1 document; `server_url` is the base of the paths."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pardot API, versions 3 and 4, as emulated",
            "version": __version__,
            "description": "Login, the asynchronous Export API and the objects around it. "
            "Refused calls carry a code; its HTTP status depends on the quirks of the account.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server_url}],
        "security": [{"apiKey": []}, {"bearer": [], "businessUnit": []}],
        "paths": {**_paths(), **oauth_paths()},
        "components": {
            "parameters": shared_parameters(),
            "schemas": schemas(),
            "responses": {"Refused": _refused()},
            "securitySchemes": _security(),
        },
    }


def _security() -> Json:
    return {
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Pardot api_key=<32 hex>, user_key=<32 hex>`",
        },
        "bearer": {"type": "http", "scheme": "bearer"},
        "businessUnit": {"type": "apiKey", "in": "header", "name": "Pardot-Business-Unit-Id"},
    }


def _refused() -> Json:
    return {
        "description": "Refused: the code says why. Codes about authentication and limits come "
        "with HTTP 200 before the oauth era.",
        "content": _contents(reference("Error")),
    }


def _contents(schema: Json) -> Json:
    xml = {"schema": {"type": "string"}}
    return {"application/json": {"schema": schema}, "text/xml": xml}


def _paths() -> Json:
    paths: Json = {}
    for (object_name, do), operation in OPERATIONS.items():
        paths[_path(object_name, do)] = _item(object_name, do, operation)
    return paths


def _path(object_name: str, do: str) -> str:
    pairs = "".join(f"/{name}/{{{name}}}" for name in _IN_PATH.get((object_name, do), ()))
    return f"/api/{object_name}/version/{{version}}" + (f"/do/{do}{pairs}" if do else "")


def _item(object_name: str, do: str, operation: Operation) -> Json:
    shared: list[Json] = [{"$ref": "#/components/parameters/version"}]
    shared += [
        {"name": name, "in": "path", "required": True, "schema": schema_of(object_name, name)}
        for name in _IN_PATH.get((object_name, do), ())
    ]
    methods = set(operation.methods)
    if operation.tolerated is not None:
        methods.add(operation.tolerated[0])
    if object_name == "login":
        methods = {"POST"}
    item: Json = {"parameters": shared}
    for method in sorted(methods):
        item[method.lower()] = _operation(object_name, do, operation, method)
    return item


def _operation(object_name: str, do: str, operation: Operation, method: str) -> Json:
    in_path = _IN_PATH.get((object_name, do), ())
    own = [name for name in names_of(object_name, do, operation) if name not in in_path]
    described: Json = {
        "operationId": f"{operation.name}.{method.lower()}",
        "tags": [object_name],
        "parameters": [{"$ref": "#/components/parameters/format"}],
        "responses": _responses(object_name, do),
    }
    if object_name in SYNC_OBJECTS:
        described["parameters"].append({"$ref": "#/components/parameters/output"})
    if not operation.authenticated:
        described["security"] = []
    if method == "GET":
        described["parameters"] += [
            {"name": name, "in": "query", "schema": schema_of(object_name, name)} for name in own
        ]
    else:
        described["requestBody"] = _request_body(object_name, do, operation, own)
    return described


def _request_body(object_name: str, do: str, operation: Operation, own: list[str]) -> Json:
    if object_name == "login":
        forms = (_FORM, "multipart/form-data")
        content = {form: {"schema": reference("Login")} for form in forms}
        return {"required": True, "content": content}
    if operation.reads_body:
        return {"required": True, "content": contents_of(object_name, do)}
    properties = {name: schema_of(object_name, name) for name in own}
    schema = {"type": "object", "properties": properties}
    return {"required": False, "content": {_FORM: {"schema": schema}}}


def _responses(object_name: str, do: str) -> Json:
    served: Json = {"description": "Served", "content": _answer(object_name, do)}
    responses: Json = {"200": served, "default": {"$ref": "#/components/responses/Refused"}}
    if do in _NO_CONTENT:
        responses["204"] = {"description": "Deleted"}
    return responses


def _answer(object_name: str, do: str) -> Json:
    if do in _FILES:
        return {"text/csv": {"schema": {"type": "string"}}, **_contents(reference("Error"))}
    return _contents({"anyOf": [_payload(object_name, do), reference("Error")]})


def _payload(object_name: str, do: str) -> Json:
    if object_name == "login":
        return answer_of({"type": "string", "pattern": "^[0-9a-f]{32}$"}, "api_key")
    if object_name == "export":
        export = reference("Export")
        return query_result("export", export) if do == "query" else answer_of(export, "export")
    found = SYNC_OBJECTS.get(object_name)
    if found is None or do not in ("query", "read"):
        return {"type": "object", "required": ["@attributes"]}
    record = reference(object_name)
    if do == "query":
        return query_result(found.element, record)
    return answer_of(one_or_many(record), found.element)
