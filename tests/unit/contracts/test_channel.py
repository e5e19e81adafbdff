"""HTTP that stays connected: one connection for many calls, and no call sent twice."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.channel import Channel, Outgoing, body_of
from pardot_contracts.problems import TargetUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nhi"
CLOSING = ANSWER.replace(b"\r\nContent", b"\r\nConnection: close\r\nContent")


class Service:
    """Takes connections one after the other; each serves the answers that it was given."""

    def __init__(self, *connections: tuple[bytes, ...]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received: list[list[bytes]] = []
        self.hung_up = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._serve, args=connections, daemon=True)
        self._thread.start()

    def _serve(self, *connections: tuple[bytes, ...]) -> None:
        for answers in connections:
            connection, _ = self._socket.accept()
            self.received.append([])
            with connection:
                for answer in answers:
                    self.received[-1].append(connection.recv(65536))
                    connection.sendall(answer)
            self.hung_up.release()

    def close(self) -> None:
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def channel() -> Iterator[Channel]:
    opened = Channel()
    yield opened
    opened.close()


def test_calls_share_a_connection(channel: Channel) -> None:
    service = Service((ANSWER, ANSWER))
    for number in range(2):
        reply = channel.send(Outgoing("GET", f"{service.url}/{number}"))
        assert (reply.status, reply.body, reply.headers["set-cookie"]) == (200, b"hi", "a, b")
    service.close()
    assert [len(calls) for calls in service.received] == [2]


@pytest.mark.parametrize("answer", [ANSWER, CLOSING], ids=["silently", "as announced"])
def test_a_connection_that_the_server_closed_is_replaced_before_the_next_call(
    channel: Channel, answer: bytes
) -> None:
    service = Service((answer,), (answer,))
    for _ in range(2):
        assert channel.send(Outgoing("POST", service.url, body=b"x")).body == b"hi"
        service.hung_up.acquire(timeout=5)
    service.close()
    assert [len(calls) for calls in service.received] == [1, 1]


def test_a_call_that_was_not_answered_is_not_sent_again(channel: Channel) -> None:
    service = Service((ANSWER, b""))
    channel.send(Outgoing("GET", service.url))
    with pytest.raises(TargetUnreachableError, match="does not answer"):
        channel.send(Outgoing("POST", service.url, body=b"x"))
    service.close()
    assert [len(calls) for calls in service.received] == [2]


def test_what_does_not_listen_is_unreachable(channel: Channel) -> None:
    with pytest.raises(TargetUnreachableError, match=r"127\.0\.0\.1:9 does not answer"):
        channel.send(Outgoing("GET", "http://127.0.0.1:9/a"))


def test_parameters_join_the_query_string_and_the_target_is_quoted(channel: Channel) -> None:
    service = Service((ANSWER,))
    call = Outgoing("GET", f"{service.url}/a b/%2B?x=1", {"X-Odd": "1"}, params={"y": "2 3"})
    channel.send(call)
    service.close()
    head = service.received[0][0]
    assert head.startswith(b"GET /a%20b/%2B?x=1&y=2+3 HTTP/1.1\r\n")
    assert b"\r\nX-Odd: 1\r\n" in head


def test_a_body_is_a_form_json_or_what_it_is() -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert body_of({"a": "1 2", "b": "&"}) == (b"a=1+2&b=%26", form)
    assert body_of(content={"a": None}) == (b'{"a": null}', {"Content-Type": "application/json"})
    assert body_of("x") == body_of(b"x") == (b"x", {})
    assert body_of() == (None, {})
