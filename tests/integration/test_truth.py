"""The truth says exactly which rows a client lost, doubled, altered or made up."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.truth import Comparison, ExportTruth, Row, compare, read_rows

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

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


def test_before_its_completion_an_export_has_no_rows(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "stuck"})
    export_id = caller.new_export()
    path = f"/_mock/accounts/default/exports/{export_id}/truth"
    assert bench.client.get(path).get_json() == {"rows": 0, "digest": "0" * 32, "files": []}
