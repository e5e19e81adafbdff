"""Several pieces of work at once, handed over in order.

At most `width` pieces are begun and not yet taken, so memory and disk stay bounded however
slowly the results are used. When the taker stops early or something fails, the rest is told
to stop. The threads are daemons: one that hangs in a silent connection cannot keep the
process alive.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, wait
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

_GRACE = 2.0
_BEAT = 0.5


def _fill(
    future: Future[R], work: Callable[[T, threading.Event], R], item: T, stop: threading.Event
) -> None:
    try:
        future.set_result(work(item, stop))
    except BaseException as error:
        future.set_exception(error)


def _result(future: Future[R]) -> R:
    # A wait without an end cannot be interrupted on Windows.
    while not wait([future], timeout=_BEAT).done:
        pass
    return future.result()


def in_order(
    items: Iterable[T], work: Callable[[T, threading.Event], R], width: int
) -> Iterator[R]:
    """Yield `work(item, stop)` for every item, in the order of the items.

    Args:
        items: what to work on.
        work: does one piece, in a thread; it should end soon once `stop` is set.
        width: pieces begun and not yet taken, at most.
    """
    stop = threading.Event()
    waiting = iter(items)
    begun: deque[Future[R]] = deque()

    def begin(count: int) -> None:
        for item in islice(waiting, count):
            future: Future[R] = Future()
            begun.append(future)
            threading.Thread(target=_fill, args=(future, work, item, stop), daemon=True).start()

    try:
        begin(width)
        while begun:
            # It stays among the begun until it is over, so the end waits for it as well.
            result = _result(begun[0])
            begun.popleft()
            begin(1)
            yield result
    finally:
        stop.set()
        wait(begun, timeout=_GRACE)
