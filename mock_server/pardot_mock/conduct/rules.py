"""All rules of conduct, and the grade they give together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_mock.conduct.keys import KEY_RULES
from pardot_mock.conduct.limits import LIMIT_RULES
from pardot_mock.conduct.polling import POLLING_RULES
from pardot_mock.conduct.requests import REQUEST_RULES
from pardot_mock.conduct.results import RESULT_RULES
from pardot_mock.conduct.rule import Axis, Finding, Level, Rule, Seen, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.conduct.evidence import Evidence


def _nothing_lost(evidence: Evidence) -> Seen:
    why = f"{evidence.dropped} older calls had to make room and cannot be judged"
    return Seen(bool(evidence.calls), (), why, failed=evidence.dropped > 0)


COMPLETE_JOURNAL = Rule(
    "journal-complete",
    Axis.CORRECTNESS,
    Level.MUST,
    "The journal holds every call of the client.",
    "grade shorter runs, or clear the journal before the run",
    "chosen: a grade on half of the calls would mean nothing",
    _nothing_lost,
)
RULES: tuple[Rule, ...] = (
    COMPLETE_JOURNAL,
    *KEY_RULES,
    *POLLING_RULES,
    *REQUEST_RULES,
    *RESULT_RULES,
    *LIMIT_RULES,
)


@dataclass(frozen=True, slots=True)
class Grade:
    """How every rule was kept, in the order of `RULES`; `calls` were judged, `dropped` lost."""

    findings: tuple[Finding, ...]
    calls: int
    dropped: int

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The rules that were broken."""
        return tuple(f for f in self.findings if f.status is Status.FAIL)

    def ok(self, level: Level = Level.MUST) -> bool:
        """Whether no rule was broken that matters at least as much as `level`."""
        return not any(level is Level.SHOULD or f.rule.level is level for f in self.failed)

    def as_object(self) -> dict[str, Any]:
        """Give the grade as the control plane shows it."""
        rules = [
            {
                "id": each.rule.id,
                "axis": str(each.rule.axis),
                "level": str(each.rule.level),
                "status": str(each.status),
                "message": each.message,
                "entries": list(each.entries),
                "source": each.rule.source,
            }
            for each in self.findings
        ]
        by_axis = {str(a): _counts(f for f in self.findings if f.rule.axis is a) for a in Axis}
        facts = {"calls": self.calls, "dropped": self.dropped, "by_axis": by_axis}
        return {"rules": rules, "summary": {**_counts(self.findings), **facts}}

    def __str__(self) -> str:
        """Name the broken rules, one per line, with what to change."""
        lines = [f"{f.rule.level} {f.rule.id}: {f.message}" for f in self.failed]
        return "\n".join(lines) or "no rule of conduct was broken"


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    statuses = [finding.status for finding in findings]
    return {str(status): statuses.count(status) for status in Status}


def judge(evidence: Evidence) -> Grade:
    """Hold every rule against `evidence`; the same evidence always gets the same grade."""
    findings = tuple(rule.judge(evidence) for rule in RULES)
    return Grade(findings, len(evidence.calls), evidence.dropped)
