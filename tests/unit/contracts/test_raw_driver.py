"""The raw driver: credentials where they belong, one renewal, no comfort beyond that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from pardot_contracts.facts import Credentials, ExportFacts
from pardot_contracts.meter import Meter
from pardot_contracts.problems import BudgetSpentError
from pardot_contracts.raw import RawDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "http://127.0.0.1:1"
LOGIN = f"{BASE}/api/login/version/4"
QUERY = f"{BASE}/api/export/version/4/do/query"
OK = {"@attributes": {"stat": "ok", "version": 1}}
STALE = {"@attributes": {"stat": "fail", "version": 1, "err_code": 1}, "err": "Invalid API key"}
EMPTY = {**OK, "result": {"total_results": 0}}


@pytest.fixture
def service() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mocked:
        yield mocked


def driver(meter: Meter | None = None) -> RawDriver:
    mine = Credentials("ann@example.com", "secret", "u" * 32)
    return RawDriver(BASE, mine, version="4", form="json", meter=meter or Meter())


def logs_in(service: responses.RequestsMock, *keys: str) -> None:
    for key in keys:
        service.post(LOGIN, json={**OK, "api_key": key})


def test_it_logs_in_once_and_keeps_the_key(service: responses.RequestsMock) -> None:
    logs_in(service, "k1")
    service.get(QUERY, json=EMPTY)
    raw = driver()
    assert raw.query({}).total == 0
    assert raw.query({}).ok
    assert [urlsplit(call.request.url or "").path for call in service.calls] == [
        "/api/login/version/4",
        *["/api/export/version/4/do/query"] * 2,
    ]
    assert service.calls[1].request.headers["Authorization"] == (
        f"Pardot api_key=k1, user_key={'u' * 32}"
    )


def test_it_renews_a_stale_key_once(service: responses.RequestsMock) -> None:
    logs_in(service, "k1", "k2")
    service.get(QUERY, json=STALE)
    service.get(QUERY, json=EMPTY)
    assert driver().query({}).ok
    assert "api_key=k2" in service.calls[3].request.headers["Authorization"]


def test_it_does_not_renew_for_ever(service: responses.RequestsMock) -> None:
    logs_in(service, "k1", "k2")
    service.get(QUERY, json=STALE)
    service.get(QUERY, json=STALE)
    assert driver().query({}).code == 1
    assert len(service.calls) == 4


def test_no_credential_ever_stands_in_a_url(service: responses.RequestsMock) -> None:
    logs_in(service, "k1")
    service.get(QUERY, json=EMPTY)
    driver().query({"status": "Complete"})
    for call in service.calls:
        parameters = parse_qs(urlsplit(call.request.url or "").query)
        assert set(parameters) <= {"format", "status"}
        assert parameters["format"] == ["json"]


def test_it_does_not_follow_a_redirect(service: responses.RequestsMock) -> None:
    service.post(LOGIN, status=302, headers={"Location": f"{BASE}/elsewhere"})
    reply = driver().post_login({"email": "x"})
    assert reply.status == 302
    assert len(service.calls) == 1


def test_a_download_reports_the_first_refusal(service: responses.RequestsMock) -> None:
    logs_in(service, "k1")
    service.get(f"{BASE}/one", body="id\n1\n", content_type="text/csv; charset=utf-8")
    refusal = {"@attributes": {"stat": "fail", "version": 1, "err_code": 178}, "err": "No"}
    service.get(f"{BASE}/two", body=json.dumps(refusal), content_type="application/json")
    export = ExportFacts(1, "Complete", is_expired=False, refs=(f"{BASE}/one", f"{BASE}/two"))
    answer = driver().download(export)
    assert (answer.ok, answer.code, answer.files) == (False, 178, ())


def test_a_download_gives_every_file(service: responses.RequestsMock) -> None:
    logs_in(service, "k1")
    for name, cell in (("one", "1"), ("two", "2")):
        service.get(f"{BASE}/{name}", body=f"id\n{cell}\n", content_type="text/csv")
    export = ExportFacts(1, "Complete", is_expired=False, refs=(f"{BASE}/one", f"{BASE}/two"))
    files = driver().download(export).files
    assert [row["id"] for file in files for row in file.rows] == ["1", "2"]


def test_a_spent_budget_stops_it_before_the_call(service: responses.RequestsMock) -> None:
    logs_in(service, "k1")
    meter = Meter(limit=1)
    with pytest.raises(BudgetSpentError, match="budget of 1 calls"):
        driver(meter).query({})
    assert len(service.calls) == meter.used == 1
