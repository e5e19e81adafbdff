"""Daily allowance and concurrent calls of one account.

The daily counter starts anew at midnight in the account's timezone (documented). What counts is
undocumented: see the quirks `count_login` and `count_failed_calls`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

LONGEST_CALL_SECONDS = 120
"""A call that takes longer is cut by the service (working clients)."""
LONGEST_URI = 6200
"""Characters of a URI; a GET with a longer one is HTTP 414 (working clients, about)."""
CONCURRENT_CALLS = 5
"""Calls of one account served at the same time; one more is refused (documented)."""


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """Calls charged on `day` (the account's calendar day), by operation."""

    day: date | None = None
    by_op: Mapping[str, int] = field(default_factory=dict)

    def on(self, now: datetime, zone: ZoneInfo) -> DailyUsage:
        """Give the usage of the day of `now`: this one, or an empty one after midnight."""
        today = now.astimezone(zone).date()
        return self if today == self.day else DailyUsage(today)

    @property
    def used(self) -> int:
        """Calls charged so far."""
        return sum(self.by_op.values())

    def charged(self, op: str) -> DailyUsage:
        """Give the usage with one more call of `op`."""
        return DailyUsage(self.day, {**self.by_op, op: self.by_op.get(op, 0) + 1})

    def refunded(self, op: str) -> DailyUsage:
        """Give the usage with one call of `op` less."""
        left = max(0, self.by_op.get(op, 0) - 1)
        return DailyUsage(self.day, {**self.by_op, op: left})


def next_reset(now: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC instant of the next midnight in `zone`."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC)
