"""The server's end of a connection, within reach of the application: for faults that are real.

`Channel` puts a `ChannelConnection` into the environment of every call. Waiting ends early when
the client hangs up or the server stops; then the call ends without an answer.

Large pieces go from the application straight to the socket. The server's own buffers would copy
them three times, keep up to 16 MB for a client that reads slowly, and spill what is more than 1 MB
into a temporary file: plaintext on the disk.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import build_http_date

from pardot_mock.faults import CONNECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOOK = 0.02
"""Seconds between two looks at whether the client is still there."""
_POLL = 0.001
_ROOM = 0.2
"""Seconds after which a writer that finds no room looks whether the server stops."""
_LONGEST_FLUSH = 5.0
_DIRECT = 32 * 1024
"""Bytes from which a piece is worth its own call of the system."""


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


_ORDER: Mapping[str, int] = MappingProxyType(
    {
        name: place
        for place, name in enumerate(
            (
                "date",
                "set-cookie",
                "expires",
                "cache-control",
                "pragma",
                "x-pardot-rsp",
                "p3p",
                "vary",
                "content-length",
                "content-type",
                "x-pardot-route",
                "server",
                "x-pardot-lb",
            )
        )
    }
)


def _place(header: tuple[str, str]) -> int:
    return _ORDER.get(header[0].lower(), len(_ORDER))


class Task(WSGITask):
    """A call whose application can reach the connection."""

    def build_response_header(self) -> bytes:
        """Write status line and headers, these in the order of the service (recorded).

        This takes the place of a method that costs as much as a bare route: it changes the case
        of every name, and sorts by it.
        """
        known = {name.lower() for name, _ in self._headers}
        has_length = self._settle_length(known)
        self._settle_connection(has_length=has_length)
        # Only now: what is settled may have put another list in their place.
        headers = self._headers
        if "server" not in known:
            headers.append(("Server", cast("Any", self.channel).server.adj.ident))
        if "date" not in known:
            headers.append(("Date", build_http_date(self.start_time)))
        headers.sort(key=_place)
        lines = [f"HTTP/{self.version} {self.status}", *map(": ".join, headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    @property
    def _headers(self) -> list[tuple[str, str]]:
        headers: list[tuple[str, str]] = cast("Any", self).response_headers
        return headers

    def _settle_length(self, known: set[str]) -> bool:
        """Give the answer its length where it has one; say whether it has."""
        if not self.has_body:
            self.remove_content_length_header()
            return False
        if "content-length" in known:
            return True
        if self.content_length is None:
            return False
        self._headers.append(("Content-Length", str(self.content_length)))
        return True

    def _settle_connection(self, *, has_length: bool) -> None:
        """Decide whether the connection goes on, and how a body of unknown length is sent."""
        wanted = cast("Any", self.request).headers.get("CONNECTION", "").lower()
        if self.version == "1.0":
            if wanted == "keep-alive" and has_length:
                self._headers.append(("Connection", "Keep-Alive"))
            else:
                self.set_close_on_finish()
            return
        if not has_length and self.has_body:
            self._headers.append(("Transfer-Encoding", "chunked"))
            self.chunked_response = True
        # An answer without a body ends with its head, so the connection goes on after a 204.
        if wanted == "close" or (not has_length and self.has_body):
            self.set_close_on_finish()

    def get_environment(self) -> dict[str, Any]:
        """Give the WSGI environment with the connection in it."""
        environ: dict[str, Any] = super().get_environment()
        environ.setdefault(CONNECTION, ChannelConnection(self))
        return environ


class Channel(HTTPChannel):
    """A connection that serves its calls as `Task`, and writes large pieces without a buffer."""

    task_class = Task

    def write_soon(self, data: bytes) -> int:
        """Write what a call answers; raises `ClientDisconnected` if the client has gone."""
        if len(data) < _DIRECT:
            return int(super().write_soon(data))
        # What is buffered, at least the head of the answer, comes first.
        self._flush_all()
        view = memoryview(data)
        while view:
            sent = self._sent_at_once(view)
            view = view[sent:]
            if not sent:
                self._has_room()
        return len(data)

    @property
    def _own(self) -> Any:  # noqa: ANN401 - what waitress does not annotate
        return self

    def _flush_all(self) -> None:
        """Send what is buffered."""
        stuck = False
        while left := self.total_outbufs_len:
            with self.outbuf_lock:
                _, broken = self._own._flush_exception(self._own._flush_some, do_close=False)
            # A socket that has room but takes nothing has lost its other end.
            if broken or not self.connected or (stuck and self.total_outbufs_len == left):
                self.server.pull_trigger()
                raise ClientDisconnected
            stuck = self.total_outbufs_len > 0 and self._has_room()

    def _sent_at_once(self, view: memoryview) -> int:
        """Send as much as the socket takes now."""
        with self.outbuf_lock:
            if not self.connected:
                raise ClientDisconnected
            try:
                sent = int(self._own.socket.send(view))
            except BlockingIOError:
                return 0
            except OSError as error:
                raise ClientDisconnected from error
        self.last_activity = time.time()
        return sent

    def _has_room(self) -> bool:
        """Wait a moment for the socket to take more; raise if client or server have gone."""
        # Not under the lock: the thread that polls may want to close the connection meanwhile.
        if not self.connected or self._own.server.task_dispatcher.stopping.is_set():
            raise ClientDisconnected
        try:
            return bool(select.select((), (self._own.socket,), (), _ROOM)[1])
        except (OSError, ValueError) as error:
            raise ClientDisconnected from error


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
        return _unsent(self._channel.socket) == 0

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


def _unsent(connection: socket.socket) -> int:
    """Give how many written bytes the other end has not acknowledged; 0 where none can tell."""
    try:
        import fcntl
        import termios

        raw = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    except (ImportError, OSError, ValueError):
        return 0
    return int(struct.unpack("i", raw)[0])
