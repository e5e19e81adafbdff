"""Carries bytes between two sockets until one side has ended.

One thread carries both directions, so that a TLS socket is never used by two at once. How the far
side ends is how the near side ends: an orderly end with TLS's own farewell, a reset with a reset.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 256 * 1024
_LONGEST_WRITE = 120.0
_WAITS = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)


def relay(
    client: socket.socket, far: socket.socket, change: Callable[[bytes], bytes], first: bytes = b""
) -> None:
    """Carry bytes between `client` and `far`; `change` sees what the client says.

    `first` is what the client has said already. Closes neither socket.
    """
    for end in (client, far):
        end.setblocking(False)
        # Only a TCP connection can be told; anything else has no delay to lose.
        with contextlib.suppress(OSError):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if first:
        send_all(far, change(first))
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ)
        selector.register(far, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if client in ready and not _carry(client, far, change):
                selector.unregister(client)
                with contextlib.suppress(OSError):
                    far.shutdown(socket.SHUT_WR)
            if far in ready and not _carry_back(far, client):
                return


def _carry(client: socket.socket, far: socket.socket, change: Callable[[bytes], bytes]) -> bool:
    """Send on what the client says; whether it may say more."""
    for piece in _pieces(client):
        if not piece:
            return False
        try:
            send_all(far, change(piece))
        except (BrokenPipeError, ConnectionResetError):
            # It hears no more, but what it has said already is still to be carried back.
            return False
    return True


def _carry_back(far: socket.socket, client: socket.socket) -> bool:
    """Send back what the far side says; whether it may say more."""
    try:
        for piece in _pieces(far):
            if not piece:
                farewell(client)
                return False
            send_all(client, piece)
    except ConnectionResetError:
        reset(client)
        return False
    return True


def _pieces(end: socket.socket) -> Iterator[bytes]:
    """Give what can be read now; an empty piece is the end."""
    while True:
        try:
            piece = end.recv(PIECE)
        except _WAITS:
            return
        except ssl.SSLEOFError:
            piece = b""
        yield piece
        if not piece or not isinstance(end, ssl.SSLSocket):
            return


def send_all(end: socket.socket, data: bytes) -> None:
    """Send all of `data`; raises `OSError` if the other side is gone or takes nothing."""
    left = memoryview(data)
    while left:
        try:
            left = left[end.send(left[:PIECE]) :]
        except ssl.SSLWantReadError:
            _wait(end, selectors.EVENT_READ)
        except (ssl.SSLWantWriteError, BlockingIOError):
            _wait(end, selectors.EVENT_WRITE)


def _wait(end: socket.socket, event: int) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(end, event)
        if not selector.select(_LONGEST_WRITE):
            raise TimeoutError("the other side takes nothing")


def farewell(end: socket.socket) -> None:
    """End a connection in order."""
    if isinstance(end, ssl.SSLSocket):
        # The other side need not answer the farewell.
        with contextlib.suppress(OSError, ValueError):
            end.unwrap()
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_WR)


def reset(end: socket.socket) -> None:
    """Let a connection end in a reset as soon as it is closed."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
