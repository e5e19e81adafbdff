"""What the proxy changes in a stream of requests, and that it changes nothing else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.dropin.requesthead import LONGEST, BadHeadError, RequestHead
from pardot_mock.dropin.rewriting import Rewriter

NOTE = b"X-Forwarded-Proto: https\r\n"
tokens = st.from_regex(rb"[a-z0-9-]{1,12}", fullmatch=True)
# Bodies may look like heads; that must not matter.
bodies = st.one_of(st.binary(max_size=60), st.just(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A request as it is sent, and as it is to arrive."""
    first = b"POST /" + draw(tokens) + b" HTTP/1.1\r\nHost: pi.pardot.com\r\n"
    body = draw(bodies)
    if draw(st.booleans()):
        field, sent = b"Content-Length: %d\r\n" % len(body), body
    else:
        field, sent = b"Transfer-Encoding: chunked\r\n", b""
        for piece in draw(st.lists(st.binary(min_size=1, max_size=20), max_size=3)):
            sent += b"%x;note=1\r\n%s\r\n" % (len(piece), piece)
        sent += b"0\r\n" + draw(st.sampled_from([b"", b"Trailer: t\r\n"])) + b"\r\n"
    return first + field + b"\r\n" + sent, first + field + NOTE + b"\r\n" + sent


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


def fed(rewriter: Rewriter, pieces: list[bytes]) -> bytes:
    return b"".join(map(rewriter.feed, pieces))


def to_https() -> Rewriter:
    return Rewriter(lambda head: head.arriving(b"https"))


@given(st.lists(requests(), min_size=1, max_size=4), st.lists(st.integers(0, 10_000), max_size=12))
def test_every_head_is_noted_and_every_body_passes_however_the_stream_is_cut(
    sent: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(request for request, _ in sent)
    arriving = b"".join(request for _, request in sent)
    assert fed(to_https(), pieces_of(stream, cuts)) == arriving


@given(requests(), requests(), st.lists(st.integers(0, 10_000), max_size=6))
def test_only_the_first_request_passes_where_the_connection_ends_after_it(
    first: tuple[bytes, bytes], second: tuple[bytes, bytes], cuts: list[int]
) -> None:
    rewriter = Rewriter(lambda head: head.arriving(b"https"), once=True)
    assert fed(rewriter, pieces_of(first[0] + second[0], cuts)) == first[1]


@given(st.binary(max_size=80), st.lists(st.integers(0, 1000), max_size=5))
def test_what_is_not_http_passes_as_it_is(rest: bytes, cuts: list[int]) -> None:
    stream = b"nonsense\r\n\r\n" + rest
    assert fed(to_https(), pieces_of(stream, cuts)) == stream


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nName : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"x" * (LONGEST + 1),
    ],
)
def test_a_head_that_cannot_be_read_is_left_to_the_server(stream: bytes) -> None:
    assert to_https().feed(stream) == stream


def test_nothing_is_held_back_of_a_body_that_is_on_its_way() -> None:
    rewriter = to_https()
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
    assert rewriter.feed(head + b"123").endswith(b"\r\n\r\n123")
    assert rewriter.feed(b"456") == b"456"


def test_what_a_client_claims_about_the_way_it_came_is_replaced() -> None:
    sent = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: gopher\r\nProxy-Connection: x\r\n\r\n"
    assert to_https().feed(sent) == b"GET / HTTP/1.1\r\nHost: a\r\n" + NOTE + b"\r\n"


@pytest.mark.parametrize(
    ("target", "origin"),
    [
        (b"http://pi.pardot.com/api?x=1", b"/api?x=1"),
        (b"http://pi.pardot.com", b"/"),
        (b"http://pi.pardot.com?x=1", b"/?x=1"),
        (b"/to?url=http://a/b", b"/to?url=http://a/b"),
        (b"*", b"*"),
    ],
)
def test_a_request_for_a_proxy_arrives_as_one_for_the_server(target: bytes, origin: bytes) -> None:
    head = RequestHead.read(b"GET " + target + b" HTTP/1.1\r\nHost: pi.pardot.com")
    assert head.arriving(b"http").target == origin


@pytest.mark.parametrize(
    ("line", "authority"),
    [
        (b"CONNECT pi.pardot.com:443 HTTP/1.1", ("pi.pardot.com", 443)),
        (b"CONNECT [::1]:8443 HTTP/1.1", ("::1", 8443)),
        (b"GET http://Pi.Pardot.com/ HTTP/1.1", ("pi.pardot.com", 80)),
        (b"GET https://pi.pardot.com/ HTTP/1.1", ("pi.pardot.com", 443)),
        (b"GET http://pi.pardot.com:81/ HTTP/1.0", ("pi.pardot.com", 81)),
        (b"GET / HTTP/1.1\r\nHost: pi.pardot.com", ("pi.pardot.com", 80)),
    ],
)
def test_a_head_says_whom_it_is_for(line: bytes, authority: tuple[str, int]) -> None:
    assert RequestHead.read(line).authority == authority


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1",
        b"CONNECT :443 HTTP/1.1",
        b"CONNECT a:port HTTP/1.1",
        b"CONNECT [::1 HTTP/1.1",
    ],
)
def test_a_head_that_is_for_nobody_is_refused(line: bytes) -> None:
    with pytest.raises(BadHeadError):
        _ = RequestHead.read(line).authority
