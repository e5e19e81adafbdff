"""Changes the heads in a stream of HTTP/1 requests and lets every other byte pass.

No sockets here: bytes are fed in whatever pieces they come, and what is to be sent on comes back.
How the pieces are cut never changes what is sent. A stream that is not HTTP passes from there on
as it is, so that the server says what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.dropin.requesthead import END, LONGEST, BadHeadError, RequestHead

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_LINE = 16 * 1024


class Rewriter:
    """Applies `change` to the head of each request; with `once`, drops what follows the first."""

    def __init__(self, change: Callable[[RequestHead], RequestHead], *, once: bool = False) -> None:
        self._change = change
        self._once = once
        self._waiting = b""
        self._left = 0
        self._state: Callable[[], bytes | None] = self._head

    def feed(self, data: bytes) -> bytes:
        """Give what can be sent on after `data` has come."""
        self._waiting += data
        out = []
        while (step := self._state()) is not None:
            out.append(step)
        return b"".join(out)

    def _head(self) -> bytes | None:
        # Empty lines before a request are to be overlooked.
        self._waiting = self._waiting.lstrip(b"\r\n")
        end = self._waiting.find(END)
        if end < 0:
            if len(self._waiting) > LONGEST:
                self._state = self._anything
                return b""
            return None
        try:
            head = RequestHead.read(self._waiting[:end])
            self._left = 0 if head.is_chunked else head.length
        except BadHeadError:
            self._state = self._anything
            return b""
        self._waiting = self._waiting[end + len(END) :]
        self._after_head(head)
        return self._change(head).encode()

    def _after_head(self, head: RequestHead) -> None:
        if head.get(b"upgrade") is not None:
            self._state = self._anything
        elif head.is_chunked:
            self._state = self._chunk_line
        else:
            self._state = self._body

    def _body(self) -> bytes | None:
        if not self._left:
            return self._next_request()
        return self._pass_on()

    def _pass_on(self) -> bytes | None:
        piece = self._waiting[: self._left]
        self._waiting = self._waiting[len(piece) :]
        self._left -= len(piece)
        return piece or None

    def _next_request(self) -> bytes:
        self._state = self._nothing if self._once else self._head
        return b""

    def _chunk_line(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            self._state = self._anything
            return line
        if size:
            self._left = size + len(b"\r\n")
            self._state = self._chunk
        else:
            self._state = self._trailer
        return line

    def _chunk(self) -> bytes | None:
        if not self._left:
            self._state = self._chunk_line
            return b""
        return self._pass_on()

    def _trailer(self) -> bytes | None:
        line = self._line()
        if line == b"\r\n":
            self._next_request()
        return line

    def _line(self) -> bytes | None:
        end = self._waiting.find(b"\r\n")
        if end < 0:
            if len(self._waiting) > _LONGEST_LINE:
                self._state = self._anything
                return b""
            return None
        line, self._waiting = self._waiting[: end + 2], self._waiting[end + 2 :]
        return line

    def _anything(self) -> bytes | None:
        piece, self._waiting = self._waiting, b""
        return piece or None

    def _nothing(self) -> bytes | None:
        self._waiting = b""
        return None
