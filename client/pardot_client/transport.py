"""The seam to the network: a request goes out, a reply with an unread body comes back.

Rules: no redirect is followed, for a redirected POST would become a GET and credentials
would travel to a host nobody named; no cookie is kept; no `.netrc` entry replaces the
credentials; a broken connection is `TransportFailed` and says whether the request may
have been carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from .errors import InvalidRequest, TransportFailed
from .secrecy import without_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BLOCK = 256 * 1024
_CONNECTIONS = 16
_DEEPEST = 8


@dataclass(frozen=True)
class Request:
    """What is to be sent.

    Attributes:
        method: GET or POST.
        url: absolute, without credentials.
        headers: may carry credentials, so never shown.
        form: fields of a form body, never shown.
        body: bytes of a body of another kind.
        stream: the answer may be a file, so its body is left unread.
        counted: the service counts this call against the daily allowance.
        repeatable: sending it twice does no harm.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    stream: bool = False
    counted: bool = True
    repeatable: bool = True


class Reply(Protocol):
    """An answer whose body has not been read yet."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header names in lower case."""
        ...

    def blocks(self, size: int) -> Iterator[bytes]:
        """The body in blocks of about `size` bytes.

        Raises:
            TransportFailed: the connection broke or fell silent.
        """
        ...

    def close(self) -> None: ...


class Transport(Protocol):
    """Sends one request; knows nothing of the service."""

    def send(self, request: Request) -> Reply:
        """Send and return once the headers have arrived.

        Raises:
            TransportFailed: no answer.
            InvalidRequest: no answer is possible, because nothing can be sent.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class MemoryReply:
    """A reply whose body is already there; for tests and for adapters of other libraries."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def blocks(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self.body), size):
            yield self.body[start : start + size]

    def close(self) -> None:
        """Nothing is held open."""


class _RequestsReply:
    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def blocks(self, size: int) -> Iterator[bytes]:
        try:
            yield from self._response.iter_content(size)
        except requests.RequestException as error:
            host = urlsplit(self._response.url).hostname
            raise TransportFailed(
                f"the answer of {host} broke off: {_reason(error)}"
            ) from without_frames(error)

    def close(self) -> None:
        self._response.close()


def _keep_headers(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


class RequestsTransport:
    """The transport over `requests`; one may be shared by several threads.

    Args:
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds of silence after which an answer counts as broken.
        session: a prepared session, for example with a proxy or a private CA.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 130.0,
        session: requests.Session | None = None,
    ) -> None:
        # The service cuts a request after 120 seconds: waiting longer gains nothing.
        self._timeout = (connect_timeout, read_timeout)
        self._own = session is None
        self._session = session or self._new_session()

    @staticmethod
    def _new_session() -> requests.Session:
        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.auth = _keep_headers
        for scheme in ("https://", "http://"):
            session.mount(
                scheme, HTTPAdapter(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS)
            )
        return session

    def send(self, request: Request) -> Reply:
        """See `Transport.send`."""
        try:
            response = self._session.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body if request.form is None else dict(request.form),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except (requests.exceptions.InvalidHeader, UnicodeError):
            # The original error shows the header, and headers carry credentials.
            raise InvalidRequest(
                "no request can be sent: a credential holds characters no header may have"
            ) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise InvalidRequest(f"no request can be sent: {error}") from without_frames(error)
        except requests.RequestException as error:
            host = urlsplit(request.url).hostname
            raise TransportFailed(
                f"no answer from {host}: {_reason(error)}", maybe_sent=_maybe_sent(error)
            ) from without_frames(error)
        return _RequestsReply(response)

    def close(self) -> None:
        """Close the connections, unless the session was handed in."""
        if self._own:
            self._session.close()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it, however its library keeps that."""
    link: object = error
    for _ in range(_DEEPEST):
        if not isinstance(link, BaseException):
            return
        yield link
        inner = [getattr(link, "reason", None), *link.args, link.__cause__, link.__context__]
        link = next((one for one in inner if isinstance(one, BaseException)), None)


def _reason(error: requests.RequestException) -> str:
    """What happened, with the words of the system where it has some; never a credential."""
    causes = list(_causes(error))
    told = [
        getattr(cause, "verify_message", None) or cause.strerror
        for cause in causes
        if isinstance(cause, OSError)
    ]
    words = next(filter(None, reversed(told)), None)
    name = type(error).__name__
    return f"{name} ({words})" if words else name


def _maybe_sent(error: requests.RequestException) -> bool:
    """False only when the connection never came about."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return False
    # A TLS connection can break at any time, but a refused certificate is its very beginning.
    never = {"NewConnectionError", "NameResolutionError", "SSLCertVerificationError"}
    return not any(type(cause).__name__ in never for cause in _causes(error))
