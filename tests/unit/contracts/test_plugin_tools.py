"""The fixtures of the plugin that steer and watch the account of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.contracts.test_plugin import run_file

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
from time import sleep


def dawdle(days):
    sleep(days * 86400)
"""

TOOLS = """
import time

import pytest

import dawdling


def test_sleeps_of_a_named_module_move_the_clock_of_the_account(pardot_sleep, pardot_clock):
    before = pardot_clock.now()
    coupling = pardot_sleep("dawdling")
    dawdling.dawdle(days=7)
    assert (pardot_clock.now() - before).days == 7
    assert coupling.slept.days == 7


def test_the_module_is_itself_again_in_the_next_test(pardot):
    assert dawdling.sleep is time.sleep


@pytest.mark.pardot_sleep("dawdling")
def test_the_marker_couples_from_the_start(pardot_sleep, pardot_clock):
    before = pardot_clock.now()
    dawdling.dawdle(days=2)
    assert (pardot_clock.now() - before).days == 2


def test_a_wrong_module_is_an_error(pardot_sleep):
    with pytest.raises(ValueError, match="keeps real time"):
        pardot_sleep("threading")


def test_calls_are_faulted_journaled_and_counted(
    pardot_client, pardot_faults, pardot_journal, pardot_budget
):
    pardot_faults.add("status", op="create", status=503)
    pardot_client.exports.create("visitorActivity", created_after="yesterday")
    assert pardot_faults.verdict()["unused"] == []
    assert [entry.status for entry in pardot_journal("create")] == [503, 200]
    assert pardot_budget()["used"] == pardot_budget()["limit"] - pardot_budget()["remaining"] > 0
"""


def test_the_tools_belong_to_the_account_of_the_test(tmp_path: Path) -> None:
    (tmp_path / "dawdling.py").write_text(CLIENT)
    done = run_file(tmp_path, TOOLS, "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
