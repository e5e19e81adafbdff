"""The page of requirements: what the emulated surface promises, on what evidence, shown by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pardot_contracts.matrix import COVERED_VERSIONS
from pardot_contracts.requirements import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pardot_contracts.coverage import Coverage
    from pardot_contracts.requirements import Requirement

T = TypeVar("T")
Row = dict[str, str]
OTHER_VERSION = "version 5 is not emulated"


def requirement_rows(found: Coverage) -> list[Row]:
    """Give every requirement as a row of a table."""
    return [
        {
            "id": requirement.id,
            "statement": requirement.text,
            "versions": " ".join(requirement.versions),
            "evidence": requirement.evidence,
            "needs": " ".join(sorted(requirement.needs)),
            "shown by": _shown_by(requirement, found),
        }
        for requirement in found.catalogue.values()
    ]


def count_rows(found: Coverage, word: str, group: Callable[[Requirement], str]) -> list[Row]:
    """Count the requirements of versions 3 and 4 by a property, with and without a case."""
    rows = []
    due = [r for r in found.catalogue.values() if COVERED_VERSIONS & set(r.versions)]
    for name, members in [*_grouped(due, group).items(), ("all", due)]:
        cases = [found.cases_of(requirement.id) for requirement in members]
        rows.append(
            {
                word: name,
                "requirements": str(len(members)),
                "with a case": str(sum(bool(each) for each in cases)),
                "cases": str(len({case for each in cases for case in each})),
            }
        )
    return rows


def by_prefix(found: Coverage) -> list[Row]:
    """Count by the beginning of the id."""
    return count_rows(found, "prefix", lambda requirement: requirement.topic)


def by_evidence(found: Coverage) -> list[Row]:
    """Count by evidence, the strongest first."""
    rows = {row["evidence"]: row for row in count_rows(found, "evidence", lambda r: r.evidence)}
    return [rows[name] for name in (*EVIDENCE, "all") if name in rows]


def sections(found: Coverage) -> Mapping[str, Sequence[Row]]:
    """Give the rows of all requirements by the beginning of their ids."""
    return _grouped(requirement_rows(found), lambda row: row["id"].rpartition("-")[0])


def _shown_by(requirement: Requirement, found: Coverage) -> str:
    cases = found.cases_of(requirement.id)
    if cases:
        return " ".join(case.partition("::")[2].removeprefix("test_") for case in cases)
    due = COVERED_VERSIONS & set(requirement.versions)
    return f"no case: {found.reasons.get(requirement.id, '') if due else OTHER_VERSION}"


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found
