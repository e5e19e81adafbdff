"""The threads that serve calls: as many as may be for all, and a few for the control plane alone.

Clients can hold every thread: a fault stalls, or nobody reads. That is when somebody wants to look,
reset or delete, so a thread of the reserve then takes the calls of the control plane out of the
line. Calls of one connection keep their order: each is added when the one before it has ended.
"""

from __future__ import annotations

import threading
from typing import Any, cast

from waitress.task import ThreadedTaskDispatcher

from pardot_mock.tasks import CONTROL

RESERVE = 4


class Dispatcher(ThreadedTaskDispatcher):
    """Up to `most` threads that serve every call, and a `RESERVE` for the control plane.

    All are started when they are needed first. `finishing` is set once nothing may wait on purpose
    any more, `stopping` as soon as the threads are told to end: between the two, answers under way
    are still sent.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        # One that may be entered again: counting, adding and starting go together.
        self.lock = cast("Any", threading.RLock())
        self.queue_cv = threading.Condition(self.lock)
        self.thread_exit_cv = threading.Condition(self.lock)
        self.finishing = threading.Event()
        self.stopping = threading.Event()
        self._most = most
        self._control_cv = threading.Condition(self.lock)
        self._reserve = 0
        self._idle_reserve = 0
        self.set_thread_count(1)

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - a channel, whatever its stub says
        """Serve the call that a channel has next, by a new thread if there may be one more."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()
            running = len(self.threads) - self.stop_count
            has_thread = len(self.queue) <= running - self.active_count
            if has_thread or self.finishing.is_set():
                return
            if running < self._most:
                self.set_thread_count(running + 1)
            elif _is_control(task):
                self._call_reserve()

    def _call_reserve(self) -> None:
        self._control_cv.notify()
        waiting = sum(map(_is_control, self.queue))
        if waiting > self._idle_reserve and self._reserve < RESERVE:
            self._reserve += 1
            threading.Thread(
                target=self._serve_control, name=f"waitress-control-{self._reserve}", daemon=True
            ).start()

    def _serve_control(self) -> None:
        while (task := self._next_control()) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)

    def _next_control(self) -> Any:  # noqa: ANN401 - a channel
        """Wait for a call of the control plane and take it out of the line; None to end."""
        with self.lock:
            while not self.stopping.is_set():
                task = next(filter(_is_control, self.queue), None)
                if task is not None:
                    self.queue.remove(task)
                    return task
                self._idle_reserve += 1
                self._control_cv.wait()
                self._idle_reserve -= 1
            self._reserve -= 1
            self.thread_exit_cv.notify_all()
            return None

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Wake every call that waits, then end the threads."""
        self.finishing.set()
        self.stopping.set()
        with self.lock:
            self._control_cv.notify_all()
        cancelled = super().shutdown(cancel_pending, timeout)
        with self.lock:
            self.thread_exit_cv.wait_for(lambda: not self._reserve, timeout)
        return cancelled


def _is_control(channel: Any) -> bool:  # noqa: ANN401 - what waitress does not annotate
    # A request that cannot be read has no path, and a channel that was cancelled no request.
    return any(str(getattr(each, "path", "")).startswith(CONTROL) for each in channel.requests[:1])
