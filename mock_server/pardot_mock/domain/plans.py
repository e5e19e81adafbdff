"""A plan says how an export will go in virtual time; it is fixed when the export is created.

Kinds: `instant` (ready at once), `timed` (a waiting and a working time), `by_rows` (the work grows
with the rows looked at), `stuck` (never ends by itself), `failing` (ends in a fatal error),
`polls` (never ends by itself either: whoever serves the reads ends it at the nth).
None of the times is documented beyond "a few minutes" and "millions of rows may take over an
hour", so every number here is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class PlanKind(StrEnum):
    """The ways an export can go."""

    INSTANT = "instant"
    TIMED = "timed"
    BY_ROWS = "by_rows"
    STUCK = "stuck"
    FAILING = "failing"
    POLLS = "polls"


DEFAULT_WAIT = timedelta(seconds=2)
DEFAULT_WORK = timedelta(seconds=3)
DEFAULT_ROWS_PER_FILE = 50_000
IMPORT = "import"
"""The name under which a rule gives imports their plan; no other rule concerns them."""

ROWS_PER_SECOND = 250
"""The pace of `by_rows`: a million rows take a little over an hour."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long an export waits at least, how long the work takes, and how it ends.

    `wait` counts from the creation; an export also waits until the one before it has ended.
    `work` counts from the start of the processing. `rows_per_file` bounds the rows of one file.
    `polls` is the read that finds an export of that kind complete, counted from 1.
    """

    kind: PlanKind = PlanKind.TIMED
    wait: timedelta = DEFAULT_WAIT
    work: timedelta = DEFAULT_WORK
    rows_per_file: int = DEFAULT_ROWS_PER_FILE
    polls: int | None = None

    @classmethod
    def of(
        cls,
        kind: PlanKind,
        *,
        wait: timedelta | None = None,
        work: timedelta | None = None,
        rows_per_file: int | None = None,
        polls: int | None = None,
    ) -> Plan:
        """Build a plan of `kind`; what is not given takes the default of that kind."""
        at_once = kind in (PlanKind.INSTANT, PlanKind.POLLS)
        return cls(
            kind=kind,
            wait=wait if wait is not None else timedelta(0) if at_once else DEFAULT_WAIT,
            work=work if work is not None else timedelta(0) if at_once else DEFAULT_WORK,
            rows_per_file=rows_per_file or DEFAULT_ROWS_PER_FILE,
            polls=polls,
        )

    @property
    def fails(self) -> bool:
        """Whether the export ends as Failed."""
        return self.kind is PlanKind.FAILING

    def work_for(self, rows: int) -> timedelta | None:
        """Give the working time for an export that looks at `rows` rows; None: it never ends."""
        if self.kind in (PlanKind.STUCK, PlanKind.POLLS):
            return None
        if self.kind is PlanKind.BY_ROWS:
            return self.work + timedelta(seconds=rows // ROWS_PER_SECOND)
        return self.work


@dataclass(frozen=True, slots=True)
class PlanRule:
    """A plan for exports to come: of one object only, and for the nth created export only.

    `nth` counts the exports created after the rule was made (and of that object), from 1.
    """

    plan: Plan
    object: str | None = None
    nth: int | None = None
    seen: int = 0

    def applies_to(self, object_name: str) -> bool:
        """Whether an export of `object_name`, or an import, counts for this rule."""
        return self.object == object_name or (self.object is None and object_name != IMPORT)


def choose_plan(
    rules: tuple[PlanRule, ...], default: Plan, object_name: str
) -> tuple[Plan, tuple[PlanRule, ...]]:
    """Give the plan of a new export of `object_name`, and the rules with their counts moved on.

    The newest rule that fits wins.
    """
    chosen = default
    counted = []
    for rule in rules:
        if not rule.applies_to(object_name):
            counted.append(rule)
            continue
        seen = rule.seen + 1
        if rule.nth is None or rule.nth == seen:
            chosen = rule.plan
        counted.append(PlanRule(rule.plan, rule.object, rule.nth, seen))
    return chosen, tuple(counted)
