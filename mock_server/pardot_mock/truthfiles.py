"""The CSV files that a client wrote, as rows with the columns of an export in its order."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

from pardot_mock.truth import read_table
from pardot_mock.truthcells import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pardot_mock.truthcells import Row

_PIECE = 1 << 20


class UnlikeFilesError(Exception):
    """Files cannot be the result of an export: unreadable, or of other columns."""


class ClientFiles:
    """The `.csv` files of a folder, in any case of letters; each may order its columns its way."""

    def __init__(self, directory: Path) -> None:
        found = (path for path in directory.iterdir() if path.suffix.lower() == ".csv")
        self.paths = sorted(path for path in found if path.is_file())
        self._size = sum(path.stat().st_size for path in self.paths)
        self._read = 0

    def progress(self) -> str:
        """Say how much has been read of all files."""
        return f"{self._read >> 20} of {self._size >> 20} MiB read"

    def rows(self, fields: Sequence[str]) -> Iterator[Row]:
        """Give every row with its cells in the order of `fields`.

        Raises `UnlikeFilesError` before the first row, naming every file whose header has not
        exactly the columns `fields`, and later for a file that cannot be read.
        """
        misfits = [said for path in self.paths for said in _misfit(path, fields)]
        if misfits:
            raise UnlikeFilesError("\n".join(misfits))
        self._read = 0
        for path in self.paths:
            try:
                yield from self._rows_of(path, fields)
            except (csv.Error, UnicodeDecodeError) as error:
                raise _unreadable(path, error) from error

    def _rows_of(self, path: Path, fields: Sequence[str]) -> Iterator[Row]:
        with path.open("rb") as file:
            header, rows = read_table(self._counted(iter(lambda: file.read(_PIECE), b"")))
            width = len(fields)
            places = [header.index(name) for name in fields]
            in_order = places == [*range(width)]
            for row in rows:
                # A row of another length cannot be put in order; it is surplus as it stands.
                if in_order or len(row) != width:
                    yield whole(row, width)
                else:
                    yield tuple(row[place] for place in places)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._read += len(piece)
            yield piece


def _misfit(path: Path, fields: Sequence[str]) -> Iterator[str]:
    """Say, in one line at most, how the header of a file differs from the columns `fields`."""
    try:
        with path.open("rb") as file:
            header, _ = read_table(iter(lambda: file.read(_PIECE), b""))
    except (csv.Error, UnicodeDecodeError) as error:
        yield str(_unreadable(path, error))
        return
    if not header:
        yield f"{path.name} has no header"
        return
    lacking = [name for name in fields if name not in header]
    unknown = [repr(name) for name in dict.fromkeys(header) if name not in fields]
    doubled = [repr(name) for name, times in Counter(header).items() if times > 1]
    kinds = (("missing", lacking), ("unknown", unknown), ("more than once", doubled))
    said = [f"{kind}: {', '.join(names)}" for kind, names in kinds if names]
    if said:
        yield f"{path.name} has other columns; {'; '.join(said)}"


def _unreadable(path: Path, error: Exception) -> UnlikeFilesError:
    return UnlikeFilesError(f"{path.name} cannot be read: {error}")
