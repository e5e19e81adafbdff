"""Laws of delivery: what the client gets of a body, whatever faults meet it."""

from __future__ import annotations

import codecs
import csv
import json
from typing import TYPE_CHECKING, NoReturn
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.faults import (
    Effect,
    Fault,
    FaultKind,
    FaultMatch,
    NoSocket,
    combine,
    deliver,
    garbage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

amounts = st.integers(0, 60)
bodies = st.lists(st.binary(max_size=20), max_size=5)
endings = st.builds(
    Effect,
    st.sampled_from([FaultKind.RESET, FaultKind.STALL, FaultKind.TRUNCATE]),
    seconds=st.just(3.0),
    after_bytes=amounts,
)
slow = st.sampled_from(
    [
        Effect(FaultKind.LATENCY, seconds=2.0),
        Effect(FaultKind.LATENCY, seconds=0.5),
        Effect(FaultKind.DRIP, bytes_per_second=7),
        Effect(FaultKind.DRIP, bytes_per_second=100),
    ]
)


class Recorder:
    """A connection that writes down what it was asked for."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.stalled = 0.0
        self.head = False
        self.dropped: bool | None = None

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def stall(self, seconds: float) -> None:
        self.stalled += seconds

    def send_head(self) -> None:
        self.head = True

    def drop(self, *, reset: bool) -> NoReturn:
        self.dropped = reset
        raise ConnectionError


class Body:
    """Chunks that know whether they were closed."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = iter(chunks)
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self.closed = True


def numbered(effects: list[Effect]) -> list[Fault]:
    return [Fault(place, FaultMatch(), effect) for place, effect in enumerate(effects, 1)]


def sent(chunks: list[bytes], effects: list[Effect]) -> tuple[bytes, Recorder, Body]:
    connection, body, got = Recorder(), Body(chunks), b""
    size = sum(map(len, chunks))
    try:
        for piece in deliver(body, size, combine(numbered(effects)), connection):
            got += piece
    except ConnectionError:
        pass
    return got, connection, body


@given(bodies, st.lists(slow, max_size=4))
def test_a_slow_body_arrives_whole_after_all_its_waiting(
    chunks: list[bytes], effects: list[Effect]
) -> None:
    got, connection, body = sent(chunks, effects)
    rates = [e.bytes_per_second for e in effects if e.bytes_per_second is not None]
    drip = len(got) / min(rates) if rates else 0
    assert got == b"".join(chunks)
    assert connection.waited == pytest.approx(sum(e.seconds or 0 for e in effects) + drip)
    assert connection.dropped is None
    assert body.closed


@given(bodies, st.lists(slow, max_size=2), st.lists(endings, min_size=1, max_size=3))
def test_the_earliest_ending_decides_what_arrives_and_how_it_ends(
    chunks: list[bytes], slowing: list[Effect], ends: list[Effect]
) -> None:
    got, connection, body = sent(chunks, [*slowing, *ends])
    whole = b"".join(chunks)
    first = min(ends, key=lambda e: min(e.after_bytes or 0, len(whole)))
    assert got == whole[: first.after_bytes]
    assert connection.head
    assert connection.dropped is (first.kind is FaultKind.RESET)
    assert connection.stalled == (3.0 if first.kind is FaultKind.STALL else 0)
    assert body.closed


@given(bodies)
def test_a_truncation_without_a_place_cuts_the_body_in_half(chunks: list[bytes]) -> None:
    got, _, _ = sent(chunks, [Effect(FaultKind.TRUNCATE)])
    assert len(got) == len(b"".join(chunks)) // 2


@given(bodies)
def test_a_wrong_length_sends_everything_and_then_closes(chunks: list[bytes]) -> None:
    got, connection, _ = sent(chunks, [Effect(FaultKind.WRONG_LENGTH)])
    assert got == b"".join(chunks)
    assert connection.dropped is False


@given(bodies, st.lists(endings | slow, max_size=3))
def test_a_reset_before_any_byte_sends_nothing(chunks: list[bytes], others: list[Effect]) -> None:
    got, connection, body = sent(chunks, [*others, Effect(FaultKind.RESET)])
    assert got == b""
    assert not connection.head
    assert connection.dropped is True
    assert body.closed


@given(
    st.permutations([Effect(FaultKind.STATUS, status=503), Effect(FaultKind.ERROR, code=1)]),
    st.booleans(),
)
def test_a_reset_turns_away_before_an_error_and_the_oldest_before_the_newer(
    refusals: list[Effect], with_reset: bool
) -> None:
    effects = [*refusals, Effect(FaultKind.RESET)] if with_reset else refusals
    refusal = combine(numbered(effects)).refusal
    assert refusal is not None
    assert refusal.effect == (effects[-1] if with_reset else effects[0])


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (Effect(FaultKind.RESET, after_bytes=1), ConnectionResetError),
        (Effect(FaultKind.STALL, seconds=3600, after_bytes=1), ConnectionError),
        (Effect(FaultKind.TRUNCATE, after_bytes=1), ConnectionError),
    ],
)
def test_without_a_socket_a_broken_connection_raises_and_nothing_hangs(
    effect: Effect, error: type[Exception]
) -> None:
    pieces = deliver([b"ab", b"c"], 3, combine(numbered([effect])), NoSocket())
    assert next(pieces) == b"a"
    with pytest.raises(error):
        next(pieces)


@given(st.integers(0), st.integers(1))
def test_garbage_is_nothing_that_a_client_can_read(seed: int, fault_id: int) -> None:
    made = garbage(seed, fault_id)
    assert made == garbage(seed, fault_id)
    assert made != garbage(seed, fault_id + 1)
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(made)  # noqa: S314 - made here
    with pytest.raises((UnicodeDecodeError, json.JSONDecodeError)):
        json.loads(made)
    with pytest.raises(UnicodeDecodeError):
        list(csv.reader(codecs.iterdecode([made], "utf-8")))
