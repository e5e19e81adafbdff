"""Serves a world over HTTP: on the main thread for the command line, on a thread for tests."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.server import create_server

from pardot_mock.channels import Channel, Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 32
_BACKLOG = 1024
_LARGEST_BODY = 64 * 1024 * 1024


class Server:
    """A WSGI server on its own listening socket; port 0 takes a free one.

    Raises `OSError` if the address cannot be bound.
    """

    def __init__(self, app: Callable[..., Any], host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _listen(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        made = create_server(
            app,
            sockets=[self._socket],
            threads=THREADS,
            _dispatcher=Dispatcher(THREADS),
            ident="PardotServer",
            backlog=_BACKLOG,
            max_request_body_size=_LARGEST_BODY,
            channel_timeout=120,
            clear_untrusted_proxy_headers=False,
        )
        self._server = cast("Any", made)
        self._server.channel_class = Channel
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL at which the server answers."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if name == '0.0.0.0' else name}:{self.port}"  # noqa: S104

    def run(self) -> None:
        """Serve until `stop` is called from another thread or a signal interrupts."""
        self._server.run()

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
        self._server.trigger.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _close(self) -> None:
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
