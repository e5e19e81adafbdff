"""The proxy at its sockets: who is led where, who is refused, how connections end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_mock.dropin.authority import Authority
from pardot_mock.dropin.hosts import HOSTS, is_emulated
from pardot_mock.dropin.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Far:
    """A server that remembers what it got, answers, and ends the connection as it is told."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.ending: Callable[[socket.socket], None] = lambda _: None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listening.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._talk(self._listening.accept()[0])

    def _talk(self, client: socket.socket) -> None:
        with client:
            client.settimeout(5)
            while data := client.recv(65536):
                self.heads.append(data)
                client.sendall(ANSWER)
                self.ending(client)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def far() -> Iterator[Far]:
    server = Far()
    yield server
    server.close()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def proxy(far: Far, authority: Authority, said: list[str]) -> Iterator[Proxy]:
    context = authority.server_context()
    served = Proxy(far.address, context, frozenset({"127.0.0.1"}), said.append)
    served.start()
    yield served
    served.stop()


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def trusting(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    # What Python 3.13 asks of certificates by default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def tunnel(proxy: Proxy, to: bytes) -> socket.socket:
    client = connected(proxy)
    client.sendall(b"CONNECT " + to + b" HTTP/1.1\r\nHost: " + to + b"\r\n\r\n")
    assert client.recv(100) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    return client


def everything(client: socket.socket) -> bytes:
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer


@pytest.mark.parametrize("host", [*HOSTS, "acme.my.salesforce.com"])
def test_a_tunnel_to_the_service_ends_at_the_emulator(
    host: str, proxy: Proxy, far: Far, authority: Authority
) -> None:
    raw = tunnel(proxy, f"{host}:443".encode())
    with trusting(authority).wrap_socket(raw, server_hostname=host) as client:
        for path in (b"/one", b"/two"):
            client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n")
            assert client.recv(100) == ANSWER
    note = b"Host: " + host.encode() + b"\r\nX-Forwarded-Proto: https\r\n\r\n"
    assert far.heads == [b"GET /one HTTP/1.1\r\n" + note, b"GET /two HTTP/1.1\r\n" + note]


def test_tls_may_be_spoken_to_the_proxy_directly(
    proxy: Proxy, far: Far, authority: Authority
) -> None:
    context = trusting(authority)
    with context.wrap_socket(connected(proxy), server_hostname="pi.pardot.com") as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        assert client.recv(100) == ANSWER
    assert b"X-Forwarded-Proto: https" in far.heads[0]


@pytest.mark.parametrize("target", [b"http://pi.pardot.com/a", b"/a"])
def test_plain_http_for_the_service_reaches_the_emulator(
    target: bytes, proxy: Proxy, far: Far
) -> None:
    far.ending = lambda client: client.shutdown(socket.SHUT_WR)
    with connected(proxy) as client:
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        assert everything(client) == ANSWER
    fields = b"Host: pi.pardot.com\r\nX-Forwarded-Proto: http\r\nConnection: close\r\n\r\n"
    assert far.heads == [b"GET /a HTTP/1.1\r\n" + fields]


def test_plain_http_may_come_through_a_tunnel(proxy: Proxy, far: Far) -> None:
    with tunnel(proxy, b"pi.pardot.com:80") as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        assert client.recv(100) == ANSWER
    assert b"X-Forwarded-Proto: http\r\n" in far.heads[0]


@pytest.mark.parametrize(
    ("request_line", "host"),
    [
        (b"CONNECT example.com:443 HTTP/1.1", "example.com"),
        (b"CONNECT pi.pardot.com.example.com:443 HTTP/1.1", "pi.pardot.com.example.com"),
        (b"GET http://example.com/ HTTP/1.1", "example.com"),
        (b"POST https://example.com/ HTTP/1.1", "example.com"),
        (b"GET / HTTP/1.1\r\nHost: localhost", "localhost"),
    ],
)
def test_every_other_host_is_refused_with_a_message(
    request_line: bytes, host: str, proxy: Proxy, far: Far, said: list[str]
) -> None:
    for _ in range(2):
        with connected(proxy) as client:
            client.sendall(request_line + b"\r\n\r\n")
            answer = everything(client).decode()
        assert answer.startswith("HTTP/1.1 403 ")
        assert f"--allow {host}" in answer.splitlines()[0]
        assert f"{host}:" in answer.splitlines()[-1]
    assert proxy.refused == {host: 2}
    assert len(said) == 1
    assert "is refused" in said[0]
    assert far.heads == []


@pytest.mark.parametrize("nonsense", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_not_a_request_is_answered_with_400(nonsense: bytes, proxy: Proxy) -> None:
    with connected(proxy) as client:
        client.sendall(nonsense)
        assert everything(client).startswith(b"HTTP/1.1 400 ")


def test_an_allowed_host_is_reached_as_it_is(proxy: Proxy, far: Far) -> None:
    with tunnel(proxy, b"%s:%d" % (far.address[0].encode(), far.address[1])) as client:
        client.sendall(b"anything at all")
        assert client.recv(100) == ANSWER
    assert far.heads == [b"anything at all"]


def test_an_allowed_host_is_reached_in_plain_http(proxy: Proxy, far: Far) -> None:
    far.ending = lambda client: client.shutdown(socket.SHUT_WR)
    with connected(proxy) as client:
        client.sendall(b"GET http://127.0.0.1:%d/a HTTP/1.1\r\nA: b\r\n\r\n" % far.address[1])
        assert everything(client) == ANSWER
    assert far.heads == [b"GET /a HTTP/1.1\r\nA: b\r\nConnection: close\r\n\r\n"]


def test_an_allowed_host_that_is_not_there_is_a_bad_gateway(proxy: Proxy, far: Far) -> None:
    far.close()
    with connected(proxy) as client:
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % far.address[1])
        assert everything(client).startswith(b"HTTP/1.1 502 ")


def test_an_end_in_order_stays_one(proxy: Proxy, far: Far, authority: Authority) -> None:
    far.ending = lambda client: client.shutdown(socket.SHUT_WR)
    raw = tunnel(proxy, b"pi.pardot.com:443")
    with trusting(authority).wrap_socket(
        raw, server_hostname="pi.pardot.com", suppress_ragged_eofs=False
    ) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        # Without TLS's own farewell this would raise.
        assert everything(client) == ANSWER


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    raise ConnectionError


def test_a_reset_stays_a_reset(proxy: Proxy, far: Far) -> None:
    far.ending = reset
    with tunnel(proxy, b"pi.pardot.com:80") as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            everything(client)


def test_a_reset_is_no_farewell_in_tls(proxy: Proxy, far: Far, authority: Authority) -> None:
    far.ending = reset
    raw = tunnel(proxy, b"pi.pardot.com:443")
    with trusting(authority).wrap_socket(
        raw, server_hostname="pi.pardot.com", suppress_ragged_eofs=False
    ) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi.pardot.com\r\n\r\n")
        # Some releases of Python call a reset within TLS an early end.
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
            everything(client)


def test_a_client_that_does_not_trust_is_told_of(proxy: Proxy, said: list[str]) -> None:
    raw = tunnel(proxy, b"pi.pardot.com:443")
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="pi.pardot.com")
    raw.close()
    proxy.stop()
    assert len(said) == 1
    assert said[0].startswith("no TLS for pi.pardot.com")


def test_stopping_ends_open_connections_and_leaves_no_thread(
    far: Far, authority: Authority
) -> None:
    before = set(threading.enumerate())
    served = Proxy(far.address, authority.server_context())
    served.start()
    with tunnel(served, b"pi.pardot.com:80") as talking, connected(served) as silent:
        talking.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert talking.recv(100) == ANSWER
        served.stop()
        assert talking.recv(100) == b""
        assert silent.recv(100) == b""
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionError):
        connected(served)


@pytest.mark.parametrize(
    ("host", "emulated"),
    [
        ("PI.Pardot.com.", True),
        ("acme.my.salesforce.com", True),
        ("my.salesforce.com", False),
        ("salesforce.com", False),
        ("pardot.com", False),
        ("xpi.pardot.com", False),
    ],
)
def test_the_hosts_of_the_service_are_known_by_name(host: str, emulated: bool) -> None:
    assert is_emulated(host) is emulated
