"""How long nothing may move on a connection for which something is there to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

Who = TypeVar("Who", bound="Hashable")


class Patience(Generic[Who]):
    """Finds who has shown the same for `seconds`, as far as one look after the other can tell."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[Who, tuple[object, float]] = {}

    def lost_with(self, shown: Mapping[Who, object], now: float) -> list[Who]:
        """Look at what everybody shows at `now`, in seconds that never go back; give the stuck.

        Whoever shows something new, or has not been there at the look before, starts anew.
        """
        before = self._seen
        self._seen = {
            who: before[who] if who in before and before[who][0] == mark else (mark, now)
            for who, mark in shown.items()
        }
        return [who for who, (_, since) in self._seen.items() if now - since >= self._seconds]
