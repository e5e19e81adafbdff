"""The matrix of a run in the forms that every report has: a result for each requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_contracts.matrix import summary, verdict

if TYPE_CHECKING:
    from pardot_contracts.matrix import Matrix
    from pardot_mock.reports import Report

NEWS = frozenset({"inferred", "chosen"})
"""Evidence that a server may contradict without being wrong: a difference there is news."""

_STATUS = (("pass", "pass"), ("FAIL", "fail"))


def as_report(matrix: Matrix) -> Report:
    """Give the requirements that were judged, and those that no case names."""
    from pardot_mock.reports import Report, Result

    results = []
    for id_, by in matrix.counts().items():
        known = matrix.catalogue[id_]
        failed = [
            f"{case.id}{f': {case.reason}' if case.reason else ''}"
            for case in matrix.cases
            if case.outcome == "failed" and id_ in case.requirements
        ]
        results.append(
            Result(
                id_,
                known.topic,
                "should" if known.evidence in NEWS else "must",
                dict(_STATUS).get(verdict(by), "not_exercised"),
                "\n".join(failed) or known.text,
                source=f"{known.evidence}: {known.source}",
                says=known.text,
            )
        )
    facts = {"target": matrix.target, "summary": summary(matrix)}
    missing = ", ".join(requirement.id for requirement in matrix.without_case())
    if missing:
        facts["without a case"] = missing
    return Report("Contract", matrix.target, tuple(results), facts)
