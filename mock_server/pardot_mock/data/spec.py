"""What a synthetic world is asked to be, and the pieces in which its rows are handed out."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SPAN = timedelta(days=1096)
"""The time the rows of a world span before its start: three years with their leap day."""

MAX_ROWS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """A world: everything in it is a pure function of these three values.

    `rows` is the number of visitor activities; the other objects follow from it, and without
    activities there are no people either. `start` is the account's first instant, aware; rows
    span the three years before it. Raises `ValueError` for anything else.
    """

    seed: int
    rows: int
    start: datetime

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= MAX_ROWS:
            raise ValueError(f"rows must be between 0 and {MAX_ROWS}, not {self.rows}")
        if self.start.tzinfo is None:
            raise ValueError("the start of a world needs a timezone")

    @property
    def end(self) -> int:
        """The start of the account in epoch seconds: no row is later."""
        return int(self.start.astimezone(UTC).timestamp())

    @property
    def begin(self) -> int:
        """The earliest instant of a row of an exportable object, in epoch seconds."""
        return self.end - int(SPAN.total_seconds())


@dataclass(frozen=True, slots=True)
class LoadedPart:
    """Loaded rows that a query selects in a version: from `start` up to, but without, `stop`."""

    version: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class FileSlice:
    """The part of a query that one result file holds: `rows` in all.

    They are those of the indexes from `index_from` up to but not including `index_to` that match
    the query, without those that the version `without` hides (0: none), and the rows of `loaded`.
    """

    index_from: int
    index_to: int
    rows: int
    loaded: LoadedPart | None = None
    without: int = 0


def even_slices(
    indexes: range, rows_per_file: int, hidden: Sequence[int] = (), version: int = 0
) -> Iterator[FileSlice]:
    """Cut a range in which every index is a row of the query, but for the `hidden` ones.

    `hidden` is ascending, and what `version` hides.
    """
    start, done = indexes.start, bisect_left(hidden, indexes.start)
    while start < indexes.stop:
        stop, passed = start + rows_per_file, done
        while passed < len(hidden) and hidden[passed] < stop:
            stop, passed = stop + 1, passed + 1
        if stop > indexes.stop:
            stop, passed = indexes.stop, bisect_left(hidden, indexes.stop, done)
        rows = stop - start - (passed - done)
        if rows:
            yield FileSlice(start, stop, rows, without=version if passed > done else 0)
        start, done = stop, passed


def filled_up(
    parts: tuple[FileSlice, ...], version: int, loaded: int, rows_per_file: int
) -> tuple[FileSlice, ...]:
    """Put `loaded` rows of a version behind `parts`: first into the last file, if it has room."""
    done, taken = list(parts), 0
    if parts and loaded:
        last = done.pop()
        taken = min(loaded, rows_per_file - last.rows)
        room = LoadedPart(version, 0, taken) if taken else None
        done.append(replace(last, rows=last.rows + taken, loaded=room))
    end = parts[-1].index_to if parts else 0
    for start in range(taken, loaded, rows_per_file):
        stop = min(start + rows_per_file, loaded)
        done.append(FileSlice(end, end, stop - start, LoadedPart(version, start, stop)))
    return tuple(done)
