"""What a scenario sets, what counts more, and what is said of a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock import MockPardot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Bench


def test_what_a_scenario_sets_can_be_set_otherwise(bench: Bench) -> None:
    body = {
        "scenario": "oauth-only",
        "rows": 7,
        "quirks": {"csv_bom": "on"},
        "edition": "pro",
        "id": "mine",
    }
    made = bench.client.post("/_mock/accounts", json=body).get_json()
    assert made["quirks"] == {"auth_era": "oauth", "csv_bom": "on"}
    body = {"scenario": "oauth-only", "quirks": {"auth_era": "legacy"}, "rows": None}
    assert bench.client.post("/_mock/accounts", json=body).get_json()["quirks"] == {
        "auth_era": "legacy"
    }
    body = {"scenario": "empty", "rows": 12}
    assert bench.client.post("/_mock/accounts", json=body).get_json()["rows"] == 12


@pytest.mark.parametrize(
    ("scenario", "key"),
    [
        (7, "neither the name"),
        ("nope", "there is no scenario 'nope'; known are default,"),
        ({"surprise": 1}, "unknown key 'surprise'"),
        ({"title": 1}, "scenario: title:"),
        ({"account": []}, "scenario: account:"),
        ({"account": {"seed": -1}}, "scenario: account.seed: -1"),
        ({"account": {"sede": 1}}, "scenario: account.sede: unknown field"),
        ({"account": {"id": "x"}}, "scenario: account.id:"),
        ({"account": {"scenario": "empty"}}, "scenario: account.scenario:"),
        ({"account": {"users": [{"email": "a@b", "role": "King"}]}}, "account.users.role:"),
        ({"plan": {"kind": "stuck"}}, "scenario: plan:"),
        ({"plan": [{}, {"kind": "magic"}]}, "scenario: plan[1].kind:"),
        ({"plan": [{"kind": "polls"}]}, "scenario: plan[0].n: missing"),
        ({"plan": [{"kind": "stuck", "n": 3}]}, "scenario: plan[0].n: stuck does not count"),
        ({"plan": [{"match": {"object": "x"}}]}, "scenario: plan[0].match.object:"),
        ({"exports": [{"age": "-1s"}]}, "scenario: exports[0].age:"),
        ({"exports": [{"by": "nobody"}]}, "scenario: exports[0].by:"),
        ({"exports": [{"procedure": "filter"}]}, "scenario: exports[0].procedure:"),
        ({"exports": [{"color": 1}]}, "scenario: exports[0].color: unknown field"),
        ({"exports": [{"fields": ["nope"]}]}, "exports: visitorActivity exports no field"),
        ({"exports": [{"arguments": {"created_after": "-3 years"}}]}, "longer than one year"),
        ({"faults": [{}, {"effect": {"kind": "boom"}}]}, "scenario: faults[0].effect: missing"),
        ({"faults": [{"effect": {"kind": "reset", "code": 1}}]}, "faults[0].effect.code:"),
        ({"used": {"fly": 1}}, "scenario: used.fly: unknown field"),
        ({"used": {"read": -1}}, "scenario: used.read:"),
    ],
)
def test_a_bad_scenario_is_refused_naming_source_and_key(
    bench: Bench, scenario: Any, key: str
) -> None:
    before = len(bench.world.accounts())
    answer = bench.client.post("/_mock/accounts", json={"scenario": scenario})
    assert answer.status_code == 400
    assert answer.get_json()["field"] == "scenario"
    assert key in answer.get_json()["error"]["message"]
    assert len(bench.world.accounts()) == before


def test_a_file_on_the_server_cannot_be_named_in_a_call(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('title = "mine"\n')
    answer = bench.client.post("/_mock/accounts", json={"scenario": str(file)})
    assert answer.status_code == 400
    assert "there is no scenario" in answer.get_json()["error"]["message"]


def test_a_live_emulator_starts_in_a_scenario_and_an_account_may_name_its_own(
    tmp_path: Path,
) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[account]\nrows = 5\n[[exports]]\nage = '1h'\n")
    with MockPardot(scenario=file, rate=0, quirks={"csv_bom": "on"}) as mock:
        assert [e["state"] for e in mock.default.exports()] == ["Complete"]
        fresh = mock.account(scenario="oauth-only")
        assert fresh.exports() == []
        assert mock.account(seed=3).exports()[0]["state"] == "Complete"
        with pytest.raises(ValueError, match="scenario: there is no scenario 'nope'"):
            mock.account(scenario="nope")


def test_a_scenario_of_an_account_counts_more_than_the_settings_of_the_emulator() -> None:
    with MockPardot(rate=0, rows=100, quirks={"csv_bom": "on"}) as mock:
        account = mock.account(scenario="oauth-only", quirks={"csv_quoting": "all"})
        empty = mock.account(scenario="empty")
        assert account._account.options.rows == 100
        assert account._account.quirks.changed == {
            "auth_era": "oauth",
            "csv_bom": "on",
            "csv_quoting": "all",
        }
        assert empty._account.options.rows == 0
        assert mock.account(scenario="empty", rows=9)._account.options.rows == 9
