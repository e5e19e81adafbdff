"""A WSGI application behind `requests`, at its edges."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import Timeout

from pardot_mock.dropin.inprocess import Body, answer, environ, read_timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def prepared(method: str, url: str, **parts: Any) -> requests.PreparedRequest:
    return requests.Request(method, url, **parts).prepare()


@given(st.lists(st.binary(max_size=9), max_size=6), st.lists(st.integers(1, 12), max_size=9))
def test_a_body_gives_every_byte_in_order_however_it_is_read(
    pieces: list[bytes], sizes: list[int]
) -> None:
    body = Body(iter(pieces))
    read = b"".join(body.read(size) or b"" for size in sizes)
    assert read + body.read() == b"".join(pieces)
    assert body.read(1) == b""


def test_a_body_is_made_while_it_is_read_and_closed_once() -> None:
    made, ended = [], []

    class Pieces:
        def __iter__(self) -> Iterator[bytes]:
            for number in range(3):
                made.append(number)
                yield b"x"

        def close(self) -> None:
            ended.append(True)

    with Body(Pieces()) as body:
        assert made == [0]
        body.read(1)
        assert made == [0]
        body.read(1)
        assert made == [0, 1]
    body.close()
    assert ended == [True]


def test_cookies_reach_the_session() -> None:
    def app(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 Fine", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Twice", "1")])
        return [b"done"]

    request = prepared("GET", "https://pi.pardot.com/")
    response = requests.adapters.HTTPAdapter().build_response(request, answer(app, request, None))
    assert dict(response.cookies) == {"a": "1", "b": "2"}
    assert (response.reason, response.text) == ("Fine", "done")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            prepared("GET", "https://pi.pardot.com/a%20b/%C3%A9?x=%20"),
            {
                "PATH_INFO": "/a b/\xc3\xa9",
                "QUERY_STRING": "x=%20",
                "HTTP_HOST": "pi.pardot.com",
                "wsgi.url_scheme": "https",
                "SERVER_PORT": "443",
            },
        ),
        (prepared("GET", "http://pi.pardot.com:81"), {"HTTP_HOST": "pi.pardot.com:81"}),
        (
            prepared("GET", "https://pi.pardot.com/", headers={"Host": "www.pardot.com"}),
            {"HTTP_HOST": "www.pardot.com"},
        ),
        (
            prepared("POST", "https://pi.pardot.com/", json={"a": 1}),
            {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "8"},
        ),
        (
            prepared("POST", "https://pi.pardot.com/", data=io.StringIO("é")),
            {"CONTENT_LENGTH": "2"},
        ),
    ],
)
def test_a_request_arrives_as_it_was_meant(
    request_: requests.PreparedRequest, expected: dict[str, str]
) -> None:
    made = environ(request_, None)
    assert {name: made[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [(None, None), (3, 3.0), ((1, 5), 5.0), ((1, None), None), (Timeout(read=7), 7.0)],
)
def test_the_read_timeout_is_found_in_whatever_a_caller_gives(
    given_: object, seconds: float | None
) -> None:
    assert read_timeout(given_) == seconds
