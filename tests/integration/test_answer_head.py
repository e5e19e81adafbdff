"""The head of an answer: the headers of the service, their order, and gzip where accepted."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from pardot_mock import MockPardot
from pardot_mock.web.answering import answer_response
from pardot_mock.web.call import Nothing
from tests.integration.conftest import EXPORT, Bench, Caller

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

RECORDED = [
    "Date",
    "Set-Cookie",
    "Expires",
    "Cache-Control",
    "Pragma",
    "X-Pardot-Rsp",
    "P3p",
    "Vary",
    "Content-Length",
    "Content-Type",
    "X-Pardot-Route",
    "Server",
    "X-Pardot-LB",
]


def test_the_headers_come_in_the_recorded_order() -> None:
    with MockPardot(rows=10) as mock:
        connection = http.client.HTTPConnection(mock.url.removeprefix("http://"))
        connection.request("GET", f"{EXPORT}/query?format=json")
        answer = connection.getresponse()
        names = [name for name, _ in answer.getheaders()]
        answer.read()
        connection.close()
    assert names == [*RECORDED, "X-Pardot-Mock-Request-Id"]
    assert answer.headers["Server"] == "PardotServer"


def test_a_connection_goes_on_after_an_answer_without_content() -> None:
    with MockPardot(rows=10) as mock:
        mine = mock.default.credentials
        connection = http.client.HTTPConnection(mock.url.removeprefix("http://"))

        def ask(method: str, path: str, form: dict[str, str], **headers: str) -> Any:
            path = f"/api/{path}?format=json"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, urlencode(form), headers)
            answer = connection.getresponse()
            told = answer.read()
            assert answer.headers["Connection"] is None
            return json.loads(told) if told else answer.status

        names = ("email", "password", "user_key")
        key = ask("POST", "login/version/4", {name: mine[name] for name in names})["api_key"]
        keys = {"Authorization": f"Pardot api_key={key}, user_key={mine['user_key']}"}
        made = ask("POST", "list/version/4/do/create", {"name": "Short-lived"}, **keys)
        socket = connection.sock
        gone = ask("POST", f"list/version/4/do/delete/id/{made['list']['id']}", {}, **keys)
        assert gone == 204
        assert ask("GET", "list/version/4/do/query", {}, **keys)["result"]
        assert connection.sock is socket
        connection.close()


def test_the_headers_have_the_recorded_shapes(caller: Caller) -> None:
    answer = caller.get(f"{EXPORT}/query?format=json")
    other = Caller(caller.client, caller.credentials, headers=caller.headers)
    other.client = caller.client.application.test_client()
    first = other.get(f"{EXPORT}/query?format=json")
    assert re.fullmatch(r"pardot=[a-z0-9]{26}; path=/", first.headers["Set-Cookie"])
    assert re.fullmatch(rf"\d\d/{len(answer.data)}/\d\d", answer.headers["X-Pardot-Rsp"])
    for name in ("X-Pardot-Route", "X-Pardot-LB"):
        assert re.fullmatch("[0-9a-f]{32}", answer.headers[name])
    assert answer.headers["P3p"].startswith('CP="NOI DSP COR')


def test_a_client_that_keeps_its_cookie_gets_no_other_one(caller: Caller) -> None:
    # The login has set the cookie, and the test client keeps cookies.
    assert "Set-Cookie" not in caller.get(f"{EXPORT}/query").headers
    caller.client.set_cookie("pardot", "somethingelse")
    answer = caller.get(f"{EXPORT}/query")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)


def test_the_marks_depend_on_seed_and_account_alone(bench: Bench) -> None:
    first = bench.account.marks
    bench.control("reset", {})
    assert bench.account.marks == first
    assert bench.fresh(seed=2).account.marks != bench.fresh(seed=2).account.marks != first


def with_gzip(caller: Caller, path: str, accepted: str = "gzip, deflate") -> TestResponse:
    headers = {**caller.headers, "Accept-Encoding": accepted}
    return caller.client.get(path, headers=headers)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_facts_come_by_gzip_where_it_is_accepted_and_say_the_same(
    caller: Caller, form: str
) -> None:
    path = f"{EXPORT}/query?format={form}"
    plain, packed = caller.get(path), with_gzip(caller, path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data)
    assert packed.content_type == plain.content_type


@pytest.mark.parametrize("accepted", ["", "deflate", "gzip;q=0", "identity"])
def test_nothing_comes_by_gzip_where_it_is_not_accepted(caller: Caller, accepted: str) -> None:
    answer = with_gzip(caller, f"{EXPORT}/query", accepted)
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"<?xml")


@pytest.mark.parametrize(("rule", "facts", "files"), [
    ("answers", True, False), ("all", True, True), ("off", False, False),
])  # fmt: skip
def test_the_quirk_says_what_comes_by_gzip(
    bench: Bench, rule: str, facts: bool, files: bool
) -> None:
    caller = bench.fresh(quirks={"gzip": rule}).caller()
    bench.control("plan", {"kind": "instant"})
    url = caller.read(caller.new_export())["resultRefs"]
    plain, sent = caller.get(url), with_gzip(caller, url)
    query = with_gzip(caller, f"{EXPORT}/query")
    assert ("Content-Encoding" in query.headers, "Content-Encoding" in sent.headers) == (
        facts,
        files,
    )
    assert (gzip.decompress(sent.data) if files else sent.data) == plain.data
    assert bench.account.calls_under_way == 0
    entry = bench.account.journal.entries("download")[-1]
    assert entry.bytes == entry.length == len(plain.data)


def test_a_faulted_answer_is_never_packed(bench: Bench, caller: Caller) -> None:
    body = {"match": {"op": "query"}, "effect": {"kind": "garbage"}}
    bench.control("faults", body)
    answer = with_gzip(caller, f"{EXPORT}/query")
    assert (len(answer.data), "Content-Encoding" in answer.headers) == (256, False)


def test_an_answer_without_a_body_is_html_without_length_marks(
    bench: Bench, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_body(call: Any, _: Any) -> Any:
        return answer_response(call, Nothing())

    monkeypatch.setattr("pardot_mock.web.api.answer_response", no_body)
    answer = with_gzip(caller, f"{EXPORT}/query?format=json")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.content_type == "text/html; charset=utf-8"
    assert not {"X-Pardot-Rsp", "Content-Length", "Content-Encoding"} & set(answer.headers.keys())


def test_the_usage_in_the_header_starts_anew_at_midnight(bench: Bench, caller: Caller) -> None:
    caller.count()
    bench.advance("13h")
    form = {name: caller.credentials[name] for name in ("email", "password", "user_key")}
    answer = caller.client.post("/api/login", data=form, headers={"X-Return-Api-Usage": "1"})
    assert answer.headers["x-api-usage"] == "0/100000"
