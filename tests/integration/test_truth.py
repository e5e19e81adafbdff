"""The truth says exactly which rows a client lost, doubled, altered or made up."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_client import Export, Pardot
from pardot_mock.grading import grade
from pardot_mock.testing import intercept
from pardot_mock.truth import (
    Comparison,
    ExportTruth,
    NoTruthError,
    UnknownExportError,
    compare,
    read_rows,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pardot_mock.testing import AccountHandle
    from pardot_mock.truthcells import Row
    from tests.integration.conftest import Bench, Caller

VISITORS = {"name": "filter_by_updated_at", "arguments": {"updated_after": "2025-04-01"}}
NOW = "2026-03-10T12:00:00Z"
rows = st.lists(st.tuples(st.integers(0, 9).map(str), st.text(max_size=3)), max_size=12)


@given(rows, st.randoms(use_true_random=False))
def test_the_same_rows_in_any_order_are_the_truth(truth: list[Row], random: object) -> None:
    shuffled = list(truth)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert compare(truth, shuffled, 0).ok


@given(rows, rows, st.sampled_from([None, 0]))
def test_a_comparison_accounts_for_every_row_of_both_sides(
    truth: list[Row], got: list[Row], key: int | None
) -> None:
    found = compare(truth, got, key)
    missing = len(found.lost) + len(found.altered)
    extra = len(found.duplicated) + len(found.altered) + len(found.surplus)
    assert len(truth) - missing == len(got) - extra
    assert found.ok == (sorted(truth) == sorted(got))


def test_each_mistake_is_named_for_what_it_is() -> None:
    truth = [("1", "a"), ("2", "b"), ("3", "c")]
    got = [("1", "a"), ("1", "a"), ("2", "B"), ("9", "z")]
    found = compare(truth, got, 0)
    assert found == Comparison(
        lost=(("3", "c"),),
        duplicated=(("1", "a"),),
        altered=((("2", "b"), ("2", "B")),),
        surplus=(("9", "z"),),
    )
    assert "1 lost:\n  3,c" in str(found)
    assert "1 altered:\n  2,b\n  -> 2,B" in str(found)


@given(st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), max_size=9),
       st.integers(1, 7))  # fmt: skip
def test_rows_are_read_back_however_the_bytes_are_cut(table: list[list[str]], size: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["a", "b"])
    writer.writerows(table)
    data = text.getvalue().encode(errors="replace")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    expected = list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]
    assert [list(row) for row in read_rows(pieces)] == expected


def export(account: AccountHandle, name: str, **wanted: Any) -> Export:
    known = account.credentials
    keys = {key: known[key] for key in ("email", "password", "user_key")}
    return Pardot(**keys, version=4).exports.create(name, **wanted)


@pytest.fixture
def truth(bench: Bench, caller: Caller) -> ExportTruth:
    bench.control("plan", {"kind": "instant", "rows_per_file": 20})
    export_id = caller.new_export()
    caller.read(export_id)
    return ExportTruth(bench.account.results, bench.account.queue.by_id[export_id])


def test_what_was_downloaded_is_held_against_the_truth(
    bench: Bench, caller: Caller, truth: ExportTruth
) -> None:
    refs = caller.read(1001)["resultRefs"]
    got = [row for ref in refs for row in read_rows([caller.get(ref).get_data()])]
    assert truth.check(got).ok
    assert truth.check([dict(zip(truth.fields, row, strict=True)) for row in got]).ok
    assert truth.check(got[1:]).lost == (got[0],)
    assert truth.check([*got, got[3]]).duplicated == (got[3],)
    assert sum(file["rows"] for file in truth.files) == truth.rows


def test_the_truth_outlives_the_expiry_and_can_be_had_over_http(
    bench: Bench, truth: ExportTruth
) -> None:
    path = "/_mock/accounts/default/exports/1001/truth"
    before = bench.client.get(path).get_json()
    assert before["rows"] == truth.rows > 0
    bench.advance("8d")
    assert bench.client.get(path).get_json() == before
    body = bench.client.get(f"{path}/rows").get_data()
    assert truth.check(read_rows([body])).ok
    assert bench.client.get("/_mock/accounts/default/exports/1/truth/rows").status_code == 404


@pytest.mark.parametrize(
    ("plan", "after", "why"),
    [
        ({"kind": "timed", "wait": "5m", "work": "5m"}, "1m", "is Waiting: it has no rows before"),
        ({"kind": "timed", "wait": "5m", "work": "5m"}, "6m", "is Processing: it has no rows bef"),
        ({"kind": "failing"}, "1h", "is Failed: it ended without rows"),
        ({"kind": "stuck"}, "7d", "was cancelled unfinished: it has no rows"),
    ],
)
def test_an_export_that_is_not_complete_has_no_truth(
    bench: Bench, plan: dict[str, str], after: str, why: str
) -> None:
    bench.control("plan", plan)
    export_id = bench.caller().new_export()
    bench.advance(after)
    for path in ("truth", "truth/rows"):
        answer = bench.client.get(f"/_mock/accounts/default/exports/{export_id}/{path}")
        assert answer.status_code == 409
        error = answer.get_json()["error"]
        assert error["code"] == "not_complete"
        assert error["message"].startswith(f"export {export_id} {why}")
    export = bench.account.queue.by_id[export_id]
    with pytest.raises(NoTruthError, match=why):
        ExportTruth(bench.account.results, export)
    (finding,) = grade(bench.account, {export_id: []}).failed
    assert why in finding.message


def test_asking_too_early_leaves_nothing_behind() -> None:
    with intercept(rows=500, rate=0, now="2026-03-10T12:00:00Z") as account:
        job = export(account, "visitor", updated_after="-1 year")
        with pytest.raises(LookupError, match=f"export {job.id} is Waiting"):
            account.truth(job.id)
        account.clock.advance(minutes=10)
        truth = account.truth(job.id)
        assert truth.rows > 0
        assert not truth.check([]).ok


def test_a_truth_is_computed_once_and_forgotten_with_its_account(
    bench: Bench, truth: ExportTruth
) -> None:
    export, results = bench.account.queue.by_id[1001], bench.account.results
    assert truth.rows > 0
    computed = results.truth(export)
    bench.advance("8d")
    assert bench.account.queue.by_id[1001].is_expired
    assert results.truth(bench.account.queue.by_id[1001]) is computed
    bench.control("reset", {})
    bench.control("plan", {"kind": "instant"})
    # The same id is now that of another export.
    assert bench.caller().new_export(object="visitor", fields=["id"], procedure=VISITORS) == 1001
    path = "/_mock/accounts/default/exports/1001/truth"
    assert bench.client.get(path).get_json()["digest"] != truth.digest


def test_nothing_is_kept_of_an_export_before_it_is_complete(bench: Bench) -> None:
    bench.control("plan", {"kind": "timed", "wait": "5m", "work": "5m"})
    export_id = bench.caller().new_export()
    results, exports = bench.account.results, bench.account.queue.by_id
    assert results.truth(exports[export_id])[0].rows == 0
    bench.advance("10m")
    assert results.truth(bench.account.queue.by_id[export_id])[0].rows > 0


def test_an_export_that_there_is_not_is_told_in_a_sentence() -> None:
    with intercept(rows=0) as account, pytest.raises(UnknownExportError) as unknown:
        account.truth(424242)
    assert str(unknown.value) == "there is no export 424242"
    assert isinstance(unknown.value, KeyError)


def test_a_complete_export_without_rows_has_a_truth_of_none() -> None:
    with intercept(rows=0, rate=0) as account:
        job = export(account, "visitor", updated_after="-1 year")
        account.clock.advance(minutes=10)
        truth = account.truth(job.id)
        assert (truth.rows, truth.files, truth.check([]).ok) == (0, [], True)
        assert truth.check([["1"]]).surplus == (("1",),)


EXPORTS = [
    ("visitorActivity", {"created_after": "-1 year"}),
    ("listMembership", {"created_after": "-1 year"}),
    ("prospect", {"updated_after": "-1 year", "deleted": "all"}),
    ("visitor", {"updated_after": "-1 year"}),
    ("prospectAccount", {"prospect_updated_after": "-1 year"}),
]


@pytest.mark.parametrize("boolean", ["json", "1_0", "true_false"])
@pytest.mark.parametrize(("name", "wanted"), EXPORTS, ids=[name for name, _ in EXPORTS])
def test_what_the_client_and_frames_make_of_the_cells_is_the_truth_too(
    name: str, wanted: dict[str, str], boolean: str, tmp_path: Path
) -> None:
    quirks = {"csv_boolean": boolean}
    zone = "America/New_York"
    with intercept(rows=2000, rate=0, timezone=zone, quirks=quirks, now=NOW) as account:
        # Who says nothing about opting out has said neither yes nor no.
        account.load("listMembership", [{"list_id": 1, "created_at": "2026-01-01"}])
        job = export(account, name, **wanted)
        account.clock.advance(minutes=10)
        truth = account.truth(job.id)
        job.refresh()
        rows = list(job.rows(typed=True, zone=ZoneInfo(zone)))
        paths = job.download(tmp_path)
        assert truth.rows == len(rows) > 3
        assert str(truth.check(rows)) == "exactly the rows of the truth"
        instants = [{key: _in_utc(cell) for key, cell in row.items()} for row in rows]
        assert truth.check(instants).ok
        assert truth.check([list(row.values()) for row in rows]).ok
        inferred = polars.concat(
            [polars.read_csv(path, infer_schema_length=None) for path in paths], how="vertical"
        )
        assert str(truth.check(inferred)) == "exactly the rows of the truth"
        assert truth.check(inferred.to_dicts()).ok
        # By default pandas takes texts such as N/A for missing ones, and so loses them.
        frames = [pandas.read_csv(p, keep_default_na=False, na_values=[""]) for p in paths]
        assert truth.check(pandas.concat(frames).to_dict("records")).ok
        wrong = [{**row, "created_at": None} for row in rows]
        assert len(truth.check(wrong).altered) == len(rows)


def _in_utc(cell: object) -> object:
    return cell.astimezone(UTC) if isinstance(cell, datetime) else cell


def test_a_yes_for_a_no_is_altered_and_a_typed_row_twice_is_duplicated() -> None:
    with intercept(rows=0, rate=0, now=NOW) as account:
        loaded = [
            {"id": 1, "opted_out": None, "created_at": "2026-01-01"},
            {"id": 2, "opted_out": False, "created_at": "2026-01-01"},
            {"id": 3, "opted_out": True, "created_at": "2026-01-01"},
        ]
        account.load("listMembership", loaded)
        job = export(account, "listMembership", created_after="-1 year", fields=["id", "opted_out"])
        account.clock.advance(minutes=10)
        truth = account.truth(job.id)
    right: list[tuple[Any, ...]] = [(1, False), (2, False), (3, True)]
    assert truth.check(right).ok
    assert truth.check([(1, None), (2, False), (3, True)]).ok
    assert truth.check([(1, True), *right[1:]]).altered == ((("1", ""), ("1", "true")),)
    assert truth.check([*right, right[0]]).duplicated == (("1", ""),)
    assert truth.check(right[1:]).lost == (("1", ""),)
    # Texts are held against texts.
    assert truth.check([("1", "false"), ("2", "false"), ("3", "true")]).altered


def test_columns_that_are_not_those_of_the_export_are_named_once(truth: ExportTruth) -> None:
    rows = [{"id": row[0], "createdAt": row[1]} for row in truth.each()]
    found = truth.check(rows)
    assert not found.ok
    assert str(found) == (
        "the rows have no column created_at\n"
        "the rows have a column 'createdAt' that the export does not have"
    )
    rows = [dict(zip(truth.fields, row, strict=True)) for row in truth.each()]
    assert truth.check([*rows[1:], {"id": rows[0]["id"]}]).misfits == (
        f"1 of {len(rows)} rows have no column created_at",
    )


def test_rows_and_cells_that_no_export_can_hold_are_an_error(truth: ExportTruth) -> None:
    with pytest.raises(TypeError, match=r"row 2, column created_at: a cell is .*, not \[1\]"):
        truth.check([["1", ""], ["2", [1]]])
    with pytest.raises(TypeError, match=r"row 1, column 3: "):
        truth.check([["1", "", object()]])
    with pytest.raises(TypeError, match="row 1 is neither a mapping nor a sequence of cells: 'id'"):
        truth.check(["id", "created_at"])


def test_cells_that_only_run_together_to_the_true_ones_are_not_the_truth(
    truth: ExportTruth,
) -> None:
    assert not truth.check([["\x1f".join(row)] for row in truth.each()]).ok
