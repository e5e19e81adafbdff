"""The threads that serve calls."""

from __future__ import annotations

import threading
from typing import Any

from waitress.task import ThreadedTaskDispatcher


class Dispatcher(ThreadedTaskDispatcher):
    """Up to `most` threads that serve calls, started when they are needed first.

    `finishing` is set once nothing may wait on purpose any more, `stopping` as soon as the threads
    are told to end: between the two, answers under way are still sent.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.finishing = threading.Event()
        self.stopping = threading.Event()
        self._most = most
        self.set_thread_count(1)

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - a channel, whatever its stub says
        """Serve a call as soon as a thread is free, a new one if there may be one more."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()
            running = len(self.threads) - self.stop_count
            waiting = len(self.queue) - (running - self.active_count)
        if waiting > 0 and running < self._most and not self.finishing.is_set():
            self.set_thread_count(running + 1)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Wake every call that waits, then end the threads."""
        self.finishing.set()
        self.stopping.set()
        return super().shutdown(cancel_pending, timeout)
