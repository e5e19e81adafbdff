"""How long to wait for an export: the polling policy applied to one wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .policies import Polling

# Seconds below which a remainder is rounding and not worth a look.
_NOTHING = 0.001


@dataclass
class Waiting:
    """One wait for one export.

    Attributes:
        polling: the policy.
        timeout: seconds until it is given up.
        started_at: monotonic seconds of the client's clock.
        polls: looks so far.
    """

    polling: Polling
    timeout: float
    started_at: float
    polls: int = 0

    def pause(self, now: float) -> float | None:
        """Seconds to sleep before the next look, or None when no look fits any more.

        The last pause is cut so that the last look falls on the deadline, unless that look
        would come sooner than the policy ever looks.
        """
        left = self.timeout - (now - self.started_at)
        if left < max(_NOTHING, self.polling.at_least):
            return None
        pause = min(self.polling.interval(self.polls), left)
        self.polls += 1
        return pause
