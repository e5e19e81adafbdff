"""The matrix: what counts as proof, and what must not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_contracts.matrix import (
    OUTCOMES,
    Case,
    Matrix,
    Outcome,
    as_json,
    as_markdown,
    as_text,
    summary,
    verdict,
)
from pardot_contracts.requirements import Requirement


def requirement(id_: str, *versions: str) -> Requirement:
    return Requirement(id_, "It works.", versions or ("4",), "documented", "s", frozenset())


CATALOGUE = {
    r.id: r for r in (requirement("A-001"), requirement("A-002"), requirement("B-001", "5"))
}


def matrix(*cases: tuple[str, Outcome], named: set[str] | None = None) -> Matrix:
    listed = [Case(f"test_{n}", (id_,), outcome) for n, (id_, outcome) in enumerate(cases)]
    return Matrix(CATALOGUE, "a server", listed, named or {id_ for id_, _ in cases})


@given(st.dictionaries(st.sampled_from(OUTCOMES), st.integers(0, 3)))
def test_one_failed_case_fails_and_skipped_cases_prove_nothing(counts: dict[Outcome, int]) -> None:
    full = {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}
    expected = "FAIL" if full["failed"] else "pass" if full["passed"] else "skipped"
    assert verdict(full) == expected


@given(st.lists(st.tuples(st.sampled_from(sorted(CATALOGUE)), st.sampled_from(OUTCOMES))))
def test_every_case_is_counted_once_for_its_requirement(cases: list[tuple[str, Outcome]]) -> None:
    made = matrix(*cases)
    counted = {id_: sum(by.values()) for id_, by in made.counts().items()}
    assert sum(counted.values()) == len(cases)
    assert made.executed + made.count("skipped") == len(cases)


def test_requirements_of_versions_3_and_4_that_no_case_names_are_listed() -> None:
    made = matrix(("A-001", "passed"))
    assert [r.id for r in made.without_case()] == ["A-002"]
    assert "A: 002" in as_text(made)
    assert "B" not in as_text(made).split("without a case:")[1].splitlines()[1]


def test_a_named_requirement_has_a_case_even_if_it_was_not_selected() -> None:
    assert matrix(("A-001", "passed"), named={"A-001", "A-002"}).without_case() == []


def test_the_json_report_holds_every_case_with_its_reason() -> None:
    made = matrix(("A-001", "passed"), ("A-001", "failed"))
    made.cases.append(Case("test_x", ("A-002",), "skipped", "the target lacks control"))
    report = json.loads(as_json(made))
    assert report["summary"] == {"executed": 2, "passed": 1, "failed": 1, "skipped": 1}
    assert {r["id"]: r["result"] for r in report["requirements"]} == {
        "A-001": "fail",
        "A-002": "skipped",
    }
    assert report["cases"][-1]["reason"] == "the target lacks control"


def test_the_markdown_report_names_the_failed_cases() -> None:
    text = as_markdown(matrix(("A-001", "failed"), ("A-002", "passed")))
    assert "| A-001 | FAIL | 0 | 1 | 0 |" in text
    assert "- `test_0` (A-001)" in text
    assert "`test_1`" not in text


@pytest.mark.parametrize("cases", [(), (("A-001", "skipped"),)])
def test_the_summary_of_a_run_without_a_judged_case_says_zero(
    cases: tuple[tuple[str, Outcome], ...],
) -> None:
    assert summary(matrix(*cases)).startswith("0 cases executed")
