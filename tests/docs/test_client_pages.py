"""Every block of the pages about the client runs, against an emulator within the process."""

from __future__ import annotations

import re
import runpy
import shlex
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import Pardot
from pardot_client.cli import main
from pardot_client.command import outcome
from pardot_mock.testing import intercept
from tests.docs.test_pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pardot_mock.testing import AccountHandle

PAGES = sorted((ROOT / "docs").glob("client*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NOW = "2026-03-10T12:00:00+00:00"
CREDENTIALS = {
    "PARDOT_EMAIL": "demo@example.com",
    "PARDOT_PASSWORD": "demo-password",
    "PARDOT_USER_KEY": "0" * 31 + "1",
}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountHandle]:
    monkeypatch.chdir(tmp_path)
    with intercept(now=NOW, rate=0, rows=2000) as made:
        monkeypatch.setattr(time, "sleep", lambda seconds: made.clock.advance(seconds=seconds))
        yield made


def run_shell(script: str, environment: dict[str, str]) -> None:
    """Run the lines of a block: commands of the client, and variables for those that follow."""
    for line in script.splitlines():
        first, *words = shlex.split(line)
        if first == "export":
            name, _, value = words[0].partition("=")
            environment[name] = value
        else:
            assert first == "pardot-export"
            assert main(words, environment=environment) == 0, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_about_the_client_runs(page: Path, account: AccountHandle) -> None:
    names: dict[str, Any] = {}
    environment = {} if page.stem == "client-shell" else dict(CREDENTIALS)
    found = BLOCK.findall(page.read_text("utf-8"))
    assert found
    for language, text in found:
        if language == "bash":
            run_shell(text, environment)
        else:
            assert language == "python"
            exec(compile(text, str(page), "exec"), names)  # noqa: S102 - our own page
    assert account.grade().ok, str(account.grade())


def test_the_example_loads_every_activity_once_over_several_runs(
    account: AccountHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in CREDENTIALS.items():
        monkeypatch.setenv(name, text)
    begin = datetime.fromisoformat(NOW) - timedelta(hours=50)
    # A row every second around the full hours, where the runs meet.
    moments = [begin + timedelta(hours=h, seconds=s) for h in range(60) for s in range(-2, 3)]
    rows = [{"id": 10**12 + n, "created_at": str(at)} for n, at in enumerate(moments)]
    account.load("visitorActivity", rows)
    load = runpy.run_path(str(ROOT / "examples" / "load_into_sqlite.py"))["main"]
    account.clock.advance(minutes=5)
    assert load("activities.db") == 0
    account.faults.add("error", op="download", code=122)
    account.clock.advance(hours=5)
    assert load("activities.db") == 75
    assert load("activities.db") == 0
    with closing(sqlite3.connect("activities.db")) as database:
        loaded = "SELECT count(*) FROM activity WHERE CAST(id AS INTEGER) >= 1e12"
        (found,) = database.execute(loaded).fetchone()
        (mark,) = database.execute("SELECT max(until) FROM mark").fetchone()
    assert found == sum(str(at) < mark.replace("T", " ") for at in moments) > 200


def test_the_pages_name_every_exit_code() -> None:
    codes = {value for value in vars(outcome).values() if isinstance(value, int)}
    page = (ROOT / "docs" / "client-shell.md").read_text("utf-8")
    assert set(map(int, re.findall(r"^\| (\d+) \|", page, re.MULTILINE))) == codes


def test_a_page_about_the_client_is_named_by_its_index() -> None:
    index = (ROOT / "docs" / "client.md").read_text("utf-8")
    assert {page.name for page in PAGES if page.stem != "client"} == set(
        re.findall(r"\((client-[\w-]+\.md)\)", index)
    )


def test_the_rhythm_the_pages_tell_is_the_default() -> None:
    text = (ROOT / "docs" / "client-export.md").read_text("utf-8")
    pardot = Pardot(email="a", password="b", user_key="c")
    polling = pardot._caller.shared.polling
    told = ", ".join(f"{polling.interval(poll) / 60:g}" for poll in range(7))
    assert f"after {told} ..." in text
