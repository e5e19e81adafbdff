"""Sealed result files: written once, read decrypted, and unreadable for good after a shred.

- Plaintext never touches the disk and is never whole in memory.
- The key of an export lives in the key ring only; destroying it makes every copy of the files
  worthless, also copies that were made before.
- Names on disk are random; what an export or a file is called never becomes part of a path.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pardot_mock.vault.errors import (
    FileGoneError,
    KeyGoneError,
    VaultClosedError,
    VaultFullError,
)
from pardot_mock.vault.frames import FrameCipher, open_frames, plain_size, read_header, seal_frames
from pardot_mock.vault.keys import KeyRing
from pardot_mock.vault.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file in the vault: `size` is its plaintext in bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class _Stored:
    path: Path
    sealed_bytes: int


class OpenedFile:
    """The decrypted bytes of a file in pieces of at most 256 KiB; `close` ends it early."""

    def __init__(self, cipher: FrameCipher, stream: BinaryIO) -> None:
        self._stream = stream
        self._frames = open_frames(cipher, stream)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._frames)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file on disk; further reading ends or fails."""
        self._frames = iter(())
        self._stream.close()

    def __del__(self) -> None:
        self._stream.close()


class Vault:
    """The sealed files of one process below `directory`; safe to use from several threads.

    `quota_bytes` bounds what lies on the disk at any time, counted as written; None: no bound but
    the disk. Opening a vault removes what crashed processes left in `directory`; vaults that are
    alive in the same directory do not disturb each other.
    """

    def __init__(self, directory: Path, *, quota_bytes: int | None = None) -> None:
        self._workspace = Workspace(directory)
        self._quota = quota_bytes
        self._used = 0
        self._keys = KeyRing()
        self._stored: dict[str, dict[str, _Stored]] = {}
        self._lock = threading.RLock()
        self._closed = False

    @property
    def used_bytes(self) -> int:
        """The bytes on disk, of finished files and of those being written."""
        return self._used

    def seal(self, export: str, file: str, chunks: Iterable[bytes]) -> SealedFile:
        """Encrypt `chunks` into the file; a file of that name is replaced at the end.

        Raises `VaultFullError` when quota or disk do not suffice, `KeyGoneError` when the export
        is shredded meanwhile, `VaultClosedError` after `close`, and whatever `chunks` raises; in
        every such case nothing of the file is kept.
        """
        with self._lock:
            self._refuse_when_closed()
            key = self._keys.get_or_create(export)
            part = self._workspace.path / f"{os.urandom(16).hex()}.part"
            new = _create(part)
        written = 0
        try:
            with new as stream:
                for frame in seal_frames(key, export, file, chunks):
                    self._take(len(frame))
                    written += len(frame)
                    stream.write(frame)
            self._admit(export, file, key, _Stored(part.with_suffix(".sealed"), written))
        except BaseException as error:
            self._discard(part, written)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise VaultFullError("the disk is full") from error
            raise
        return SealedFile(plain_size(written))

    def sealed(self, export: str, file: str) -> SealedFile | None:
        """Give the file if it is in the vault; None if it is not, or not any more."""
        with self._lock:
            stored = self._stored.get(export, {}).get(file)
        return None if stored is None else SealedFile(plain_size(stored.sealed_bytes))

    def open(self, export: str, file: str) -> OpenedFile:
        """Give the decrypted bytes of the file; what was opened can be read to its end.

        Raises `KeyGoneError` and `FileGoneError` at once, and `TamperedError` at once for a bad
        header, otherwise when the bad frame is reached: bytes that are not authentic never come
        out, but authentic ones before them may.
        """
        with self._lock:
            key = self._keys.get(export)
            stream = self._open_stored(export, file)
        try:
            cipher = FrameCipher(key, export, file, read_header(stream))
        except BaseException:
            stream.close()
            raise
        return OpenedFile(cipher, stream)

    def stored_path(self, export: str, file: str) -> Path:
        """Give where the ciphertext lies; raise `FileGoneError` if there is none."""
        with self._lock:
            return self._find(export, file).path

    def shred(self, export: str) -> None:
        """Destroy the key of an export and remove its files; again does nothing."""
        with self._lock:
            self._keys.destroy(export)
            for stored in self._stored.pop(export, {}).values():
                self._discard(stored.path, stored.sealed_bytes)

    def close(self) -> None:
        """Shred everything and remove the vault's own directory; again does nothing."""
        with self._lock:
            self._closed = True
            for export in list(self._stored):
                self.shred(export)
            self._keys.destroy_all()
            self._workspace.release()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise VaultClosedError("the vault is closed")

    def _find(self, export: str, file: str) -> _Stored:
        stored = self._stored.get(export, {}).get(file)
        if stored is None:
            raise FileGoneError(f"{file!r} of {export!r} is not in the vault")
        return stored

    def _open_stored(self, export: str, file: str) -> BinaryIO:
        path = self._find(export, file).path
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise FileGoneError(f"{file!r} of {export!r} is gone from the disk") from None

    def _admit(self, export: str, file: str, key: bytes, stored: _Stored) -> None:
        with self._lock:
            self._refuse_when_closed()
            if not self._keys.holds(export, key):
                raise KeyGoneError(f"{export!r} was shredded while {file!r} was being sealed")
            stored.path.with_suffix(".part").rename(stored.path)
            files = self._stored.setdefault(export, {})
            before = files.get(file)
            files[file] = stored
            if before is not None:
                self._discard(before.path, before.sealed_bytes)

    def _take(self, size: int) -> None:
        with self._lock:
            if self._quota is not None and self._used + size > self._quota:
                raise VaultFullError(f"the vault's quota of {self._quota} bytes is used up")
            self._used += size

    def _discard(self, path: Path, size: int) -> None:
        with self._lock:
            self._used -= size
        # Some systems keep a file that is being read; without its key it is worthless, and it goes
        # with the directory.
        with suppress(PermissionError):
            path.unlink(missing_ok=True)


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    return os.fdopen(descriptor, "wb")
