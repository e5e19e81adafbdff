"""A run as HAR and as a Pact file, and Pact files held against the emulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from pardot_contracts.cli import main as contracts
from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.journal import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPORT = "/api/export/version/4/do"
PROCEDURE = {"name": "filter_by_created_at", "arguments": {"created_after": "-90 days"}}
WANTED = {"object": "visitorActivity", "procedure": PROCEDURE}


@pytest.fixture(scope="module")
def green_run() -> Iterator[tuple[MockPardot, list[str]]]:
    """Give an emulator to which a client has spoken, and every credential it used."""
    with MockPardot(rate=0, rows=3000) as mock:
        account = mock.default
        known = account.credentials
        login = {name: known[name] for name in ("email", "password", "user_key")}
        key = requests.post(f"{mock.url}/api/login?format=json", data=login, timeout=9).json()[
            "api_key"
        ]
        headers = {"Authorization": f"Pardot api_key={key}, user_key={known['user_key']}"}

        def ask(path: str, **options: Any) -> requests.Response:
            method = "POST" if "json" in options else "GET"
            params = {"format": "json"}
            url = path if path.startswith("http") else f"{mock.url}{EXPORT}/{path}"
            sent = {"headers": headers, "params": params, "timeout": 9, **options}
            return requests.request(method, url, **sent)

        for size in (100, 100_000):
            account.plan("timed", wait="2m", work="2m", rows_per_file=size)
            number = ask("create", json=WANTED).json()["export"]["id"]
            account.clock.advance(minutes=1)
            ask(f"read/id/{number}")
            account.clock.advance(minutes=5)
            found = ask(f"read/id/{number}").json()["export"]["resultRefs"]
            ask(found if isinstance(found, str) else found[0])
        ask("read/id/9999")
        account.clock.advance(minutes=61)
        ask(f"read/id/{number}")
        yield mock, [key, known["password"], known["user_key"]]


def journal(mock: MockPardot, form: str) -> str:
    done = CliRunner().invoke(main, ["journal", "--url", mock.url, "--format", form])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_is_a_har_that_viewers_can_read(green_run: tuple[MockPardot, list[str]]) -> None:
    mock, secrets = green_run
    text = journal(mock, "har")
    assert not [secret for secret in secrets if secret in text]
    log = json.loads(text)["log"]
    assert log["version"] == "1.2"
    assert log["creator"].keys() == {"name", "version"}
    assert len(log["entries"]) == len(mock.default.journal())
    for entry in log["entries"]:
        assert {
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
        } <= entry.keys()
        request, response = entry["request"], entry["response"]
        assert {
            "method",
            "url",
            "httpVersion",
            "cookies",
            "headers",
            "queryString",
        } <= request.keys()
        assert urlsplit(request["url"]).path.startswith("/api/")
        assert {"status", "statusText", "content", "redirectURL", "bodySize"} <= response.keys()
        assert response["content"]["mimeType"]
    login, create, *_ = log["entries"]
    assert REDACTED in login["request"]["postData"]["text"]
    assert json.loads(create["request"]["postData"]["text"]) == WANTED
    assert json.loads(create["response"]["content"]["text"])["export"]["state"] == "Waiting"


def test_a_run_is_a_pact_that_the_emulator_keeps(
    green_run: tuple[MockPardot, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mock, secrets = green_run
    text = journal(mock, "pact")
    assert not [secret for secret in secrets if secret in text]
    file = tmp_path / "pact.json"
    file.write_text(text)
    states = {i["providerStates"][0]["name"] for i in json.loads(text)["interactions"]}
    assert {"an export that is Complete with several files", "an api_key that has ended"} <= states
    assert contracts(["pact", "verify", str(file)]) == 0, capsys.readouterr().out
    assert (
        f"{len(json.loads(text)['interactions'])} rules kept, 0 broken" in capsys.readouterr().out
    )


def interaction(**changes: Any) -> dict[str, Any]:
    """Give what a consumer's own tests would have written, without generators."""
    return {
        "description": "reads its export",
        "providerStates": [{"name": "an export that is Complete"}],
        "request": {
            "method": "GET",
            "path": f"{EXPORT}/read/id/7",
            "query": {"format": ["json"]},
            "headers": {"Authorization": "Pardot api_key=abc, user_key=def"},
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": {"export": {"id": 7, "state": "Complete", "resultRefs": "https://x/1"}},
            "matchingRules": {
                "body": {
                    "$.export.id": {"matchers": [{"match": "integer"}]},
                    "$.export.resultRefs": {
                        "matchers": [{"match": "regex", "regex": "/file/[0-9]+$"}]
                    },
                }
            },
        },
        **changes,
    }


def verified(tmp_path: Path, *given: dict[str, Any]) -> int:
    file = tmp_path / "pact.json"
    metadata = {"pactSpecification": {"version": "3.0.0"}}
    file.write_text(json.dumps({"interactions": given, "metadata": metadata}))
    return contracts(["pact", "verify", str(file)])


def test_a_pact_of_somebody_else_is_verified_with_credentials_and_ids_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bearer = interaction(providerStates=[{"name": "oauth-only"}])
    bearer["request"] = {
        "path": f"{EXPORT}/query",
        "query": {"format": ["json"]},
        "headers": {"Authorization": "Bearer abc"},
    }
    bearer["response"] = {"status": 200}
    login = interaction(providerStates=[])
    login["request"] = {
        "method": "POST",
        "path": "/api/login/version/4",
        "body": "email=a&password=b&user_key=c",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    login["response"] = {"status": 200, "headers": {"Content-Type": "text/xml; charset=utf-8"}}
    code = verified(tmp_path, interaction(), bearer, login)
    assert code == 0, capsys.readouterr().out


def test_a_consumer_that_expects_something_else_is_told_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"export": {"state": "Failed", "size": 7, "resultRefs": "/file/1"}}
    wrong = interaction(description="a")
    wrong["response"] = {**wrong["response"], "body": body}
    other = interaction(description="b", response={"status": 201, "headers": {}})
    third = interaction(description="c", response={"status": 200, "headers": {"X-Size": "7"}})
    assert verified(tmp_path, wrong, other, third) == 1
    out = capsys.readouterr().out
    assert "$.export.state: 'Complete' instead of 'Failed'" in out
    assert "$.export.size: is missing" in out
    assert "status 200 instead of 201" in out
    assert "header X-Size is missing" in out


def test_an_unknown_state_and_an_empty_file_are_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verified(tmp_path, interaction(providerStates=[{"name": "a blue moon"}])) == 2
    assert "known are: an ordinary account" in capsys.readouterr().err
    assert verified(tmp_path) == 5
    assert contracts(["pact", "states"]) == 0
    assert "queue-of-five" in capsys.readouterr().out
