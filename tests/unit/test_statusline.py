"""A command that takes long says so on a terminal, and leaves no trace."""

from __future__ import annotations

import io
import threading

import pytest

from pardot_mock.statusline import status


class Screen(io.StringIO):
    """A terminal that knows when something was drawn."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        return self._terminal

    def flush(self) -> None:
        self.drawn.set()


def test_the_line_is_drawn_and_wiped() -> None:
    screen = Screen(terminal=True)
    with status(lambda: "half way", screen, every=0.001):
        assert screen.drawn.wait(10)
    shown = screen.getvalue()
    assert shown.startswith("\r\x1b[Khalf way, 0 s")
    assert shown.endswith("\r\x1b[K")


def test_an_error_ends_the_line_too() -> None:
    screen = Screen(terminal=True)
    with pytest.raises(KeyError), status(str, screen):
        raise KeyError
    assert screen.getvalue() == "\r\x1b[K"
    assert not any(thread.name == "status" for thread in threading.enumerate())


def test_what_is_no_terminal_is_left_alone() -> None:
    screen = Screen(terminal=False)
    with status(str, screen, every=0.001):
        assert not any(thread.name == "status" for thread in threading.enumerate())
    assert screen.getvalue() == ""
