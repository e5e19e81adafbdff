"""Sealed result files: written once, read decrypted, and unreadable for good after a shred.

- Plaintext never touches the disk and is never whole in memory.
- The key of an export lives in the key ring only; destroying it makes every copy of the files
  worthless, also copies that were made before.
- Names on disk are random; what an export or a file is called never becomes part of a path.
"""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pardot_mock.vault.errors import (
    FileGoneError,
    KeyGoneError,
    VaultClosedError,
    VaultFullError,
)
from pardot_mock.vault.frames import FrameCipher, open_frames, plain_size, read_header
from pardot_mock.vault.keys import KeyRing
from pardot_mock.vault.sealing import Sealing
from pardot_mock.vault.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path

SEALERS = 2
"""Files that are sealed at the same time, chunk by chunk in turn; the others wait.

One is as fast as two, but a small file does not wait for the end of a large one.
"""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file in the vault: `size` is its plaintext in bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class _Stored:
    path: Path
    sealed_bytes: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The ciphertext of a file: its random name, and its bytes on the disk."""

    name: str
    bytes: int


class OpenedFile:
    """The decrypted bytes of a file in pieces of at most 256 KiB; `close` ends it early.

    `size` is how many there are, in bytes.
    """

    def __init__(self, cipher: FrameCipher, stream: BinaryIO, size: int) -> None:
        self.size = size
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
        self._turn = threading.Lock()
        self._sealing: dict[tuple[str, str], Sealing] = {}
        self._threads: ThreadPoolExecutor | None = None

    @property
    def quota_bytes(self) -> int | None:
        """The most bytes that may lie on the disk; None for no bound."""
        return self._quota

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
        sealing = self._begin(export, file)
        sealing.run(chunks)
        return SealedFile(sealing.wait())

    def start(self, export: str, file: str, make: Callable[[], Iterable[bytes]]) -> Sealing:
        """Begin to `seal` what `make` gives on one of the vault's own threads, or join the sealing
        of that file that is under way; give what can be followed.

        Raises `VaultClosedError` after `close`; what goes wrong later is raised to who follows or
        waits.
        """
        name = export, file
        with self._lock:
            under_way = self._sealing.get(name)
            if under_way is not None:
                return under_way
            sealing = self._sealing[name] = self._begin(export, file)
            if self._threads is None:
                from concurrent.futures import ThreadPoolExecutor

                self._threads = ThreadPoolExecutor(SEALERS, "pardot-mock-sealer")
            future = self._threads.submit(self._run, sealing, make)
        future.add_done_callback(lambda done: self._ended(sealing, run=not done.cancelled()))
        return sealing

    def _run(self, sealing: Sealing, make: Callable[[], Iterable[bytes]]) -> None:
        # Closed at once when something goes wrong, because threads of its own may work for it.
        with closing(self._in_turn(make())) as chunks:
            sealing.run(chunks)

    def _in_turn(self, chunks: Iterable[bytes]) -> Generator[bytes, None, None]:
        """Give the chunks of a file; no two files have one made at the same time."""
        coming = iter(chunks)
        while True:
            with self._turn:
                chunk = next(coming, None)
            if chunk is None:
                return
            yield chunk
            del chunk

    def _ended(self, sealing: Sealing, *, run: bool) -> None:
        if not run:
            sealing.abandon()
        with self._lock:
            if self._sealing.get((sealing.export, sealing.file)) is sealing:
                del self._sealing[sealing.export, sealing.file]

    def _begin(self, export: str, file: str) -> Sealing:
        with self._lock:
            self._refuse_when_closed()
            key = self._keys.get_or_create(export)
            path = self._workspace.path / f"{os.urandom(16).hex()}.sealed"
            return Sealing(self, key, (export, file), path)

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
            stored = self._find(export, file)
            stream = _opened(stored.path)
        try:
            cipher = FrameCipher(key, export, file, read_header(stream))
        except BaseException:
            stream.close()
            raise
        return OpenedFile(cipher, stream, plain_size(stored.sealed_bytes))

    def stored_path(self, export: str, file: str) -> Path:
        """Give where the ciphertext lies; raise `FileGoneError` if there is none."""
        with self._lock:
            return self._find(export, file).path

    def stored(self, export: str) -> dict[str, StoredFile]:
        """Give the sealed files of an export by their own names."""
        with self._lock:
            files = self._stored.get(export, {})
            return {
                file: StoredFile(stored.path.stem, stored.sealed_bytes)
                for file, stored in files.items()
            }

    def path_of(self, name: str) -> Path | None:
        """Give where the ciphertext called `name` lies; None if there is none, or not any more."""
        with self._lock:
            every = (stored for files in self._stored.values() for stored in files.values())
            return next((stored.path for stored in every if stored.path.stem == name), None)

    def shred(self, export: str) -> None:
        """Destroy the key of an export and remove its files; again does nothing."""
        with self._lock:
            self._keys.destroy(export)
            # What is under way goes on for those who follow it, but nobody joins it any more.
            for name in [name for name in self._sealing if name[0] == export]:
                del self._sealing[name]
            for stored in self._stored.pop(export, {}).values():
                self.discard(stored.path, stored.sealed_bytes)

    def close(self) -> None:
        """Shred everything and remove the vault's own directory; again does nothing."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, None
        if threads is not None:
            # Whatever is being sealed ends at its next frame.
            threads.shutdown(cancel_futures=True)
        with self._lock:
            for export in list(self._stored):
                self.shred(export)
            self._keys.destroy_all()
            self._workspace.release()

    def admit(self, sealing: Sealing) -> None:
        """Take a finished file in; see `Sealing`."""
        with self._lock:
            self._refuse_when_closed()
            export, file = sealing.export, sealing.file
            if not self._keys.holds(export, sealing.key):
                raise KeyGoneError(f"{export!r} was shredded while {file!r} was being sealed")
            files = self._stored.setdefault(export, {})
            before = files.get(file)
            files[file] = _Stored(sealing.path, sealing.written)
            if before is not None:
                self.discard(before.path, before.sealed_bytes)

    def take(self, size: int) -> None:
        """Count bytes that are about to be written; see `Sealing`."""
        with self._lock:
            self._refuse_when_closed()
            if self._quota is not None and self._used + size > self._quota:
                raise VaultFullError(f"the vault's quota of {self._quota} bytes is used up")
            self._used += size

    def discard(self, path: Path, size: int) -> None:
        """Remove a file and stop counting its bytes; see `Sealing`."""
        with self._lock:
            self._used -= size
        # Some systems keep a file that is being read; without its key it is worthless, and it goes
        # with the directory.
        with suppress(PermissionError):
            path.unlink(missing_ok=True)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise VaultClosedError("the vault is closed")

    def _find(self, export: str, file: str) -> _Stored:
        stored = self._stored.get(export, {}).get(file)
        if stored is None:
            raise FileGoneError(f"{file!r} of {export!r} is not in the vault")
        return stored


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileGoneError(f"{path.name} is gone from the disk") from None
