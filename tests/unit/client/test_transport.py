"""The transport over requests, with `responses` in place of the network."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import traceback
from typing import TYPE_CHECKING

import pytest
import requests
import responses
from urllib3.exceptions import IncompleteRead, MaxRetryError, NewConnectionError, SSLError

from pardot_client import InvalidRequest, Pardot, Request, RequestsTransport, TransportFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "https://pi.pardot.com"
CALL = Request(
    "GET", f"{BASE}/api/export/version/4/do/query", headers={"Authorization": "Pardot x"}
)


@contextlib.contextmanager
def served_once(
    answer: bytes, *, silent: bool = False, heard: list[bytes] | None = None
) -> Iterator[str]:
    """A server for one connection: it answers with these bytes and hangs up, or keeps quiet."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                got = connection.recv(65536)
                if heard is not None:
                    heard.append(got)
                connection.sendall(answer)
                if silent:
                    over.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        thread.join(10)


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def test_a_whole_export_over_requests(http: responses.RequestsMock, tmp_path: Path) -> None:
    http.post(f"{BASE}/api/login/version/4", json={"api_key": "k" * 32})
    export = f"{BASE}/api/export/version/4/do"
    waiting = {"export": {"id": 7, "state": "Waiting", "isExpired": False}}
    ref = f"{export}/downloadResults/id/7/file/9"
    complete = {"export": {**waiting["export"], "state": "Complete", "resultRefs": ref}}
    http.post(f"{export}/create", json=waiting)
    http.get(f"{export}/read/id/7", json=complete)
    http.get(ref, body=b"id\n1\n", content_type="text/csv")
    with Pardot(email="e", password="p", user_key="u" * 32, sleep=lambda _: None) as pardot:
        job = pardot.exports.create("visitor", updated_after="yesterday").wait()
        (path,) = job.download(tmp_path)
    assert path.read_bytes() == b"id\n1\n"
    login, create = http.calls[0].request, http.calls[1].request
    assert login.body == f"email=e&password=p&user_key={'u' * 32}&format=json"
    assert create.headers["Authorization"] == f"Pardot api_key={'k' * 32}, user_key={'u' * 32}"
    assert [call.request.headers.get("Authorization") for call in http.calls][-1] is not None


def broken_by(error: ssl.SSLError) -> MaxRetryError:
    return MaxRetryError(None, "/", SSLError(error))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "maybe_sent"),
    [
        (requests.ConnectTimeout(), False),
        (requests.exceptions.ProxyError(), False),
        (requests.exceptions.SSLError(broken_by(ssl.SSLCertVerificationError("bad"))), False),
        (requests.exceptions.SSLError(broken_by(ssl.SSLEOFError("EOF occurred"))), True),
        (
            requests.ConnectionError(
                MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
            ),
            False,
        ),
        (requests.ReadTimeout(), True),
        (requests.ConnectionError("reset by peer"), True),
        (requests.exceptions.ChunkedEncodingError(), True),
    ],
)
def test_a_broken_connection_says_whether_the_request_may_have_arrived(
    http: responses.RequestsMock, error: Exception, maybe_sent: bool
) -> None:
    http.get(CALL.url, body=error)
    with pytest.raises(TransportFailed, match=r"pi\.pardot\.com") as caught:
        RequestsTransport().send(CALL)
    assert caught.value.maybe_sent is maybe_sent


def test_a_body_that_breaks_off_is_a_transport_failure(http: responses.RequestsMock) -> None:
    http.get(CALL.url, body=b"id\n1\n")
    reply = RequestsTransport().send(CALL)

    def broken(_: int) -> Iterator[bytes]:
        yield b"id\n"
        raise requests.exceptions.ChunkedEncodingError(IncompleteRead(3, 5))

    reply._response.iter_content = broken  # type: ignore[attr-defined]
    blocks = reply.blocks(65536)
    assert next(blocks) == b"id\n"
    with pytest.raises(TransportFailed, match="broke off"):
        next(blocks)


def test_no_redirect_is_followed(http: responses.RequestsMock) -> None:
    http.get(CALL.url, status=302, headers={"Location": "https://evil.example/"})
    assert RequestsTransport().send(CALL).status == 302
    assert len(http.calls) == 1


def test_a_netrc_entry_does_not_replace_the_credentials(
    http: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine pi.pardot.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    http.get(CALL.url)
    RequestsTransport().send(CALL)
    assert http.calls[0].request.headers["Authorization"] == "Pardot x"


def test_no_cookie_is_kept_between_calls(http: responses.RequestsMock) -> None:
    http.get(CALL.url, headers={"Set-Cookie": "pardot=abc; path=/"})
    transport = RequestsTransport()
    transport.send(CALL).close()
    transport.send(CALL).close()
    assert "Cookie" not in http.calls[1].request.headers


def test_a_session_that_was_handed_in_stays_open() -> None:
    closed: list[bool] = []

    class Session(requests.Session):
        def close(self) -> None:
            closed.append(True)

    RequestsTransport(session=Session()).close()
    assert not closed


@pytest.mark.parametrize(
    ("base", "ref", "fetched"),
    [
        (BASE, "https://www.pardot.com/a/file/1", "https://www.pardot.com/a/file/1"),
        (BASE, "https://evil.example/a/file/1", f"{BASE}/a/file/1"),
        (BASE, "http://www.pardot.com/a/file/1", f"{BASE}/a/file/1"),
        (BASE, "https://notpardot.com/a/file/1", f"{BASE}/a/file/1"),
        ("http://127.0.0.1:8000", "http://mock:80/a/file/1", "http://127.0.0.1:8000/a/file/1"),
        ("http://127.0.0.1:8000", "https://pi.pardot.com/f/1", "http://127.0.0.1:8000/f/1"),
    ],
)
def test_credentials_go_only_to_hosts_the_caller_named(base: str, ref: str, fetched: str) -> None:
    from pardot_client.hosts import reference_url

    assert reference_url(ref, base) == fetched


def test_a_credential_no_header_may_hold_is_not_shown_in_any_traceback(
    http: responses.RequestsMock,
) -> None:
    http.post(f"{BASE}/api/login/version/4", json={"api_key": "key\nwith a break"})
    user_key = "secret" * 5
    with pytest.raises(InvalidRequest, match="characters") as caught:
        Pardot(email="e", password="p", user_key=user_key).exports.query()
    assert user_key not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("answer", "announced"),
    [(b"id\n1", True), (b"", False)],
    ids=["short body", "closed at once"],
)
def test_a_real_connection_that_ends_early_is_a_transport_failure(
    answer: bytes, announced: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Type: text/csv\r\n\r\n"
    with served_once(head + answer if announced else answer) as url, pytest.raises(TransportFailed):
        b"".join(RequestsTransport().send(Request("GET", url)).blocks(65536))


def test_a_real_connection_that_falls_silent_is_a_transport_failure() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nid\n"
    transport = RequestsTransport(read_timeout=0.05)
    with served_once(head, silent=True) as url, pytest.raises(TransportFailed, match="broke off"):
        b"".join(transport.send(Request("GET", url)).blocks(65536))


def test_calls_go_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with served_once(answer, heard=heard) as url:
        for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", url.replace("http://", "http://me:proxy-word@"))
        call = Request("GET", "http://pardot.invalid/x", headers={"Authorization": "Pardot x"})
        assert b"".join(RequestsTransport().send(call).blocks(65536)) == b"ok"
    head = heard[0].decode().lower()
    assert head.startswith("get http://pardot.invalid/x http/1.1")
    assert "authorization: pardot x" in head
    assert "proxy-authorization: basic" in head


def test_a_proxy_that_cannot_be_reached_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", f"http://me:proxy-word@127.0.0.1:{port}")
    with pytest.raises(TransportFailed, match="ProxyError") as caught:
        RequestsTransport().send(CALL)
    assert caught.value.maybe_sent is False
    assert "proxy-word" not in "".join(traceback.format_exception(caught.value))


def test_nobody_listening_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportFailed) as caught:
        RequestsTransport().send(Request("GET", f"http://127.0.0.1:{port}/"))
    assert caught.value.maybe_sent is False


def test_a_url_that_is_none_is_reported() -> None:
    with pytest.raises(InvalidRequest, match="no request"):
        RequestsTransport().send(Request("GET", "https://:80/"))
    with pytest.raises(InvalidRequest, match="base_url"):
        Pardot(email="e", password="p", user_key="u", base_url="https://[::1")
