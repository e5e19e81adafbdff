"""`pardot-mock truth --check`: a folder of files holds the rows of an export, or what is wrong."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pardot_mock import MockPardot
from pardot_mock.controlclient import ControlClient, Unreachable
from pardot_mock.truth import LARGEST_CELL
from pardot_mock.truthfiles import ClientFiles, UnlikeFilesError
from tests.integration.test_load import INSIDE, exported, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from pardot_mock.testing.live import AccountHandle

TRUE = [["1", "plain"], ["2", "a,b"], ["3", "two\nlines"], ["4", ""]]
FIELDS = ("id", "details")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, rows=0, now="2026-03-10T12:00:00+00:00") as running:
        yield running


@pytest.fixture
def account(mock: MockPardot) -> AccountHandle:
    return mock.account(timezone="Europe/Berlin")


@pytest.fixture
def export_id(account: AccountHandle) -> int:
    rows = [{"id": int(row[0]), "details": row[1], "created_at": INSIDE} for row in TRUE]
    account.load("visitorActivity", rows)
    return exported(account)


def write(path: Path, rows: list[list[str]], header: tuple[str, ...] = FIELDS) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path.write_bytes(text.getvalue().encode())


def checked(account: AccountHandle, export_id: int, folder: Path, *words: str) -> Result:
    return run(account, "truth", str(export_id), "--check", str(folder), *words)


def test_files_with_exactly_the_true_rows_pass_in_any_order(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    shown = run(account, "truth", str(export_id)).output
    assert shown.startswith("4 rows in 1 file, digest ")
    write(tmp_path / "a.csv", TRUE[2:])
    write(tmp_path / "b.CSV", TRUE[:2][::-1])
    (tmp_path / "ignored.txt").write_text("x")
    (tmp_path / "folder.csv").mkdir()
    done = checked(account, export_id, tmp_path)
    assert (done.exit_code, done.output) == (0, "exactly the 4 rows of the truth\n")
    turned = [[details, row_id] for row_id, details in TRUE[:2]]
    write(tmp_path / "b.CSV", turned, ("details", "id"))
    done = checked(account, export_id, tmp_path, "--json")
    assert done.exit_code == 0
    assert json.loads(done.output)["equal"] is True


def test_what_is_wrong_with_files_is_said_row_by_row(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", [TRUE[0], TRUE[0], ["2", "a.b"], TRUE[2], ["9", "z"]])
    done = checked(account, export_id, tmp_path, "--json")
    assert done.exit_code == 1
    facts: dict[str, Any] = json.loads(done.output)
    assert facts["equal"] is False
    assert facts["lost"] == [["4", ""]]
    assert facts["duplicated"] == [["1", "plain"]]
    assert facts["altered"] == [[["2", "a,b"], ["2", "a.b"]]]
    assert facts["surplus"] == [["9", "z"]]
    assert "1 lost:\n  4,\n" in checked(account, export_id, tmp_path).output


HEADERS = {
    ("id", "visit"): "a.csv has other columns; missing: details; unknown: 'visit'",
    ("a", "b"): "a.csv has other columns; missing: id, details; unknown: 'a', 'b'",
    ("id", "id"): "a.csv has other columns; missing: details; more than once: 'id'",
    ("id", "details", "id"): "a.csv has other columns; more than once: 'id'",
    ("", *FIELDS): "a.csv has other columns; unknown: ''",
    ("id",): "a.csv has other columns; missing: details",
    (): "a.csv has no header",
}


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_right_cells_under_a_header_that_is_not_the_exports_do_not_pass(
    account: AccountHandle, export_id: int, header: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", TRUE, header)
    done = checked(account, export_id, tmp_path)
    assert (done.exit_code, done.output) == (1, HEADERS[header] + "\n")


def test_cells_under_the_name_of_another_column_do_not_pass(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", TRUE, FIELDS[::-1])
    done = checked(account, export_id, tmp_path)
    assert done.exit_code == 1
    assert done.output.startswith("4 lost:\n  1,plain\n")


def test_a_row_of_too_few_cells_is_surplus_as_it_stands(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    turned = [[details, row_id] for row_id, details in TRUE]
    write(tmp_path / "a.csv", [*turned, ["1"]], FIELDS[::-1])
    done = checked(account, export_id, tmp_path)
    assert (done.exit_code, done.output) == (1, "1 surplus:\n  1\n")


def test_every_file_whose_header_is_wrong_is_named(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    write(tmp_path / "right.csv", TRUE)
    (tmp_path / "empty.csv").touch()
    write(tmp_path / "short.csv", [], ("id",))
    (tmp_path / "wide.csv").write_bytes("id,details\n".encode("utf-16"))
    done = checked(account, export_id, tmp_path, "--json")
    assert done.exit_code == 1
    first, second, third = json.loads(done.output)["reason"].splitlines()
    assert first == "empty.csv has no header"
    assert second == "short.csv has other columns; missing: details"
    assert third.startswith("wide.csv cannot be read: ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    header=st.lists(st.sampled_from(["id", "details", "type", ""]), max_size=4),
    fields=st.permutations(["id", "details"]) | st.just(["id"]),
)
def test_rows_are_taken_from_a_file_exactly_if_its_columns_are_the_exports_in_some_order(
    header: list[str], fields: list[str], tmp_path: Path
) -> None:
    row = [f"cell of {name}" for name in header]
    write(tmp_path / "a.csv", [row], tuple(header))
    if sorted(header) == sorted(fields):
        rows = list(ClientFiles(tmp_path).rows(fields))
        assert rows == [tuple(f"cell of {name}" for name in fields)]
    else:
        with pytest.raises(UnlikeFilesError, match=r"a\.csv has (other columns; |no header)"):
            list(ClientFiles(tmp_path).rows(fields))


def test_a_file_that_is_no_csv_in_utf_8_is_different(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,details\n\xff,1\n")
    done = checked(account, export_id, tmp_path)
    assert done.exit_code == 1
    assert "a.csv cannot be read" in done.output


def test_a_folder_without_files_is_wrong_usage_unless_there_are_no_rows(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    (tmp_path / "1001.txt").write_text("id,details\n")
    done = checked(account, export_id, tmp_path)
    assert done.exit_code == 2
    assert "holds no file that ends in .csv" in done.output
    account.reset()
    done = checked(account, exported(account), tmp_path)
    assert (done.exit_code, done.output) == (0, "exactly the 0 rows of the truth\n")


def test_a_blank_line_is_told_as_what_it_is(
    account: AccountHandle, export_id: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", TRUE)
    with (tmp_path / "a.csv").open("ab") as file:
        file.write(b"\r\n")
    done = checked(account, export_id, tmp_path)
    assert (done.exit_code, done.output) == (1, "1 surplus:\n  (a blank line)\n")


def test_of_one_column_a_blank_line_is_a_missing_value(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'details\n\n""\nx\n')
    assert list(ClientFiles(tmp_path).rows(["details"])) == [("",), ("",), ("x",)]


def test_cells_longer_than_the_library_takes_by_itself_are_read(tmp_path: Path) -> None:
    before = csv.field_size_limit(131_072)
    try:
        write(tmp_path / "a.csv", [["1", "x" * 131_073]])
        ((_, details),) = ClientFiles(tmp_path).rows(FIELDS)
    finally:
        csv.field_size_limit(before)
    assert len(details) == 131_073 < LARGEST_CELL


def test_a_truth_that_cannot_be_had_is_no_difference(
    account: AccountHandle, tmp_path: Path
) -> None:
    unknown = run(account, "truth", "99", "--check", str(tmp_path))
    assert unknown.exit_code == 2
    assert "there is no export 99" in unknown.output
    assert run(account, "truth", "x").exit_code == 2
    assert run(account, "truth", "1", "--check", str(tmp_path / "none")).exit_code == 2
    gone = run(account, "truth", "1001", "--url", "http://127.0.0.1:1")
    assert gone.exit_code == 4
    assert run(account, "load", "prospect", __file__, "--url", "http://127.0.0.1:1").exit_code == 2


def test_an_export_without_results_yet_has_no_truth_to_check(account: AccountHandle) -> None:
    export_id = exported(account)
    assert run(account, "truth", str(export_id)).output.startswith("0 rows in 0 files")
    account.reset()
    with MockPardot(rate=0, rows=0, scenario="stuck") as stuck:
        waiting = exported(stuck.default)
        done = run(stuck.default, "truth", str(waiting))
    assert done.exit_code == 2
    assert f"export {waiting} is Processing: it has no rows before it is complete" in done.output


ANSWER = b'{"fields": ["id"], "rows": 0, "digest": "", "files": []}'


def test_the_truth_may_take_longer_than_any_other_answer() -> None:
    patience, release = 0.05, threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=_answer_when, args=(listening, release), daemon=True)
        serving.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with ControlClient(url, timeout=patience) as client, pytest.raises(Unreachable) as late:
            client.health()
        assert late.value.reason == "it takes too long"
        got: list[object] = []
        with ControlClient(url, timeout=patience) as client:
            asking = threading.Thread(target=lambda: got.append(client.truth(1)))
            asking.start()
            # By the time a second call has given up, the first has waited as long.
            with ControlClient(url, timeout=patience) as other, pytest.raises(Unreachable):
                other.health()
            release.set()
            asking.join()
    assert got == [json.loads(ANSWER)]


def _answer_when(listening: socket.socket, release: threading.Event) -> None:
    callers = [listening.accept()[0] for _ in range(3)]
    release.wait()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\nConnection: close\r\n\r\n"
    for caller in callers:
        with caller:
            caller.sendall(head.encode() + ANSWER)
