"""The threads that serve calls: as many as may be for all, and a few for the control plane alone.

Clients can hold every thread: a fault stalls, or nobody reads. That is when somebody wants to look,
reset or delete, so calls of the control plane then take a place of the reserve. Calls of one
connection keep their order: each is added when the one before it has ended.
"""

from __future__ import annotations

import threading
from typing import Any, cast

from waitress.task import ThreadedTaskDispatcher

RESERVE = 4
_CONTROL = "/_mock/"


class Threads(ThreadedTaskDispatcher):
    """Up to `most` threads, started when they are needed first, and no more after `finishing`."""

    def __init__(self, most: int, finishing: threading.Event) -> None:
        super().__init__()
        # One that may be entered again: counting, adding and starting go together.
        self.lock = cast("Any", threading.RLock())
        self.queue_cv = threading.Condition(self.lock)
        self.thread_exit_cv = threading.Condition(self.lock)
        self.finishing = finishing
        self._most = most

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - a channel, whatever its stub says
        """Serve a call as soon as a thread is free, a new one if there may be one more."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()
            running = len(self.threads) - self.stop_count
            waiting = len(self.queue) - (running - self.active_count)
            if waiting > 0 and running < self._most and not self.finishing.is_set():
                self.set_thread_count(running + 1)

    def is_taken(self) -> bool:
        """Whether one more call would have to wait for the end of another."""
        with self.lock:
            running = len(self.threads) - self.stop_count
            idle = running - self.active_count
            return running >= self._most and len(self.queue) >= idle


class Dispatcher(Threads):
    """Up to `most` threads that serve every call, and a `RESERVE` for the control plane.

    `finishing` is set once nothing may wait on purpose any more, `stopping` as soon as the threads
    are told to end: between the two, answers under way are still sent.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most, threading.Event())
        self.stopping = threading.Event()
        self._reserve = Threads(RESERVE, self.finishing)
        self.set_thread_count(1)

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - a channel, whatever its stub says
        """Serve the call that a channel has next."""
        with self.lock:
            if _is_control(task) and self.is_taken():
                self._reserve.add_task(task)
            else:
                super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Wake every call that waits, then end the threads."""
        self.finishing.set()
        self.stopping.set()
        self._reserve.shutdown(cancel_pending, timeout)
        return super().shutdown(cancel_pending, timeout)


def _is_control(channel: Any) -> bool:  # noqa: ANN401 - what waitress does not annotate
    # A request that cannot be read has no path.
    return str(getattr(channel.requests[0], "path", "")).startswith(_CONTROL)
