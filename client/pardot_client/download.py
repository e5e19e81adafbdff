"""Result files onto disk: whole or not at all.

A file is streamed into NAME.part and renamed once its length and its shape are right; a
transfer that broke is started afresh, for the service promises no partial answers. Shape:
a header row of names, of the requested ones if they are known, closed quotes, a last line
that ends.
"""

from __future__ import annotations

import contextlib
import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import TransferBroken, TransportFailed
from .transport import BLOCK

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .answers import Answer
    from .caller import Caller

_LONGEST_HEADER = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
# Documented names and ids of custom fields; a page of HTML or of noise has none of this kind.
_NAME = re.compile(r"[^\W\d][\w.:-]*")


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The work was called off."""


@dataclass
class CsvShape:
    """Watches a CSV file go by and tells whether it is complete, without parsing its rows.

    Attributes:
        columns: names that were asked for, or None if they are not known.
    """

    columns: tuple[str, ...] | None = None
    _first: bytearray = field(default_factory=bytearray, repr=False)
    _first_done: bool = False
    _quotes: int = 0
    _last: bytes = b""

    def feed(self, block: bytes) -> None:
        """See the next bytes."""
        if not block:
            return
        if not self._first_done:
            line, end, _ = block.partition(b"\n")
            self._first += line
            self._first_done = bool(end) or len(self._first) > _LONGEST_HEADER
        self._quotes += block.count(b'"')
        self._last = block[-1:]

    def fault(self) -> str | None:
        """What is wrong with the file now that it has ended, or None."""
        if not self._last:
            return "the file is empty, without even a header"
        if self._last != b"\n":
            return "the last row does not end"
        if self._quotes % 2:
            return "a quoted cell does not end"
        return self._header_fault(self.header())

    def _header_fault(self, header: tuple[str, ...]) -> str | None:
        if not header or not all(map(_NAME.fullmatch, header)):
            return "the first row holds no names of columns"
        if self.columns is None:
            return None
        # The service answers `campaign` as campaign_id, and a name given twice once.
        wanted = {name if name in header else f"{name}_id" for name in self.columns}
        return None if set(header) == wanted else f"the columns are {', '.join(header)}"

    def header(self) -> tuple[str, ...]:
        """The names in the first row."""
        text = bytes(self._first).removeprefix(_BOM).decode("utf-8", "replace")
        return tuple(next(csv.reader([text.rstrip("\r")]), []))


@dataclass(frozen=True)
class Transfer:
    """One file to fetch.

    Attributes:
        url: where it is.
        target: where it shall be.
        columns: names that were asked for, or None if they are not known.
        report: told the bytes that have arrived and those that were announced.
    """

    url: str
    target: Path
    columns: tuple[str, ...] | None
    report: Callable[[int, int | None], None]

    @property
    def part(self) -> Path:
        """Where the bytes are collected."""
        return self.target.with_name(f"{self.target.name}.part")


def fetch(caller: Caller, transfer: Transfer, stop: threading.Event) -> Path:
    """Bring one file into place.

    Raises:
        TransferBroken: it never arrived whole.
        Stopped: `stop` was set before the file was in place.
        PardotError: the service refused; see `Caller.call`.
    """
    retrying, failures = caller.shared.retrying, 0
    while True:
        if stop.is_set():
            raise Stopped
        # A refusal has had its retries inside the call; only a broken body starts again here.
        answer = caller.call(lambda dialect: dialect.download(transfer.url))
        try:
            _receive(answer, transfer, stop)
        except TransportFailed as error:
            failures += 1
            if failures >= retrying.attempts:
                raise TransferBroken(error.message, answer=error.answer or answer) from error
            caller.shared.sleep(retrying.wait(failures, caller.shared.chance()))
        else:
            return transfer.target


def _receive(answer: Answer, transfer: Transfer, stop: threading.Event) -> None:
    try:
        _collect(answer, transfer, stop)
        if stop.is_set():
            raise Stopped
        transfer.part.replace(transfer.target)
    finally:
        if answer.stream is not None:
            answer.stream.close()
        transfer.part.unlink(missing_ok=True)


def _collect(answer: Answer, transfer: Transfer, stop: threading.Event) -> None:
    if answer.stream is None:
        raise TransferBroken("a success without a file was answered", answer=answer)
    if stop.is_set():
        # Whoever stopped this clears up now, and a part begun later would stay behind.
        raise Stopped
    shape, arrived, total = CsvShape(transfer.columns), 0, _announced(answer)
    with transfer.part.open("wb") as file:
        for block in answer.stream.blocks(BLOCK):
            if stop.is_set():
                raise Stopped
            file.write(block)
            shape.feed(block)
            arrived += len(block)
            transfer.report(arrived, total)
    if total is not None and arrived != total:
        raise TransferBroken(f"{arrived} of {total} bytes arrived", answer=answer)
    if fault := shape.fault():
        raise TransferBroken(f"the file is not complete: {fault}", answer=answer)


def _announced(answer: Answer) -> int | None:
    length = answer.headers.get("content-length", "")
    packed = answer.headers.get("content-encoding", "identity") != "identity"
    return int(length) if length.isdigit() and not packed else None


def discard_parts(transfers: Sequence[Transfer]) -> None:
    """Remove what interrupted transfers left behind."""
    for transfer in transfers:
        # Where an open file cannot be removed, its own thread does it when it ends.
        with contextlib.suppress(OSError):
            transfer.part.unlink(missing_ok=True)
