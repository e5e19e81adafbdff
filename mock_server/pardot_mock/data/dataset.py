"""The rows of one account, as the rest of the emulator sees them.

Making a dataset costs nothing and importing it loads neither numpy nor polars; both come with the
first question about rows. A question is answered from the query alone: the same query and slice
give the same bytes whenever they are asked, so files need no storage. Loaded and written rows come
in versions that never change; a slice names the version it is of.
"""

from __future__ import annotations

import threading
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from pardot_mock.data.engines import Engines
from pardot_mock.data.layout import Layout
from pardot_mock.data.spec import even_slices, filled_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pardot_mock.data.engine import Engine
    from pardot_mock.data.loadedblock import LoadedBlock
    from pardot_mock.data.overlay import Overlay
    from pardot_mock.data.overlaychecks import CheckedRows
    from pardot_mock.data.spec import FileSlice, WorldSpec
    from pardot_mock.data.truth import Truth
    from pardot_mock.domain.rows import RowQuery


class Dataset:
    """The synthetic world of `spec`, and the rows loaded and written beside it and over it.

    Safe to use from several threads. Datasets with the same `engines` share the tables of the same
    world.
    """

    def __init__(self, spec: WorldSpec, engines: Engines | None = None) -> None:
        self.spec = spec
        self._engines = engines or Engines()
        self._lock = threading.Lock()
        self._overlay: Overlay | None = None

    @cached_property
    def _layout(self) -> Layout:
        return Layout(self.spec)

    @cached_property
    def _engine(self) -> Engine:
        return self._engines.engine(self._layout)

    def prepare(self) -> None:
        """Load the heavy libraries and the tables of the world now, so that the first file does
        not wait for them (about 0.3 s); again does nothing.
        """
        self._engine.prepare()

    def estimate(self, query: RowQuery) -> int:
        """Give about how many rows have to be looked at for `query`; at least the rows it selects.

        Arithmetic on the time range only: some microseconds, without numpy. Loaded rows, where
        there are any, are counted exactly.
        """
        return len(self._layout.candidates(query)) + self._selected(query, self.version)

    def slices(
        self, query: RowQuery, rows_per_file: int, version: int | None = None
    ) -> tuple[FileSlice, ...]:
        """Cut the rows of `query` into files of `rows_per_file`, in the order of creation.

        Every row is in exactly one slice, no slice is empty, and all but the last are full. The
        loaded rows of `version` (default: the latest) come after those of the synthetic world.
        Without a filter on anything but created_at this is arithmetic, without numpy; otherwise the
        time range is scanned in bounded memory. Raises `ValueError` for less than one row per file.
        """
        if rows_per_file < 1:
            raise ValueError(f"a file holds at least one row, not {rows_per_file}")
        pinned = self.version if version is None else version
        hidden = self.hidden(query.object, pinned)
        if self._layout.takes_every_candidate(query):
            candidates = self._layout.candidates(query)
            parts = tuple(even_slices(candidates, rows_per_file, hidden, pinned))
        else:
            parts = self._engine.slices(query, rows_per_file, hidden, pinned)
        return filled_up(parts, pinned, self._selected(query, pinned), rows_per_file)

    def _selected(self, query: RowQuery, version: int) -> int:
        """Count the loaded rows of a version that a query selects."""
        overlay = self._overlay
        return overlay.selected(query, version).height if overlay is not None and version else 0

    def hidden(self, name: str, version: int | None = None) -> Sequence[int]:
        """Give the indexes of the world whose rows were written anew, ascending."""
        overlay = self._overlay
        return overlay.hidden(name, version) if overlay is not None and version != 0 else ()

    def csv(self, query: RowQuery, file_slice: FileSlice) -> Iterator[bytes]:
        """Write one file: the header, then CSV in pieces of some megabytes at most.

        The rows are in a random but fixed order. Raises `KeyError` for an unknown object or field.
        """
        return self._engine.csv(query, file_slice, self._overlay)

    def truth(self, query: RowQuery, slices: Iterable[FileSlice]) -> Truth:
        """Say what a correct client must have received; computed from the data, file by file."""
        return self._engine.truth(query, slices, self._overlay)

    @property
    def version(self) -> int:
        """The version of the rows: the number of loads and writes so far."""
        return 0 if self._overlay is None else self._overlay.version

    def load(self, checked: CheckedRows) -> int:
        """Add rows beside the synthetic ones and give the version they make.

        Raises `BadRowError` for an id of the synthetic world, and then loads nothing.
        """
        return self._own_overlay().load(checked, self._taken(checked.object))

    def _taken(self, name: str) -> range:
        """Give the range in which the ids of the synthetic world lie."""
        ids = self._layout.ids[name]
        return range(ids.base, ids.base + ids.step * self.count(name))

    def write(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Put rows in place, all in one version, and give the version.

        A row is its object and its values: every field as `rows` gives it, and `is_deleted`. It
        takes the place of the row with its id, synthetic or not. A name the object does not have
        is that of a field the account has defined itself.
        """
        placed = ((name, row, self.index_of(name, row["id"])) for name, row in rows)
        return self._own_overlay().write(placed)

    def changes(self, name: str) -> int:
        """Give how often rows of an object were loaded or written."""
        return 0 if self._overlay is None else self._overlay.changes(name)

    def next_id(self, name: str) -> int:
        """Give the lowest id above every one there is and was."""
        highest = 0 if self._overlay is None else self._overlay.highest(name)
        return max(self._taken(name).stop - 1, highest) + 1

    def find(self, name: str, row_id: int) -> dict[str, Any] | None:
        """Give the row with this id as values, with `is_deleted`; None if there is none.

        Values are as `rows` gives them. Deleted rows are found too. Raises `KeyError` for an
        unknown object.
        """
        found = None if self._overlay is None else self._overlay.find(name, row_id)
        if found is not None:
            return found
        return next(self._synthetic(name, [row_id]), None)

    def find_many(self, name: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Give those of some rows that there are, by id; see `find`."""
        found = {} if self._overlay is None else self._overlay.find_many(name, ids)
        for row in self._synthetic(name, [row_id for row_id in ids if row_id not in found]):
            found[row["id"]] = row
        return found

    def _synthetic(self, name: str, ids: Iterable[int]) -> Iterator[dict[str, Any]]:
        places = (self.index_of(name, row_id) for row_id in ids)
        indexes = [place for place in places if place is not None]
        if not indexes:
            return iter(())
        return self._engine.rows_at(name, indexes, self._fields(name, None))

    def _own_overlay(self) -> Overlay:
        with self._lock:
            if self._overlay is None:
                from pardot_mock.data.overlay import Overlay

                self._overlay = Overlay(self.spec.seed)
            return self._overlay

    def loaded(self, name: str) -> int:
        """Give how many loaded and written rows an object has now; replaced ones do not count."""
        return 0 if self._overlay is None else self._overlay.count(name)

    @property
    def engine(self) -> Engine:
        """What the answers come from; loads numpy and polars."""
        return self._engine

    def overlaid(self, name: str, version: int) -> LoadedBlock | None:
        """Give the rows of an object that a version has in the overlay; None if there are none."""
        return None if self._overlay is None else self._overlay.current(name, version)

    def count(self, name: str) -> int:
        """Give the number of indexes of an object in the synthetic world.

        Of a sparse object not every index has a row.
        """
        return self._layout.counts[name]

    def index_of(self, name: str, row_id: int) -> int | None:
        """Give the index of the row with this id; None if there is none (see `count`)."""
        index = self._layout.ids[name].index_of(row_id)
        return index if index is not None and index < self.count(name) else None

    def rows(
        self, name: str, indexes: range | None = None, fields: Sequence[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Read rows of any object as values, in the order of `indexes` of the synthetic world.

        Without `indexes` it is every row there is, deleted ones included: the synthetic ones in
        whose place no other was written, then the loaded and written ones.
        Values are int, float, str, bool, an aware UTC datetime, a tuple of texts, or None.
        `fields` defaults to all fields of the object, exportable or not. Raises `KeyError` for an
        unknown object or field, `IndexError` for indexes outside of 0 to `count`.
        """
        count = self.count(name)
        wanted = range(count) if indexes is None else indexes
        if len(wanted) and not (min(wanted) >= 0 and max(wanted) < count):
            raise IndexError(f"{name} has the indexes 0 to {count - 1}, not {wanted}")
        asked = self._fields(name, fields)
        if indexes is not None or self._overlay is None:
            return self._engine.rows(name, wanted, asked)
        synthetic = self._engine.rows(name, wanted, asked, self.hidden(name))
        return chain(synthetic, self._engine.loaded_rows(name, asked, self._overlay))

    def _fields(self, name: str, fields: Sequence[str] | None) -> Sequence[str]:
        from pardot_fixtures.catalog import OBJECTS

        known = [field.name for field in OBJECTS[name].fields]
        unknown = [field for field in fields or () if field not in known]
        if unknown:
            raise KeyError(f"{name} has no field {unknown[0]!r}")
        return known if fields is None else fields
