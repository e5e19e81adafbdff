"""The drift kit: recordings hold nobody's values, and a server that answers otherwise is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_contracts.cli import main as contracts
from pardot_contracts.drift import last
from pardot_contracts.drift.proxy import RecordingProxy
from pardot_contracts.drift.recording import Recording, read
from pardot_contracts.drift.shapes import differences, merged, of_json, shape_of
from pardot_contracts.meter import Meter
from pardot_mock import MockPardot

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPORT = "api/export/version/4/do"
PROCEDURE = {"name": "filter_by_created_at", "arguments": {"created_after": "2026-01-01 00:00:00"}}
WANTED = {"object": "visitorActivity", "fields": ["id", "created_at"], "procedure": PROCEDURE}


@pytest.fixture
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, rows=3000, now="2026-03-10T12:00:00Z") as running:
        yield running


def proxy_of(mock: MockPardot, limit: int | None = None, *, writes: bool = True) -> RecordingProxy:
    recording = Recording(mock.url, "2026-03-10T12:00:00+00:00")
    url = mock.url
    return RecordingProxy(url, recording, Meter(limit, read_only=not writes), token_url=url)


def tour(url: str, mock: MockPardot, form: str) -> list[str]:
    """Speak to `url` as a client does; gives everything that must not be written down."""
    account = mock.default
    known = account.credentials
    login = {name: known[name] for name in ("email", "password", "user_key")}
    params = {"format": form}
    answer = requests.post(f"{url}/api/login/version/4", params={"format": "json"}, data=login)
    key = answer.json()["api_key"]
    requests.post(f"{url}/api/login/version/4", params=params, data=login)
    headers = {"Authorization": f"Pardot api_key={key}, user_key={known['user_key']}"}
    account.plan("timed", wait="1m", work="1m")
    requests.post(f"{url}/{EXPORT}/create", params=params, json=WANTED, headers=headers)
    number = account.exports()[-1]["id"]
    at = f"{url}/{EXPORT}/read/id/{number}"
    requests.get(at, params=params, headers=headers)
    account.clock.advance(minutes=5)
    requests.get(at, params=params, headers=headers)
    found = requests.get(at, params={"format": "json"}, headers=headers).json()["export"]
    assert found["resultRefs"].startswith(f"{url}/")
    content = requests.get(found["resultRefs"], headers=headers).text
    requests.get(f"{url}/{EXPORT}/query", params=params, headers=headers)
    requests.get(f"{url}/{EXPORT}/read/id/987654", params=params, headers=headers)
    row = content.splitlines()[1].split(",")
    return [key, known["password"], known["user_key"], known["email"], str(number), "987654", *row]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_recording_of_the_emulator_holds_no_value_and_shows_no_drift(
    mock: MockPardot, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with proxy_of(mock) as proxy:
        secrets = tour(proxy.url, mock, form)
    file = tmp_path / "recording.json"
    proxy.recording.write(file)
    text = file.read_text()
    assert not [secret for secret in secrets if f'"{secret}"' in text or secret in text.split()]
    assert "2026-01-01" not in text
    assert read(file).exchanges == proxy.recording.exchanges
    assert len(proxy.recording.exchanges) >= 7
    notes = tmp_path / "last.json"
    code = contracts(["compare", str(file), "--remember", str(notes)])
    assert code == 0, capsys.readouterr().out
    assert json.loads(notes.read_text())["drifted"] == 0


def drifted(change: Any) -> None:
    """Change a recording as a server that answers otherwise would have made it."""
    for each in change["exchanges"]:
        export = each["shape"].get("export") if isinstance(each["shape"], dict) else None
        if export and export.get("state") == "=Complete":
            export["resultRefs"] = ["url"]
            export["expiresAt"] = "time"
        if each["path"].endswith("/query"):
            each["content_type"] = "text/html"
        if each["status"] == 400:
            each["status"] = 404


def test_a_server_that_answers_otherwise_is_drift(
    mock: MockPardot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with proxy_of(mock) as proxy:
        tour(proxy.url, mock, "json")
    file = tmp_path / "recording.json"
    proxy.recording.write(file)
    facts = json.loads(file.read_text())
    drifted(facts)
    file.write_text(json.dumps(facts))
    assert contracts(["compare", str(file)]) == 3
    out = capsys.readouterr().out
    assert "$.export.expiresAt: only recorded" in out
    assert "content type: text/html recorded, application/json emulated" in out
    assert "status: 404 recorded, 400 emulated" in out


def test_a_recording_is_read_only_and_within_its_budget_unless_told_otherwise(
    mock: MockPardot,
) -> None:
    with proxy_of(mock, 2, writes=False) as proxy:
        create = requests.post(f"{proxy.url}/{EXPORT}/create", json=WANTED)
        assert (create.status_code, "--allow-writes" in create.text) == (403, True)
        statuses = [requests.get(f"{proxy.url}/{EXPORT}/query").status_code for _ in range(3)]
    assert statuses == [200, 200, 403]
    assert mock.default.exports() == []
    assert len(proxy.recording.exchanges) == 1


def test_a_client_is_recorded_with_one_command(
    mock: MockPardot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recording.json"
    call = "curl -s $PARDOT_BASE_URL/api/login/version/4 -d email=a"
    command = ["record", "--target", mock.url, "--out", str(file), "--", "sh", "-c", call]
    assert contracts(command) == 0
    (exchange,) = read(file).exchanges.values()
    assert exchange.shape["rsp"]["err"]["@code"] == "=15"
    assert contracts(["record", "--target", mock.url, "--out", str(file), "--", "true"]) == 5
    assert contracts(["compare", str(file)]) == 5
    file.write_text("{}")
    assert contracts(["compare", str(file)]) == 2


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(trees)
def test_a_body_has_its_own_shape_whatever_its_values(tree: Any) -> None:
    shape = shape_of(json.dumps(tree).encode(), "application/json")
    assert list(differences(shape, of_json(tree))) == []
    assert list(differences(merged([shape, shape]), shape)) == []


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({"a": 1}, {"a": "x"}, "$.a: integer recorded, text emulated"),
        ({"a": [1]}, {"a": 1}, "$.a: an array recorded, integer emulated"),
        ({"state": "Complete"}, {"state": "Failed"}, "$.state: =Complete recorded"),
        ([{"a": 1}, {"a": 1, "b": 2}], [{"a": "x"}], "$[].a: integer recorded, text emulated"),
        ({"a": {"b": 1}}, {"a": {}}, "$.a.b: only recorded"),
        ({}, {"z": 1}, "$.z: only emulated"),
    ],
)
def test_a_difference_is_told_with_its_place(one: Any, other: Any, told: str) -> None:
    (found,) = differences(of_json(one), of_json(other))
    assert found.startswith(told)


def test_the_page_of_evidence_says_when_the_last_comparison_was() -> None:
    assert (
        last.as_sentence() in (Path(__file__).parents[2] / "docs" / "requirements.md").read_text()
    )
