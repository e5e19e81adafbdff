"""The control plane from a shell and from Python: what is said, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner

from pardot_mock import MockPardot
from pardot_mock.cli import main, serve
from pardot_mock.controlclient import ControlClient, ControlRefused, Unreachable
from pardot_mock.instance import Config, Instance
from pardot_mock.serveoptions import config_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

START = "2026-03-10T12:00:00+00:00"


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, now=START, rows=2000) as running:
        yield running


@pytest.fixture
def client(mock: MockPardot) -> Iterator[ControlClient]:
    with ControlClient(mock.url) as opened:
        yield opened


@dataclass
class Shell:
    """Runs commands about one account."""

    url: str
    account: str

    def run(self, *words: str) -> Result:
        env = {"PARDOT_MOCK_URL": self.url, "PARDOT_MOCK_ACCOUNT": self.account}
        return CliRunner(env=env).invoke(main, words, catch_exceptions=False)

    def lines(self, *words: str) -> list[str]:
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    def facts(self, *words: str) -> Any:
        return json.loads("\n".join(self.lines(*words, "--json")))


@pytest.fixture
def shell(mock: MockPardot) -> Shell:
    return Shell(mock.url, mock.account().id)


def test_the_clock_is_shown_moved_and_frozen(shell: Shell) -> None:
    assert shell.lines("clock", "show") == ["2026-03-10 12:00:00 UTC  rate 0"]
    assert shell.facts("clock", "advance", "1h30m")["now"] == "2026-03-10T13:30:00+00:00"
    assert shell.facts("clock", "set", "2026-03-10T15:00:00+01:00")["now"].startswith(
        "2026-03-10T14:00"
    )
    assert shell.lines("clock", "next") == [
        "2026-03-11 00:00:00 UTC  rate 0",
        "2026-03-11 00:00:00  quota_resets  2026-03-11",
    ]
    assert shell.facts("clock", "rate", "real")["rate"] == 1
    assert shell.facts("clock", "rate", "2.5")["rate"] == 2.5
    assert shell.facts("clock", "rate", "frozen")["rate"] == 0


def test_the_calendar_lists_what_is_due_in_columns(shell: Shell, client: ControlClient) -> None:
    client.queue(2, "20m", shell.account)
    assert shell.lines("clock", "calendar")[:4] == [
        "2026-03-10 12:20:00  export_finishes  1001",
        "2026-03-10 12:20:00  export_starts    1002",
        "2026-03-10 12:40:00  export_finishes  1002",
        "2026-03-11 00:00:00  quota_resets     2026-03-11",
    ]
    assert shell.facts("clock", "calendar") == client.calendar(shell.account)


def test_an_account_is_made_listed_reset_and_deleted(shell: Shell) -> None:
    words = ["--id", "mine", "--scenario", "expired", "--seed", "7", "--api-version", "4"]
    more = ["--quirk", "csv_bom=on", "--now", "2026-05-05T00:00:00Z", "--rate", "frozen"]
    made = shell.lines("accounts", "create", *words, *more)
    assert made[0] == "id                mine\n".rstrip()
    assert "email             demo@mine.example.com" in made
    listed = shell.lines("accounts", "list")
    assert listed[0].split() == ["id", "version", "edition", "rows", "scenario", "now"]
    row = next(line for line in listed if line.startswith("mine "))
    assert row.split() == [*("mine", "4", "ultimate", "3000", "expired", "2026-05-05", "00:00:00")]
    facts = shell.facts("accounts", "list")["accounts"]
    assert next(a for a in facts if a["id"] == "mine")["quirks"] == {"csv_bom": "on"}
    shell.lines("clock", "advance", "1h", "--account", "mine")
    assert shell.lines("accounts", "reset", "mine") == [
        "mine is back at its start, 2026-05-05 00:00:00 UTC"
    ]
    assert shell.lines("accounts", "delete", "mine") == ["mine is gone"]
    assert shell.run("clock", "show", "--account", "mine").exit_code == 1


def test_reset_and_delete_mean_the_account_of_the_option_when_none_is_named(
    shell: Shell,
) -> None:
    assert shell.facts("accounts", "reset")["id"] == shell.account
    assert shell.facts("accounts", "delete") == {"deleted": shell.account}


def test_a_scenario_file_is_read_where_the_command_runs(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[account]\nnow = 2026-01-01T00:00:00Z\nrate = 0\n[[exports]]\nage = '8d'\n")
    made = shell.facts("accounts", "create", "--scenario", str(file))
    assert made["now"] == "2026-01-01T00:00:00+00:00"
    (export,) = requests.get(f"{shell.url}/_mock/accounts/{made['id']}/exports").json()["exports"]
    assert export["is_expired"] is True
    file.write_text("[acount]\n")
    refused = shell.run("accounts", "create", "--scenario", str(file))
    assert refused.exit_code == 2
    assert "own.toml: unknown key 'acount'" in refused.output


def call(shell: Shell, path: str) -> None:
    requests.get(f"{shell.url}{path}", timeout=10)


def test_the_journal_shows_calls_and_forgets_them(shell: Shell, client: ControlClient) -> None:
    known = client.account(shell.account)["credentials"]
    form = {name: known[name] for name in ("email", "password", "user_key")}  # type: ignore[literal-required]
    login = f"{shell.url}/api/login/version/4?format=json"
    requests.post(login, data=form, timeout=10)
    requests.post(login, data={**form, "password": "wrong\x1b[2J"}, timeout=10)
    good, bad, hint = shell.lines("journal")
    assert good.split() == [
        *("2026-03-10", "12:00:00", "login", "200", "-", "POST", "/api/login/version/4")
    ]
    assert "15" in bad.split()
    assert bad.endswith("password is wrong or missing")
    assert hint == "    post email, password and user_key of one user as form fields"
    assert [e["op"] for e in shell.facts("journal", "--op", "login")["entries"]] == ["login"] * 2
    assert shell.lines("journal", "--op", "query") == []
    assert shell.lines("journal", "--since", "2026-03-10T12:00:01Z") == []
    assert shell.run("journal", "--clear", "--op", "login").exit_code == 2
    assert shell.lines("journal", "--clear") == [f"the journal of {shell.account} is empty"]
    assert shell.facts("journal") == {"entries": [], "dropped": 0}


def test_control_characters_of_a_client_are_shown_and_not_obeyed(
    shell: Shell, client: ControlClient
) -> None:
    key = client.account(shell.account)["credentials"]["user_key"]
    headers = {"Authorization": f"Pardot api_key=0, user_key={key}"}
    path = "/api/export/version/4/do/read/id/%1B%5B2J1"
    requests.get(f"{shell.url}{path}", headers=headers, timeout=10)
    line, _ = shell.lines("journal")
    assert "\x1b" not in line
    assert "\\x1b[2J1" in line


def test_the_budget_is_shown_with_its_forecast(shell: Shell, client: ControlClient) -> None:
    assert shell.lines("budget") == [
        "used       0 of 100000",
        "remaining  100000",
        "resets     2026-03-11 00:00:00 UTC",
        (
            "forecast   polling every minute for a 90-minute export costs 91 reads; "
            "the documented interval costs 11"
        ),
    ]
    assert shell.facts("budget", "--for", "10m") == client.budget("10m", shell.account)
    assert shell.facts("budget", "--for", "10m")["forecast"]["every_minute"] == 11


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["clock", "advance", "--", "-1d"], "the clock does not go back"),
        (["clock", "set", "2020-01-01T00:00:00Z"], "the clock does not go back"),
        (["clock", "rate", "--", "-1"], "rate: "),
        (["clock", "show", "--account", "nobody"], "there is no account 'nobody'"),
        (["clock", "show", "--account", "a/../default"], "there is no account"),
        (["accounts", "create", "--id", "default"], "there is an account 'default' already"),
        (["accounts", "create", "--scenario", "nope"], "there is no scenario 'nope'"),
        (["accounts", "create", "--quirk", "nope=1"], "there is no quirk 'nope'"),
        (["accounts", "delete", "default"], "can only be reset"),
    ],
)
def test_what_the_emulator_refuses_exits_1_with_the_reason(
    shell: Shell, words: list[str], reason: str
) -> None:
    done = shell.run(*words)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("refused: ")
    assert reason in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["clock"],
        ["clock", "advance"],
        ["clock", "advance", "soon"],
        ["clock", "set", "tomorrow"],
        ["clock", "rate", "fast"],
        ["clock", "show", "--url", "ftp://127.0.0.1"],
        ["clock", "show", "--url", "nonsense"],
        ["accounts", "create", "--api-version", "5"],
        ["accounts", "create", "--quirk", "csv_bom"],
        ["accounts", "create", "--scenario", "missing.toml"],
        ["journal", "--since", "now"],
        ["budget", "--for", "ever"],
    ],
)
def test_wrong_usage_exits_2_without_a_call(shell: Shell, words: list[str]) -> None:
    unreachable = Shell("http://127.0.0.1:1", shell.account)
    done = unreachable.run(*words)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr


def test_an_emulator_that_does_not_answer_exits_4_and_says_where(shell: Shell) -> None:
    done = shell.run("budget", "--url", "http://127.0.0.1:1")
    assert done.exit_code == 4
    assert done.stderr == ("no emulator answers at http://127.0.0.1:1: the connection failed\n")
    other = shell.run("budget", "--url", f"{shell.url}/api")
    assert other.exit_code == 4
    assert "no emulator answers at" in other.stderr


def test_a_guarded_emulator_wants_the_token() -> None:
    instance = Instance(Config(control_token="invented"))
    instance.server.start()
    try:
        guarded = Shell(instance.url, "default")
        assert guarded.run("clock", "show").exit_code == 1
        assert guarded.run("clock", "show", "--token", "invented").exit_code == 0
        with ControlClient(instance.url, "invented") as client:
            assert client.account()["id"] == "default"
        with ControlClient(instance.url, "wrong") as client:
            assert client.health()["status"] == "ok"
            with pytest.raises(ControlRefused) as refused:
                client.account()
        assert (refused.value.status, refused.value.code) == (401, "unauthorized")
    finally:
        instance.close()


def test_the_client_steers_an_export_from_queue_to_truth(client: ControlClient) -> None:
    now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    name = client.create_account(now=now, rate=0, rows=2000)["id"]
    assert client.plan("timed", name, work=timedelta(minutes=3), match={"nth": 1}) == 1
    first, second = client.queue(2, timedelta(minutes=20), name)
    assert (first["state"], second["state"]) == ("Waiting", "Waiting")
    moved = client.advance(timedelta(minutes=1), name)
    assert moved["now"] == "2026-03-10T12:01:00+00:00"
    assert client.force(first["id"], "Complete", name)["state"] == "Complete"
    assert client.export(first["id"], name)["rows"] == client.truth(first["id"], name)["rows"] > 0
    assert client.set_clock(now + timedelta(hours=1), name)["rate"] == 0
    assert [e["state"] for e in client.exports(name)] == ["Complete", "Complete"]
    assert client.calendar(name)["events"][-1]["kind"] == "export_expires"
    assert client.rate(1, name)["rate"] == 1
    assert client.rate("frozen", name)["rate"] == 0
    assert client.next(name)["events"]
    assert client.change_account(name, api_version=3)["api_version"] == 3
    assert client.journal("read", now, name) == {"entries": [], "dropped": 0}
    client.clear_journal(name)
    assert client.budget(timedelta(hours=1), name)["forecast"]["seconds"] == 3600
    assert client.reset_account(name)["now"] == "2026-03-10T12:00:00+00:00"
    assert name in client.state()["accounts"]
    client.delete_account(name)
    assert name not in {account["id"] for account in client.accounts()}
    assert {"default", "huge"} <= {scenario["name"] for scenario in client.scenarios()}


def test_a_refusal_says_status_code_message_and_field(client: ControlClient) -> None:
    with pytest.raises(ControlRefused) as refused:
        client.create_account(timezone="Mars/Olympus")
    error = refused.value
    assert (error.status, error.code, error.field) == (400, "bad_field", "timezone")
    assert "Mars/Olympus" in error.message
    with pytest.raises(ControlRefused) as missing:
        client.export(1)
    assert (missing.value.status, missing.value.field) == (404, None)


def test_a_proxy_of_the_environment_does_not_stand_before_loopback(
    mock: MockPardot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with ControlClient(f"{mock.url}/_mock/") as client:
        assert client.health()["status"] == "ok"


def test_nobody_at_the_address_is_unreachable() -> None:
    with ControlClient("http://127.0.0.1:1") as client, pytest.raises(Unreachable) as error:
        client.health()
    assert error.value.url == "http://127.0.0.1:1"


def served(*words: str) -> Config:
    with serve.make_context("serve", list(words)) as context:
        return config_of(dict(context.params))


def test_serving_takes_a_scenario_and_every_option_counts_more(tmp_path: Path) -> None:
    wish = served("--scenario", "oauth-only").account
    assert (wish.quirks, wish.opening.scenario) == ({"auth_era": "oauth"}, "oauth-only")
    assert served("--scenario", "empty").account.rows == 0
    assert served("--scenario", "empty", "--rows", "50000").account.rows == 50_000
    assert served("--scenario", "dst-edge").account.rate == 0
    assert served("--scenario", "dst-edge", "--clock", "real").account.rate == 1
    both = served("--scenario", "oauth-only", "--quirk", "csv_bom=on").account
    assert both.quirks == {"auth_era": "oauth", "csv_bom": "on"}
    assert served("--scenario", "v3-only", "--api-version", "4").account.api_version == 4
    file = tmp_path / "own.toml"
    file.write_text("[account]\nseed = 77\n")
    assert served("--scenario", str(file)).account.seed == 77
    assert served().account.seed == 1


def test_a_setting_of_the_environment_counts_more_than_the_scenario(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARDOT_MOCK_ROWS", "12")
    with serve.make_context(
        "serve", ["--scenario", "empty"], auto_envvar_prefix="PARDOT_MOCK"
    ) as c:
        assert config_of(dict(c.params)).account.rows == 12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sed = 7\n", "own.toml: unknown key 'sed'"),
        ("[account]\nrate = 'fast'\n", "own.toml: account.rate: 'fast'"),
        ("[[plan]]\nkind = 'magic'\n", "own.toml: plan[0].kind: 'magic'"),
        ("[[exports]]\narguments = {}\n", "exports: filter_by_created_at needs created_after"),
        ("[account\n", "own.toml: "),
        ("\udcff", "own.toml: "),
    ],
)
def test_a_bad_scenario_file_ends_serving_with_2_naming_file_and_key(
    tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--scenario", str(file)])
    assert done.exit_code == 2
    assert reason in done.stderr.replace("\n", " ")


def test_scenarios_are_listed_as_text_json_and_markdown() -> None:
    runner = CliRunner()
    rows = json.loads(runner.invoke(main, ["scenarios", "--json"]).output)
    assert {"name", "title", "shows", "try"} == set(rows[0])
    assert rows[0]["name"] == "default"
    assert "| quota-zero | " in runner.invoke(main, ["scenarios", "--markdown"]).output
    assert "An account without API calls" in runner.invoke(main, ["scenarios"]).output


def test_serving_does_not_load_the_commands_that_steer() -> None:
    code = (
        "import sys; from pardot_mock.cli import main; main(['version'], standalone_mode=False);"
        "import pardot_mock.instance;"
        "print(*sorted(n for n in sys.modules if n in {'requests', 'pardot_mock.controlcli'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]
