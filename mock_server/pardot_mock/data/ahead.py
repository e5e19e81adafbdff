"""One item ahead: what comes next is made on another thread while this one works on the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Give the items in their order, the next one in the making; whatever they raise comes too.

    The thread is gone as soon as the last item is given, or when this is closed.
    """
    from concurrent.futures import ThreadPoolExecutor

    end = object()
    with ThreadPoolExecutor(1, "pardot-mock-ahead") as thread:
        coming = thread.submit(next, items, end)
        while (item := [coming.result()])[0] is not end:
            coming = thread.submit(next, items, end)
            # Nothing here holds on to what it has given: that may be large.
            yield item.pop()  # type: ignore[misc]
