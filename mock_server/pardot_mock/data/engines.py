"""Engines of the worlds in use, so that accounts over the same world share its tables.

A test suite makes an account per test, mostly over one world: building the tables of that world is
by far the dearest part of a fresh account, and they depend on nothing but the world's spec.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pardot_mock.data.common import Common
    from pardot_mock.data.engine import Engine
    from pardot_mock.data.layout import Layout
    from pardot_mock.data.spec import WorldSpec

KEPT = 8
"""Worlds whose tables are kept, the latest used; some megabytes each."""


class Engines:
    """Gives one engine per world; safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._engines: dict[WorldSpec, Engine] = {}
        self._common: Common | None = None

    def engine(self, layout: Layout) -> Engine:
        """Give the engine of a world, made when first asked for. Loads numpy and polars."""
        from pardot_mock.data.common import Common
        from pardot_mock.data.engine import Engine

        with self._lock:
            self._common = self._common or Common.load()
            found = self._engines.pop(layout.spec, None) or Engine(layout, self._common)
            self._engines[layout.spec] = found
            if len(self._engines) > self._kept:
                del self._engines[next(iter(self._engines))]
        return found
