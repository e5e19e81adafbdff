"""The raw driver: credentials where they belong, one renewal, no comfort beyond that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from pardot_contracts.address import Address
from pardot_contracts.combinations import Way
from pardot_contracts.facts import API_KEY, OAUTH, Credentials, ExportFacts
from pardot_contracts.meter import Meter
from pardot_contracts.problems import BudgetSpentError
from pardot_contracts.raw import RawDriver

from .recorded import RecordedChannel, holds, says

if TYPE_CHECKING:
    from pardot_contracts.reply import Reply

BASE = "http://api.invalid"
SALESFORCE = "http://login.invalid"
LOGIN = "/api/login/version/4"
TOKEN = "/services/oauth2/token"
QUERY = "/api/export/version/4/do/query"
OK = {"@attributes": {"stat": "ok", "version": 1}}
EMPTY = says({**OK, "result": {"total_results": 0}})
MINE = Credentials("ann@example.com", "secret", "u" * 32)
THROUGH_OAUTH = Credentials(
    client_id="app", client_secret="hush", refresh_token="again", business_unit_id="0Uv1"
)


def refusal(code: int) -> Reply:
    attributes = {"stat": "fail", "version": 1, "err_code": code}
    return says({"@attributes": attributes, "err": "No"})


@pytest.fixture
def channel() -> RecordedChannel:
    return RecordedChannel()


def driver(channel: RecordedChannel, meter: Meter | None = None) -> RawDriver:
    address = Address(BASE, meter=meter or Meter(), channel=channel)
    return RawDriver(address, MINE, Way("4", "json", API_KEY))


def oauth_driver(channel: RecordedChannel, mine: Credentials = THROUGH_OAUTH) -> RawDriver:
    return RawDriver(Address(BASE, SALESFORCE, channel=channel), mine, Way("4", "json", OAUTH))


def logs_in(channel: RecordedChannel, *keys: str) -> None:
    channel.answer(LOGIN, *(says({**OK, "api_key": key}) for key in keys))


def sells(channel: RecordedChannel, *tokens: str) -> None:
    channel.answer(TOKEN, *(says({"access_token": token}) for token in tokens))


def test_it_logs_in_once_and_keeps_the_key(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    channel.answer(QUERY, EMPTY)
    raw = driver(channel)
    assert raw.query({}).total == 0
    assert raw.query({}).ok
    assert channel.paths == [LOGIN, QUERY, QUERY]
    assert channel.calls[1].headers == {"Authorization": f"Pardot api_key=k1, user_key={'u' * 32}"}


def test_it_renews_a_stale_key_once(channel: RecordedChannel) -> None:
    logs_in(channel, "k1", "k2")
    channel.answer(QUERY, refusal(1), EMPTY)
    assert driver(channel).query({}).ok
    assert "api_key=k2" in channel.calls[3].headers["Authorization"]


@pytest.mark.parametrize("code", [1, 184])
def test_it_does_not_renew_for_ever(channel: RecordedChannel, code: int) -> None:
    logs_in(channel, "k1", "k2")
    channel.answer(QUERY, refusal(code))
    assert driver(channel).query({}).code == code
    assert channel.paths == [LOGIN, QUERY, LOGIN, QUERY]


def test_another_refusal_is_no_reason_to_log_in_again(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    channel.answer(QUERY, refusal(49))
    assert driver(channel).query({}).code == 49
    assert channel.paths == [LOGIN, QUERY]


def test_an_access_token_is_bought_once_and_sent_with_the_business_unit(
    channel: RecordedChannel,
) -> None:
    sells(channel, "t1", "t2")
    channel.answer(QUERY, EMPTY, refusal(184), EMPTY)
    raw = oauth_driver(channel)
    assert raw.query({}).ok
    assert channel.calls[0].url == SALESFORCE + TOKEN
    assert parse_qs((channel.calls[0].body or b"").decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["app"],
        "client_secret": ["hush"],
        "refresh_token": ["again"],
    }
    unit = {"Pardot-Business-Unit-Id": "0Uv1"}
    assert channel.calls[1].headers == {"Authorization": "Bearer t1", **unit}
    assert raw.query({}).ok
    assert channel.calls[-1].headers == {"Authorization": "Bearer t2", **unit}


@pytest.mark.parametrize(
    ("has", "grant"),
    [({"username": "ann", "password": "p"}, "password"), ({}, "client_credentials")],
)
def test_the_grant_is_what_the_credentials_allow(
    channel: RecordedChannel, has: dict[str, str], grant: str
) -> None:
    sells(channel, "t1")
    oauth_driver(channel, replace(THROUGH_OAUTH, refresh_token="", **has)).login()
    assert parse_qs((channel.calls[0].body or b"").decode())["grant_type"] == [grant]


def test_a_token_from_elsewhere_is_used_as_it_is(channel: RecordedChannel) -> None:
    channel.answer(QUERY, refusal(184))
    mine = Credentials(access_token="given", business_unit_id="0Uv1")
    assert oauth_driver(channel, mine).query({}).code == 184
    assert channel.calls[0].headers["Authorization"] == "Bearer given"
    assert channel.paths == [QUERY]


def test_a_refused_grant_is_an_answer_with_its_reason(channel: RecordedChannel) -> None:
    told = {"error": "invalid_grant", "error_description": "authentication failure"}
    channel.answer(TOKEN, says(told, 400))
    answer = oauth_driver(channel).login()
    assert (answer.ok, answer.status) == (False, 400)
    assert answer.message == "invalid_grant: authentication failure"


def test_no_credential_ever_stands_in_a_url(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    sells(channel, "t1")
    channel.answer(QUERY, EMPTY)
    for raw in (driver(channel), oauth_driver(channel)):
        raw.query({"status": "Complete"})
    for call in channel.calls:
        assert urlsplit(call.url).query == ""
        assert set(call.params) <= {"format", "status"}
    assert channel.calls[1].params == {"format": "json", "status": "Complete"}


def test_a_download_reports_the_first_refusal(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    channel.answer("/one", holds("id\n1\n"))
    channel.answer("/two", refusal(178))
    export = ExportFacts(1, "Complete", is_expired=False, refs=(f"{BASE}/one", f"{BASE}/two"))
    answer = driver(channel).download(export)
    assert (answer.ok, answer.code, answer.files) == (False, 178, ())


def test_a_download_gives_every_file(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    for name, cell in (("one", "1"), ("two", "2")):
        channel.answer(f"/{name}", holds(f"id\n{cell}\n"))
    export = ExportFacts(1, "Complete", is_expired=False, refs=(f"{BASE}/one", f"{BASE}/two"))
    files = driver(channel).download(export).files
    assert [row["id"] for file in files for row in file.rows] == ["1", "2"]


def test_a_spent_budget_stops_it_before_the_call(channel: RecordedChannel) -> None:
    logs_in(channel, "k1")
    meter = Meter(limit=1)
    with pytest.raises(BudgetSpentError, match="budget of 1 calls"):
        driver(channel, meter).query({})
    assert len(channel.calls) == meter.used == 1
