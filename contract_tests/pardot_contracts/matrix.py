"""The matrix of requirement and result, and the reports made from it.

A requirement passes when at least one of its cases passed and none failed; skipped cases count for
nothing. Requirements of versions 3 and 4 that no case names are listed, because silence there
would look like proof.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pardot_contracts.requirements import Requirement

Outcome = Literal["passed", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "skipped")
COVERED_VERSIONS = frozenset({"3", "4"})


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a run: its test id, the requirements it names, how it ended and why."""

    id: str
    requirements: tuple[str, ...]
    outcome: Outcome
    reason: str = ""


@dataclass
class Matrix:
    """The cases of one run; `named` holds the ids that the cases of the whole suite name."""

    catalogue: Mapping[str, Requirement]
    target: str = ""
    cases: list[Case] = field(default_factory=list)
    named: set[str] = field(default_factory=set)

    def count(self, outcome: Outcome) -> int:
        """How many cases ended in `outcome`."""
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def executed(self) -> int:
        """How many cases were judged at all."""
        return self.count("passed") + self.count("failed")

    def counts(self) -> dict[str, dict[Outcome, int]]:
        """Count the cases of each requirement by outcome, in the order of the catalogue."""
        counted = {id_: dict.fromkeys(OUTCOMES, 0) for id_ in self.catalogue}
        for case in self.cases:
            for id_ in case.requirements:
                counted[id_][case.outcome] += 1
        return {id_: by for id_, by in counted.items() if any(by.values())}

    def without_case(self) -> list[Requirement]:
        """List the requirements of versions 3 and 4 that no case of the suite names."""
        return [
            requirement
            for requirement in self.catalogue.values()
            if COVERED_VERSIONS & set(requirement.versions) and requirement.id not in self.named
        ]

    def reasons(self) -> dict[str, int]:
        """Count the skipped cases by reason."""
        found: dict[str, int] = {}
        for case in self.cases:
            if case.outcome == "skipped":
                found[case.reason] = found.get(case.reason, 0) + 1
        return found


def verdict(counts: Mapping[Outcome, int]) -> str:
    """Give one word for a requirement."""
    if counts["failed"]:
        return "FAIL"
    return "pass" if counts["passed"] else "skipped"


def as_text(matrix: Matrix) -> str:
    """Lay the matrix out for a terminal."""
    lines = [f"target: {matrix.target}", "", "requirement      result   passed failed skipped"]
    lines += [
        f"{id_:<16} {verdict(by):<8} {by['passed']:>6} {by['failed']:>6} {by['skipped']:>7}"
        for id_, by in matrix.counts().items()
    ]
    lines += [""] + [f"skipped {count}: {reason}" for reason, count in matrix.reasons().items()]
    lines += _uncovered(matrix, "")
    return "\n".join([*lines, summary(matrix)])


def as_markdown(matrix: Matrix) -> str:
    """Lay the matrix out for a pull request."""
    lines = [f"### Contract: {summary(matrix)}", "", f"Target: {matrix.target}", ""]
    lines += ["| requirement | result | passed | failed | skipped |", "|---|---|--:|--:|--:|"]
    lines += [
        f"| {id_} | {verdict(by)} | {by['passed']} | {by['failed']} | {by['skipped']} |"
        for id_, by in matrix.counts().items()
    ]
    failed = [case for case in matrix.cases if case.outcome == "failed"]
    if failed:
        lines += ["", "Failed cases:", ""]
        lines += [f"- `{case.id}` ({', '.join(case.requirements)})" for case in failed]
    return "\n".join([*lines, "", *_uncovered(matrix, "- ")])


def as_json(matrix: Matrix) -> str:
    """Give the whole matrix as JSON."""
    requirements: list[dict[str, Any]] = []
    for id_, by in matrix.counts().items():
        known = matrix.catalogue[id_]
        facts: dict[str, Any] = {"id": id_, "text": known.text, "evidence": known.evidence}
        requirements.append(facts | {"result": verdict(by).lower()} | {o: by[o] for o in OUTCOMES})
    return json.dumps(
        {
            "target": matrix.target,
            "summary": {"executed": matrix.executed, **{o: matrix.count(o) for o in OUTCOMES}},
            "requirements": requirements,
            "without_case": [requirement.id for requirement in matrix.without_case()],
            "cases": [
                {
                    "id": case.id,
                    "requirements": list(case.requirements),
                    "outcome": case.outcome,
                    "reason": case.reason,
                }
                for case in matrix.cases
            ],
        },
        indent=2,
    )


def summary(matrix: Matrix) -> str:
    """Say in one line how the run went."""
    results = [verdict(by) for by in matrix.counts().values()]
    return (
        f"{matrix.executed} cases executed, {matrix.count('failed')} failed, "
        f"{matrix.count('skipped')} skipped; requirements: {results.count('pass')} pass, "
        f"{results.count('FAIL')} fail, {results.count('skipped')} skipped, "
        f"{len(matrix.without_case())} of versions 3 and 4 without a case"
    )


def _uncovered(matrix: Matrix, bullet: str) -> list[str]:
    missing = _by_topic(matrix.without_case())
    if not missing:
        return []
    listed = [f"{bullet}{topic}: {', '.join(numbers)}" for topic, numbers in missing.items()]
    return ["requirements of versions 3 and 4 without a case:", *listed, ""]


def _by_topic(requirements: Iterable[Requirement]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for requirement in requirements:
        number = requirement.id.rpartition("-")[2]
        grouped.setdefault(requirement.topic, []).append(number)
    return grouped
