"""The command: what it writes, says and exits with."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import MemoryReply, Pardot, Progress, TransportFailed
from pardot_client.cli import main
from pardot_client.command import outcome
from pardot_client.command.environment import credentials_from
from pardot_client.command.options import parser, seconds
from pardot_client.command.reporters import Bars, Events, Lines, Quiet, reporter_for
from pardot_client.errors import InvalidRequest
from tests.unit.client.fake import CSV, PASSWORD, USER_KEY, FakeService, fail

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    "PARDOT_EMAIL": "a@example.com",
    "PARDOT_PASSWORD": PASSWORD,
    "PARDOT_USER_KEY": USER_KEY,
}
RANGE = ("--created-after", "2026-01-01", "--created-before", "2026-02-01")


class Command:
    """Runs the command against the fake service."""

    def __init__(self, service: FakeService, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.service, self.out, self.capsys = service, out, capsys
        self.stdout = self.stderr = ""

    def __call__(self, *words: str, environment: dict[str, str] | None = None) -> int:
        def connect(**options: Any) -> Pardot:
            return Pardot(
                **options,
                transport=self.service,
                sleep=self.service.time.sleep,
                clock=self.service.time,
            )

        code = main(
            [*words, "--out", str(self.out)],
            environment=ENVIRONMENT if environment is None else environment,
            connect=connect,
        )
        self.stdout, self.stderr = self.capsys.readouterr()
        return code

    def files(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def command(service: FakeService, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(service, tmp_path / "out", capsys)


def test_files_are_written_and_named_on_stdout(command: Command) -> None:
    command.service.files = [CSV, CSV]
    assert command("visitorActivity", *RANGE) == 0
    assert command.files() == ["visitorActivity-100-1.csv", "visitorActivity-100-2.csv"]
    assert command.stdout.splitlines() == [str(command.out / name) for name in command.files()]
    assert "2 files" in command.stderr


def test_merged_csv_has_one_header(command: Command) -> None:
    command.service.files = [CSV, CSV]
    assert command("visitorActivity", *RANGE, "--merge") == 0
    assert command.files() == ["visitorActivity-100.csv"]
    text = (command.out / "visitorActivity-100.csv").read_bytes()
    assert text == CSV + CSV.split(b"\n", 1)[1]


def test_files_with_different_columns_are_not_merged(command: Command) -> None:
    command.service.files = [CSV, b"id\n1\n"]
    assert command("visitorActivity", *RANGE, "--merge") == 4
    assert command.files() == []
    assert "different columns" in command.stderr


def test_a_row_that_does_not_fit_leaves_no_half_written_file(command: Command) -> None:
    command.service.files = [b"id,created_at\n1,2026-01-01 00:00:00\n2\n"]
    assert command("visitorActivity", *RANGE, "--format", "jsonl") == 4
    assert "1 cells instead of 2" in command.stderr
    assert command.files() == []


def test_json_lines_are_typed(command: Command) -> None:
    words = ("visitorActivity", *RANGE, "--format", "jsonl", "--merge")
    assert command(*words, "--timezone", "Europe/Berlin") == 0
    lines = (command.out / "visitorActivity-100.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"id": 1, "created_at": "2026-01-01T00:00:00+01:00"}


def test_parquet_is_typed(command: Command) -> None:
    pl = pytest.importorskip("polars")
    assert command("visitorActivity", *RANGE, "--format", "parquet") == 0
    frame = pl.read_parquet(command.out / "visitorActivity-100-1.parquet")
    assert frame["id"].to_list() == [1, 2]


def test_a_long_range_is_merged_over_all_its_exports(command: Command) -> None:
    words = ("visitor", "--created-after", "2024-01-01", "--created-before", "2025-06-01")
    assert command(*words, "--merge") == 0
    assert command.files() == ["visitor-100-102.csv"]


def test_nothing_matched_is_no_failure(command: Command) -> None:
    command.service.files = []
    for extra in ((), ("--merge",), ("--format", "jsonl")):
        assert command("visitor", *RANGE, *extra) == 0
        assert "no rows matched" in command.stderr
    assert command.files() == []


def test_an_existing_export_is_resumed_and_complete_files_are_kept(command: Command) -> None:
    command.service.files = [CSV, CSV]
    command.service.script["downloadResults"].extend([lambda r: command.service.answer(r)])
    command.service.script["downloadResults"].extend([TransportFailed("down")] * 10)
    assert command("visitor", *RANGE) == 4
    assert "--resume 100" in command.stderr
    already = command.files()
    assert already in (["visitor-100-1.csv"], ["visitor-100-2.csv"])
    command.service.script.clear()
    command.service.requests.clear()
    assert command("--resume", "100") == 0
    assert len(command.files()) == 2
    assert len(command.service.sent("downloadResults")) == 1


def bounds(service: FakeService) -> dict[str, str]:
    body: dict[str, Any] = json.loads(service.sent("create")[-1].body or b"")
    arguments: dict[str, str] = body["procedure"]["arguments"]
    return arguments


def test_runs_since_the_last_one_meet_without_gap_or_overlap(command: Command) -> None:
    words = ("visitorActivity", "--created-after", "2026-05-01", "--since-last")
    assert command(*words) == 0
    first = bounds(command.service)
    assert first == {"created_after": "2026-05-01", "created_before": "2026-05-31T23:55:00+00:00"}
    command.service.time.seconds += 86400
    assert command(*words) == 0
    second = bounds(command.service)
    assert second["created_after"] == "2026-05-31T23:54:59+00:00"
    assert second["created_before"] > "2026-06-01"
    assert ".pardot-export.json" in command.files()


def test_a_run_that_failed_leaves_the_mark_where_it_was(command: Command, tmp_path: Path) -> None:
    state = tmp_path / "marks.json"
    words = ("visitor", "--updated-after", "2026-05-01", "--since-last", "--state", str(state))
    assert command(*words) == 0
    before = state.read_text()
    command.service.time.seconds += 86400
    command.service.script["downloadResults"].extend([TransportFailed("down")] * 10)
    assert command(*words) == 4
    assert state.read_text() == before


def test_other_filters_have_a_mark_of_their_own(command: Command) -> None:
    words = ("visitorActivity", "--created-after", "2026-05-01", "--since-last")
    assert command(*words, "--type", "1,2") == 0
    assert command(*words, "--type", "6") == 0
    assert bounds(command.service)["created_after"] == "2026-05-01"


def test_another_account_has_a_mark_of_its_own(command: Command) -> None:
    words = ("visitorActivity", "--created-after", "2026-05-01", "--since-last")
    assert command(*words) == 0
    assert command(*words, environment={**ENVIRONMENT, "PARDOT_EMAIL": "b@example.com"}) == 0
    assert bounds(command.service)["created_after"] == "2026-05-01"


def test_nothing_new_since_the_last_run_costs_no_call(command: Command) -> None:
    words = ("visitor", "--updated-after", "2026-05-01", "--since-last")
    fixed = ("--updated-before", "2026-05-20")
    assert command(*words, *fixed) == 0
    command.service.requests.clear()
    assert command(*words, *fixed) == 0
    assert "nothing new" in command.stderr
    assert {command.service.operation(r) for r in command.service.requests} == {"login"}


@pytest.mark.parametrize("content", ["", "[]", '{"version":2,"marks":{}}', '{"marks":3}'])
def test_a_state_file_that_is_none_is_refused(command: Command, content: str) -> None:
    command.out.mkdir()
    (command.out / ".pardot-export.json").write_text(content)
    assert command("visitor", "--updated-after", "2026-05-01", "--since-last") == 2
    assert "state file" in command.stderr


def test_since_last_needs_bounds_it_can_compare(command: Command) -> None:
    words = ("visitor", "--updated-after", "2026-05-01", "--since-last")
    assert command(*words, "--updated-before", "last monday") == 2
    assert "as a date" in command.stderr


def test_events_are_lines_of_json_and_nothing_else(command: Command) -> None:
    assert command("visitor", *RANGE, "--json") == 0
    events = [json.loads(line) for line in command.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds == [
        "created",
        "waiting",
        "polled",
        "waiting",
        "polled",
        "complete",
        "downloaded",
        "done",
    ]
    assert events[-1]["files"] == [str(command.out / "visitor-100-1.csv")]
    assert command.stderr == ""


def test_an_error_is_an_event_as_well(command: Command) -> None:
    command.service.script["create"].append(fail(177, "Invalid procedure argument.", status=400))
    assert command("visitor", *RANGE, "--json") == 2
    event = json.loads(command.stdout)
    assert (event["event"], event["kind"], event["code"], event["exit"]) == (
        "error",
        "InvalidRequest",
        177,
        2,
    )


@pytest.mark.parametrize(
    ("operation", "replies", "code"),
    [
        ("login", [fail(15, "Login failed")], 6),
        ("create", [fail(46, "lacks permissions", status=403)], 6),
        ("create", [fail(122, "Daily API rate limit met")], 7),
        ("create", [fail(154, "Invalid property in request", status=400)], 2),
        ("create", [TransportFailed("refused", maybe_sent=False)] * 5, 4),
        ("read", [MemoryReply(503)] * 5, 4),
    ],
)
def test_the_exit_code_says_what_to_do_next(
    command: Command, operation: str, replies: list[Any], code: int
) -> None:
    command.service.script[operation].extend(replies)
    assert command("visitor", *RANGE) == code
    assert command.stderr.startswith("pardot-export: ")
    assert PASSWORD not in command.stderr
    assert command.files() == []


def test_a_failed_export_exits_with_one(command: Command) -> None:
    def failing(request: Any) -> Any:
        for export in command.service.exports.values():
            export.state = "Failed"
        return command.service.answer(request)

    command.service.script["read"].append(failing)
    assert command("visitor", *RANGE) == 1
    assert "--resume" not in command.stderr


def test_time_and_budget_have_exit_codes_and_tell_how_to_go_on(command: Command) -> None:
    command.service.looks = 100
    assert command("visitor", *RANGE, "--timeout", "5m") == 8
    assert "--resume 100" in command.stderr
    assert command("visitor", *RANGE, "--budget", "2") == 7
    assert command("visitor", *RANGE, "--budget", "4") == 7
    assert "--resume 102" in command.stderr


def test_an_interruption_leaves_nothing_half_written(command: Command) -> None:
    class Interrupting:
        status, headers = 200, {"content-type": "text/csv"}

        def blocks(self, size: int) -> Any:
            assert size
            yield b"id,created_at\n1,"
            raise KeyboardInterrupt

        def close(self) -> None:
            """Nothing is held open."""

    for extra in ((), ("--merge",), ("--format", "jsonl")):
        command.service.script["downloadResults"].append(Interrupting())
        assert command("visitor", *RANGE, *extra) == 130
        assert "interrupted" in command.stderr
        assert "--resume" in command.stderr
        assert command.files() == []


def test_terminate_ends_as_tidily_as_an_interruption(command: Command) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def terminating(request: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return command.service.answer(request)

    command.service.script["read"].append(terminating)
    assert command("visitor", *RANGE) == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_reader_that_goes_away_ends_the_command_without_a_word(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    for words in (("--json",), ()):
        monkeypatch.setattr("sys.stdout", Gone())
        assert command("visitor", *RANGE, *words) == 141
        assert "Error" not in command.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["visitor", "--resume", "1"],
        ["--resume", "0"],
        ["--resume", "1", "--since-last"],
        ["visitor", "--state", "x"],
        ["visitor", "--type", "one"],
        ["visitor", "--timeout", "soon"],
        ["visitor", "--argument", "x"],
        ["visitor", "--format", "xls"],
        ["visitor", "--creat", "2026-01-01"],
    ],
)
def test_a_wrong_command_line_is_explained(command: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command(*words)
    assert caught.value.code == 2


def test_a_wrong_request_is_refused_before_anything_is_sent(command: Command) -> None:
    assert command("visitor") == 2
    assert command("visitor", "--argument", "a=1", "--argument", "a=2") == 2
    assert command("visitor", *RANGE, "--timezone", "Mars/Olympus") == 2
    assert command("visitor", *RANGE, environment={"PARDOT_EMAIL": "a@example.com"}) == 2
    assert "PARDOT_USER_KEY" in command.stderr
    assert not command.service.requests


def test_a_format_that_cannot_be_written_is_refused_before_anything_is_sent(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    assert command("visitor", *RANGE, "--format", "parquet") == 2
    assert "pip install polars" in command.stderr
    assert not command.service.requests


def test_a_folder_that_cannot_be_made_is_an_error(command: Command) -> None:
    command.out.write_text("a file")
    assert command("visitor", *RANGE) == 2


def test_the_environment_chooses_the_way_of_logging_in() -> None:
    oauth = {
        "PARDOT_BUSINESS_UNIT_ID": "0Uv000000000001AAA",
        "PARDOT_CLIENT_ID": "app",
        "PARDOT_PASSWORD": "p",
        "PARDOT_LOGIN_URL": "http://127.0.0.1:1",
    }
    by_key = credentials_from({**ENVIRONMENT, **oauth})
    assert by_key["email"] == "a@example.com"
    assert "business_unit_id" not in by_key
    assert "email" not in credentials_from({**ENVIRONMENT, **oauth}, "oauth")
    assert credentials_from(oauth)["client_id"] == "app"
    with pytest.raises(InvalidRequest, match="PARDOT_EMAIL"):
        credentials_from(oauth, "api-key")


def test_the_help_explains_every_option_and_every_exit_code() -> None:
    text = parser().format_help()
    for action in parser()._actions:
        assert action.help, action.option_strings
    for code in (value for value in vars(outcome).values() if isinstance(value, int)):
        assert re.search(rf"\b{code} ", text.partition("exit codes:")[2])


def test_durations_have_units() -> None:
    assert [seconds(text) for text in ("90", "90s", "1.5m", "2h", "7d")] == [
        90,
        90,
        90,
        7200,
        604800,
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_reporter_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    results, notes = io.StringIO(), Terminal()

    def chosen(*, as_json: bool = False, quiet: bool = False, terminal: bool = True) -> type:
        target = notes if terminal else io.StringIO()
        return type(reporter_for(as_json=as_json, quiet=quiet, results=results, notes=target))

    assert chosen(as_json=True) is Events
    assert chosen(quiet=True) is Quiet
    assert chosen(terminal=False) is Quiet
    pytest.importorskip("rich")
    assert chosen() is Bars
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert chosen() is Lines


def test_a_plain_terminal_gets_a_line_for_every_change(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Terminal()
    monkeypatch.setattr("pardot_client.cli.reporter_for", lambda **_: Lines(sys.stdout, notes))
    assert command("visitor", *RANGE) == 0
    assert notes.getvalue().splitlines()[:5] == [
        "export 100 is Waiting",
        "export 100 is Waiting; looking again in 60 s",
        "export 100 is Processing; looking again in 120 s",
        "export 100 is Complete",
        "export 100: file 1 of 1, 58 bytes",
    ]


def test_bars_come_and_go_with_what_they_show() -> None:
    bars = Bars(io.StringIO(), Terminal())

    def shown() -> list[tuple[str, str, float | None]]:
        return [
            (task.description, task.fields["amount"], task.total) for task in bars.progress.tasks
        ]

    with bars:
        bars.step(Progress("waiting", 7, "Processing", next_poll=120))
        assert shown() == [("export 7 Processing", "looking again in 120 s", None)]
        bars.step(Progress("complete", 7, "Complete"))
        assert shown() == []
        first = Progress("downloading", 7, "Complete", file=1, files=2)
        bars.step(replace(first, bytes_done=1000, bytes_total=4000))
        bars.step(replace(first, file=2, bytes_done=5))
        assert shown() == [
            ("export 7 file 1 of 2", "1,000 bytes", 4000),
            ("export 7 file 2 of 2", "5 bytes", None),
        ]
        bars.step(Progress("downloaded", 7, "Complete", file=1, files=2))
        assert len(shown()) == 1
