"""What an account is given at its start, and again at every reset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from pardot_mock.domain.plans import Plan, PlanRule


@dataclass(frozen=True, slots=True)
class EarlyExport:
    """`count` exports created `age` before the start, by the owner or by a colleague.

    `body` is the JSON object of the create request; relative dates in it count from the creation.
    """

    body: Mapping[str, Any]
    plan: Plan
    count: int
    age: timedelta
    by_colleague: bool = False


@dataclass(frozen=True, slots=True)
class EarlyRows:
    """Rows of an object, by the names of its fields, that are there beside the synthetic ones.

    A row that does not say when it was created was created a day before the start.
    """

    object: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Opening:
    """What is there before the first call: plans, rows, exports (the oldest first) and charged
    calls.
    """

    scenario: str = "default"
    plan_rules: tuple[PlanRule, ...] = ()
    exports: tuple[EarlyExport, ...] = ()
    data: tuple[EarlyRows, ...] = ()
    used: Mapping[str, int] = field(default_factory=dict)
