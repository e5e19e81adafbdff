"""Whole programs under judgement: good twins keep every rule, bad ones are told the line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.cli import main
from pardot_contracts.problems import ConfigurationError
from pardot_contracts.program.command import Program, judge_program
from pardot_contracts.program.running import Manner
from pardot_contracts.program.scenarios import BUILT_IN, chosen

if TYPE_CHECKING:
    from pardot_mock.reports import Report, Result

ROOT = Path(__file__).parents[2]
POLLING = "polls-no-faster-than-documented"
IN_PYTHON = "python examples/{}.py"
IN_NODE = "node examples/{}.mjs"
IN_SHELL = "bash examples/{}.sh"


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def judged(command: str, *scenarios: str, rate: float | None = None, timeout: float = 60) -> Report:
    program = Program.of(f"command:{command}", Manner(rate, timeout))
    needed = program.words[0]
    if needed in ("node", "bash", "curl") and shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed here")
    if needed == "bash" and shutil.which("curl") is None:
        pytest.skip("curl is not installed here")
    return judge_program(program, chosen(scenarios))


def broken(report: Report) -> dict[str, Result]:
    return {result.rule: result for result in report.broken}


def scripted(tmp_path: Path, text: str) -> str:
    """Give the command line of a Python program with `text` in it."""
    script = tmp_path / "program.py"
    script.write_text(text)
    return f"{sys.executable} {script}"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (IN_PYTHON, "poll_every_second.py:41: time.sleep(1)"),
        (IN_NODE, "poll_every_second.mjs:37: await sleep(1000);"),
        (IN_SHELL, "poll_every_second.sh:21: sleep 1"),
    ],
)
def test_a_program_that_polls_every_second_is_told_the_rule_and_the_line_to_change(
    command: str, line: str
) -> None:
    report = judged(command.format("poll_every_second"), "failing")
    found = broken(report)[POLLING]
    assert "wait 30 seconds or more" in found.message
    assert [str(place) for place in found.places] == [f"examples/{line}"]
    assert report.failed("must")


@pytest.mark.parametrize(
    ("command", "name"),
    [(IN_NODE, "export_node"), (IN_SHELL, "export_curl")],
)
def test_the_good_twins_keep_every_rule_where_downloads_break(command: str, name: str) -> None:
    report = judged(command.format(name), "broken-downloads")
    assert broken(report) == {}
    kept = {result.rule for result in report.results if result.status == "pass"}
    assert {POLLING, "retries-broken-downloads", "ends-with-the-rows-of-the-truth"} <= kept


def test_the_good_twin_in_python_keeps_every_rule_in_every_scenario() -> None:
    report = judged(IN_PYTHON.format("export_requests"))
    assert broken(report) == {}
    assert list(report.sections) == [scenario.name for scenario in BUILT_IN]
    kept = {result.rule for result in report.results if result.status == "pass"}
    assert {"renews-and-repeats", "stops-at-the-daily-limit", "polls-less-and-less-often"} <= kept


LEAVES_ROWS_OUT = """
import os, runpy, sys, pathlib
sys.argv = ["export", os.environ["PARDOT_OUT"]]
try:
    runpy.run_path("examples/export_requests.py", run_name="__main__")
except SystemExit:
    pass
for path in pathlib.Path(os.environ["PARDOT_OUT"]).glob("*.csv"):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
print(os.environ["PARDOT_PASSWORD"])
"""


def test_rows_that_are_missing_and_credentials_that_are_printed_are_found(tmp_path: Path) -> None:
    report = judged(scripted(tmp_path, LEAVES_ROWS_OUT), "one-file")
    found = broken(report)
    assert "2 lost" in found["ends-with-the-rows-of-the-truth"].message
    assert "0 without every row" in found["exit-code-tells-the-truth"].message
    assert "password" in found["keeps-credentials-to-itself"].message


WAITS_WITHOUT_AN_END = """
import threading
threading.Event().wait()
"""


def test_a_program_that_never_ends_is_ended_and_told(tmp_path: Path) -> None:
    report = judged(scripted(tmp_path, WAITS_WITHOUT_AN_END), "one-file", timeout=0.5)
    assert set(broken(report)) == {"finishes-by-itself", "ends-with-a-complete-export"}


TASKS = """
import asyncio, time
async def main():
    began = time.monotonic()
    await asyncio.gather(asyncio.sleep(3000), asyncio.sleep(3600))
    assert 3600 <= time.monotonic() - began < 3700
asyncio.run(main())
began = time.time()
time.sleep(3600)
assert 3600 <= time.time() - began < 3700
"""


def test_tasks_of_an_event_loop_sleep_side_by_side_and_clocks_go_on(tmp_path: Path) -> None:
    report = judged(scripted(tmp_path, TASKS), "one-file")
    assert "exit code 0" in report.sections["one-file"]["run"]
    assert "7200 s on the account's clock" in report.sections["one-file"]["run"]


def test_the_command_line_reports_in_sarif_and_ends_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    driver = f"command:{IN_PYTHON.format('poll_every_second')}"
    code = main(["--driver", driver, "--scenario", "failing", "--report", "sarif"])
    printed = json.loads(capsys.readouterr().out)
    assert code == 1
    results = printed["runs"][0]["results"]
    (found,) = [result for result in results if result["ruleId"] == POLLING]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "examples/poll_every_second.py"
    assert place["region"]["startLine"] == 41


def test_a_program_that_sends_nothing_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driver = f"command:{scripted(tmp_path, '')}"
    assert main(["--driver", driver, "--scenario", "failing", "--fail-on", "never"]) == 5
    assert "that proves nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--driver", "command:"], "names no command"),
        (["--driver", "command:no-such-program-at-all"], "there is no such command"),
        (["--driver", "command:true", "--driver", "raw"], "judged alone"),
        (["--driver", "command:true", "--scenario", "nope"], "for programs also: one-file"),
    ],
)
def test_a_program_that_cannot_be_judged_is_a_usage_error(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert why in capsys.readouterr().err


def test_a_scenario_of_the_emulator_can_be_named_too() -> None:
    (found,) = chosen(["many-files"])
    assert found in BUILT_IN
    (found,) = chosen(["quota-zero"])
    assert found.recovers is None
    with pytest.raises(ConfigurationError):
        chosen(["no-such-scenario"])
