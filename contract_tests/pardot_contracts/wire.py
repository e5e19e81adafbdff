"""Raw HTTP without a client library's comfort: exact targets, headers and body encodings.

Nothing is added but `Host`, nothing is followed, nothing is normalised. What `requests` would
tidy up on the way (a trailing slash, a chunked form, two spellings of a header) goes out as given.
"""

from __future__ import annotations

from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from pardot_contracts.channel import FORM
from pardot_contracts.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pardot_contracts.meter import Meter

TIMEOUT_SECONDS = 30


class Wire:
    """A server at `base_url`, spoken to one connection per call."""

    def __init__(self, base_url: str, meter: Meter) -> None:
        parts = urlsplit(base_url)
        self._parts = parts
        self._prefix = parts.path.rstrip("/")
        self._meter = meter

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        chunks: Iterable[bytes] | None = None,
    ) -> Reply:
        """Send one call and give its answer; `chunks` goes out chunked, without a length.

        Interim answers such as `100 Continue` are passed over.
        """
        self._meter.spend(target)
        connection = self._connect()
        try:
            connection.putrequest(method, self._prefix + target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if chunks is not None:
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders(chunks, encode_chunked=True)
            else:
                if body or method == "POST":
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body or None)
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, received, answer.read())
        finally:
            connection.close()

    @contextmanager
    def held(self, target: str, headers: Mapping[str, str]) -> Iterator[int]:
        """Send a GET and leave its body unread as long as the context lasts; gives its status."""
        self._meter.spend(target)
        connection = self._connect()
        try:
            connection.request("GET", self._prefix + target, headers=dict(headers))
            yield connection.getresponse().status
        finally:
            connection.close()

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Send a GET."""
        return self.send("GET", target, headers=headers)

    def post_form(
        self, target: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Post `fields` URL-encoded."""
        body = urlencode(fields).encode()
        return self.send(
            "POST", target, headers={"Content-Type": FORM, **(headers or {})}, body=body
        )

    def post_json(self, target: str, text: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Post `text` as `application/json`, whatever it is."""
        content = {"Content-Type": "application/json", **(headers or {})}
        return self.send("POST", target, headers=content, body=text.encode())

    def post_multipart(self, target: str, fields: Mapping[str, str]) -> Reply:
        """Post `fields` as `multipart/form-data`."""
        boundary = "contract-boundary-7f3a"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        body = ("".join(parts) + f"--{boundary}--\r\n").encode()
        content = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.send("POST", target, headers=content, body=body)

    def _connect(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        return kind(host, port, timeout=TIMEOUT_SECONDS)
