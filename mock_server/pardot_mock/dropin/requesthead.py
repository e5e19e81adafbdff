"""The head of an HTTP/1 request: read, changed, written. Bytes in, bytes out.

Only what a proxy must understand is understood: the request line, and the headers that say whom
the request is for and how long its body is. Everything else passes as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

END = b"\r\n\r\n"
LONGEST = 256 * 1024
_LINE = re.compile(rb"([!-~]+) ([^ \r\n]+) (HTTP/1\.[01])\Z")
_FOR_THE_PROXY = frozenset({b"proxy-connection", b"proxy-authorization"})
_PROTO = b"x-forwarded-proto"


class BadHeadError(ValueError):
    """What was sent is not the head of an HTTP/1 request."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """Request line and header fields; names as they were sent."""

    method: bytes
    target: bytes
    version: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def read(cls, raw: bytes) -> RequestHead:
        """Read a head with or without its empty line; raises `BadHeadError`."""
        first, *lines = raw.removesuffix(END).split(b"\r\n")
        found = _LINE.match(first)
        if found is None:
            raise BadHeadError(f"not a request line: {first[:80]!r}")
        return cls(found[1], found[2], found[3], tuple(map(_field, lines)))

    def get(self, name: bytes) -> bytes | None:
        """Give the last value of a header, its name in lower case."""
        values = [value for known, value in self.fields if known.lower() == name]
        return values[-1] if values else None

    def encode(self) -> bytes:
        """Write the head with its empty line."""
        first = b" ".join((self.method, self.target, self.version))
        return b"\r\n".join([first, *(n + b": " + v for n, v in self.fields), b"", b""])

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return (self.get(b"transfer-encoding") or b"").lower().endswith(b"chunked")

    @property
    def length(self) -> int:
        """How many bytes of body follow, unless it is chunked; raises `BadHeadError`."""
        text = self.get(b"content-length") or b"0"
        if not text.isdigit():
            raise BadHeadError(f"not a length: {text[:40]!r}")
        return int(text)

    @property
    def authority(self) -> tuple[str, int]:
        """Whom the request is for: host and port; raises `BadHeadError`."""
        if self.method == b"CONNECT":
            return _authority(f"//{self.target.decode('latin-1')}", 443)
        target = self.target.decode("latin-1")
        if "://" in target:
            return _authority(target, 443 if target.lower().startswith("https:") else 80)
        return _authority(f"//{(self.get(b'host') or b'').decode('latin-1')}", 80)

    def without(self, *names: bytes) -> RequestHead:
        """Give the head without some headers, their names in lower case."""
        kept = tuple((n, v) for n, v in self.fields if n.lower() not in names)
        return replace(self, fields=kept)

    def arriving(self, scheme: bytes) -> RequestHead:
        """Give the head as the service would get it, with a note of how the client came."""
        clean = self.without(_PROTO, *_FOR_THE_PROXY)
        return replace(
            clean,
            target=_origin_form(self.target),
            fields=(*clean.fields, (b"X-Forwarded-Proto", scheme)),
        )

    def closing(self) -> RequestHead:
        """Give the head of a request that is the last one on its connection."""
        clean = self.without(b"connection", b"keep-alive", *_FOR_THE_PROXY)
        return replace(
            clean,
            target=_origin_form(self.target),
            fields=(*clean.fields, (b"Connection", b"close")),
        )


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not name or name != name.strip():
        raise BadHeadError(f"not a header: {line[:80]!r}")
    return name, value.strip()


def _authority(url: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, given = parts.hostname, parts.port
    except ValueError as error:
        raise BadHeadError(f"not an address: {url[:80]!r}") from error
    if not host:
        raise BadHeadError("the request does not say whom it is for")
    return host, given or port


def _origin_form(target: bytes) -> bytes:
    """Give a target without scheme and host."""
    if b"://" not in target or target.startswith(b"/"):
        return target
    rest = target.split(b"://", 1)[1]
    at = min((p for p in (rest.find(b"/"), rest.find(b"?")) if p >= 0), default=len(rest))
    path = rest[at:]
    return path if path.startswith(b"/") else b"/" + path
