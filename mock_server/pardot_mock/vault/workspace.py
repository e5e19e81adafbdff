"""A directory of one's own below a shared one, and the removal of what dead processes left.

A claim is a lock file held open and locked; the operating system frees it when the process ends,
however it ends. A directory whose lock is free, or that has none, belongs to nobody and is swept.
Only names of the pattern `run-*` are ever touched.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PREFIX = "run-"
_LOCK_SUFFIX = ".lock"
_OWNER_ONLY_FILE = 0o600
_OWNER_ONLY_DIRECTORY = 0o700


class Workspace:
    """A claimed directory, `path`; nobody else sweeps it until `release` or the process's end."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY_DIRECTORY)
        _sweep(parent)
        self._lock_path, self._lock = _claim(parent)
        self.path = self._lock_path.with_suffix("")
        self.path.mkdir(mode=_OWNER_ONLY_DIRECTORY)

    def restore(self) -> None:
        """Make the directory and its claim again where somebody has removed them.

        Raises the `OSError` that keeps it from that.
        """
        parent = self._lock_path.parent
        parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY_DIRECTORY)
        if not self._lock_path.exists() and self._lock is not None:
            # A directory without a claim would be swept by the next process.
            before = self._lock
            self._lock_path, self._lock = _claim(parent)
            os.close(before)
            self.path = self._lock_path.with_suffix("")
        self.path.mkdir(exist_ok=True, mode=_OWNER_ONLY_DIRECTORY)

    def release(self) -> None:
        """Remove the directory with everything in it and give up the claim; again does nothing."""
        if self._lock is None:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = None
        with suppress(OSError):
            self._lock_path.unlink()


def _claim(parent: Path) -> tuple[Path, int | None]:
    while True:
        path = parent / f"{_PREFIX}{os.urandom(8).hex()}{_LOCK_SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
        # A sweeper may have taken the new file for a dead one before it was locked.
        if _try_lock(descriptor) and path.exists():
            return path, descriptor
        os.close(descriptor)


def _sweep(parent: Path) -> None:
    for lock_path in parent.glob(f"{_PREFIX}*{_LOCK_SUFFIX}"):
        try:
            descriptor = os.open(lock_path, os.O_RDWR)
        except OSError:
            continue
        try:
            if _try_lock(descriptor):
                shutil.rmtree(lock_path.with_suffix(""), ignore_errors=True)
                lock_path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
    for path in parent.glob(f"{_PREFIX}*"):
        if path.is_dir() and not path.with_name(path.name + _LOCK_SUFFIX).exists():
            shutil.rmtree(path, ignore_errors=True)


def _try_lock(descriptor: int) -> bool:
    """Take the lock if nobody has it; the lock ends with the descriptor."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        return _try_lock_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _try_lock_windows(descriptor: int) -> bool:  # pragma: no cover - Windows
    import msvcrt

    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
