"""The bytes that a vault's files take on the disk, and how many they may take.

A file counts until it is removed and nobody has it open any more: only then does the system free
what it takes.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from pardot_mock.vault.errors import FileGoneError, VaultError, VaultFullError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OWNER_ONLY = 0o600


class Room:
    """How many bytes lie on the disk, at most `quota` of them; None: no bound but the disk.

    `promised` bytes more are kept free for files that grow. Safe to use from several threads, which
    hold `lock` while they change something.
    """

    def __init__(self, quota: int | None) -> None:
        self.quota = quota
        self.used = 0
        self.promised = 0
        # A file that nobody refers to any more is let go wherever that happens to be noticed.
        self.lock = threading.RLock()

    def fits(self, size: int) -> bool:
        """Whether there is room for `size` bytes more beside what is promised."""
        return self.quota is None or self.used + self.promised + size <= self.quota


class DiskFile:
    """A new file at `path`, readable for its owner alone, to be written until `finish`.

    Raises the `OSError` that keeps it from being made.
    """

    def __init__(self, path: Path, room: Room) -> None:
        self.path = path
        self.bytes = 0
        self._room = room
        self._promised = 0
        self._holders = 1
        self._removed = False
        self._stream: BinaryIO | None = _create(path)

    def promise(self, size: int) -> bool:
        """Keep room for the file to grow to `size` bytes; give whether there is as much."""
        with self._room.lock:
            missing = max(0, size - self.bytes - self._promised)
            if self._stream is None or not missing:
                return True
            if not self._room.fits(missing):
                return False
            self._promised += missing
            self._room.promised += missing
            return True

    def append(self, data: bytes) -> None:
        """Write `data` at the end; raise `VaultFullError`, having written nothing, for a quota."""
        self._count(len(data))
        left = memoryview(data)
        while left and self._stream is not None:
            left = left[self._stream.write(left) :]

    def _count(self, size: int) -> None:
        room = self._room
        with room.lock:
            promised = min(size, self._promised)
            if not room.fits(size - promised):
                others = room.used - self.bytes
                kept = f", and {room.promised} are kept for others" if room.promised else ""
                raise VaultFullError(
                    f"the vault's quota of {room.quota} bytes is used up: other files take "
                    f"{others} of them{kept}, and this one needs more than {self.bytes}"
                )
            self._promised -= promised
            room.promised -= promised
            self.bytes += size
            room.used += size

    def finish(self) -> None:
        """End the writing; again does nothing."""
        with self._room.lock:
            stream, self._stream = self._stream, None
            self._room.promised -= self._promised
            self._promised = 0
        if stream is not None:
            stream.close()
            self._let_go()

    def open(self) -> HeldFile:
        """Open the file for reading; raise `FileGoneError` if it is not on the disk any more."""
        with self._room.lock:
            self._holders += 1
        try:
            stream = self.path.open("rb")
        except OSError as error:
            self._let_go()
            if isinstance(error, FileNotFoundError):
                raise FileGoneError(f"{self.path.name} is gone from the disk") from None
            raise VaultError(f"{self.path} cannot be read: {error.strerror}") from error
        return HeldFile(stream, self._let_go)

    def remove(self) -> None:
        """Remove the file; who has it open can read on. Again does nothing."""
        # Some systems keep a file that is being read; without its key it is worthless, and it goes
        # with the directory. Or somebody was here before.
        with suppress(OSError):
            self.path.unlink()
        with self._room.lock:
            before, self._removed = self._removed, True
            if not before and not self._holders:
                self._room.used -= self.bytes

    def _let_go(self) -> None:
        with self._room.lock:
            self._holders -= 1
            if self._removed and not self._holders:
                self._room.used -= self.bytes


class HeldFile:
    """A file that is open for reading, and counts at least until it is closed."""

    def __init__(self, stream: BinaryIO, let_go: Callable[[], None]) -> None:
        self.size = os.fstat(stream.fileno()).st_size
        self._stream = stream
        self._let_go: Callable[[], None] | None = let_go

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; none at the end."""
        return self._stream.read(size)

    def close(self) -> None:
        """End the reading; again does nothing."""
        self._stream.close()
        let_go, self._let_go = self._let_go, None
        if let_go is not None:
            let_go()

    def __del__(self) -> None:
        self.close()


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    # Without a buffer, because every frame is to be read as soon as it is written.
    return os.fdopen(descriptor, "wb", buffering=0)
