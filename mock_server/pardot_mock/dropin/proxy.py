"""The proxy that leads programs to the emulator and keeps them from everything else.

One port serves every way in: `CONNECT`, requests for a proxy in plain HTTP, and TLS or plain HTTP
spoken to it directly by a program that was led here by name. Requests for the service's hosts go
to the emulator; a host opened on purpose is really reached; every other one is refused with 403.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from pardot_mock.dropin.hosts import is_emulated, plain_host, reachable
from pardot_mock.dropin.relay import farewell, relay, send_all
from pardot_mock.dropin.requesthead import END, LONGEST, BadHeadError, RequestHead
from pardot_mock.dropin.rewriting import Rewriter

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
_HELLO = b"\x16"
_PATIENCE = 30.0
_BACKLOG = 256


class Proxy:
    """A proxy in front of the emulator at `target`, listening at `bind`; port 0 takes a free one.

    `context` is the TLS side of the service's hosts, `allowed` the hosts that are really reached,
    `report` is told, in one line, of each refused host and each failed handshake; `openable` is
    whether a refusal should say how a host is opened. Raises `OSError` if the address cannot be
    bound.
    """

    def __init__(
        self,
        target: tuple[str, int],
        context: ssl.SSLContext,
        allowed: frozenset[str] = frozenset(),
        report: Callable[[str], None] = lambda _: None,
        bind: tuple[str, int] = (HOST, 0),
        *,
        openable: bool = True,
    ) -> None:
        self._target = target
        self._context = context
        self._allowed = allowed
        self._report = report
        self._openable = openable
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._refused: dict[str, int] = {}
        self._stopping = False
        family = socket.AF_INET6 if ":" in bind[0] else socket.AF_INET
        self._listening = socket.create_server(bind, family=family, backlog=_BACKLOG)
        self.host = bind[0]
        self.port: int = self._listening.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="pardot-proxy", daemon=True)

    @property
    def url(self) -> str:
        """The proxy as environment variables name it."""
        return f"http://{HOST}:{self.port}"

    @property
    def refused(self) -> dict[str, int]:
        """How often each host was refused."""
        with self._lock:
            return dict(self._refused)

    def start(self) -> None:
        """Serve on a thread of its own."""
        self._accepting.start()

    def stop(self) -> None:
        """Stop serving and end every connection."""
        self._stopping = True
        own = (reachable(self.host), self.port)
        with contextlib.suppress(OSError), socket.create_connection(own, timeout=5):
            if self._accepting.ident is not None:
                self._accepting.join(timeout=5)
        self._listening.close()
        with self._lock:
            still_open, threads = list(self._open), list(self._threads)
        for end in still_open:
            # Waking a thread by closing its socket is not safe; ending the connection is.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(end, socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            if self._stopping:
                client.close()
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            with self._lock:
                self._threads.add(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._tracked(client):
                client.settimeout(_PATIENCE)
                # Whoever hangs up, resets or stays silent has no answer to get.
                with contextlib.suppress(OSError):
                    self._meet(client)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    @contextlib.contextmanager
    def _tracked(self, end: socket.socket) -> Iterator[socket.socket]:
        with self._lock:
            self._open.add(end)
        try:
            yield end
        finally:
            with self._lock:
                self._open.discard(end)
            end.close()

    def _meet(self, client: socket.socket) -> None:
        if client.recv(1, socket.MSG_PEEK) == _HELLO:
            self._secure(client, "the emulator")
            return
        raw = _read_head(client)
        if not raw:
            return
        end = raw.find(END) + len(END)
        try:
            head = RequestHead.read(raw[:end])
            host, port = head.authority
        except BadHeadError as error:
            _answer(client, 400, "Bad Request", f"{error}\n")
            return
        if head.method == b"CONNECT":
            self._tunnel(client, plain_host(host), port, raw[end:])
        else:
            self._forward(client, head, plain_host(host), port, raw)

    def _tunnel(self, client: socket.socket, host: str, port: int, early: bytes) -> None:
        if is_emulated(host):
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if (early or client.recv(1, socket.MSG_PEEK))[:1] == _HELLO and not early:
                self._secure(client, host)
            else:
                self._relay_to_emulator(client, b"http", early)
        elif host in self._allowed:
            self._reach(client, host, port, early)
        else:
            self._refuse(client, host, port)

    def _secure(self, client: socket.socket, host: str) -> None:
        try:
            secure = self._context.wrap_socket(client, server_side=True)
        except OSError as error:
            self._report(
                f"no TLS for {host}: {_reason(error)}; "
                "a program that does not heed SSL_CERT_FILE must be told to trust the CA"
            )
            return
        with self._tracked(secure):
            self._relay_to_emulator(secure, b"https", b"")

    def _relay_to_emulator(self, client: socket.socket, scheme: bytes, early: bytes) -> None:
        with self._tracked(socket.create_connection(self._target, timeout=_PATIENCE)) as far:
            relay(client, far, Rewriter(lambda head: head.arriving(scheme)).feed, early)

    def _forward(
        self, client: socket.socket, head: RequestHead, host: str, port: int, raw: bytes
    ) -> None:
        """Serve a request in plain HTTP; it is the last one on its connection."""
        scheme = b"https" if head.target.lower().startswith(b"https:") else b"http"
        if is_emulated(host):
            change = Rewriter(lambda sent: sent.arriving(scheme).closing(), once=True)
            with self._tracked(socket.create_connection(self._target, timeout=_PATIENCE)) as far:
                relay(client, far, change.feed, raw)
        elif host in self._allowed and scheme == b"http":
            change = Rewriter(RequestHead.closing, once=True)
            self._reach(client, host, port, raw, change.feed)
        else:
            self._refuse(client, host, port)

    def _reach(
        self,
        client: socket.socket,
        host: str,
        port: int,
        early: bytes,
        change: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """Really connect to an allowed host: through a tunnel, unless `change` is given."""
        try:
            far = socket.create_connection((host, port), timeout=_PATIENCE)
        except OSError as error:
            reason = f"{host}:{port} cannot be reached: {_reason(error)}"
            _answer(client, 502, "Bad Gateway", f"{reason}\n")
            return
        with self._tracked(far):
            if change is None:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            relay(client, far, change or bytes, early)

    def _refuse(self, client: socket.socket, host: str, port: int) -> None:
        with self._lock:
            known = host in self._refused
            self._refused[host] = self._refused.get(host, 0) + 1
        message = f"{host}:{port} is refused: {self._why(host)}"
        if not known:
            self._report(message)
        # Of the answer to CONNECT many clients show the first line only, so it says why.
        _answer(client, 403, f"Refused by pardot-mock: offline, see --allow {host}", f"{message}\n")

    def _why(self, host: str) -> str:
        if self._openable:
            return f"this program runs offline (--allow {host} opens it)"
        return "this port leads to the hosts of the service only, and speaks TLS"


def _read_head(client: socket.socket) -> bytes:
    raw = b""
    while END not in raw and len(raw) <= LONGEST:
        piece = client.recv(65536)
        if not piece:
            return b""
        raw += piece
    return raw


def _answer(client: socket.socket, status: int, reason: str, text: str) -> None:
    body = f"pardot-mock: {text}".encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    send_all(client, head.encode("latin-1", "replace") + body)
    farewell(client)
    # Unread bytes would turn the end into a reset, which destroys the answer on its way.
    client.settimeout(1)
    while client.recv(65536):
        pass


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or str(error)
