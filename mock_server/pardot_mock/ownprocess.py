"""How a process of the emulator's own is set up; one of somebody else's is left as it is."""

from __future__ import annotations

import contextlib
import os

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_KEPT_BYTES = 64 * 1024 * 1024


def set_up() -> None:
    """Set up the memory and the libraries of this process, as far as they can be set up.

    To be called before there are threads and before numpy is loaded.

    - All threads share one heap: with a heap per thread the memory of a process grows with the
      number of threads that ever made a large answer.
    - The heap keeps what is freed. Batches of rows are some MB each, made and freed hundreds of
      times; handing them back and taking fresh pages costs a fifth of the time of an export.
    - Nothing here multiplies matrices, so the threads that numpy would start for it stay away.
    """
    import ctypes

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # How the allocator that polars brings along is told.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1")
    with contextlib.suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
