"""The server's end of a connection, within reach of the application: for faults that are real.

Waiting ends early when the client hangs up or the server stops; then the call ends without an
answer.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING, NoReturn, cast

from waitress.channel import ClientDisconnected

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import Any

    from pardot_mock.tasks import Task

_LOOK = 0.02
"""Seconds between two looks at whether the client is still there."""
_POLL = 0.001
_LONGEST_FLUSH = 5.0


class ChannelConnection:
    """The connection of one task; used by the thread that serves it."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._channel = cast("Any", task.channel)
        self._finishing: threading.Event = self._channel.server.task_dispatcher.finishing

    def wait(self, seconds: float) -> None:
        """Let real seconds pass; raises `ClientDisconnected` if client or server go meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._finishing.wait(min(left, _LOOK)) or self._is_deserted():
                raise ClientDisconnected

    def stall(self, seconds: float) -> None:
        """Let the client wait in the middle of an answer."""
        self.wait(seconds)

    def send_head(self) -> None:
        """Send status line and headers now, if that has not happened."""
        self._task.write(b"")

    def drop(self, *, reset: bool) -> NoReturn:
        """End the connection once all that was written is sent; with `reset` by a TCP RST."""
        if reset:
            self._wait_until(self._is_delivered)
            self._set_linger()
        # The channel closes itself when its task ends this way and its buffers are empty.
        raise ClientDisconnected

    def _is_deserted(self) -> bool:
        """Whether the client has hung up; what it may have sent meanwhile stays unread."""
        if not self._channel.connected:
            return True
        try:
            return not self._channel.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _is_delivered(self) -> bool:
        """Whether the other end has all that was written; a reset destroys what is on its way."""
        if self._channel.total_outbufs_len:
            self._channel.server.pull_trigger()
            return False
        return unsent(self._channel.socket) == 0

    def _wait_until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + _LONGEST_FLUSH
        while not done() and time.monotonic() < end:
            if self._finishing.wait(_POLL) or self._is_deserted():
                raise ClientDisconnected

    def _set_linger(self) -> None:
        try:
            at_once = struct.pack("ii", 1, 0)
            self._channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        except OSError as error:
            raise ClientDisconnected from error


def unsent(connection: socket.socket) -> int:
    """Give how many written bytes the other end has not acknowledged; 0 where none can tell."""
    try:
        import fcntl
        import termios

        raw = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    except (ImportError, OSError, ValueError):
        return 0
    return int(struct.unpack("i", raw)[0])
