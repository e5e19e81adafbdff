"""Rules of conduct: what a client did, judged by pure functions over the calls it made."""

from __future__ import annotations

from pardot_mock.conduct.evidence import Call, Evidence, ExportFacts, Truth
from pardot_mock.conduct.rule import Axis, Finding, Level, Rule, Status
from pardot_mock.conduct.rules import RULES, Grade, judge

__all__ = [
    "RULES",
    "Axis",
    "Call",
    "Evidence",
    "ExportFacts",
    "Finding",
    "Grade",
    "Level",
    "Rule",
    "Status",
    "Truth",
    "judge",
]
