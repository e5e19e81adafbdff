"""Stands in front of a server, passes calls on, and writes down what it heard."""

from __future__ import annotations

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import requests

from pardot_contracts.drift.recording import exchange_of
from pardot_contracts.problems import BudgetSpentError, MissingCapabilityError

if TYPE_CHECKING:
    from pardot_contracts.drift.recording import Recording
    from pardot_contracts.meter import Meter

SECONDS = 120
_OWN = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
_TOKENS = "/services/oauth2/"
TOKEN_HOST = "https://login.salesforce.com"  # noqa: S105 - an address


class RecordingProxy:
    """A proxy on a free port of loopback, within a `with` block.

    It passes on what `meter` allows; `token_url` is where calls for tokens go.
    """

    def __init__(self, target: str, recording: Recording, meter: Meter, *, token_url: str) -> None:
        self.target = target.rstrip("/")
        self.token_url = token_url.rstrip("/")
        self.recording = recording
        self.meter = meter
        self.session = requests.Session()
        self.session.trust_env = False
        self.lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        """Where the proxy answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RecordingProxy:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def refusal(self, path: str) -> str:
        """Say why a call is not passed on; empty if it is."""
        try:
            with self.lock:
                self.meter.spend(path)
        except (BudgetSpentError, MissingCapabilityError) as error:
            return f"{error} (--allow-writes and --call-budget)"
        return ""

    def target_of(self, path: str) -> str:
        """Give the base URL to which a path belongs."""
        return self.token_url if path.startswith(_TOKENS) else self.target


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: RecordingProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


class _Handler(BaseHTTPRequestHandler):
    """Passes one call on."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pass any call on and send back what was answered."""
        proxy = self.server.proxy
        size = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(size) if size else b""
        parts = urlsplit(self.path)
        if why := proxy.refusal(parts.path):
            self._answer(403, {"Content-Type": "text/plain"}, f"pardot-contracts: {why}\n".encode())
            return
        headers = {n: v for n, v in self.headers.items() if n.lower() not in _OWN}
        try:
            url = f"{proxy.target_of(parts.path)}{self.path}"
            answer = proxy.session.request(
                self.command,
                url,
                data=sent,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            told = f"pardot-contracts: {type(error).__name__}\n".encode()
            self._answer(502, {"Content-Type": "text/plain"}, told)
            return
        kind = answer.headers.get("Content-Type", "")
        query = dict(parse_qsl(parts.query))
        request = (self.command, parts.path, query, dict(self.headers), sent)
        with proxy.lock:
            proxy.recording.add(exchange_of(request, (answer.status_code, kind, answer.content)))
        self._answer(answer.status_code, {"Content-Type": kind}, self._led_back(answer.content))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815

    def _led_back(self, content: bytes) -> bytes:
        """Let addresses of the server in an answer lead through the proxy."""
        proxy = self.server.proxy
        for slash in ("/", "\\/"):
            theirs = proxy.target.replace("/", slash).encode()
            content = content.replace(theirs, proxy.url.replace("/", slash).encode())
        return content

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: a URL may hold what nobody should read."""
