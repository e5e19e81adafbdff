"""The virtual clock of one account: a value, asked with the real time as an argument.

Rules:
- The clock never goes back. `advance`, `moved_to` and `at_rate` give a new clock.
- It shows whole seconds, as every timestamp of the service does. What expires, expires on a
  second, so a test can stand exactly on the boundary.
- `rate` is virtual seconds per real second: 0 is frozen, 1 is the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_RATE = 1_000_000.0
LATEST_YEAR = 2900
"""Virtual time ends here, far before the calendar of the host language does."""


class ClockError(ValueError):
    """A movement that the clock refuses: backwards, too fast or too far."""


class BackwardsError(ClockError):
    """The clock was asked to go back."""


def whole_second(instant: datetime) -> datetime:
    """Give `instant` without its fraction of a second."""
    return instant.replace(microsecond=0) if instant.microsecond else instant


@dataclass(frozen=True, slots=True)
class Clock:
    """Virtual time as a straight line through real time.

    `origin` is the virtual instant (aware UTC) at real time `anchor` (seconds of any monotonic
    counter), from which virtual time runs at `rate` virtual seconds per real second.
    """

    origin: datetime
    anchor: float
    rate: float = 1.0

    def exactly(self, real: float) -> datetime:
        """Give the virtual instant at real time `real`, with its fraction of a second."""
        if self.rate == 0:
            return self.origin
        elapsed = max(0.0, real - self.anchor) * self.rate
        try:
            return self.origin + timedelta(seconds=elapsed)
        except OverflowError as error:
            raise ClockError("virtual time has run beyond the calendar") from error

    def now(self, real: float) -> datetime:
        """Give the virtual instant at real time `real`, in whole seconds."""
        return whole_second(self.exactly(real))

    def advance(self, duration: timedelta, real: float) -> Clock:
        """Give this clock moved forward by `duration`; raise `BackwardsError` if it is negative."""
        if duration < timedelta(0):
            raise BackwardsError("the clock does not go back")
        return self._from(_sum(self.exactly(real), duration), real)

    def moved_to(self, instant: datetime, real: float) -> Clock:
        """Give this clock standing at `instant`; raise `BackwardsError` if that is in the past."""
        if instant < self.now(real):
            raise BackwardsError(f"the clock does not go back to {instant.isoformat()}")
        return self._from(max(instant, self.exactly(real)), real)

    def at_rate(self, rate: float, real: float) -> Clock:
        """Give this clock running at `rate` from now on; 0 freezes it on a whole second."""
        if not 0 <= rate <= MAX_RATE:
            raise ClockError(f"the rate must be between 0 and {MAX_RATE:.0f}, not {rate}")
        origin = self.now(real) if rate == 0 else self.exactly(real)
        return Clock(origin, real, rate)

    def _from(self, instant: datetime, real: float) -> Clock:
        if instant.year > LATEST_YEAR:
            raise ClockError(f"the clock ends with the year {LATEST_YEAR}")
        return replace(self, origin=instant, anchor=real)


def _sum(instant: datetime, duration: timedelta) -> datetime:
    try:
        return instant + duration
    except OverflowError as error:
        raise ClockError(f"the clock ends with the year {LATEST_YEAR}") from error
