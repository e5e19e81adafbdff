"""One run at a time, across processes: a lock that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from pardot_client.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":  # pragma: no cover - the other branch on other systems
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Hold the lock of a file; an empty file of its name and `.lock` stays behind.

    Raises:
        InvalidRequest: another run holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("ab") as file:
        try:
            _take(file.fileno())
        except OSError as error:
            raise InvalidRequest(
                f"another run is using {path}; wait for it, or give each its own --state"
            ) from error
        yield
