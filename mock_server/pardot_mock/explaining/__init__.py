"""Explains an answer: which statements of the protocol and which quirks shaped it.

The mapping is data, `rules.toml`; the statements it names, with their evidence and source, are
`statements.json`, a copy of the requirement catalogue that a test keeps equal to it. Both are read
when an explanation is asked for.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ERRORS
from pardot_mock.domain.quirks import QUIRKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.domain.quirks import Quirks, Value
    from pardot_mock.journal import Entry

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Statement:
    """A testable statement of the protocol: its id, how sure it is, and where it comes from."""

    id: str
    text: str
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class QuirkInForce:
    """A switch that the answer depends on: its value at the call, and what else there is."""

    name: str
    value: Value
    default: Value
    alternatives: str
    evidence: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a call was answered as it was.

    `said` is the answer in words, `why` what was asked and what refused it, `nearest` the nearest
    valid call; both are empty for a call that was served.
    """

    call: Entry
    said: str
    why: str
    nearest: str
    requirements: tuple[Statement, ...]
    quirks: tuple[QuirkInForce, ...]

    def __str__(self) -> str:
        """Say it in lines of text."""
        head = [f"{self.call.method} {self.call.path} ({self.call.op})", self.said]
        head += [f"why: {self.why}"] * bool(self.why)
        head += [f"nearest valid call: {self.nearest}"] * bool(self.nearest)
        head += [f"warning: {warning}" for warning in self.call.warnings]
        lines = [f"{s.id} ({s.evidence}) {s.text}" for s in self.requirements]
        switches = [f"{q.name} = {q.value} of {q.alternatives} ({q.evidence})" for q in self.quirks]
        return "\n".join([*head, "statements:", *lines, "quirks:", *switches])


def explain(entry: Entry, quirks: Quirks) -> Explanation:
    """Explain the answer to the call `entry`, which was given under `quirks`."""
    facts = _facts(entry)
    rules = [rule for rule in _rules() if _fits(rule.get("when", {}), facts)]
    statements = known_statements()
    return Explanation(
        call=entry,
        said=_said(entry),
        why=entry.detail,
        nearest=entry.hint,
        requirements=tuple(statements[id_] for id_ in _named(rules, "requirements")),
        quirks=tuple(_in_force(name, quirks) for name in _named(rules, "quirks")),
    )


def known_statements() -> Mapping[str, Statement]:
    """Give every statement of the protocol that a rule can name, by its id."""
    rows = json.loads((FOLDER / "statements.json").read_text("utf-8"))
    return {row["id"]: Statement(**row) for row in rows}


def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads((FOLDER / "rules.toml").read_text("utf-8"))["rule"]
    return rules


def _facts(entry: Entry) -> Mapping[str, Any]:
    refused = entry.error_code is not None
    return {
        "op": entry.op,
        "method": entry.method,
        "outcome": "refused" if refused else "ok",
        "code": entry.error_code,
        "format": entry.format,
        "auth": entry.auth,
        "state": entry.state,
        "expired": entry.expired,
    }


def _fits(when: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    return all(_is_one_of(facts[name], wanted) for name, wanted in when.items())


def _is_one_of(value: object, wanted: object) -> bool:
    choices = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(value, str):
        return any(fnmatchcase(value, str(choice)) for choice in choices)
    return value in choices


def _named(rules: list[dict[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(name for rule in rules for name in rule.get(key, "").split()))


def _in_force(name: str, quirks: Quirks) -> QuirkInForce:
    known = QUIRKS[name]
    return QuirkInForce(
        name, quirks[name], known.default, known.accepted, known.evidence, known.meaning
    )


def _said(entry: Entry) -> str:
    if entry.status == 0:
        return "no answer: the connection was ended"
    if entry.error_code is None:
        return f"answered with HTTP {entry.status}"
    text = ERRORS[entry.error_code].message
    return f"refused with code {entry.error_code} in HTTP {entry.status}: {text}"
