"""Sends a body the way its faults want it: late, slowly, in part, or not at all.

The server offers a `Connection` in the WSGI environment under `CONNECTION`; what it does there is
real at the socket. Without one `NoSocket` stands in: whatever would have broken the connection
raises a `ConnectionError` while the body is read, and nothing hangs.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, NoReturn, Protocol

from pardot_mock.faults.values import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pardot_mock.faults.treatment import Treatment

CONNECTION = "pardot_mock.connection"
_PIECES_PER_SECOND = 20


class Connection(Protocol):
    """The connection of one call. Each method ends the call if client or server have gone."""

    def wait(self, seconds: float) -> None:
        """Let real seconds pass."""

    def stall(self, seconds: float) -> None:
        """Let the client wait for the rest of an answer that has begun."""

    def send_head(self) -> None:
        """Send status line and headers now, if that has not happened."""

    def drop(self, *, reset: bool) -> NoReturn:
        """End the connection once all that was written is sent; with `reset` by a TCP RST."""


class NoSocket:
    """A connection for callers within the process; it waits, but never for what will not come."""

    def wait(self, seconds: float) -> None:
        """Let real seconds pass."""
        threading.Event().wait(seconds)

    def stall(self, seconds: float) -> None:
        """Do nothing: a caller without a socket has no timeout that would end the waiting."""

    def send_head(self) -> None:
        """Do nothing: the head is known with the answer."""

    def drop(self, *, reset: bool) -> NoReturn:
        """Raise what a broken socket raises."""
        if reset:
            raise ConnectionResetError("a fault resets the connection")
        raise ConnectionAbortedError("a fault closes the connection")


def deliver(
    chunks: Iterable[bytes], size: int, treatment: Treatment, connection: Connection
) -> Iterator[bytes]:
    """Yield what the client gets of a body of `size` bytes, then end as `treatment` says."""
    ending = treatment.ending(size)
    with contextlib.ExitStack() as stack:
        stack.callback(getattr(chunks, "close", _nothing))
        connection.wait(treatment.delay)
        if treatment.unanswered:
            connection.drop(reset=treatment.cut != "close")
        wanted = _first(chunks, size if ending is None else ending[1])
        yield from _paced(wanted, treatment.bytes_per_second, connection)
        if ending is None and not treatment.extra_length:
            return
        connection.send_head()
        if ending is not None and ending[0].kind is FaultKind.STALL:
            connection.stall(ending[0].seconds or 0)
        connection.drop(reset=ending is not None and ending[0].kind is FaultKind.RESET)


def _nothing() -> None:
    pass


def _first(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    if limit <= 0:
        return
    for chunk in chunks:
        yield chunk[:limit]
        limit -= len(chunk)
        if limit <= 0:
            return


def _paced(
    chunks: Iterable[bytes], bytes_per_second: int | None, connection: Connection
) -> Iterator[bytes]:
    if bytes_per_second is None:
        yield from chunks
        return
    step = max(1, bytes_per_second // _PIECES_PER_SECOND)
    for chunk in chunks:
        for start in range(0, len(chunk), step):
            piece = chunk[start : start + step]
            connection.wait(len(piece) / bytes_per_second)
            yield piece
