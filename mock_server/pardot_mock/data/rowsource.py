"""The rows of one account as the synchronous API sees them: looked up by id, or queried in pages.

This is the seam between reading and writing. Three sources are seen as one:

- the synthetic world, a function of seed, object and index;
- fixed rows, which the account brings itself (its users);
- the overlay: rows that were loaded or written. **A row of the overlay stands in the place of the
  synthetic or fixed row with the same id.** So a change of a synthetic row is a row in the overlay
  with all its values, and a deletion is such a row with `is_deleted` set. Deleted rows of objects
  that can be asked for them (`WITH_DELETED`) are found with `deleted`; deleted rows of every other
  object are never found again, and `undelete` writes the row without the mark.

Reading asks the overlay for `Overlay.current(name, version)`, the rows of an object as a
`LoadedBlock` or None, and for the places in the world that the same version hides. Whoever writes
has only to see to it that both are right; a query never remembers a row. Counts are remembered of
the synthetic world alone, which never changes.

Light to import: numpy and polars come with the first question.
"""

from __future__ import annotations

import threading
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pardot_mock.data.dataset import Dataset
    from pardot_mock.data.reading import Reader, RowPage
    from pardot_mock.domain.records import Record, Row
    from pardot_mock.domain.selections import RowSelection
    from pardot_mock.domain.shapes import Part

NO_ROWS: Mapping[str, Callable[[], Sequence[Row]]] = MappingProxyType({})


class RowSource:
    """The rows of `dataset`, and `fixed` rows by object; safe to use from several threads."""

    def __init__(
        self, dataset: Dataset, fixed: Mapping[str, Callable[[], Sequence[Row]]] = NO_ROWS
    ) -> None:
        self._dataset = dataset
        self._fixed = fixed
        self._lock = threading.Lock()

    @cached_property
    def _reader(self) -> Reader:
        with self._lock:
            # Another thread may have been faster.
            found: Reader | None = self.__dict__.get("_reader")
            if found is not None:
                return found
            from pardot_mock.data.reading import Reader

            return Reader(self._dataset, self._fixed)

    def lookup(
        self, name: str, ids: Iterable[int], fields: Sequence[str] | None = None
    ) -> Mapping[int, Row]:
        """Give the rows of an object that have one of `ids`, by id.

        Deleted rows of objects that keep them are among them. Values are int, float, str, bool, an
        aware UTC datetime, a tuple of texts, or None. `fields` defaults to all of the object.
        Raises `KeyError` for an unknown object or field.
        """
        return self._reader.lookup(name, ids, fields)

    def query(self, selection: RowSelection, fields: Sequence[str] | None = None) -> RowPage:
        """Give one page of rows and how many match in all; see `lookup` for `fields`.

        A page by id or created_at takes milliseconds at any size of the world; a condition on
        another column may take a scan of the object's rows, in bounded memory.
        """
        return self._reader.query(selection, fields)

    def gather(self, name: str, rows: Iterable[Row], parts: Sequence[Part]) -> list[Record]:
        """Give rows of an object with the rows that `parts` of its shape refer to."""
        return self._reader.gather(name, rows, parts)

    def columns_of(self, parts: Sequence[Part]) -> Sequence[str]:
        """Give the columns that `parts` of a shape need."""
        return self._reader.columns_of(parts)
