"""Counts the calls that a run sends, and stops it before it does more than was allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pardot_contracts.problems import BudgetSpentError, MissingCapabilityError

_OPERATION = re.compile(r"/do/([A-Za-z]+)")
READING = frozenset({"query", "read", "downloadResults", "describe", "stats", "downloadErrors"})


@dataclass
class Meter:
    """Calls sent so far; `limit` None allows any number, `read_only` no call that could write."""

    limit: int | None = None
    read_only: bool = False
    used: int = 0

    def spend(self, target: str) -> None:
        """Note a call to `target`, a path or URL, that is about to be sent.

        Raises `BudgetSpentError` if it is one too many, and `MissingCapabilityError` if its
        operation is not known to read only.
        """
        operation = _OPERATION.search(target)
        if self.read_only and operation is not None and operation[1] not in READING:
            raise MissingCapabilityError(f"the run is read-only and sends no {operation[1]}")
        if self.limit is not None and self.used >= self.limit:
            raise BudgetSpentError(f"the budget of {self.limit} calls is spent")
        self.used += 1
