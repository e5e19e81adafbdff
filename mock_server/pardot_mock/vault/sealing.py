"""A file while it is being sealed: written by one thread, read by any number that follow it.

A follower gets every frame as soon as it is on the disk, so the first byte of a file does not wait
for its last. What is followed is the ciphertext, opened frame by frame like any sealed file, so a
slow follower costs neither memory nor the writer's time.
"""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pardot_mock.vault.errors import FileGoneError, VaultClosedError, VaultFullError
from pardot_mock.vault.frames import (
    FrameCipher,
    plain_size,
    read_frame,
    read_header,
    seal_frames,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_OWNER_ONLY = 0o600


class Shelf(Protocol):
    """Where a file goes that has been sealed: the vault."""

    def take(self, size: int) -> None:
        """Count bytes that are about to be written; raise if they have no place."""

    def admit(self, sealing: Sealing) -> None:
        """Take the finished file in; raise if its export has been shredded meanwhile."""

    def discard(self, path: Path, size: int) -> None:
        """Remove a file and stop counting its bytes."""


class Sealing:
    """A file that is being sealed at `path`, under the data key of its export."""

    def __init__(self, shelf: Shelf, key: bytes, names: tuple[str, str], path: Path) -> None:
        self.key = key
        self.export, self.file = names
        self.path = path
        self.written = 0
        self._shelf = shelf
        self._stream = _create(path)
        self._frames = 0
        self._whole = False
        self._ended = False
        self._error: BaseException | None = None
        self._news = threading.Condition()

    def run(self, chunks: Iterable[bytes]) -> None:
        """Seal `chunks` to the end; whatever goes wrong is raised, here and to the followers."""
        try:
            with self._stream:
                # The header goes first, so what follows it is counted as frames from 0.
                sealed = seal_frames(self.key, *self._names, chunks)
                for number, (frame, last) in enumerate(sealed):
                    self._shelf.take(len(frame))
                    self.written += len(frame)
                    self._stream.write(frame)
                    self._stream.flush()
                    self._tell(frames=number, whole=last)
            self._shelf.admit(self)
        except BaseException as error:
            self._shelf.discard(self.path, self.written)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                self._tell(error=VaultFullError("the disk is full"))
                raise VaultFullError("the disk is full") from error
            self._tell(error=error)
            raise
        finally:
            self._tell(ended=True)

    def abandon(self) -> None:
        """Give up before the first byte: nobody is going to `run` this."""
        self._stream.close()
        self._shelf.discard(self.path, 0)
        self._tell(error=VaultClosedError("the vault was closed"), ended=True)

    def wait(self) -> int:
        """Wait for the end and give the plaintext bytes; raise what the sealing raised."""
        with self._news:
            self._news.wait_for(lambda: self._ended)
            if self._error is not None:
                raise self._error
        return plain_size(self.written)

    def follow(self) -> Iterator[bytes]:
        """Give the plaintext as it is sealed, the first piece at once; raises if it breaks off.

        The followers of a file whose export is shredded still get all of it, as those do who read
        a finished one.
        """
        self._await(0)
        try:
            stream = self.path.open("rb")
        except FileNotFoundError:
            raise FileGoneError(f"{self.file!r} of {self.export!r} is gone from the disk") from None
        try:
            cipher = FrameCipher(self.key, *self._names, read_header(stream))
            pieces = self._pieces(cipher, stream)
            first = next(pieces)
        except BaseException:
            stream.close()
            raise
        return _resumed(first, pieces)

    @property
    def _names(self) -> tuple[str, str]:
        return self.export, self.file

    def _pieces(self, cipher: FrameCipher, stream: BinaryIO) -> Iterator[bytes]:
        with stream:
            number, last = 0, False
            while not last:
                last = self._await(number)
                if last:
                    # Who has the whole file may ask for it again, and shall find it sealed.
                    with self._news:
                        self._news.wait_for(lambda: self._ended)
                yield cipher.open(number, read_frame(stream), last=last)
                number += 1

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


def _resumed(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    return os.fdopen(descriptor, "wb")
