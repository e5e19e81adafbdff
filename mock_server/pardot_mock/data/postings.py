"""Which activities belong to whom: the one relation of the world that is not arithmetic.

Who an activity is about is drawn at random, so finding those of a prospect takes a scan. A scan
finds the activities of a whole window of neighbouring prospects at once, and what it found is
remembered: paging through prospects costs one scan for many pages. Memory is bounded by the number
of windows that are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.tables.activities import Activities, contact_bounds
from pardot_mock.data.vectors import index_blocks

if TYPE_CHECKING:
    from pardot_mock.data.vectors import Index, Mask
    from pardot_mock.data.world import World

WINDOW = 4096
"""Prospects whose activities are found together."""

MOST_WINDOWS = 8
"""Windows that are remembered, and that one question may touch."""

_SCAN_ROWS = 1 << 17


@dataclass(frozen=True)
class _Window:
    """Activities of a window of prospects, by prospect and then by index."""

    contacts: Index
    index: Index


class Postings:
    """Finds the activities of prospects in one world; safe to use from several threads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._windows: OrderedDict[int, _Window] = OrderedDict()

    def of(self, contacts: Index) -> Index | None:
        """Give the sorted indexes of the activities in the circles of these prospects.

        `contacts` are indexes of prospects. None if they are spread over too many windows.
        """
        wanted = np.unique(contacts)
        numbers = np.unique(wanted // np.uint64(WINDOW)).tolist()
        if len(numbers) > MOST_WINDOWS:
            return None
        with self._lock:
            known = [number for number in numbers if number in self._windows]
            # What is found now takes the place of windows that nobody asks for here.
            for number in known:
                self._windows.move_to_end(number)
            self._find([number for number in numbers if number not in known])
            found = [self._taken(number, wanted) for number in numbers]
        return np.sort(np.concatenate([*found, np.empty(0, dtype=np.uint64)]))

    def _taken(self, number: int, wanted: Index) -> Index:
        window = self._windows[number]
        low = np.searchsorted(window.contacts, wanted, side="left")
        high = np.searchsorted(window.contacts, wanted, side="right")
        parts = [window.index[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        return np.concatenate([*parts, np.empty(0, dtype=np.uint64)])

    def _find(self, numbers: list[int]) -> None:
        if not numbers:
            return
        contacts, index = self._scan(numbers)
        window_of = contacts // np.uint64(WINDOW)
        for number in numbers:
            mine = window_of == number
            order = np.argsort(contacts[mine], kind="stable")
            self._windows[number] = _Window(contacts[mine][order], index[mine][order])
        while len(self._windows) > MOST_WINDOWS:
            self._windows.popitem(last=False)

    def _scan(self, numbers: list[int]) -> tuple[Index, Index]:
        count = self._world.layout.counts["visitorActivity"]
        everyone = self._world.layout.counts["prospect"] <= WINDOW
        contacts, indexes = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.uint64)]
        for block in index_blocks(range(count), _SCAN_ROWS):
            # Most rows are told to be somebody else's by a fraction of the work.
            index = block if everyone else block[self._may_be_of(block, numbers)]
            contact = Activities(self._world, index).contact
            if not everyone:
                mine = np.isin(contact // np.uint64(WINDOW), numbers)
                contact, index = contact[mine], index[mine]
            contacts.append(contact)
            indexes.append(index)
        return np.concatenate(contacts), np.concatenate(indexes)

    def _may_be_of(self, index: Index, numbers: list[int]) -> Mask:
        """Tell which activities may belong to prospects of some windows; see `contact_bounds`."""
        low, high = contact_bounds(self._world, index)
        found: Mask = np.zeros(len(index), dtype=np.bool_)
        for number in numbers:
            found |= (low < np.uint64((number + 1) * WINDOW)) & (high >= np.uint64(number * WINDOW))
        return found
