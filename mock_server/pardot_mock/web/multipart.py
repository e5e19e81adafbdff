"""Reads a multipart body as it comes in: short fields into memory, files handed on in pieces.

Only what is on its way is in memory, whatever the size of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from werkzeug.sansio.multipart import Event
    from werkzeug.wrappers import Request

PIECE = 64 * 1024
MAX_FIELD = 1024 * 1024
"""Bytes of one field that is not a file (chosen)."""

MAX_PARTS = 100


@dataclass(slots=True)
class Parts:
    """What a multipart body holds: fields as text, and for each file what `take` made of it."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, object]] = field(default_factory=list)


def read_parts(request: Request, take: Callable[[str, Iterator[bytes]], object]) -> Parts:
    """Read the body; each file is given to `take` with the name of its field and its pieces.

    Raises `Refused` with code 158 for a body that breaks off or is no multipart at all, 204 for
    one that is too large, and what `take` raises.
    """
    try:
        return _Reading(request).parts(take)
    except RequestEntityTooLarge as error:
        raise Refused(ErrorCode.BODY_SIZE, detail="the body is too large") from error
    except ValueError as error:
        raise Refused(ErrorCode.UPLOAD_FAILED, detail=f"the upload broke off: {error}") from error


class _Reading:
    """One pass through one body."""

    def __init__(self, request: Request) -> None:
        boundary = request.mimetype_params.get("boundary", "")
        if not boundary:
            raise Refused(ErrorCode.UPLOAD_FAILED, detail="the content type names no boundary")
        self._stream: IO[bytes] = request.stream
        self._decoder = MultipartDecoder(
            boundary.encode("latin-1", "replace"), MAX_FIELD, max_parts=MAX_PARTS
        )

    def parts(self, take: Callable[[str, Iterator[bytes]], object]) -> Parts:
        found = Parts()
        while not isinstance(event := self._event(), Epilogue):
            if isinstance(event, File):
                pieces = self._pieces()
                found.files.append((str(event.name), take(str(event.name), pieces)))
                for _ in pieces:
                    # Whoever took the file need not have read it to its end.
                    pass
            elif isinstance(event, Field):
                found.fields[str(event.name)] = self._text()
        return found

    def _event(self) -> Event:
        """Give the next event that is not a call for more bytes."""
        while isinstance(event := self._decoder.next_event(), NeedData):
            piece = self._stream.read(PIECE)
            self._decoder.receive_data(piece or None)
        return event

    def _pieces(self) -> Iterator[bytes]:
        while True:
            event = self._event()
            if not isinstance(event, Data):
                raise ValueError("a part has no body")  # noqa: TRY004 - a fault of the body
            yield bytes(event.data)
            if not event.more_data:
                return

    def _text(self) -> str:
        taken = bytearray()
        for piece in self._pieces():
            taken += piece
            if len(taken) > MAX_FIELD:
                raise RequestEntityTooLarge
        return taken.decode("utf-8", "replace")
