"""Calls are a daily allowance shared by the whole account, so a task may be given a budget."""

from __future__ import annotations

import threading

from .errors import BudgetExceeded


class Meter:
    """Counts the calls of one task and refuses those beyond its limit.

    Args:
        limit: calls the task may make, retries included; logins are free. None is no limit.
    """

    def __init__(self, limit: int | None) -> None:
        if limit is not None and limit < 0:
            raise BudgetExceeded("a budget must be zero or more calls", limit=limit)
        self.limit = limit
        self.used: int = 0
        self._lock = threading.Lock()

    def require(self, calls: int, step: str) -> None:
        """Refuse a step that would take more calls than are left.

        Args:
            calls: the calls the step takes at least.
            step: what it is, for the message.

        Raises:
            BudgetExceeded: too few calls are left; nothing was sent.
        """
        with self._lock:
            self._check(calls, step)

    def take(self) -> None:
        """Count one call that is about to be sent.

        Raises:
            BudgetExceeded: none is left; nothing was sent.
        """
        with self._lock:
            self._check(1, "the next call")
            self.used += 1

    def _check(self, calls: int, step: str) -> None:
        if self.limit is None or self.used + calls <= self.limit:
            return
        left = self.limit - self.used
        raise BudgetExceeded(
            f"{step} takes at least {calls} calls, but only {left} of {self.limit} are left",
            limit=self.limit,
            used=self.used,
            needed=calls,
        )
