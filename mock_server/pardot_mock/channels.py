"""Writes answers to a connection: large pieces go from the application straight to the socket.

The server's own buffers would copy them three times, keep up to 16 MB for a client that reads
slowly, and spill what is more than 1 MB into a temporary file: plaintext on the disk.
"""

from __future__ import annotations

import select
import time
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel

from pardot_mock.connections import unsent
from pardot_mock.tasks import Refusal, Task

_ROOM = 0.2
"""Seconds after which a writer that finds no room looks whether the server stops."""
_DIRECT = 32 * 1024
"""Bytes from which a piece is worth its own call of the system."""


class Channel(HTTPChannel):
    """A connection that serves its calls as `Task`, and writes large pieces without a buffer."""

    task_class = Task
    error_task_class = Refusal
    _is_writing = False

    @property
    def has_more(self) -> bool:
        """Whether something is there that the socket has not taken yet."""
        return self._is_writing or self.total_outbufs_len > 0

    def progress(self) -> tuple[float, int]:
        """Give what changes whenever the socket or the other end takes something.

        A socket of a few MB takes nothing more until a third of it is free; by that alone a slow
        reader would look like none for minutes.
        """
        return self.last_activity, unsent(self._own.socket)

    def write_soon(self, data: bytes) -> int:
        """Write what a call answers; raises `ClientDisconnected` if the client has gone."""
        if len(data) < _DIRECT:
            return int(super().write_soon(data))
        self._is_writing = True
        try:
            # What is buffered, at least the head of the answer, comes first.
            self._flush_all()
            view = memoryview(data)
            while view:
                sent = self._sent_at_once(view)
                view = view[sent:]
                if not sent:
                    self._has_room()
        finally:
            self._is_writing = False
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
