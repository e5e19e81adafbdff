"""The flight recorder: what a failing test leaves behind stands alone and holds no secret."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.flight import LONGEST_NAME, file_name
from tests.unit.contracts.test_plugin import run_file
from tests.unit.reports.test_reports import read

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import pytest
import requests

PLAN = {"object": "visitorActivity", "created_after": "yesterday"}


@pytest.mark.pardot(seed=5, quirks={"id_step": 3})
@pytest.mark.parametrize("turn", ["a/b", "<i>"])
def test_fails(pardot, pardot_client, turn):
    job = pardot_client.exports.create("visitorActivity", created_after="yesterday")
    pardot.faults.add("truncate", op="download", after_bytes=9)
    pardot.clock.advance(minutes=3)
    assert pardot.credentials["password"] == pardot.credentials["user_key"]


def test_fails_without_a_socket(pardot_intercept):
    login = {name: pardot_intercept.credentials[name] for name in ("email", "password", "user_key")}
    answer = requests.post("https://pi.pardot.com/api/login/version/4", data=login)
    assert "api_key" not in answer.text, answer.text


def test_passes(pardot):
    assert pardot.clock.now()


def test_fails_on_its_own():
    raise AssertionError
"""


def recordings(folder: Path) -> dict[str, dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in folder.glob("pardot-recordings/*.json")]
    return {facts["test"]: facts for facts in found}


def test_a_failing_test_leaves_a_page_and_json_that_reproduce_it(tmp_path: Path) -> None:
    done = run_file(tmp_path, TESTS, "-n", "1", "-W", "error")
    assert "4 failed, 1 passed" in done.stdout
    found = recordings(tmp_path)
    names = {name.partition("::")[2] for name in found}
    assert names == {"test_fails[a/b]", "test_fails[<i>]", "test_fails_without_a_socket"}
    assert {facts["worker"] for facts in found.values()} == {"gw0"}
    for page in tmp_path.glob("pardot-recordings/*.html"):
        assert str(page) in done.stdout
        assert read(page.read_text()).loads == []

    facts = found["test_it.py::test_fails[a/b]"]
    assert (facts["account"]["seed"], facts["account"]["quirks"]) == (5, {"id_step": 3})
    assert [entry["op"] for entry in facts["journal"]["entries"]] == ["login", "create"]
    assert facts["account"]["exports"][0]["state"] == "Complete"
    assert facts["fault_verdict"]["planned"] == 1
    assert "assert '***' == '***'" in facts["failure"].replace('"', "'")
    assert "api_key>***<" in found["test_it.py::test_fails_without_a_socket"]["failure"]

    again = run_file(tmp_path, TESTS, *shlex.split(facts["reproduce"])[3:])
    assert "1 failed" in again.stdout
    repeated = recordings(tmp_path)["test_it.py::test_fails[a/b]"]
    assert repeated["started_at"] == facts["started_at"]
    assert repeated["account"]["exports"] == facts["account"]["exports"]
    times = [[entry["at"] for entry in each["journal"]["entries"]] for each in (facts, repeated)]
    assert times[0] == times[1]


@pytest.mark.parametrize(
    ("one", "other"), [("t.py::a[x/y]", "t.py::a[x-y]"), ("a" * 300, "b" + "a" * 299)]
)
def test_tests_do_not_share_a_file(one: str, other: str) -> None:
    assert file_name(one) != file_name(other)
    assert len(file_name(one)) <= LONGEST_NAME + 9
    assert "/" not in file_name(one)
