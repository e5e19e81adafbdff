"""Sealed result files: written once, read decrypted, and unreadable for good after a shred.

- Plaintext never touches the disk and is never whole in memory.
- The key of an export lives in the key ring only; destroying it makes every copy of the files
  worthless, also copies that were made before.
- Names on disk are random; what an export or a file is called never becomes part of a path.
"""

from __future__ import annotations

import os
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_mock.vault.errors import (
    FileGoneError,
    KeyGoneError,
    VaultClosedError,
    VaultError,
    VaultFullError,
)
from pardot_mock.vault.frames import FrameCipher, open_frames, plain_size, read_header
from pardot_mock.vault.keys import KeyRing
from pardot_mock.vault.room import DiskFile, HeldFile, Room
from pardot_mock.vault.sealing import FULL, Sealing
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
class StoredFile:
    """The ciphertext of a file: its random name, and its bytes on the disk."""

    name: str
    bytes: int


class OpenedFile:
    """The decrypted bytes of a file in pieces of at most 256 KiB; `close` ends it early.

    `size` is how many there are, in bytes.
    """

    def __init__(self, cipher: FrameCipher, stream: HeldFile, size: int) -> None:
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


class Vault:
    """The sealed files of one process below `directory`; safe to use from several threads.

    `quota_bytes` bounds what lies on the disk at any time, counted as written; None: no bound but
    the disk. Once it is used up, `free` is called to shred what nobody needs any more, on a thread
    that holds no lock. Opening a vault removes what crashed processes left in `directory`; vaults
    that are alive in the same directory do not disturb each other.
    """

    def __init__(
        self,
        directory: Path,
        *,
        quota_bytes: int | None = None,
        free: Callable[[], None] | None = None,
    ) -> None:
        self._workspace = Workspace(directory)
        self._room = Room(quota_bytes)
        self._free = free
        self._keys = KeyRing()
        self._stored: dict[str, dict[str, DiskFile]] = {}
        self._lock = threading.RLock()
        self._closed = False
        self._turn = threading.Lock()
        self._sealing: dict[tuple[str, str], Sealing] = {}
        self._threads: ThreadPoolExecutor | None = None

    @property
    def quota_bytes(self) -> int | None:
        """The most bytes that may lie on the disk; None for no bound."""
        return self._room.quota

    @property
    def used_bytes(self) -> int:
        """The bytes on disk: of finished files, of those being written, and of removed ones that
        somebody is still reading.
        """
        return self._room.used

    def seal(
        self, export: str, file: str, chunks: Iterable[bytes], *, may_make_room: bool = False
    ) -> SealedFile:
        """Encrypt `chunks` into the file; a file of that name is replaced at the end.

        With `may_make_room`, which only a caller without locks may say, `free` is called before a
        quota refuses. Raises `VaultFullError` when quota or disk do not suffice, `KeyGoneError`
        when the export is shredded meanwhile, `VaultClosedError` after `close`, and whatever
        `chunks` raises; in every such case nothing of the file is kept.
        """
        sealing = self._begin(export, file, may_make_room=may_make_room)
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
            sealing = self._sealing[name] = self._begin(export, file, may_make_room=True)
            if self._threads is None:
                from concurrent.futures import ThreadPoolExecutor

                self._threads = ThreadPoolExecutor(SEALERS, "pardot-mock-sealer")
            future = self._threads.submit(self._run, sealing, make)
        future.add_done_callback(lambda done: sealing.abandon() if done.cancelled() else None)
        return sealing

    def _run(self, sealing: Sealing, make: Callable[[], Iterable[bytes]]) -> None:
        # Closed at once when something goes wrong, because threads of its own may work for it.
        with closing(self._in_turn(make)) as chunks:
            sealing.run(chunks)

    def _in_turn(self, make: Callable[[], Iterable[bytes]]) -> Generator[bytes, None, None]:
        """Give the chunks of a file; no two files have one made at the same time."""
        coming = iter(make())
        while True:
            with self._turn:
                chunk = next(coming, None)
            if chunk is None:
                return
            yield chunk
            del chunk

    def _begin(self, export: str, file: str, *, may_make_room: bool) -> Sealing:
        with self._lock:
            self.refuse_when_closed()
            key, disk = self._keys.get_or_create(export), self._new_file()
            return Sealing(self, key, (export, file), disk, may_make_room=may_make_room)

    def _new_file(self) -> DiskFile:
        try:
            try:
                return DiskFile(self._new_path(), self._room)
            except FileNotFoundError:
                self._workspace.restore()
                return DiskFile(self._new_path(), self._room)
        except OSError as error:
            kind = VaultFullError if error.errno in FULL else VaultError
            reason = f"{self._workspace.path} takes no new file: {error.strerror}"
            raise kind(reason) from error

    def _new_path(self) -> Path:
        return self._workspace.path / f"{os.urandom(16).hex()}.sealed"

    def sealed(self, export: str, file: str) -> SealedFile | None:
        """Give the file if it is in the vault; None if it is not, or not any more."""
        with self._lock:
            stored = self._stored.get(export, {}).get(file)
        return None if stored is None else SealedFile(plain_size(stored.bytes))

    def open(self, export: str, file: str) -> OpenedFile:
        """Give the decrypted bytes of the file; what was opened can be read to its end.

        Raises `KeyGoneError` and `FileGoneError` at once, and `TamperedError` at once for a bad
        header, otherwise when the bad frame is reached: bytes that are not authentic never come
        out, but authentic ones before them may. A file that somebody has removed from the disk is
        not in the vault from then on.
        """
        with self._lock:
            key = self._keys.get(export)
            stored = self._find(export, file)
            try:
                stream = stored.open()
            except FileGoneError:
                self._forget(export, file)
                raise
        try:
            cipher = FrameCipher(key, export, file, read_header(stream))
        except BaseException:
            stream.close()
            raise
        return OpenedFile(cipher, stream, plain_size(stored.bytes))

    def stored_path(self, export: str, file: str) -> Path:
        """Give where the ciphertext lies; raise `FileGoneError` if there is none."""
        with self._lock:
            return self._find(export, file).path

    def stored(self, export: str) -> dict[str, StoredFile]:
        """Give the sealed files of an export by their own names, as far as they are on the disk."""
        with self._lock:
            self._forget_missing(export)
            files = self._stored.get(export, {})
            return {file: StoredFile(disk.path.stem, disk.bytes) for file, disk in files.items()}

    def open_ciphertext(self, name: str) -> HeldFile | None:
        """Open the ciphertext called `name`; None if there is none, or not any more."""
        with self._lock:
            every = (disk for files in self._stored.values() for disk in files.values())
            disk = next((disk for disk in every if disk.path.stem == name), None)
            try:
                return None if disk is None else disk.open()
            except FileGoneError:
                return None

    def shred(self, export: str) -> None:
        """Destroy the key of an export and remove its files; again does nothing."""
        with self._lock:
            self._keys.destroy(export)
            # What is under way goes on for those who follow it, but nobody joins it any more.
            for name in [name for name in self._sealing if name[0] == export]:
                self._sealing.pop(name).shred()
            for disk in self._stored.pop(export, {}).values():
                disk.remove()

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
            self.refuse_when_closed()
            export, file = sealing.export, sealing.file
            if not self._keys.holds(export, sealing.key):
                raise KeyGoneError(f"{export!r} was shredded while {file!r} was being sealed")
            before = self._stored.setdefault(export, {}).get(file)
            self._stored[export][file] = sealing.disk
            if before is not None:
                before.remove()

    def dismiss(self, sealing: Sealing) -> None:
        """Let nobody join the sealing any more; see `Sealing`."""
        with self._lock:
            if self._sealing.get((sealing.export, sealing.file)) is sealing:
                del self._sealing[sealing.export, sealing.file]

    def make_room(self) -> None:
        """Forget what is not on the disk any more, and let what nobody needs be shredded."""
        with self._lock:
            for export in list(self._stored):
                self._forget_missing(export)
        if self._free is not None:
            self._free()

    def refuse_when_closed(self) -> None:
        """Raise `VaultClosedError` after `close`."""
        if self._closed:
            raise VaultClosedError("the vault is closed")

    def _forget_missing(self, export: str) -> None:
        files = self._stored.get(export, {})
        for file in [file for file, disk in files.items() if not disk.path.exists()]:
            self._forget(export, file)

    def _forget(self, export: str, file: str) -> None:
        self._stored[export].pop(file).remove()

    def _find(self, export: str, file: str) -> DiskFile:
        stored = self._stored.get(export, {}).get(file)
        if stored is None:
            raise FileGoneError(f"{file!r} of {export!r} is not in the vault")
        return stored
