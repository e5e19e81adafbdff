"""Faults over a real socket: what a client sees, what was done all the same, and what is noted."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from pardot_mock import MockPardot
from pardot_mock.web.control.bodies import BadFieldError
from tests.integration.conftest import (
    EXPORT,
    Bench,
    Caller,
    activity_export,
    err_code,
    serving_threads,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pardot_mock.testing.live import AccountHandle

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SHORT = 0.02
FOREVER = 3600
JSON = "format=json"
FAULTS = "/_mock/accounts/default/faults"


@dataclass
class Heard:
    """What came over one connection: head, body, and whether it ended by a reset."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    reset: bool

    @property
    def announced(self) -> int:
        return int(self.headers["content-length"])


@dataclass
class Line:
    """Speaks HTTP over bare sockets as the owner of one account."""

    account: AccountHandle
    key: str = ""

    def dial(self, method: str, path: str, body: bytes = b"", kind: str = "") -> socket.socket:
        parts = urlsplit(self.account.url)
        known = self.account.credentials
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Connection: close",
            f"Content-Length: {len(body)}",
            f"Content-Type: {kind or 'application/octet-stream'}",
        ]
        if self.key:
            head.append(f"Authorization: Pardot api_key={self.key}, user_key={known['user_key']}")
        dialled = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
        dialled.sendall("\r\n".join([*head, "", ""]).encode() + body)
        return dialled

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Heard:
        with self.dial(method, path, body, kind) as dialled:
            return listen(dialled)

    def log_in(self) -> Heard:
        names = ("email", "password", "user_key")
        form = urlencode({name: self.account.credentials[name] for name in names}).encode()
        path = f"/api/login/version/4?{JSON}"
        heard = self.call("POST", path, form, "application/x-www-form-urlencoded")
        if heard.status == 200 and b"api_key" in heard.body:
            self.key = json.loads(heard.body)["api_key"]
        return heard

    def create(self) -> Heard:
        body = json.dumps(activity_export()).encode()
        return self.call("POST", f"{EXPORT}/create?{JSON}", body, "application/json")

    def query(self) -> Heard:
        return self.call("GET", f"{EXPORT}/query?{JSON}")

    def ready_export(self) -> str:
        """Make an export with results and give the path of its first file."""
        export_id = json.loads(self.create().body)["export"]["id"]
        self.account.force(export_id, "Complete")
        file_id = self.account.exports()[-1]["files"][0]
        return f"{EXPORT}/downloadResults/id/{export_id}/file/{file_id}"


def listen(dialled: socket.socket) -> Heard:
    got, reset = b"", False
    try:
        while piece := dialled.recv(65536):
            got += piece
    except ConnectionResetError:
        reset = True
    head, _, body = got.partition(b"\r\n\r\n")
    if not head:
        return Heard(None, {}, b"", reset)
    first, *lines = head.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return Heard(int(first.split()[1]), {n.lower(): v for n, v in pairs}, body, reset)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(now=NOW, rate=0, rows=3000) as server:
        yield server


@pytest.fixture
def line(mock: MockPardot) -> Line:
    made = Line(mock.account())
    assert made.log_in().status == 200
    return made


def last_entry(line: Line) -> Any:
    return line.account.journal()[-1]


def until(done: Callable[[], bool], account: AccountHandle) -> None:
    """Look again and again; a call to the server takes the place of a pause."""
    for _ in range(2000):
        if done():
            return
        requests.get(f"{account.url}/_mock/health", timeout=5)
    raise AssertionError("it never came to that")


def test_an_error_is_answered_in_the_format_asked_and_nothing_is_created(line: Line) -> None:
    line.account.faults.add("error", op="create", code=1)
    heard = line.create()
    assert heard.status == 200
    assert json.loads(heard.body)["err"] == "Invalid API key or user key"
    assert line.account.exports() == []
    entry = last_entry(line)
    assert (entry.status, entry.error_code, entry.charged) == (200, 1, True)
    assert entry.detail == "fault 1 (error)"
    assert line.account.budget()["used"] == 1
    assert json.loads(line.create().body)["export"]["state"] == "Waiting"


def test_an_error_can_be_given_another_status(line: Line) -> None:
    line.account.faults.add("error", op="query", code=66, status=429)
    heard = line.call("GET", f"{EXPORT}/query")
    assert heard.status == 429
    assert b'<err code="66">' in heard.body


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_status_is_bare_and_nothing_is_created(line: Line, status: int) -> None:
    line.account.faults.add("status", op="create", status=status)
    heard = line.create()
    assert heard.status == status
    assert heard.body.startswith(str(status).encode())
    assert line.account.exports() == []
    assert (last_entry(line).status, last_entry(line).error_code) == (status, None)


def test_latency_gives_the_whole_answer_later(line: Line) -> None:
    line.account.faults.add("latency", op="create", seconds=SHORT)
    heard = line.create()
    assert json.loads(heard.body)["export"]["state"] == "Waiting"
    assert last_entry(line).detail == "fault 1 (latency)"


def test_a_reset_before_any_byte_prevents_the_operation(line: Line) -> None:
    line.account.faults.add("reset", op="create")
    heard = line.create()
    assert (heard.status, heard.body, heard.reset) == (None, b"", True)
    assert line.account.exports() == []
    entry = last_entry(line)
    assert (entry.status, entry.bytes, entry.detail) == (0, 0, "fault 1 (reset)")


@pytest.mark.parametrize("after", [0, 1, 2000])
def test_a_reset_later_cuts_a_download_after_exactly_so_many_bytes(line: Line, after: int) -> None:
    path = line.ready_export()
    line.account.faults.add("reset", op="download", after_bytes=after)
    heard = line.call("GET", path)
    assert (heard.status, len(heard.body), heard.reset) == (200, after, True)
    assert heard.announced > after
    assert last_entry(line).bytes == after
    again = line.call("GET", path)
    assert len(again.body) == again.announced
    assert again.body.startswith(heard.body)


@pytest.mark.parametrize(("kind", "extra"), [("truncate", {}), ("stall", {"seconds": SHORT})])
@pytest.mark.parametrize("after", [0, 700])
def test_a_cut_answer_announces_its_whole_length(
    line: Line, kind: str, extra: dict[str, Any], after: int
) -> None:
    path = line.ready_export()
    line.account.faults.add(kind, op="download", after_bytes=after, **extra)
    heard = line.call("GET", path)
    assert (heard.status, len(heard.body), heard.reset) == (200, after, False)
    assert heard.announced > 700
    assert last_entry(line).bytes == after


def test_a_create_whose_answer_is_cut_has_created(line: Line) -> None:
    line.account.faults.add("truncate", op="create")
    heard = line.create()
    assert len(heard.body) == heard.announced // 2
    assert [export["state"] for export in line.account.exports()] == ["Waiting"]


def test_a_dripped_answer_arrives_whole(line: Line) -> None:
    line.account.faults.add("drip", op="query", bytes_per_second=4000)
    heard = line.query()
    assert len(heard.body) == heard.announced
    assert "result" in json.loads(heard.body)


def test_garbage_takes_the_place_of_the_body_and_is_the_same_for_the_same_seed(line: Line) -> None:
    line.account.faults.add("garbage", op="query", times=2)
    first, second = line.query(), line.query()
    assert first.status == 200
    assert first.body == second.body
    assert first.body.startswith(b"\x00\xff")
    assert len(first.body) == first.announced
    assert line.query().body.startswith(b"{")


def test_garbage_instead_of_a_file_gives_the_place_back(line: Line) -> None:
    path = line.ready_export()
    line.account.faults.add("garbage", op="download", times=6)
    for _ in range(6):
        assert line.call("GET", path).body.startswith(b"\x00\xff")
    assert line.call("GET", path).body.startswith(b"id,")


def test_a_wrong_length_announces_more_than_comes(line: Line) -> None:
    line.account.faults.add("wrong_length", op="query")
    heard = line.query()
    assert "result" in json.loads(heard.body)
    assert heard.announced > len(heard.body)


def test_faults_combine_on_one_call(line: Line) -> None:
    line.account.faults.add("latency", op="query", seconds=SHORT)
    line.account.faults.add("garbage", op="query")
    line.account.faults.add("truncate", op="query", after_bytes=10)
    heard = line.query()
    assert len(heard.body) == 10
    assert heard.body.startswith(b"\x00\xff")
    assert last_entry(line).detail == "fault 1 (latency), fault 2 (garbage), fault 3 (truncate)"


def test_a_login_meets_the_faults_of_its_account_and_no_other(mock: MockPardot) -> None:
    faulty, other = Line(mock.account()), Line(mock.account())
    faulty.account.faults.add("status", op="login", status=503)
    faulty.account.faults.add("reset", op="login", nth=2)
    faulty.account.faults.add("latency", op="login", nth=3, seconds=SHORT)
    assert other.log_in().status == 200
    assert faulty.log_in().status == 503
    assert faulty.log_in().reset
    assert faulty.log_in().status == 200
    assert faulty.account.faults.verdict() == {"planned": 3, "consumed": 3, "unused": []}
    assert other.account.faults.verdict() == {"planned": 0, "consumed": 0, "unused": []}


def test_a_waiting_login_gives_no_place_back_that_it_did_not_take(line: Line) -> None:
    line.account.faults.add("latency", op="login", seconds=SHORT)
    path = line.ready_export()
    line.account.faults.add("stall", op="download", seconds=FOREVER, after_bytes=1, times=5)
    held = [line.dial("GET", path) for _ in range(5)]
    for each in held:
        assert each.recv(1)
    line.log_in()
    assert json.loads(line.query().body)["@attributes"]["err_code"] == 66
    for each in held:
        each.close()


def test_a_stalled_download_holds_its_place_until_the_client_hangs_up(line: Line) -> None:
    path = line.ready_export()
    line.account.faults.add("stall", op="download", seconds=FOREVER, after_bytes=1, times=5)
    held = [line.dial("GET", path) for _ in range(5)]
    for each in held:
        assert each.recv(1)
    assert json.loads(line.query().body)["@attributes"]["err_code"] == 66
    for each in held:
        each.close()
    until(lambda: b'"total_results":1' in line.query().body, line.account)


def test_the_account_goes_on_while_a_call_waits(line: Line) -> None:
    line.account.faults.add("latency", op="create", seconds=FOREVER)
    body = json.dumps(activity_export()).encode()
    with line.dial("POST", f"{EXPORT}/create?{JSON}", body, "application/json"):
        until(lambda: len(line.account.exports()) == 1, line.account)
        line.account.clock.advance(seconds=10)
        assert json.loads(line.query().body)["result"]["total_results"] == 1


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("stall", {"seconds": FOREVER, "after_bytes": 3}),
        ("latency", {"seconds": FOREVER}),
        ("drip", {"bytes_per_second": 1}),
    ],
)
def test_stopping_the_server_ends_every_wait(kind: str, settings: dict[str, Any]) -> None:
    before = serving_threads()
    with MockPardot(now=NOW, rate=0, rows=100) as mock:
        line = Line(mock.account())
        line.log_in()
        line.account.faults.add(kind, op="query", **settings)
        dialled = line.dial("GET", f"{EXPORT}/query?{JSON}")
        until(lambda: line.account.faults.verdict()["consumed"] == 1, line.account)
    with dialled:
        heard = listen(dialled)
    assert heard.status is None or len(heard.body) < heard.announced
    assert serving_threads() == before


def test_a_token_call_meets_faults_and_gets_no_token_when_turned_away(line: Line) -> None:
    known = line.account.credentials
    form = {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
    }

    def ask() -> Heard:
        body = urlencode(form).encode()
        path = "/services/oauth2/token"
        return line.call("POST", path, body, "application/x-www-form-urlencoded")

    line.account.faults.add("error", op="*", code=1)
    line.account.faults.add("status", op="token", status=503)
    line.account.faults.add("truncate", op="token", nth=2, after_bytes=5)
    assert ask().status == 503
    cut = ask()
    assert (len(cut.body), cut.announced > 5) == (5, True)
    assert "access_token" in json.loads(ask().body)
    assert [each["id"] for each in line.account.faults.verdict()["unused"]] == [1]


def test_a_fault_of_one_export_and_file_leaves_the_others_alone(line: Line) -> None:
    first, second = line.ready_export(), line.ready_export()
    export, file = (int(part) for part in second.split("/id/")[1].split("/file/"))
    line.account.faults.add("status", op="download", export=export, file=file, status=502)
    line.account.faults.add("status", op="read", export=export, status=504)
    assert line.call("GET", first).status == 200
    assert line.call("GET", f"{EXPORT}/read/id/{export - 1}").status == 200
    assert line.call("GET", second).status == 502
    assert line.call("GET", f"{EXPORT}/read/id/{export}").status == 504


def test_a_call_that_would_have_been_refused_anyway_does_not_count(line: Line) -> None:
    line.account.faults.add("status", status=503)
    key, line.key = line.key, "0" * 32
    assert b"Invalid API key" in line.query().body
    line.key = key
    assert line.query().status == 503


def test_without_a_socket_the_same_faults_raise_and_do_not_hang(
    bench: Bench, caller: Caller
) -> None:
    for body in (
        {"effect": {"kind": "reset"}},
        {"effect": {"kind": "stall", "seconds": FOREVER}},
        {"effect": {"kind": "truncate"}},
        {"effect": {"kind": "wrong_length"}},
    ):
        bench.control("faults", body)
        with pytest.raises(ConnectionError):
            caller.get(f"{EXPORT}/query").get_data()
    assert caller.count() == 0
    assert bench.account.calls_under_way == 0


def test_a_call_from_before_a_reset_gives_no_place_of_the_new_life_back(bench: Bench) -> None:
    bench.control("faults", {"effect": {"kind": "drip", "bytes_per_second": 200}, "times": 9})
    early = bench.caller().get(f"{EXPORT}/query")
    assert bench.account.calls_under_way == 1
    bench.control("reset", {})
    bench.control("faults", {"effect": {"kind": "drip", "bytes_per_second": 200}, "times": 9})
    late = bench.caller().get(f"{EXPORT}/query")
    early.close()
    assert bench.account.calls_under_way == 1
    late.close()
    assert bench.account.calls_under_way == 0


def test_faults_are_planned_listed_removed_and_cleared(bench: Bench, caller: Caller) -> None:
    body = {"match": {"op": "read"}, "effect": {"kind": "error", "code": 109}, "times": 2}
    answer = bench.client.post(FAULTS, json=body)
    assert (answer.status_code, answer.get_json()) == (201, {"id": 1})
    bench.control("faults", {"effect": {"kind": "status", "status": 503}, "match": {"nth": 9}})
    assert err_code(caller.get(f"{EXPORT}/read/id/1")) == 109
    verdict = bench.client.get(f"{FAULTS}/verdict").get_json()
    assert (verdict["planned"], verdict["consumed"]) == (3, 1)
    assert verdict["unused"] == bench.client.get(FAULTS).get_json()["faults"]
    assert verdict["unused"][0] == {**body, "id": 1, "seen": 1, "consumed": 1}
    assert bench.client.delete(f"{FAULTS}/1").status_code == 204
    missing = bench.client.delete(f"{FAULTS}/1")
    assert missing.status_code == 404
    assert missing.get_json()["error"]["code"] == "unknown_fault"
    assert bench.client.delete(FAULTS).status_code == 204
    assert bench.client.get(FAULTS).get_json() == {"faults": []}
    assert "faults" in bench.client.get("/_mock/health").get_json()["capabilities"]


def test_a_reset_of_the_account_clears_its_faults(bench: Bench) -> None:
    bench.control("faults", {"effect": {"kind": "reset"}})
    bench.control("reset", {})
    assert bench.client.get(FAULTS).get_json() == {"faults": []}
    assert bench.control("faults", {"effect": {"kind": "reset"}}) == {"id": 1}
    assert bench.client.get("/_mock/accounts/nobody/faults").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "effect"),
        ({"effect": {}}, "effect.kind"),
        ({"effect": {"kind": "explode"}}, "effect.kind"),
        ({"effect": {"kind": "error"}}, "effect.code"),
        ({"effect": {"kind": "error", "code": 4711}}, "effect.code"),
        ({"effect": {"kind": "status"}}, "effect.status"),
        ({"effect": {"kind": "status", "status": 204}}, "effect.status"),
        ({"effect": {"kind": "status", "status": "503"}}, "effect.status"),
        ({"effect": {"kind": "latency"}}, "effect.seconds"),
        ({"effect": {"kind": "latency", "seconds": -1}}, "effect.seconds"),
        ({"effect": {"kind": "latency", "seconds": "2h"}}, "effect.seconds"),
        ({"effect": {"kind": "stall", "after_bytes": 1}}, "effect.seconds"),
        ({"effect": {"kind": "drip"}}, "effect.bytes_per_second"),
        ({"effect": {"kind": "drip", "bytes_per_second": 0}}, "effect.bytes_per_second"),
        ({"effect": {"kind": "reset", "code": 1}}, "effect.code"),
        ({"effect": {"kind": "reset", "loud": True}}, "effect.loud"),
        ({"effect": {"kind": "reset"}, "often": 2}, "often"),
        ({"effect": {"kind": "reset"}, "times": 0}, "times"),
        ({"effect": {"kind": "reset"}, "times": 2, "match": {"nth": 2}}, "times"),
        ({"effect": {"kind": "reset"}, "match": {"op": "update"}}, "match.op"),
        ({"effect": {"kind": "reset"}, "match": {"nth": 0}}, "match.nth"),
        ({"effect": {"kind": "reset"}, "match": {"op": "create", "export": 1}}, "match.export"),
        ({"effect": {"kind": "reset"}, "match": {"op": "read", "file": 1}}, "match.file"),
        ({"effect": {"kind": "reset"}, "match": {"user": 1}}, "match.user"),
        ({"effect": {"kind": "error", "code": 1}, "match": {"op": "token"}}, "effect.kind"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_by_its_field(
    bench: Bench, body: dict[str, Any], field: str
) -> None:
    answer = bench.client.post(FAULTS, json=body)
    assert answer.status_code == 400
    assert answer.get_json()["field"] == field
    assert bench.account.faults.list() == ()


def test_a_handle_refuses_a_bad_fault_by_its_field_and_forgets_what_it_is_told(line: Line) -> None:
    faults = line.account.faults
    with pytest.raises(BadFieldError, match=r"effect\.seconds"):
        faults.add("stall", op="download")
    first, second = faults.add("reset", nth=7), faults.add("garbage", op="query", times=3)
    faults.remove(first)
    assert [each["id"] for each in faults.list()] == [second]
    faults.clear()
    assert faults.verdict() == {"planned": 0, "consumed": 0, "unused": []}
