"""Prints measurements as they come, and a few ways to take them."""

from __future__ import annotations

import resource
import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Report:
    """A table on standard output: what, how much, and what to compare it with."""

    def title(self, text: str) -> None:
        """Begin a part of the table."""
        print(f"\n{text}", flush=True)

    def line(self, what: str, measured: str, note: str = "") -> None:
        """Print one measurement."""
        print(f"  {what:<52} {measured:>16}  {note}", flush=True)


def seconds(work: Callable[[], object]) -> float:
    """Give how many seconds `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Give the median of several runs, in seconds."""
    return statistics.median(seconds(work) for _ in range(times))


def peak_memory() -> float:
    """Give the peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
