"""Faults from a shell: planned, listed, met, and judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from pardot_mock import MockPardot
from pardot_mock.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result


@pytest.fixture
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, rows=100) as running:
        yield running


def shell(mock: MockPardot, *words: str) -> Result:
    env = {"PARDOT_MOCK_URL": mock.url}
    return CliRunner(env=env).invoke(main, ["faults", *words], catch_exceptions=False)


def log_in(mock: MockPardot) -> int:
    known = mock.default.credentials
    form = {name: known[name] for name in ("email", "password", "user_key")}
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{mock.url}/api/login", data=form, timeout=10).status_code


def test_a_fault_is_planned_met_and_judged(mock: MockPardot) -> None:
    added = shell(mock, "add", "status", "--op", "login", "--status", "503", "--times", "2")
    assert (added.exit_code, added.output) == (0, "1\n")
    assert [log_in(mock), log_in(mock), log_in(mock)] == [503, 503, 200]
    assert shell(mock, "list").output.split() == ["1", "status", "op=login", "2/2"]
    verdict = shell(mock, "verdict", "--strict")
    assert (verdict.exit_code, verdict.output) == (0, "2 of 2 planned hits have happened\n")


def test_a_fault_that_nobody_met_fails_a_strict_verdict(mock: MockPardot) -> None:
    shell(mock, "add", "latency", "--seconds", "0.01", "--nth", "5")
    loose, strict = shell(mock, "verdict"), shell(mock, "verdict", "--strict")
    assert (loose.exit_code, strict.exit_code) == (0, 1)
    assert "nth=5" in strict.output
    assert shell(mock, "clear").exit_code == 0
    assert json.loads(shell(mock, "list", "--json").output) == {"faults": []}


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (1, ["error"]),
        (1, ["latency", "--seconds", "-1"]),
        (2, ["magic"]),
        (2, ["drip", "--op", "x"]),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    mock: MockPardot, exit_code: int, words: list[str]
) -> None:
    assert shell(mock, "add", *words).exit_code == exit_code
    assert json.loads(shell(mock, "list", "--json").output) == {"faults": []}
