"""One line on stderr that says what a command is at, while it takes long.

It is drawn anew every second and wiped at the end. Where stderr is no terminal there is none.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY_SECONDS = 1
_WIPE = "\r\x1b[K"


@contextmanager
def status(
    text: Callable[[], str], out: TextIO | None = None, every: float = EVERY_SECONDS
) -> Iterator[None]:
    """Show `text()` and the seconds that have passed for the time of a `with` block.

    Drawn on `out` (default: stderr) after `every` seconds first.
    """
    screen = out or sys.stderr
    if not screen.isatty():
        yield
        return
    done = threading.Event()
    drawing = threading.Thread(
        target=_draw, args=(text, screen, every, done), name="status", daemon=True
    )
    drawing.start()
    try:
        yield
    finally:
        done.set()
        drawing.join()


def _draw(text: Callable[[], str], screen: TextIO, every: float, done: threading.Event) -> None:
    for passed in count(1):
        if done.wait(every):
            break
        screen.write(f"{_WIPE}{text()}, {passed * every:.0f} s")
        screen.flush()
    screen.write(_WIPE)
    screen.flush()
