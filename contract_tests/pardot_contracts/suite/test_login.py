"""Login: the api_key, its life, and who gets none."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from pardot_contracts.channel import FORM
from pardot_contracts.suite.steps import assert_refused, login_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply
    from pardot_contracts.wire import Wire

pytestmark = pytest.mark.auth("api_key")

HEX_KEY = re.compile(r"[0-9a-f]{32}")
FIELDS = ("email", "password", "user_key")


def key_in(reply: Reply) -> str:
    """Give the api_key of an XML login."""
    key = reply.xml().findtext("api_key")
    assert key, reply.text
    return key


@pytest.mark.requirement("LOGIN-001")
def test_a_login_answers_http_200_with_an_api_key(raw: RawDriver) -> None:
    answer = raw.login()
    assert answer.ok
    assert answer.status == 200
    assert answer.api_key


@pytest.mark.requirement("LOGIN-008")
def test_an_api_key_is_32_lowercase_hexadecimal_characters(raw: RawDriver) -> None:
    assert HEX_KEY.fullmatch(raw.login().api_key or "")


@pytest.mark.requirement("LOGIN-001")
def test_a_caller_logs_in_and_is_served(driver: Driver) -> None:
    assert driver.login().ok
    assert driver.query({}).ok


@pytest.mark.requirement("LOGIN-002")
@pytest.mark.form("xml")
def test_a_login_without_a_version_segment_gives_the_same_key(
    raw: RawDriver, wire: Wire, account: Account
) -> None:
    reply = wire.post_form("/api/login", login_fields(account.credentials))
    assert reply.status == 200
    assert key_in(reply) == raw.login().api_key


@pytest.mark.requirement("LOGIN-003", "ENV-013")
@pytest.mark.parametrize("path", ["/api/login/", "/api/login/version/{v}/"])
def test_a_trailing_slash_on_a_login_is_served_without_a_redirect(
    wire: Wire, account: Account, version: str, path: str
) -> None:
    reply = wire.post_form(path.format(v=version), login_fields(account.credentials))
    assert reply.status == 200
    assert "location" not in reply.headers
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("LOGIN-004")
def test_login_parameters_are_read_from_a_url_encoded_form(
    wire: Wire, account: Account, version: str
) -> None:
    reply = wire.post_form(f"/api/login/version/{version}", login_fields(account.credentials))
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("LOGIN-005")
def test_login_parameters_are_read_from_a_multipart_form(
    wire: Wire, account: Account, version: str
) -> None:
    reply = wire.post_multipart(f"/api/login/version/{version}", login_fields(account.credentials))
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("ENV-026")
def test_a_form_with_a_charset_on_its_content_type_is_read(
    wire: Wire, account: Account, version: str
) -> None:
    reply = wire.post_form(
        f"/api/login/version/{version}",
        login_fields(account.credentials),
        {"Content-Type": f"{FORM}; charset=UTF-8"},
    )
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("LOGIN-029")
def test_a_chunked_login_body_is_read_completely(
    wire: Wire, account: Account, version: str
) -> None:
    body = urlencode(login_fields(account.credentials)).encode()
    chunks = [body[:7], body[7:40], body[40:]]
    reply = wire.send(
        "POST", f"/api/login/version/{version}", headers={"Content-Type": FORM}, chunks=chunks
    )
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("ENV-018")
def test_a_login_that_expects_100_continue_is_answered(
    wire: Wire, account: Account, version: str
) -> None:
    reply = wire.post_form(
        f"/api/login/version/{version}",
        login_fields(account.credentials),
        {"Expect": "100-continue"},
    )
    assert reply.status == 200
    assert HEX_KEY.fullmatch(key_in(reply))


@pytest.mark.requirement("LOGIN-006")
def test_a_login_without_a_format_answers_the_documented_xml(
    wire: Wire, account: Account, version: str
) -> None:
    reply = wire.post_form(f"/api/login/version/{version}", login_fields(account.credentials))
    assert reply.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert b'<rsp stat="ok" version="1.0">' in reply.body
    assert reply.xml()[0].tag == "api_key"


@pytest.mark.requirement("LOGIN-007", "ENV-022")
def test_format_json_in_the_query_string_gives_a_json_login(
    wire: Wire, account: Account, version: str
) -> None:
    path = f"/api/login/version/{version}?format=json"
    body = wire.post_form(path, login_fields(account.credentials)).json()
    assert isinstance(body["api_key"], str)
    assert HEX_KEY.fullmatch(body["api_key"])


@pytest.mark.requirement("LOGIN-007", "ENV-003")
def test_format_json_in_the_body_gives_a_json_login(
    wire: Wire, account: Account, version: str
) -> None:
    fields = login_fields(account.credentials, format="json")
    body = wire.post_form(f"/api/login/version/{version}", fields).json()
    assert isinstance(body["api_key"], str)


@pytest.mark.requirement("LOGIN-009", "LOGIN-011")
@pytest.mark.needs("writes")
@pytest.mark.parametrize("field", FIELDS)
def test_a_login_with_one_wrong_value_is_refused_in_http_200(
    raw: RawDriver, account: Account, field: str
) -> None:
    wrong = {"email": "nobody@example.net", "password": "not-it", "user_key": "f" * 32}[field]
    reply = raw.post_login(login_fields(account.credentials, **{field: wrong}))
    assert_refused(reply.answer(raw.form), 15)
    assert reply.status == 200


@pytest.mark.requirement("LOGIN-009")
@pytest.mark.needs("control")
def test_a_caller_with_a_wrong_password_learns_why(
    connect: Callable[..., Driver], account: Account
) -> None:
    from dataclasses import replace

    answer = connect(replace(account.credentials, password="not-it")).login()
    assert answer.code == 15


@pytest.mark.requirement("LOGIN-030")
@pytest.mark.needs("writes")
def test_a_correct_password_with_an_unknown_user_key_is_refused(
    raw: RawDriver, account: Account
) -> None:
    fields = login_fields(account.credentials, user_key="0123456789abcdef0123456789abcdef")
    assert_refused(raw.post_login(fields).answer(raw.form), 15)


@pytest.mark.requirement("LOGIN-010")
@pytest.mark.needs("writes")
@pytest.mark.parametrize("field", FIELDS)
def test_a_login_without_one_of_its_fields_is_refused(
    raw: RawDriver, account: Account, field: str
) -> None:
    reply = raw.post_login(login_fields(account.credentials, **{field: ""}))
    assert_refused(reply.answer(raw.form), 15)


@pytest.mark.requirement("LOGIN-012")
def test_a_second_login_within_the_hour_gives_the_same_key(raw: RawDriver) -> None:
    assert raw.login().api_key == raw.login().api_key


@pytest.mark.requirement("LOGIN-012")
def test_a_login_one_second_before_the_hour_gives_the_same_key(
    raw: RawDriver, account: Account
) -> None:
    first = raw.login().api_key
    account.advance(timedelta(minutes=59, seconds=59))
    assert raw.login().api_key == first


@pytest.mark.requirement("LOGIN-013")
def test_a_login_after_the_hour_gives_another_key(raw: RawDriver, account: Account) -> None:
    first = raw.login().api_key
    account.advance(timedelta(minutes=60))
    assert raw.login().api_key != first


@pytest.mark.requirement("LOGIN-014")
def test_a_second_login_does_not_prolong_the_key(raw: RawDriver, account: Account) -> None:
    first = raw.login().api_key
    account.advance(timedelta(minutes=40))
    assert raw.login().api_key == first
    account.advance(timedelta(minutes=20))
    assert raw.login().api_key != first


@pytest.mark.requirement("LOGIN-015")
@pytest.mark.form("xml")
def test_the_login_of_a_version_4_account_names_the_version_after_the_key(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(api_version=4).credentials
    root = connect_raw(credentials).post_login(login_fields(credentials)).xml()
    assert [(child.tag, child.text) for child in root][1:] == [("version", "4")]
    assert root[0].tag == "api_key"


@pytest.mark.requirement("LOGIN-015")
@pytest.mark.form("json")
def test_the_json_login_of_a_version_4_account_has_the_integer_4(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(api_version=4).credentials
    body = connect_raw(credentials).post_login(login_fields(credentials)).json()
    assert list(body) == ["@attributes", "api_key", "version"]
    assert body["version"] == 4
    assert isinstance(body["version"], int)


@pytest.mark.requirement("LOGIN-016")
@pytest.mark.needs("control")
def test_the_login_of_a_version_3_account_names_no_version(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(api_version=3).credentials
    raw = connect_raw(credentials)
    payload = raw.post_login(login_fields(credentials)).envelope(raw.form).payload
    assert list(payload) == ["api_key"]


@pytest.mark.requirement("LOGIN-017")
@pytest.mark.needs("control")
@pytest.mark.parametrize("bound", [3, 4])
def test_an_account_of_either_kind_logs_in_through_both_urls(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account], bound: int
) -> None:
    answer = connect_raw(make_account(api_version=bound).credentials).login()
    assert answer.ok
    assert answer.api_key


@pytest.mark.requirement("LOGIN-018")
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_login_by_another_method_than_post_is_refused(
    raw: RawDriver, account: Account, method: str
) -> None:
    path = f"/api/login/version/{raw.version}"
    data = urlencode(login_fields(account.credentials)) if method == "PUT" else None
    reply = raw.send(method, path, data=data, headers={"Content-Type": FORM})
    assert_refused(reply.answer(raw.form), 60)


@pytest.mark.requirement("LOGIN-018")
def test_a_login_by_get_is_refused_for_its_method_even_with_credentials(
    raw: RawDriver, account: Account
) -> None:
    path = f"/api/login/version/{raw.version}"
    reply = raw.send("GET", path, params=login_fields(account.credentials))
    assert_refused(reply.answer(raw.form), 60)


@pytest.mark.requirement("LOGIN-019")
def test_a_login_with_its_credentials_in_the_query_string_is_refused(
    raw: RawDriver, account: Account
) -> None:
    path = f"/api/login/version/{raw.version}"
    reply = raw.send("POST", path, params=login_fields(account.credentials))
    assert_refused(reply.answer(raw.form), 49)


@pytest.mark.requirement("LOGIN-020", "ENV-019")
@pytest.mark.parametrize("surplus", [{"api_key": "0"}, {"api_key": ""}, {"offset": "0", "a": "b"}])
def test_surplus_login_parameters_are_ignored(
    raw: RawDriver, account: Account, surplus: dict[str, str]
) -> None:
    fields = {**login_fields(account.credentials), **surplus}
    assert raw.post_login(fields).answer(raw.form).ok


@pytest.mark.requirement("LOGIN-021", "LOGIN-022")
def test_too_many_failed_logins_lock_the_user_even_for_the_right_password(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(quirks={"lock_after_failed_logins": 3}).credentials
    raw = connect_raw(credentials)
    wrong = login_fields(credentials, password="not-it")
    for _ in range(3):
        assert_refused(raw.post_login(wrong).answer(raw.form), 15)
    assert_refused(raw.post_login(wrong).answer(raw.form), 131)
    assert_refused(raw.login(), 131)


@pytest.mark.requirement("LOGIN-021")
def test_a_successful_login_forgets_earlier_failures(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(quirks={"lock_after_failed_logins": 3}).credentials
    raw = connect_raw(credentials)
    wrong = login_fields(credentials, password="not-it")
    for _ in range(2):
        raw.post_login(wrong)
        raw.post_login(wrong)
        assert raw.login().ok


@pytest.mark.requirement("LOGIN-025")
def test_a_login_in_the_oauth_era_is_refused_with_the_reason(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(quirks={"auth_era": "oauth"}).credentials
    assert_refused(connect_raw(credentials).login(), 199)


@pytest.mark.requirement("LOGIN-026")
@pytest.mark.needs("control")
@pytest.mark.parametrize("encoding", ["form", "multipart"])
def test_reserved_characters_in_a_login_are_decoded(
    wire: Wire, make_account: Callable[..., Account], version: str, encoding: str
) -> None:
    email = "ann+lee&co=%40'x'@example.com"
    user = {"email": email, "role": "Marketing", "timezone": "UTC"}
    fields = login_fields(make_account(users=[user]).users[0].credentials)
    assert fields["email"] == email
    send: Any = wire.post_form if encoding == "form" else wire.post_multipart
    assert HEX_KEY.fullmatch(key_in(send(f"/api/login/version/{version}", fields)))


@pytest.mark.requirement("LOGIN-027")
@pytest.mark.needs("writes")
def test_a_login_in_json_is_treated_as_missing_credentials(
    raw: RawDriver, account: Account
) -> None:
    path = f"/api/login/version/{raw.version}"
    reply = raw.send("POST", path, json=login_fields(account.credentials))
    assert_refused(reply.answer(raw.form), 15)


@pytest.mark.requirement("LOGIN-028")
@pytest.mark.needs("writes")
@pytest.mark.parametrize("content_type", [None, "text/plain"])
def test_a_login_without_a_usable_content_type_is_treated_as_empty(
    raw: RawDriver, account: Account, content_type: str | None
) -> None:
    body = urlencode(login_fields(account.credentials)).encode()
    headers = {"Content-Type": content_type} if content_type else {}
    path = f"/api/login/version/{raw.version}"
    assert_refused(raw.send("POST", path, data=body, headers=headers).answer(raw.form), 15)


@pytest.mark.requirement("ENV-006", "ENV-009")
@pytest.mark.form("json")
def test_a_json_login_equals_the_recorded_shape_byte_for_byte(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(api_version=3).credentials
    reply = connect_raw(credentials).post_login(login_fields(credentials))
    key = json.dumps(reply.json()["api_key"]).encode()
    assert reply.body == b'{"@attributes":{"stat":"ok","version":1},"api_key":' + key + b"}"


@pytest.mark.requirement("LOGIN-023", "LOGIN-024")
@pytest.mark.parametrize(("access", "code"), [("ip_not_activated", 53), ("api_disabled", 76)])
def test_a_login_that_the_account_does_not_allow_says_why(
    connect_raw: Callable[..., RawDriver],
    make_account: Callable[..., Account],
    access: str,
    code: int,
) -> None:
    credentials = make_account(access=access).credentials
    raw = connect_raw(credentials)
    assert_refused(raw.post_login(login_fields(credentials)).answer(raw.form), code)
