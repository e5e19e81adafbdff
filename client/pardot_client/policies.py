"""Two policies, never mixed, both frozen values.

Polling: the service answered "not yet"; ask again, less and less often.
Retrying: this call failed; send it again, a few times, with growing and scattered waits.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

SEVEN_DAYS = 7 * 86400.0


class Clock(Protocol):
    """The client's own time."""

    def now(self) -> datetime:
        """The present instant, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Timekeeper:
    """A clock that believes in its sleeps.

    A test may replace the sleep by one that returns at once and moves the time of the service
    instead. Then the time that was slept through counts here as well, so keys grow old and
    deadlines pass as they would have.

    Args:
        clock: the clock underneath.
        sleep: waits for a number of seconds, or pretends to.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._clock.now() + timedelta(seconds=self._skipped)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._clock.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Sleep, and count what the clock underneath did not notice."""
        before = self._clock.monotonic()
        self._sleep(seconds)
        unnoticed = seconds - (self._clock.monotonic() - before)
        if unnoticed > 0:
            with self._lock:
                self._skipped += unnoticed


@dataclass(frozen=True)
class Polling:
    """When to look at an unfinished export.

    The n-th wait (from 0) is ceil(n*n/5 + 1) units, the documented advice with a unit of
    one minute; never less than `at_least`, never more than `longest`. Waits never shrink.

    Attributes:
        unit: seconds that stand for one minute of the advice.
        at_least: seconds before the first look and between two looks; a wait whose time runs
            out sooner ends without another look.
        longest: seconds between two looks at most.
        deadline: seconds after which waiting ends with `ExportTimedOut`; the service itself
            gives up an export after seven days, and the default leaves time to see that.
    """

    unit: float = 60.0
    at_least: float = 30.0
    longest: float = 3600.0
    deadline: float = SEVEN_DAYS + 2 * 3600.0

    def __post_init__(self) -> None:
        for name in ("unit", "at_least", "longest", "deadline"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"polling: {name} must be zero or more seconds")

    def interval(self, poll: int) -> float:
        """Seconds to wait before look number `poll`, counted from 0."""
        # Beyond this the formula has long passed any `longest`, and floats stay finite.
        step = min(poll, 10_000)
        advice = self.unit * math.ceil(step * step / 5 + 1)
        return min(max(advice, self.at_least), max(self.longest, self.at_least))


@dataclass(frozen=True)
class Retrying:
    """How often and how soon a failed call is sent again.

    Attributes:
        attempts: sendings in all, at least 1.
        first: seconds before the second sending.
        growth: factor between two waits.
        longest: seconds between two sendings at most.
        scatter: share of a wait that is random, 0 to 1, so that many clients do not march
            in step.
        uncertain_create: what to do when a create broke off and may have been carried out:
            `look_up` asks the service for a matching export and creates again only if there
            is none, `repeat` sends it again, `raise` gives up with `CreateUncertain`.
    """

    attempts: int = 5
    first: float = 1.0
    growth: float = 2.0
    longest: float = 60.0
    scatter: float = 0.5
    uncertain_create: Literal["look_up", "repeat", "raise"] = "look_up"

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("retrying: attempts must be at least 1")
        if not 0 <= self.scatter <= 1:
            raise ValueError("retrying: scatter must lie between 0 and 1")
        if self.first < 0 or self.growth < 1 or self.longest < 0:
            raise ValueError("retrying: waits must not be negative and must not shrink")

    def wait(self, failures: int, chance: float) -> float:
        """Seconds to wait after the given number of failures.

        Args:
            failures: failed sendings so far, from 1.
            chance: a random number between 0 and 1.
        """
        full = min(self.longest, self.first * self.growth ** min(failures - 1, 64))
        return full * (1 - self.scatter * chance)
