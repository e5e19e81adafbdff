"""The matrix as a report: what failed is told with its case, and nothing is left out."""

from __future__ import annotations

import json

from pardot_contracts.matrix import Case, Matrix
from pardot_contracts.matrixreport import as_report
from pardot_contracts.requirements import load
from pardot_mock.reports import WRITERS


def test_every_judged_requirement_is_a_result_of_its_weight() -> None:
    catalogue = load()
    known = {
        requirement.evidence: requirement.id
        for requirement in catalogue.values()
        if "4" in requirement.versions
    }
    sure, chosen, other = known["documented"], known["chosen"], known["observed"]
    matrix = Matrix(catalogue, "a server")
    matrix.named = {sure, chosen, other}
    matrix.cases = [
        Case("test_a", (sure,), "failed"),
        Case("test_b", (sure, chosen), "passed"),
        Case("test_c", (other,), "skipped", "the target lacks writes"),
    ]
    report = as_report(matrix)
    found = {result.rule: result for result in report.results}
    assert {id_: found[id_].status for id_ in found} == {
        sure: "fail",
        chosen: "pass",
        other: "not_exercised",
    }
    assert (found[sure].message, found[sure].level) == ("test_a", "must")
    assert found[chosen].level == "should"
    assert sure not in report.facts["without a case"]
    assert report.facts["without a case"]
    results = json.loads(WRITERS["sarif"](report))["runs"][0]["results"]
    assert [each["ruleId"] for each in results if each["kind"] == "fail"] == [sure]
