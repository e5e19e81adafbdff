"""The tables of wrong emulators and wrong clients are fresh, and a sample of them is found.

`make mutants` tries all of them; here every line is looked up, and few are tried.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.mutants.clients import broken_rules
from tests.mutants.clienttable import RIGHT, wrong_clients
from tests.mutants.source import HERE, mutants

if TYPE_CHECKING:
    from tests.mutants.clienttable import WrongClient

FEWEST_MUTANTS = 40
FEWEST_CLIENTS = 25
SCENARIOS = sorted({client.scenario for client in wrong_clients()})
SAMPLE = wrong_clients()[::4]


def test_the_zoo_is_as_large_as_promised_and_its_names_are_unique() -> None:
    ids = [each.id for each in (*mutants(), *wrong_clients())]
    assert len(set(ids)) == len(ids)
    assert len(mutants()) >= FEWEST_MUTANTS
    assert len(wrong_clients()) >= FEWEST_CLIENTS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_right_client_keeps_every_rule(scenario: str) -> None:
    assert broken_rules(RIGHT.read_text(), scenario) == set()


@pytest.mark.parametrize("client", SAMPLE, ids=lambda client: client.id)
def test_a_wrong_client_breaks_its_rule(client: WrongClient) -> None:
    assert client.broken in broken_rules(client.applied(), client.scenario, client.id)


def test_a_wrong_emulator_is_found_and_an_empty_choice_is_no_success() -> None:
    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.mutants", "-j", "1", name]
        return subprocess.run(command, capture_output=True, text=True, cwd=HERE.parents[1])

    found = run("new-key-with-every-login")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "mutation score: 100.0 % (1 of 1)" in found.stdout
    assert run("no-such-mutant").returncode == 1
