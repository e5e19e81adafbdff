"""Loaded rows from the outside: over HTTP, from Python and from a shell, and what exports hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.data.overlayreading import MAX_BYTES, BadRowError
from pardot_mock.truth import ExportTruth, read_rows
from pardot_mock.web.app import MAX_BODY
from pardot_mock.web.control.dataroutes import CONTENT_TYPES, UnknownObjectError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from werkzeug.test import TestResponse

    from pardot_mock.testing.live import AccountHandle
    from tests.integration.conftest import Bench, Caller

INSIDE = "2026-01-15T00:00:00Z"
LINES = f'{{"id": 5, "created_at": "{INSIDE}"}}\n{{"id": 6, "created_at": "{INSIDE}"}}\n'


@pytest.fixture
def empty(bench: Bench) -> Bench:
    """An account whose world has no rows, and whose exports are complete at once."""
    fresh = bench.fresh(rows=0)
    fresh.control("plan", {"kind": "instant"})
    return fresh


def send(
    bench: Bench,
    body: str | bytes,
    name: str = "visitorActivity",
    content_type: str | None = "application/x-ndjson",
) -> TestResponse:
    path = f"/_mock/accounts/{bench.account.id}/data/{name}"
    return bench.client.post(path, data=body, content_type=content_type)


def counts(bench: Bench) -> dict[str, tuple[int, int]]:
    shown = bench.client.get(f"/_mock/accounts/{bench.account.id}/data").get_json()["objects"]
    return {each["object"]: (each["synthetic"], each["loaded"]) for each in shown}


def downloaded(caller: Caller, export_id: int) -> list[tuple[str, ...]]:
    refs = caller.read(export_id).get("resultRefs", [])
    # A single file is one text instead of a list of texts.
    urls = [refs] if isinstance(refs, str) else refs
    return [row for url in urls for row in read_rows([caller.get(url).get_data()])]


def ids(bench: Bench, export_id: int) -> list[str]:
    """Give the ids of the truth, without looking at the export as a client would."""
    with bench.account.lock:
        bench.account.settle()
        export = bench.account.queue.by_id[export_id]
    return sorted(row[0] for row in ExportTruth(bench.account.results, export).each())


def test_loaded_rows_are_counted_exported_and_gone_after_a_reset(empty: Bench) -> None:
    answer = send(empty, LINES)
    assert (answer.status_code, answer.get_json()) == (200, {"loaded": 2, "version": 1})
    assert counts(empty)["visitorActivity"] == (0, 2)
    caller = empty.caller()
    export_id = caller.new_export()
    expected = [("5", "2026-01-15 00:00:00"), ("6", "2026-01-15 00:00:00")]
    assert sorted(downloaded(caller, export_id)) == expected
    empty.control("reset", {})
    assert counts(empty)["visitorActivity"] == (0, 0)
    empty.control("plan", {"kind": "instant"})
    caller = empty.caller()
    assert downloaded(caller, caller.new_export()) == []


def test_loaded_rows_stand_beside_the_synthetic_ones(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "instant", "rows_per_file": 50})
    first = caller.new_export()
    before = downloaded(caller, first)
    send(bench, LINES)
    after = downloaded(caller, caller.new_export())
    assert len(after) == len(before) + 2
    assert {row[0] for row in after} - {row[0] for row in before} == {"5", "6"}
    assert sorted(downloaded(caller, first)) == sorted(before)


@pytest.mark.parametrize("looked", [True, False])
def test_a_complete_export_keeps_its_rows_whoever_looked_when(empty: Bench, looked: bool) -> None:
    send(empty, LINES)
    caller = empty.caller()
    export_id = caller.new_export()
    if looked:
        assert ids(empty, export_id) == ["5", "6"]
    # The clock stands still: load and completion are of the same instant.
    send(empty, f'{{"id": 7, "created_at": "{INSIDE}"}}')
    assert ids(empty, export_id) == ["5", "6"]
    assert ids(empty, caller.new_export()) == ["5", "6", "7"]
    send(empty, '{"id": 5, "created_at": "2020-01-01"}')
    assert ids(empty, export_id) == ["5", "6"]
    empty.advance("8d")
    assert ids(empty, export_id) == ["5", "6"]


def test_an_export_holds_the_rows_there_are_when_it_completes(bench: Bench) -> None:
    empty = bench.fresh(rows=0)
    empty.control("plan", {"kind": "timed", "wait": "0s", "work": "10m"})
    export_id = empty.caller().new_export()
    empty.advance("5m")
    send(empty, LINES)
    empty.advance("1h")
    send(empty, f'{{"id": 7, "created_at": "{INSIDE}"}}')
    assert ids(empty, export_id) == ["5", "6"]
    assert len(downloaded(empty.caller(), export_id)) == 2


def test_a_load_on_the_second_of_the_completion_comes_too_late(bench: Bench) -> None:
    empty = bench.fresh(rows=0)
    empty.control("plan", {"kind": "timed", "wait": "0s", "work": "10m"})
    export_id = empty.caller().new_export()
    empty.advance("599s")
    send(empty, LINES)
    empty.advance("1s")
    send(empty, f'{{"id": 7, "created_at": "{INSIDE}"}}')
    assert ids(empty, export_id) == ["5", "6"]


def test_a_bad_row_is_named_and_nothing_is_loaded(empty: Bench) -> None:
    answer = send(empty, "id,type\n1,2\n2,x\n", content_type="text/csv; charset=utf-8")
    assert answer.status_code == 400
    said = answer.get_json()
    assert said["error"] == {
        "code": "bad_row",
        "message": "line 3, column type: 'x' is not a whole number",
    }
    assert (said["line"], said["column"]) == (3, "type")
    assert counts(empty)["visitorActivity"] == (0, 0)


@pytest.mark.parametrize("sent", [None, "application/octet-stream", "text/plain"])
def test_what_the_rows_are_is_never_guessed(empty: Bench, sent: str | None) -> None:
    answer = send(empty, LINES, content_type=sent)
    assert answer.status_code == 400
    assert all(name in answer.get_json()["error"]["message"] for name in CONTENT_TYPES)


def test_unknown_objects_and_accounts_are_refused(empty: Bench) -> None:
    assert send(empty, LINES, "campaign").status_code == 404
    answer = send(empty, LINES, "nonsense")
    assert answer.status_code == 404
    assert "visitorActivity" in answer.get_json()["error"]["message"]
    assert empty.client.get("/_mock/accounts/nobody/data").status_code == 404
    assert send(empty, LINES, "VISITORACTIVITY").status_code == 200


def test_a_load_larger_than_the_limit_is_refused_whole(empty: Bench) -> None:
    assert MAX_BYTES == MAX_BODY
    answer = send(empty, b" " * (MAX_BYTES + 1))
    assert answer.status_code == 413
    assert answer.get_json()["error"] == {
        "code": "request_entity_too_large",
        "message": f"{MAX_BYTES + 1} bytes are more than the 16 MiB of one load; "
        "load the rows in several pieces, or use Parquet",
    }
    assert send(empty, b" " * MAX_BYTES).get_json()["loaded"] == 0


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, now="2026-03-10T12:00:00+00:00", rows=0) as running:
        yield running


@pytest.fixture
def account(mock: MockPardot) -> AccountHandle:
    return mock.account(timezone="Europe/Berlin")


def run(account: AccountHandle, *words: str) -> Result:
    env = {"PARDOT_MOCK_URL": account.url, "PARDOT_MOCK_ACCOUNT": account.id}
    return CliRunner(env=env).invoke(main, words, catch_exceptions=False)


def exported(account: AccountHandle) -> int:
    """Make a complete export of all loaded activities."""
    request = {
        "object": "visitorActivity",
        "fields": ["id", "details"],
        "procedure": {
            "name": "filter_by_created_at",
            "arguments": {"created_after": "2025-12-01", "created_before": "2026-03-01"},
        },
    }
    import requests

    known = account.credentials
    login = {name: known[name] for name in ("email", "password", "user_key")}
    key = requests.post(f"{account.url}/api/login/version/4?format=json", data=login).json()
    answer = requests.post(
        f"{account.url}/api/export/version/4/do/create?format=json",
        json=request,
        headers={"Authorization": f"Pardot api_key={key['api_key']}, user_key={known['user_key']}"},
    )
    account.clock.advance(hours=2)
    return int(answer.json()["export"]["id"])


def test_rows_are_loaded_from_python_as_mappings_and_files(
    account: AccountHandle, tmp_path: Path
) -> None:
    assert account.load("prospect", [{"email": "a@example.com"}]) == {"loaded": 1, "version": 1}
    (tmp_path / "more.csv").write_text("email\nb@example.com\nc@example.com\n")
    assert account.load("prospect", tmp_path / "more.csv") == {"loaded": 2, "version": 2}
    with pytest.raises(BadRowError, match="row 2, column score: 'x' is not a whole number"):
        account.load("prospect", [{"score": 1}, {"score": "x"}])
    with pytest.raises(BadRowError, match=r"rows\.txt ends in none of \.csv"):
        account.load("prospect", "rows.txt")
    with pytest.raises(UnknownObjectError):
        account.load("campaign", [])
    with pytest.raises(FileNotFoundError):
        account.load("prospect", tmp_path / "none.csv")


def test_what_are_no_rows_is_refused_in_words_and_changes_nothing(account: AccountHandle) -> None:
    one: Any = {"id": 3}
    with pytest.raises(TypeError, match="rows are a list of mappings: put this one into a list"):
        account.load("prospect", one)
    none: Any = [{"id": 3}, 5]
    with pytest.raises(BadRowError, match=r"^row 2: a row is a mapping such as .*, not int$"):
        account.load("prospect", none)
    assert account.load("prospect", [one]) == {"loaded": 1, "version": 1}


def test_a_file_is_loaded_from_a_shell(account: AccountHandle, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(LINES)
    done = run(account, "load", "visitorActivity", str(file))
    assert done.output == "2 rows loaded into visitorActivity, version 1\n"
    assert json.loads(run(account, "load", "visitoractivity", str(file), "--json").output) == {
        "loaded": 2,
        "version": 2,
    }
    (tmp_path / "rows.json").write_text(json.dumps([{"id": 8}, {"id": 9}], indent=2))
    array = run(account, "load", "visitorActivity", str(tmp_path / "rows.json"))
    assert array.output == "2 rows loaded into visitorActivity, version 3\n"
    (tmp_path / "rows.json").write_text(json.dumps([{"id": 8}, {"id": "y"}], indent=2))
    bad = run(account, "load", "visitorActivity", str(tmp_path / "rows.json"))
    assert bad.output == "refused: line 5, column id: 'y' is not a whole number\n"
    file.write_text('{"id": "x"}')
    refused = run(account, "load", "visitorActivity", str(file))
    assert (refused.exit_code, refused.output) == (
        1,
        "refused: line 1, column id: 'x' is not a whole number\n",
    )
    assert run(account, "load", "campaign", str(file)).exit_code == 1
    assert run(account, "load", "visitorActivity", str(tmp_path / "none.csv")).exit_code == 2
    (tmp_path / "rows.txt").write_text("")
    assert run(account, "load", "visitorActivity", str(tmp_path / "rows.txt")).exit_code == 2
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    too_large = run(account, "load", "visitorActivity", str(large.name))
    assert too_large.exit_code == 2
    assert too_large.output.endswith(
        f"{MAX_BYTES + 1} bytes are more than the 16 MiB of one load; "
        "load the rows in several pieces, or use Parquet\n"
    )
