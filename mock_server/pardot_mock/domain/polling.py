"""What polling costs: the reads until an export that runs for a while is found complete.

The documented advice waits ceil(n*n/5 + 1) minutes after the nth look.
"""

from __future__ import annotations

import math
from datetime import timedelta


def documented_wait(look: int) -> timedelta:
    """Give how long to wait after look number `look`, counted from 1."""
    return timedelta(minutes=math.ceil(look * look / 5 + 1))


def reads_at_interval(duration: timedelta, interval: timedelta) -> int:
    """Count the reads of an export that takes `duration`: one at once, then one per interval."""
    return 1 + math.ceil(duration / interval)


def forecast(duration: timedelta) -> str:
    """Say what an export that takes `duration` costs in reads, with and without the interval that
    is documented.
    """
    every, grown = reads_at_interval(duration, timedelta(minutes=1)), reads_as_documented(duration)
    return (
        f"polling every minute for a {duration / timedelta(minutes=1):g}-minute export costs "
        f"{every} reads; the documented interval costs {grown}"
    )


def reads_as_documented(duration: timedelta) -> int:
    """Count the reads with the documented, growing interval."""
    reads, elapsed = 1, timedelta(0)
    while elapsed < duration:
        elapsed += documented_wait(reads)
        reads += 1
    return reads
