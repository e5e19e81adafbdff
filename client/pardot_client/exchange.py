"""One request, one answer: what is tried, read and judged before anybody thinks about it.

A slot among the concurrent calls is held while the request is under way, and for a file
until its body has been read. An answer that cannot be used is a `TransportFailed`.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .answers import Answer, NotAnEnvelope, looks_like_envelope, read_answer
from .errors import (
    AuthenticationFailed,
    GarbledAnswer,
    InvalidRequest,
    PardotError,
    ServerFailed,
    TooManyConcurrentCalls,
)
from .secrecy import without_frames
from .transport import BLOCK

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    from .transport import Reply, Request, Transport

_LARGEST_ENVELOPE = 64 * 1024 * 1024
_CONCURRENCY = 66
_DAILY_LIMIT = 122
_INTERNAL = 183
_DISABLED = b"Your account has been disabled"


@dataclass
class OpenFile:
    """A reply whose body is a file, with its first block already at hand."""

    status: int
    headers: Mapping[str, str]
    head: bytes = field(repr=False)
    rest: Iterator[bytes] = field(repr=False)
    free: Callable[[], None] = field(repr=False)

    def blocks(self, size: int) -> Iterator[bytes]:  # noqa: ARG002 - reading has begun
        """The body in the blocks in which it is being read."""
        if self.head:
            yield self.head
        yield from self.rest

    def close(self) -> None:
        """Close the connection and give the slot back, once."""
        free, self.free = self.free, _nothing
        free()


def _nothing() -> None:
    """Everything has been given back."""


def attempt(transport: Transport, slots: threading.Semaphore, request: Request) -> Answer:
    """Send once and read the answer.

    Returns:
        The answer, refusals included; for a file its body is open in `stream`.

    Raises:
        TransportFailed: no usable answer.
        AuthenticationFailed: the account is switched off.
        InvalidRequest: the answer is a redirect, so the host is not the right one.
    """
    try:
        return _attempt(transport, slots, request)
    except PardotError as error:
        # The frames below hold what was sent and what was answered.
        raise without_frames(error) from error.__cause__


def _attempt(transport: Transport, slots: threading.Semaphore, request: Request) -> Answer:
    with ExitStack() as held:
        slots.acquire()
        held.callback(slots.release)
        reply = transport.send(request)
        held.callback(reply.close)
        blocks = iter(reply.blocks(BLOCK))
        head = next(blocks, b"")
        if request.stream and _is_file(reply, head):
            opened = OpenFile(reply.status, reply.headers, head, blocks, held.pop_all().close)
            return Answer(reply.status, reply.headers, stream=opened)
        return _read(reply, _whole(head, blocks, reply))


def _is_file(reply: Reply, head: bytes) -> bool:
    kind = reply.headers.get("content-type", "")
    return reply.status == 200 and not looks_like_envelope(kind, head)


def _whole(head: bytes, rest: Iterator[bytes], reply: Reply) -> bytes:
    body = bytearray(head)
    for block in rest:
        body += block
        if len(body) > _LARGEST_ENVELOPE:
            raise GarbledAnswer(
                "the answer is far too long", answer=Answer(reply.status, reply.headers, ok=False)
            )
    return bytes(body)


def _read(reply: Reply, body: bytes) -> Answer:
    status, headers = reply.status, reply.headers
    try:
        return read_answer(status, headers, body)
    except NotAnEnvelope as error:
        bare = Answer(status, headers, ok=False)
        if _DISABLED in body:
            raise AuthenticationFailed("the account has been disabled", answer=bare) from None
        if 300 <= status < 400:
            raise InvalidRequest(
                "the host answers with a redirect; check the base URL", answer=bare
            ) from None
        if status < 300:
            raise GarbledAnswer(f"the answer cannot be read: {error}", answer=bare) from None
        return bare


def passing_failure(answer: Answer, hide: Callable[[str], str] = str) -> PardotError | None:
    """The error of an answer that may well be another one next time, else None.

    Args:
        answer: any answer.
        hide: takes credentials out of a text.
    """
    if answer.ok:
        return None
    told = hide(answer.message or "")
    answer = replace(answer, message=told or None)
    if answer.code == _CONCURRENCY or (answer.status == 429 and answer.code != _DAILY_LIMIT):
        return TooManyConcurrentCalls(told or "too many calls at once", answer=answer)
    if answer.status >= 500 or answer.code == _INTERNAL:
        return ServerFailed(told or "the service failed", answer=answer)
    return None
