"""The envelope: formats, content types, byte shapes, paths and parameters."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    STAMP,
    activities,
    assert_refused,
    complete,
    create,
    nothing,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply
    from pardot_contracts.wire import Wire

XML_TYPE = "text/xml; charset=utf-8"
MISSING_ID = 999_999_999


def some_answers(raw: RawDriver, account: Account) -> list[Reply]:
    """Give one answer of each kind: two successes, an empty list and two refusals."""
    created = raw.create_reply(activities(account))
    export = created.answer(raw.form).export
    assert export is not None
    return [
        created,
        raw.read_reply(export.id),
        raw.query_reply({"status": "Failed"}),
        raw.read_reply(MISSING_ID),
        raw.create_reply({"object": "unicorn"}),
    ]


@pytest.mark.requirement("ENV-001")
@pytest.mark.needs("writes")
@pytest.mark.form("xml")
def test_every_answer_is_xml_with_its_charset_when_no_format_is_asked(
    raw: RawDriver, account: Account
) -> None:
    replies = some_answers(raw, account)
    assert {reply.content_type for reply in replies} == {XML_TYPE}
    assert {reply.body[:38] for reply in replies} == {b'<?xml version="1.0" encoding="UTF-8"?>'}


@pytest.mark.requirement("ENV-002")
@pytest.mark.needs("writes")
@pytest.mark.form("json")
def test_every_json_answer_has_the_bare_content_type(raw: RawDriver, account: Account) -> None:
    replies = some_answers(raw, account)
    assert {reply.content_type for reply in replies} == {"application/json"}


@pytest.mark.requirement("ENV-004")
@pytest.mark.form("xml")
@pytest.mark.parametrize("value", ["simple", "JSON", "yaml", ""])
def test_an_unknown_format_gives_xml(raw: RawDriver, value: str) -> None:
    reply = raw.query_reply({"format": value})
    assert reply.content_type == XML_TYPE
    assert reply.answer("xml").ok


@pytest.mark.requirement("ENV-005")
@pytest.mark.parametrize("accept", ["application/json", "text/xml", "text/html", "*/*"])
def test_the_accept_header_has_no_influence_on_the_format(raw: RawDriver, accept: str) -> None:
    reply = raw.call("GET", "query", headers={"Accept": accept})
    assert reply.answer(raw.form).ok


@pytest.mark.requirement("ENV-006", "ENV-011")
@pytest.mark.needs("writes")
@pytest.mark.form("json")
def test_a_json_success_starts_with_its_attributes_and_the_payload_comes_second(
    raw: RawDriver, account: Account
) -> None:
    for reply, payload in (
        (raw.create_reply(activities(account)), "export"),
        (raw.query_reply({}), "result"),
    ):
        assert reply.body.startswith(b'{"@attributes":{"stat":"ok","version":1},')
        assert list(reply.json())[:2] == ["@attributes", payload]


@pytest.mark.requirement("ENV-007")
@pytest.mark.form("json")
def test_a_json_failure_equals_the_recorded_shape_byte_for_byte(raw: RawDriver) -> None:
    assert raw.read_reply(MISSING_ID).body == (
        b'{"@attributes":{"stat":"fail","version":1,"err_code":109},'
        b'"err":"The requested record was not found."}'
    )


@pytest.mark.requirement("ENV-008", "EXP-READ-010")
@pytest.mark.form("xml")
def test_an_xml_failure_holds_the_literals_that_clients_search(raw: RawDriver) -> None:
    body = raw.read_reply(MISSING_ID).body
    assert b'<rsp stat="fail" version="1.0">' in body
    assert b'<err code="109">The requested record was not found.</err>' in body


@pytest.mark.requirement("ENV-009", "ENV-010")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_json_is_compact_ascii_with_escaped_slashes(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    replies = [*some_answers(raw, account), raw.read_reply(export.id)]
    for reply in replies:
        compact = json.dumps(reply.json(), separators=(",", ":"), ensure_ascii=True)
        assert reply.body.decode("ascii") == compact.replace("/", "\\/")


@pytest.mark.requirement("ENV-010", "EXP-READ-008")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_a_result_url_in_json_has_escaped_slashes(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    assert b"\\/do\\/downloadResults\\/id\\/" in raw.read_reply(export.id).body


@pytest.mark.requirement("ENV-012")
@pytest.mark.parametrize(
    "path",
    [
        "/api/export/do/read/version/{v}/id/{id}",
        "/api/export/do/read/id/{id}/version/{v}",
        "/api/export/id/{id}/version/{v}/do/read",
    ],
)
@pytest.mark.needs("writes")
def test_path_parameters_may_come_in_any_order(raw: RawDriver, account: Account, path: str) -> None:
    export = create(raw, activities(account))
    target = path.format(v=raw.version, id=export.id)
    reply = raw.send("GET", target, headers=raw.authorization())
    assert reply.answer(raw.form).export == export


@pytest.mark.requirement("ENV-013")
@pytest.mark.needs("writes")
def test_a_trailing_slash_on_any_call_is_served_without_a_redirect(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    suffix = "?format=json" if raw.form == "json" else ""
    base = f"/api/export/version/{raw.version}/do"
    headers = raw.authorization()
    created = wire.post_json(f"{base}/create/{suffix}", json.dumps(activities(account)), headers)
    export = created.answer(raw.form).export
    assert export is not None
    replies = [
        wire.get(f"{base}/query/{suffix}", headers),
        wire.get(f"{base}/read/id/{export.id}/{suffix}", headers),
    ]
    assert {reply.status for reply in [created, *replies]} == {200}
    assert all(reply.answer(raw.form).ok for reply in replies)


@pytest.mark.requirement("ENV-014")
@pytest.mark.parametrize(
    "path", ["/api/unicorn/version/{v}/do/query", "/api/export/version/{v}/do/fly"]
)
def test_an_unknown_object_or_operation_gives_code_2(raw: RawDriver, path: str) -> None:
    reply = raw.send("GET", path.format(v=raw.version), headers=raw.authorization())
    assert_refused(reply.answer(raw.form), 2)


@pytest.mark.requirement("ENV-015")
@pytest.mark.needs("writes")
def test_an_id_may_stand_in_the_path_or_in_the_query_string(
    raw: RawDriver, account: Account
) -> None:
    export = create(raw, activities(account))
    reply = raw.call("GET", "read", params={"id": str(export.id)})
    assert reply.answer(raw.form).export == export


@pytest.mark.requirement("ENV-017")
def test_a_get_that_claims_a_json_body_but_has_none_is_served(raw: RawDriver) -> None:
    reply = raw.call("GET", "query", headers={"Content-Type": "application/json"})
    assert reply.answer(raw.form).ok


@pytest.mark.requirement("ENV-018")
@pytest.mark.needs("writes")
def test_a_create_that_expects_100_continue_is_answered(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    headers = {**raw.authorization(), "Expect": "100-continue"}
    suffix = "?format=json" if raw.form == "json" else ""
    target = f"/api/export/version/{raw.version}/do/create{suffix}"
    reply = wire.post_json(target, json.dumps(activities(account)), headers)
    assert reply.answer(raw.form).ok


@pytest.mark.requirement("EXP-CREATE-001")
@pytest.mark.form("json")
def test_a_chunked_create_body_is_read_completely(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    text = json.dumps(activities(account)).encode()
    headers = {**raw.authorization(), "Content-Type": "application/json"}
    target = f"/api/export/version/{raw.version}/do/create?format=json"
    reply = wire.send("POST", target, headers=headers, chunks=[text[:11], text[11:]])
    assert reply.answer("json").ok


@pytest.mark.requirement("ENV-019")
def test_surplus_parameters_of_a_query_are_ignored(raw: RawDriver) -> None:
    surplus = {"output": "bulk", "colour": "green", "email": "x@example.com", "offset": "0"}
    assert raw.query(surplus).ok


@pytest.mark.requirement("ENV-020")
@pytest.mark.needs("writes")
def test_percent_encoded_values_in_the_path_are_decoded(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    export = create(raw, activities(account))
    encoded = "".join(f"%{ord(digit):02X}" for digit in str(export.id))
    suffix = "?format=json" if raw.form == "json" else ""
    target = f"/api/export/version/{raw.version}/do/read/id/{encoded}{suffix}"
    assert wire.get(target, raw.authorization()).answer(raw.form).export == export


@pytest.mark.requirement("ENV-024")
@pytest.mark.needs("writes")
def test_timestamps_carry_no_offset(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    assert re.fullmatch(STAMP, export.created_at or "")
    assert re.fullmatch(STAMP, export.updated_at or "")


@pytest.mark.requirement("ENV-028")
@pytest.mark.needs("control")
def test_both_formats_of_one_answer_carry_the_same_facts(
    raw_in_both: tuple[RawDriver, RawDriver], account: Account
) -> None:
    xml, json_ = raw_in_both
    export = complete(xml, account, activities(account))
    create(xml, nothing(account))
    account.advance(timedelta(minutes=1))
    assert xml.read(export.id) == json_.read(export.id)
    one, other = xml.query({}), json_.query({})
    assert (one.exports, one.total) == (other.exports, other.total)
    assert one.total == 2
