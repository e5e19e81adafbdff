"""The OpenAPI document is valid, complete, published, and true of real answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from pardot_mock.cli import main
from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.web.openapi import openapi_document
from pardot_mock.web.operations import OPERATIONS
from tests.integration.conftest import EXPORT, activity_export

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

DOCUMENT = openapi_document()


def json_schema(path: str, method: str = "get") -> Draft202012Validator:
    described = DOCUMENT["paths"][path][method]["responses"]["200"]["content"]["application/json"]
    return Draft202012Validator(
        {**described["schema"], "components": {"schemas": DOCUMENT["components"]["schemas"]}}
    )


def test_the_document_is_valid() -> None:
    validate(json.loads(json.dumps(DOCUMENT)))


def test_every_operation_that_is_served_is_described_with_its_parameters() -> None:
    assert len([path for path in DOCUMENT["paths"] if path.startswith("/api/")]) == len(OPERATIONS)
    names = {
        each["operationId"]
        for item in DOCUMENT["paths"].values()
        for method, each in item.items()
        if method != "parameters"
    }
    for operation in OPERATIONS.values():
        assert any(name.rpartition(".")[0] == operation.name for name in names)
    query = DOCUMENT["paths"]["/api/visitorActivity/version/{version}/do/query"]["get"]
    described = {each["name"] for each in query["parameters"] if "name" in each}
    assert {"created_after", "prospect_only", "limit", "sort_by"} <= described


def test_the_document_is_published_and_printed_with_the_same_paths(bench: Bench) -> None:
    published = bench.client.get("/_mock/openapi.json").get_json()
    printed = json.loads(CliRunner().invoke(main, ["openapi"]).output)
    assert published["servers"] == [{"url": "http://localhost/"}]
    assert published["paths"] == printed["paths"] == json.loads(json.dumps(DOCUMENT))["paths"]


def test_answers_of_the_export_api_are_as_described(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "instant"})
    base = "/api/export/version/{version}/do"
    create = json_schema(f"{base}/create", "post")
    create.validate(caller.create().get_json())
    create.validate(caller.create({}).get_json())
    read = json_schema(f"{base}/read/id/{{id}}")
    read.validate(caller.get(f"{EXPORT}/read/id/1001?format=json").get_json())
    read.validate(caller.get(f"{EXPORT}/read/id/1?format=json").get_json())
    query = json_schema(f"{base}/query")
    query.validate(caller.get(f"{EXPORT}/query?format=json").get_json())
    assert not read.is_valid({"@attributes": {"stat": "ok", "version": 1}, "export": {"id": "x"}})
    assert not query.is_valid({"result": {"total_results": 0}})


def test_answers_of_the_synchronous_objects_are_as_described(caller: Caller) -> None:
    described = [(name, do) for name in sorted(SYNC_OBJECTS) for do in ("query", "read")]
    for name, do in described:
        path = f"/api/{name}/version/{{version}}/do/{do}"
        if path not in DOCUMENT["paths"]:
            continue
        schema = json_schema(path)
        for ask in ("id=1&visitor_ids=1&limit=2", "output=bulk&visitor_ids=1&limit=1", "id=x"):
            url = f"{path.replace('{version}', '4')}?format=json&{ask}"
            answer: Any = caller.get(url).get_json()
            assert list(schema.iter_errors(answer)) == [], url


def test_the_create_that_is_described_is_the_one_that_is_accepted(caller: Caller) -> None:
    schema = Draft202012Validator(
        {
            **DOCUMENT["components"]["schemas"]["ExportRequest"],
            "components": {"schemas": DOCUMENT["components"]["schemas"]},
        }
    )
    for extra in ({}, {"type": [1, 2]}, {"prospectOnly": True}):
        body = activity_export(**extra)
        schema.validate(body)
        assert caller.create(body).status_code == 200
    for body in (
        {**activity_export(), "surprise": 1},
        {**activity_export(), "fields": ["nonsense"]},
        activity_export(prospect_only=True),
        {**activity_export(), "object": "campaign"},
    ):
        assert not schema.is_valid(body)
        assert caller.create(body).status_code == 400
