"""What a rule is, and what it can say.

A rule looks at evidence and names the calls that broke it. It passes only if the evidence touches
it at all: a client that never met a refusal has not shown what it does about one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence


class Axis(StrEnum):
    """What a rule is about."""

    CORRECTNESS = "correctness"
    POLITENESS = "politeness"
    SAFETY = "safety"
    COMPLETENESS = "completeness"


class Level(StrEnum):
    """How much a rule matters: `must` breaks something, `should` costs something."""

    MUST = "must"
    SHOULD = "should"


class Status(StrEnum):
    """How a rule was kept."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    FAIL = "fail"
    NOT_EXERCISED = "not_exercised"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw: whether it was touched, which calls broke it, and in which way."""

    touched: bool
    wrong: Sequence[Call] = ()
    why: str = ""
    failed: bool = False


def seen(touched: Iterable[object], wrong: Iterable[Call], why: str = "") -> Seen:
    """Say that a rule was touched if there is anything in `touched` or `wrong`."""
    broken = {call.id: call for call in wrong}
    in_order = sorted(broken.values(), key=lambda call: (call.at, call.id))
    return Seen(bool(broken) or any(True for _ in touched), tuple(in_order), why)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one rule was kept; `entries` are the ids of the calls that broke it."""

    rule: Rule
    status: Status
    message: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of conduct.

    `says` is the rule in a sentence, `advice` what to change in a client that breaks it, `source`
    where the rule comes from and how sure that is (documented, client, inferred).
    """

    id: str
    axis: Axis
    level: Level
    says: str
    advice: str
    source: str
    look: Callable[[Evidence], Seen]

    def judge(self, evidence: Evidence) -> Finding:
        """Hold the rule against `evidence`."""
        found = self.look(evidence)
        ids = tuple(call.id for call in found.wrong)
        if found.wrong or found.failed:
            why = found.why or _counted(found.wrong)
            return Finding(self, Status.FAIL, f"{why}: {self.advice}", ids)
        if not found.touched:
            return Finding(self, Status.NOT_EXERCISED, "nothing the client did shows it", ())
        return Finding(self, Status.PASS, self.says, ())


def _counted(wrong: Sequence[Call]) -> str:
    first = wrong[0]
    times = "once" if len(wrong) == 1 else f"{len(wrong)} times"
    about = f" of export {first.export}" if first.export is not None else ""
    return f"{times}, first by the {first.op}{about} at {first.at:%Y-%m-%d %H:%M:%S}"
