"""What a report says: a result for each rule, in each scenario that was played.

Status words are those of the control plane: `pass`, `fail`, `not_exercised`. Levels are `must` and
`should`; a broken `should` costs something, a broken `must` breaks something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PASS, FAIL, NOT_EXERCISED = "pass", "fail", "not_exercised"
STATUSES = (PASS, FAIL, NOT_EXERCISED)
COUNTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"must": frozenset({"must"}), "should": frozenset({"must", "should"}), "never": frozenset()}
)
"""The levels that count as a failure, by what `--fail-on` says."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source: `line` counts from 1 and 0 is the whole file, `text` is what it says."""

    file: str
    line: int = 0
    text: str = ""

    def __str__(self) -> str:
        """Give it as compilers do."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.text}" if self.text else where


@dataclass(frozen=True, slots=True)
class Result:
    """How one rule was kept.

    `says` is the rule in a sentence, `source` where it comes from, `message` what happened and
    what to change. `calls` are ids of the journal, `places` the lines to change.
    """

    rule: str
    axis: str
    level: str
    status: str
    message: str
    source: str = ""
    says: str = ""
    scenario: str = ""
    calls: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Results of one run about `subject`; `facts` are told above them, in order.

    `sections` gives more facts for each scenario.
    """

    title: str
    subject: str
    results: tuple[Result, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[Result, ...]:
        """The results that failed."""
        return tuple(result for result in self.results if result.status == FAIL)

    def counts(self) -> dict[str, int]:
        """Count the results by status."""
        found = [result.status for result in self.results]
        return {status: found.count(status) for status in STATUSES}

    def scenarios(self) -> Iterator[tuple[str, tuple[Result, ...]]]:
        """Give the results of each scenario, in the order of the report."""
        for name in dict.fromkeys([*self.sections, *(r.scenario for r in self.results)]):
            yield name, tuple(r for r in self.results if r.scenario == name)

    def failed(self, fail_on: str) -> bool:
        """Whether a rule was broken that counts, for `must`, `should` or `never`."""
        return any(result.level in COUNTED[fail_on] for result in self.broken)

    def summary(self) -> str:
        """Say in one line how it went."""
        kept, broken, rest = self.counts().values()
        return f"{kept} rules kept, {broken} broken, {rest} not exercised"
