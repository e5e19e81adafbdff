"""Serves a world over HTTP: on the main thread for the command line, on a thread for tests.

One thread polls the sockets, others answer calls. The state of a world lies in its process, so
more of these threads are the only way in which a server grows.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.server import create_server

from pardot_mock.channels import Channel
from pardot_mock.dispatcher import Dispatcher
from pardot_mock.dropin.hosts import base_url, reachable
from pardot_mock.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 32
PATIENCE = 120.0
"""Real seconds after which a client that takes no byte of its answer is cut off."""
_CONNECTIONS = 1000
_POLL_SECONDS = 1.0
_DRAIN_SECONDS = 0.02
_BACKLOG = 1024
_LARGEST_BODY = 64 * 1024 * 1024


class Server:
    """A WSGI server on its own listening socket; port 0 takes a free one.

    `threads` is how many calls are answered at once; more wait for their turn, except for a few
    calls of the control plane. A client that takes no byte of its answer for `patience` real
    seconds is treated as if it had hung up. Raises `OSError` if the address cannot be bound.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = THREADS,
        patience: float = PATIENCE,
    ) -> None:
        self._socket = _listen(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        made = create_server(
            app,
            sockets=[self._socket],
            threads=threads,
            _dispatcher=Dispatcher(threads),
            ident="PardotServer",
            backlog=_BACKLOG,
            max_request_body_size=_LARGEST_BODY,
            channel_timeout=120,
            connection_limit=_CONNECTIONS,
            clear_untrusted_proxy_headers=False,
        )
        self._server = cast("Any", made)
        self._server.channel_class = Channel
        self._patience: Patience[Channel] = Patience(patience)
        self._pause = min(_POLL_SECONDS, patience / 4)
        self._thread: threading.Thread | None = None
        self._deadline: float | None = None
        # A signal may come while the same thread holds it.
        self._ending = threading.RLock()
        self._ended = False

    @property
    def address(self) -> tuple[str, int]:
        """Where the server is reached from this machine."""
        return reachable(self.host), self.port

    @property
    def url(self) -> str:
        """The base URL at which the server answers."""
        return base_url("http", *self.address)

    def run(self) -> None:
        """Serve until `finish` or `stop` has ended it."""
        # Unlike select, poll knows no highest number of a socket; not every platform has it.
        poll = wasyncore.poll2 if hasattr(select, "poll") else wasyncore.poll
        next_look = 0.0
        while self._server._map:
            draining = self._deadline is not None
            poll(_DRAIN_SECONDS if draining else self._pause, self._server._map)
            if self._deadline is not None:
                self._drain(self._deadline)
            if (now := time.monotonic()) >= next_look:
                next_look = now + self._pause
                self._cut_off(now)

    def _cut_off(self, now: float) -> None:
        """Close the connections of clients that do not read; for the thread that polls.

        The server's own timeout waits for the end of a call, and for a socket that has room.
        """
        channels: list[Channel] = list(self._server.active_channels.values())
        shown = {channel: channel.progress() for channel in channels if channel.has_more}
        for channel in self._patience.lost_with(shown, now):
            channel.handle_close()

    def finish(self, grace: float) -> None:
        """Accept nothing more, finish the calls under way, and end; after `grace` seconds anyway.

        May be called by a signal handler. Calls that a fault lets wait are ended at once.
        """
        self._deadline = time.monotonic() + grace
        self._wake()

    def _drain(self, deadline: float) -> None:
        """Close what has nothing more to say; for the thread that polls."""
        if self._server.accepting:
            self._server.accepting = False
            self._server.del_channel()
            self._socket.close()
            self._server.task_dispatcher.finishing.set()
        channels: list[Any] = list(self._server.active_channels.values())
        for channel in channels:
            if not (channel.requests or channel.request or channel.total_outbufs_len):
                channel.handle_close()
        if not self._server.active_channels or time.monotonic() >= deadline:
            self._close()

    def start(self) -> None:
        """Serve on a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="pardot-mock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close every connection."""
        if self._thread is None:
            self._close()
            return
        # Sockets are closed by the thread that polls them, woken by the trigger.
        self._wake(self._close)
        self._thread.join(timeout=5)

    def _wake(self, then: Callable[[], None] | None = None) -> None:
        """Wake the thread that polls, unless it is gone; its way to be woken is gone then too."""
        with self._ending:
            if not self._ended:
                self._server.trigger.pull_trigger(then)

    def _close(self) -> None:
        with self._ending:
            self._ended = True
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        wasyncore.close_all(self._server._map, ignore_all=True)
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
