"""Errors: literal texts, HTTP status, the format of a refusal, and which fault is told first."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    activities,
    assert_refused,
    create,
    login_fields,
    request_for,
)
from pardot_contracts.suite.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply
    from pardot_contracts.wire import Wire

MISSING_ID = 999_999_999
WRONG_KEYS = MappingProxyType({"Authorization": f"Pardot api_key={'0' * 32}, user_key={'1' * 32}"})
JSON_TYPE = MappingProxyType({"Content-Type": "application/json"})


def by_procedure(name: str, **arguments: str) -> dict[str, object]:
    """Ask for visitor activities by a procedure of this name."""
    return request_for("visitorActivity", name, arguments)


def post(raw: RawDriver, body: bytes, content_type: str) -> Reply:
    """Create with exactly this body."""
    return raw.call("POST", "create", data=body, headers={"Content-Type": content_type})


def path(raw: RawDriver, rest: str) -> str:
    """Give the path of an export call."""
    return f"/api/export/version/{raw.version}/do/{rest}"


GOOD = MappingProxyType({"created_after": "2024-01-01"})
PROVOCATIONS: Mapping[int, Callable[[RawDriver], Reply]] = MappingProxyType(
    {
        2: lambda raw: raw.call("GET", "fly"),
        7: lambda raw: raw.query_reply({"created_after": "soonish"}),
        8: lambda raw: raw.query_reply(
            {"created_after": "2024-02-01", "created_before": "2024-01-01"}
        ),
        16: lambda raw: raw.read_reply("abc"),
        19: lambda raw: raw.query_reply({"sort_by": "colour"}),
        20: lambda raw: raw.query_reply({"sort_order": "sideways"}),
        49: lambda raw: raw.send("GET", path(raw, "query")),
        51: lambda raw: raw.query_reply({"status": "Done"}),
        60: lambda raw: raw.call("PUT", "create"),
        94: lambda raw: raw.send(
            "GET", "/api/export/version/x/do/query", headers=raw.authorization()
        ),
        109: lambda raw: raw.read_reply(MISSING_ID),
        150: lambda raw: post(raw, b"{", "application/json"),
        151: lambda raw: post(raw, b"{}", "text/plain"),
        152: lambda raw: post(raw, b"", "application/json"),
        153: lambda raw: raw.create_reply({}),
        154: lambda raw: raw.create_reply({**by_procedure("filter_by_created_at"), "object": "x"}),
        174: lambda raw: raw.create_reply(by_procedure("filter_by_colour", **GOOD)),
        175: lambda raw: raw.create_reply(by_procedure("filter_by_created_at", **GOOD, colour="x")),
        176: lambda raw: raw.create_reply(by_procedure("filter_by_created_at")),
        177: lambda raw: raw.create_reply(by_procedure("filter_by_created_at", created_after="x")),
        180: lambda raw: raw.create_reply(
            {**by_procedure("filter_by_created_at", **GOOD), "fields": ["colour"]}
        ),
    }
)


@pytest.mark.requirement("ERR-001", "ERR-006", "ERR-009")
@pytest.mark.form("xml")
@pytest.mark.parametrize("code", sorted(PROVOCATIONS))
def test_an_xml_error_has_its_literal_text_and_no_payload(raw: RawDriver, code: int) -> None:
    reply = PROVOCATIONS[code](raw)
    envelope = reply.envelope(raw.form)
    assert (envelope.stat, envelope.code, envelope.message) == ("fail", code, TEXTS[code])
    assert envelope.payload == {}
    assert reply.content_type == "text/xml; charset=utf-8"


@pytest.mark.requirement("ERR-001", "ERR-006", "ERR-009", "ENV-007")
@pytest.mark.form("json")
@pytest.mark.parametrize("code", sorted(PROVOCATIONS))
def test_a_json_error_is_exactly_attributes_and_text(raw: RawDriver, code: int) -> None:
    text = json.dumps(TEXTS[code]).replace("/", "\\/")
    attributes = f'{{"stat":"fail","version":1,"err_code":{code}}}'
    expected = f'{{"@attributes":{attributes},"err":{text}}}'
    assert PROVOCATIONS[code](raw).body.decode() == expected


@pytest.mark.requirement("ERR-004", "LOGIN-011", "AUTH-010")
@pytest.mark.needs("control")
def test_authentication_errors_come_with_http_200(raw: RawDriver, account: Account) -> None:
    wrong = login_fields(account.credentials, password="not-it")
    replies = {
        15: raw.post_login(wrong),
        1: raw.send("GET", path(raw, "query"), headers=WRONG_KEYS),
        49: raw.send("GET", path(raw, "query")),
    }
    for code, reply in replies.items():
        assert reply.answer(raw.form).code == code
    assert {reply.status for reply in replies.values()} == {200}


@pytest.mark.requirement("ERR-004")
def test_the_code_of_a_locked_user_comes_with_http_200(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(quirks={"lock_after_failed_logins": 1}).credentials
    raw = connect_raw(credentials)
    raw.post_login(login_fields(credentials, password="not-it"))
    reply = raw.post_login(login_fields(credentials))
    assert reply.status == 200
    assert_refused(reply.answer(raw.form), 131)


@pytest.mark.requirement("ERR-006")
@pytest.mark.needs("writes")
def test_a_refused_download_is_told_in_the_asked_format(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    reply = raw.call("GET", f"downloadResults/id/{export.id}/file/1")
    assert_refused(reply.answer(raw.form), 178)


# Which fault is told first


def assert_first(reply: Reply, raw: RawDriver, code: int) -> None:
    """Expect that of all the faults in a request this one is told."""
    assert_refused(reply.answer(raw.form), code)


@pytest.mark.requirement("ERR-007")
def test_the_method_is_checked_before_the_credentials(raw: RawDriver) -> None:
    assert_first(raw.send("PUT", path(raw, "create"), headers=WRONG_KEYS), raw, 60)


@pytest.mark.requirement("ERR-007")
def test_the_credentials_are_checked_before_the_version(raw: RawDriver) -> None:
    reply = raw.send("GET", "/api/export/version/x/do/query", headers=WRONG_KEYS)
    assert_first(reply, raw, 1)


@pytest.mark.requirement("ERR-007")
def test_the_version_is_checked_before_the_content_type(raw: RawDriver) -> None:
    headers = {**raw.authorization(), "Content-Type": "text/plain"}
    reply = raw.send("POST", "/api/export/version/x/do/create", data=b"", headers=headers)
    assert_first(reply, raw, 94)


@pytest.mark.requirement("ERR-007")
@pytest.mark.needs("control")
def test_the_allowance_is_checked_before_the_content_type(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    raw = connect_raw(make_account(edition="none").credentials)
    assert_first(post(raw, b"", "text/plain"), raw, 122)


@pytest.mark.requirement("ERR-007")
def test_the_content_type_is_checked_before_the_body(raw: RawDriver) -> None:
    assert_first(post(raw, b"", "text/plain"), raw, 151)
    assert_first(post(raw, b"{", "text/plain"), raw, 151)


@pytest.mark.requirement("ERR-007")
def test_the_object_is_checked_before_the_fields(raw: RawDriver) -> None:
    request = {"object": "unicorn", "fields": ["colour"], "procedure": {"name": "x"}}
    assert_first(raw.create_reply(request), raw, 154)


@pytest.mark.requirement("ERR-007")
def test_the_fields_are_checked_before_the_procedure(raw: RawDriver) -> None:
    request = {**by_procedure("filter_by_colour", colour="x"), "fields": ["colour"]}
    assert_first(raw.create_reply(request), raw, 180)


@pytest.mark.requirement("ERR-007")
def test_the_procedure_is_checked_before_its_arguments(raw: RawDriver) -> None:
    assert_first(raw.create_reply(by_procedure("filter_by_colour", colour="x")), raw, 174)


@pytest.mark.requirement("ERR-007", "PERM-001")
@pytest.mark.needs("control")
def test_the_arguments_are_checked_before_the_abilities(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    nobody = {"email": "no@example.com", "role": "Marketing", "abilities": []}
    raw = connect_raw(make_account(users=[nobody]).users[0].credentials)
    request = by_procedure("filter_by_created_at", created_after="soonish")
    assert_first(raw.create_reply(request), raw, 177)


# Whatever comes, an envelope goes back

MALFORMED = MappingProxyType(
    {
        "deep JSON": b"[" * 100_000,
        "huge number": b'{"object":' + b"9" * 5_000 + b"}",
        "not UTF-8": b'{"object":"\xff\xfe"}',
        "lone surrogate": b'{"object":"\\ud800"}',
        "null byte": b'{"object":"a\\u0000b"}',
        "NaN": b'{"object":NaN}',
        "nested wrong": b'{"object":{"a":1},"procedure":[],"fields":{}}',
        "procedure is text": b'{"object":"visitorActivity","procedure":"filter_by_created_at"}',
        "arguments are text": (
            b'{"object":"visitorActivity","procedure":'
            b'{"name":"filter_by_created_at","arguments":"created_after"}}'
        ),
    }
)


@pytest.mark.requirement("ERR-010")
@pytest.mark.needs("writes")
@pytest.mark.parametrize("name", sorted(MALFORMED))
@pytest.mark.form("json")
def test_a_malformed_create_body_is_refused_in_an_envelope(raw: RawDriver, name: str) -> None:
    reply = post(raw, MALFORMED[name], "application/json")
    assert 400 <= reply.status < 500
    assert reply.answer(raw.form).code in (150, 153, 154, 177)


@pytest.mark.requirement("ERR-010")
@pytest.mark.parametrize(
    "rest",
    [
        "/api/export/version/{v}/do/read/id",
        "/api/export/version/{v}/do/read/id/%FF%FE",
        "/api/export/version/{v}/do/read/id/" + "9" * 400,
        "/api/export/version/{v}/do/query?created_after=%00",
        "/api/export/version/{v}/do/query?limit=%F0%9F%A6%84",
        "/api/export/version/{v}/do/downloadResults/id/1/file/x",
        "/api/export/version/{v}/do",
        "/api/export",
    ],
)
@pytest.mark.form("json")
def test_a_malformed_path_is_refused_in_an_envelope(raw: RawDriver, wire: Wire, rest: str) -> None:
    separator = "&" if "?" in rest else "?"
    suffix = f"{separator}format=json" if raw.form == "json" else ""
    reply = wire.get(rest.format(v=raw.version) + suffix, raw.authorization())
    assert reply.status < 500
    assert reply.answer(raw.form).code is not None


@pytest.mark.requirement("ERR-010")
@pytest.mark.parametrize(
    "header",
    [
        "Pardot",
        "Pardot api_key=, user_key=",
        "Pardot api_key",
        "Pardot ,,,=",
        "Pardot api_key=%00, user_key=é",
        "pardot api_key=a,api_key=b",
    ],
)
@pytest.mark.form("json")
def test_a_malformed_authorization_header_is_refused_in_an_envelope(
    raw: RawDriver, wire: Wire, header: str
) -> None:
    suffix = "?format=json" if raw.form == "json" else ""
    reply = wire.get(path(raw, "query") + suffix, {"Authorization": header})
    assert reply.answer(raw.form).code in (1, 49)


@pytest.mark.requirement("ERR-005")
def test_an_internal_error_is_code_183_in_http_500(raw: RawDriver, account: Account) -> None:
    account.add_fault({"op": "query"}, {"kind": "error", "code": 183})
    reply = raw.query_reply({})
    assert_refused(reply.answer(raw.form), 183)
    assert reply.status == 500


@pytest.mark.requirement("ERR-008")
@pytest.mark.auth("oauth")
@pytest.mark.parametrize("unknown", ["unicorn/version/{v}/do/query", "export/version/{v}/do/fly"])
def test_in_the_oauth_era_an_unknown_path_is_code_198_in_http_404(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account], unknown: str
) -> None:
    raw = connect_raw(make_account(quirks={"auth_era": "oauth"}).credentials)
    reply = raw.send("GET", f"/api/{unknown.format(v=raw.version)}", headers=raw.authorization())
    assert_refused(reply.answer(raw.form), 198)
    assert reply.status == 404
