"""Counts the calls that a run sends, and stops it before it exceeds what was allowed."""

from __future__ import annotations

from dataclasses import dataclass

from pardot_contracts.problems import BudgetSpentError


@dataclass
class Meter:
    """Calls sent so far; `limit` None allows any number."""

    limit: int | None = None
    used: int = 0

    def spend(self) -> None:
        """Note one call about to be sent; raise `BudgetSpentError` if it is one too many."""
        if self.limit is not None and self.used >= self.limit:
            raise BudgetSpentError(f"the budget of {self.limit} calls is spent")
        self.used += 1
