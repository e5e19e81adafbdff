"""Every block of docs/contracts.md does what the page says."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from pardot_contracts.cli import main
from pardot_contracts.program.scenarios import BUILT_IN, MORE
from pardot_mock import MockPardot
from pardot_mock.cli import main as emulator
from tests.docs.test_pages import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "contracts.md"
COMMANDS = [line for block in blocks(PAGE, "sh") for line in block.splitlines()]


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def test_a_program_is_judged_as_printed(capsys: pytest.CaptureFixture[str]) -> None:
    polls, good, sarif = (shlex.split(line)[1:] for line in COMMANDS)
    # A scenario that ends sooner shows the same, and the whole set is judged elsewhere.
    assert main([*polls[:-1], "failing"]) == 1
    verdict = capsys.readouterr().out
    shown = blocks(PAGE, "text")[0].splitlines()
    assert shown[0].replace("one-file", "failing") in verdict
    assert shown[1].partition("...")[2] in verdict
    assert shown[2] in verdict
    assert main([*good, "--scenario", "crowded"]) == 0
    assert main(sarif) == 0


def test_a_run_becomes_a_pact_that_is_verified_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pact, har, verify = (shlex.split(line) for line in blocks(PAGE, "bash")[0].splitlines())
    monkeypatch.chdir(tmp_path)
    with MockPardot(rate=0) as mock:
        known = mock.default.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        requests.post(f"{mock.url}/api/login", data=form, timeout=9)
        for words in (pact, har):
            arrow = words.index(">")
            done = CliRunner().invoke(emulator, [*words[1:arrow], "--url", mock.url])
            (tmp_path / words[arrow + 1]).write_text(done.output)
    assert json.loads((tmp_path / "run.har").read_text())["log"]["entries"]
    assert main(verify[1:]) == 0


def test_the_page_lists_every_scenario() -> None:
    text = PAGE.read_text()
    for scenario in BUILT_IN:
        assert f"| `{scenario.name}` |" in text
    for scenario in MORE:
        assert f"`{scenario.name}`" in text
