"""What can be done with result files, wherever they come from."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from .progress import OnProgress, ignore
from .rows import Row, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    import polars

    from .frames import ArrowTable, PandasFrame


class Results(ABC):
    """Rows and frames from result files.

    Files are fetched whole into a temporary folder, a few ahead of the reader, so no row is
    ever delivered twice or lost when a connection breaks, and memory stays flat.
    """

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...] | None:
        """The columns that were asked for, or None if all were or nobody knows."""

    @abstractmethod
    def _zone(self) -> tzinfo | None:
        """The creator's timezone, if the client was told."""

    @abstractmethod
    def _check(self) -> None:
        """Refuse at once what can be refused before the first file is fetched."""

    @abstractmethod
    def _files(self, folder: Path, progress: OnProgress) -> Iterator[Path]:
        """Complete files as they arrive, each of which may be deleted once it is read."""

    def rows(
        self, *, typed: bool = False, zone: tzinfo | None = None, progress: OnProgress = ignore
    ) -> Iterator[Row]:
        """Every row as a dictionary; the order means nothing.

        Args:
            typed: turn cells into numbers, booleans, datetimes and None; else all is text and
                empty text stands for null.
            zone: timezone of the creator; default is the client's. Without one, typed
                timestamps stay text.
            progress: told about every step, one at a time, from several threads.

        Raises:
            ExportUnavailable: failed, expired or unfinished.
            TransferBroken: a file never arrived whole.
            PardotError: see `Caller.call`.
        """
        self._check()
        return self._rows(typed, zone or self._zone(), progress)

    def _rows(self, typed: bool, zone: tzinfo | None, progress: OnProgress) -> Iterator[Row]:
        with tempfile.TemporaryDirectory(prefix="pardot-") as folder:
            for path in self._files(Path(folder), progress):
                yield from read_rows(path, typed=typed, zone=zone)
                path.unlink()

    def to_polars(
        self, *, zone: tzinfo | None = None, progress: OnProgress = ignore
    ) -> polars.DataFrame:
        """All rows as a typed polars frame.

        Args:
            zone: named timezone of the creator; default is the client's. Without one,
                timestamps stay text.
            progress: see `rows`.

        Raises:
            ModuleNotFoundError: polars is not installed.
            InvalidRequest: the timezone has no name.
            PardotError: see `rows`.
        """
        from .frames import library, polars_frame

        # Before anything is fetched: a call spent in vain is lost for the day.
        library("polars")
        self._check()
        with tempfile.TemporaryDirectory(prefix="pardot-") as folder:
            paths = list(self._files(Path(folder), progress))
            return polars_frame(paths, self.fields or (), zone or self._zone())

    def to_pandas(
        self, *, zone: tzinfo | None = None, progress: OnProgress = ignore
    ) -> PandasFrame:
        """All rows as a typed pandas frame; see `to_polars`.

        Raises:
            ModuleNotFoundError: pandas is not installed.
            PardotError: see `rows`.
        """
        from .frames import library, pandas_frame

        library("pandas")
        rows = self.rows(typed=True, zone=zone, progress=progress)
        return pandas_frame(rows, self.fields or ())

    def to_arrow(self, *, zone: tzinfo | None = None, progress: OnProgress = ignore) -> ArrowTable:
        """All rows as a typed Arrow table; see `to_polars`.

        Raises:
            ModuleNotFoundError: pyarrow is not installed.
            PardotError: see `rows`.
        """
        from .frames import arrow_table, library

        library("pyarrow")
        rows = self.rows(typed=True, zone=zone, progress=progress)
        return arrow_table(rows, self.fields or ())
