"""A file while it is being sealed: written by one thread, read by any number that follow it.

A follower gets every frame as soon as it is on the disk, so the first byte of a file does not wait
for its last. What is followed is the ciphertext, opened frame by frame like any sealed file, so a
slow follower costs neither memory nor the writer's time.
"""

from __future__ import annotations

import errno
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol

from pardot_mock.vault.errors import (
    FileGoneError,
    KeyGoneError,
    VaultClosedError,
    VaultFullError,
)
from pardot_mock.vault.frames import (
    FrameCipher,
    plain_size,
    read_frame,
    read_header,
    seal_frames,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from pardot_mock.vault.room import DiskFile, HeldFile

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The errors of a disk that has no room."""


class Shelf(Protocol):
    """Where a file goes that has been sealed: the vault."""

    def refuse_when_closed(self) -> None:
        """Raise if nothing may be written any more."""

    def make_room(self) -> None:
        """Remove what is no longer needed."""

    def admit(self, sealing: Sealing) -> None:
        """Take the finished file in; raise if its export has been shredded meanwhile."""

    def dismiss(self, sealing: Sealing) -> None:
        """Let nobody join the sealing any more."""


class Sealing:
    """A file that is being sealed onto `disk`, under the data key of its export.

    With `may_make_room` a quota that is used up makes the shelf make room before it refuses; so
    whoever runs it must not hold a lock that this takes.
    """

    def __init__(
        self,
        shelf: Shelf,
        key: bytes,
        names: tuple[str, str],
        disk: DiskFile,
        *,
        may_make_room: bool,
    ) -> None:
        self.key = key
        self.export, self.file = names
        self.disk = disk
        self._shelf = shelf
        self._may_make_room = may_make_room
        self._frames = 0
        self._whole = False
        self._ended = False
        self._shredded = False
        self._wanting = 0
        self._error: BaseException | None = None
        self._news = threading.Condition()

    def run(self, chunks: Iterable[bytes]) -> None:
        """Seal `chunks` to the end; whatever goes wrong is raised, here and to the followers."""
        try:
            # The header goes first, so what follows it is counted as frames from 0.
            sealed = seal_frames(self.key, *self._names, chunks)
            for number, (frame, last) in enumerate(sealed):
                self._refuse_to_go_on()
                self._append(frame)
                self._tell(frames=number, whole=last)
            self.disk.finish()
            self._shelf.admit(self)
            self._shelf.dismiss(self)
        except BaseException as error:
            raised = _told(error, self.disk)
            self._give_up(raised)
            if raised is not error:
                raise raised from error
            raise
        self._tell(ended=True)

    def abandon(self) -> None:
        """Give up before the first byte: nobody is going to `run` this."""
        self._give_up(VaultClosedError("the vault was closed"))

    def shred(self) -> None:
        """End it at the next frame, unless somebody follows it or waits for it by then."""
        with self._news:
            self._shredded = True

    def wait(self) -> int:
        """Wait for the end and give the plaintext bytes; raise what the sealing raised."""
        with self._wanted():
            self._await_end()
        return plain_size(self.disk.bytes)

    def follow(self) -> Followed:
        """Give the plaintext as it is sealed, the first piece at once; raises if it breaks off.

        The followers of a file whose export is shredded still get all of it, as those do who read
        a finished one.
        """
        pieces = self._pieces()
        return Followed(next(pieces), pieces)

    @property
    def _names(self) -> tuple[str, str]:
        return self.export, self.file

    def _append(self, frame: bytes) -> None:
        try:
            self.disk.append(frame)
        except VaultFullError:
            if not self._may_make_room:
                raise
            self._shelf.make_room()
            self.disk.append(frame)

    def _refuse_to_go_on(self) -> None:
        self._shelf.refuse_when_closed()
        with self._news:
            if self._shredded and not self._wanting:
                raise KeyGoneError(f"{self.export!r} was shredded, and nobody waits for its files")

    def _give_up(self, error: BaseException) -> None:
        self.disk.remove()
        self.disk.finish()
        # Whoever hears of it may ask again at once, and shall not join what has failed.
        self._shelf.dismiss(self)
        self._tell(error=error, ended=True)

    @contextmanager
    def _wanted(self) -> Iterator[None]:
        """Count somebody who wants the whole file, whatever happens to its export."""
        with self._news:
            self._wanting += 1
        try:
            yield
        finally:
            with self._news:
                self._wanting -= 1

    def _pieces(self) -> Generator[bytes, None, None]:
        with self._wanted():
            self._await(0)
            with closing(self._opened()) as stream:
                cipher = FrameCipher(self.key, *self._names, read_header(stream))
                number, last = 0, False
                while not last:
                    last = self._await(number)
                    if last:
                        # Who has the whole file may ask for it again, and shall find it sealed.
                        with self._news:
                            self._news.wait_for(lambda: self._ended)
                    yield cipher.open(number, read_frame(stream), last=last)
                    number += 1

    def _opened(self) -> HeldFile:
        try:
            return self.disk.open()
        except FileGoneError:
            # Removed by who gave up, most likely; then that is the reason.
            self._await_end()
            raise

    def _await_end(self) -> None:
        with self._news:
            self._news.wait_for(lambda: self._ended)
            if self._error is not None:
                raise self._error

    def _await(self, number: int) -> bool:
        """Wait for a frame to be on the disk and give whether it is the last one."""
        with self._news:
            self._news.wait_for(lambda: self._frames > number or self._ended)
            if self._frames > number:
                return self._whole and self._frames == number + 1
            raise self._error or AssertionError("a sealing ended without a file or an error")

    def _tell(
        self,
        *,
        frames: int | None = None,
        whole: bool = False,
        ended: bool = False,
        error: BaseException | None = None,
    ) -> None:
        with self._news:
            self._frames = self._frames if frames is None else frames
            self._whole |= whole
            self._ended |= ended
            self._error = self._error or error
            self._news.notify_all()


class Followed:
    """The pieces of a file that is being sealed; `close` ends it early."""

    def __init__(self, first: bytes, rest: Generator[bytes, None, None]) -> None:
        self._first: bytes | None = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._rest) if first is None else first

    def close(self) -> None:
        """Follow no longer; further reading ends."""
        self._first = None
        self._rest.close()


def _told(error: BaseException, disk: DiskFile) -> BaseException:
    """Give the error to be raised for what went wrong while a file was written."""
    if isinstance(error, OSError) and error.errno in FULL:
        return VaultFullError(f"the disk is full: {disk.path.parent} takes no more")
    return error
