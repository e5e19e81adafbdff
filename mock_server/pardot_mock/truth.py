"""The truth of an export, and what a client got of it: lost, duplicated, altered or surplus rows.

The truth is computed from the data, never from the stored files. A comparison first weighs both
sides by count and digest; only if they differ are the true rows held too. Only a complete export
has a truth, and keeps it when it expires.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_mock.data.truth import RowDigest
from pardot_mock.domain.exports import Ending, ExportState
from pardot_mock.truthcells import ClientRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pardot_mock.data import Truth
    from pardot_mock.domain.exports import Export
    from pardot_mock.results import Results
    from pardot_mock.truthcells import Row, Rows

SHOWN = 10
LARGEST_CELL = 64 * 1024 * 1024
"""Characters of one cell that are still read."""


class UnknownExportError(KeyError):
    """The account has no export of this id."""

    def __init__(self, export_id: int) -> None:
        super().__init__(export_id)
        self.export_id = export_id

    def __str__(self) -> str:
        """Say so in a sentence."""
        return f"there is no export {self.export_id}"


class NoTruthError(LookupError):
    """An export has no rows that a client could have, for it is not complete."""

    def __init__(self, export: Export) -> None:
        super().__init__(_why_without_truth(export))


def _why_without_truth(export: Export) -> str:
    if export.ending is Ending.CANCELLED:
        return f"export {export.id} was cancelled unfinished: it has no rows"
    if export.state is ExportState.FAILED:
        return f"export {export.id} is Failed: it ended without rows"
    return f"export {export.id} is {export.state}: it has no rows before it is complete"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a client got, held against the truth; everything empty means that it got all of it.

    `altered` pairs a true row with what came in its place: the row of the same id. `misfits` say
    which columns are not those of the export; then no row was compared.
    """

    lost: tuple[Row, ...] = ()
    duplicated: tuple[Row, ...] = ()
    altered: tuple[tuple[Row, Row], ...] = ()
    surplus: tuple[Row, ...] = ()
    misfits: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the client has exactly the rows of the truth."""
        return not (self.lost or self.duplicated or self.altered or self.surplus or self.misfits)

    def __str__(self) -> str:
        """Say what is wrong, with the first rows of each kind."""
        if self.ok:
            return "exactly the rows of the truth"
        lines = list(self.misfits)
        for name in ("lost", "duplicated", "altered", "surplus"):
            rows = getattr(self, name)
            if rows:
                lines.append(f"{len(rows)} {name}:")
                lines += [f"  {_shown(row)}" for row in rows[:SHOWN]]
        return "\n".join(lines)


def _shown(row: Any) -> str:  # noqa: ANN401
    if row and isinstance(row[0], tuple):
        return f"{_shown(row[0])}\n  -> {_shown(row[1])}"
    return ",".join(row) or ('""' if row else "(a blank line)")


def compare(truth: Iterable[Row], got: Iterable[Row], key: int | None) -> Comparison:
    """Compare rows as multisets; `key` is the column that tells rows apart, None if none does."""
    true_rows, got_rows = Counter(truth), Counter(got)
    lost = list((true_rows - got_rows).elements())
    extra = list((got_rows - true_rows).elements())
    duplicated = [row for row in extra if row in true_rows]
    strange = [row for row in extra if row not in true_rows]
    altered, surplus = _paired(lost, strange, key)
    lost_for_good = (Counter(lost) - Counter(true_row for true_row, _ in altered)).elements()
    return Comparison(tuple(lost_for_good), tuple(duplicated), tuple(altered), tuple(surplus))


def _paired(
    lost: list[Row], strange: list[Row], key: int | None
) -> tuple[list[tuple[Row, Row]], list[Row]]:
    """Pair strange rows with lost ones of the same key; give the pairs, and what is left over."""
    altered: list[tuple[Row, Row]] = []
    surplus: list[Row] = []
    by_key = {} if key is None else {row[key]: row for row in lost}
    for row in strange:
        true_row = by_key.pop(row[key], None) if key is not None and len(row) > key else None
        if true_row is None:
            surplus.append(row)
        else:
            altered.append((true_row, row))
    return altered, surplus


class ExportTruth:
    """The rows that a correct client must end up with for one complete export.

    Raises `NoTruthError` for an export that is not complete. One that was complete and has expired
    keeps its truth.
    """

    def __init__(self, results: Results, export: Export) -> None:
        if export.state is not ExportState.COMPLETE:
            raise NoTruthError(export)
        self._results = results
        self._export = export

    @property
    def _weighed(self) -> tuple[Truth, tuple[int, ...]]:
        return self._results.truth(self._export)

    @property
    def rows(self) -> int:
        """The number of rows, without headers."""
        return self._weighed[0].rows

    @property
    def digest(self) -> str:
        """The digest of the multiset of rows; it does not depend on their order or files."""
        return self._weighed[0].digest

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files, each with id, rows, bytes and sha256."""
        truth, ids = self._weighed
        return [
            {"id": file_id, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
            for file_id, file in zip(ids, truth.files, strict=True)
        ]

    @property
    def fields(self) -> Sequence[str]:
        """The columns of the rows."""
        return self._export.request.query.fields

    def each(self) -> Iterator[Row]:
        """Give every true row, as the cells a CSV reader sees."""
        return self._results.true_rows(self._export)

    def check(self, rows: Rows) -> Comparison:
        """Compare what a client got: rows as mappings by column, or as sequences of cells.

        Cells are texts as in the file, or typed: None, True and False, numbers, and datetimes,
        which are in the export's timezone if they are naive. A mapping has every column of the
        export and no other. Raises `TypeError`, naming row and column, for any other value.
        """
        got = ClientRows(self._export.request.query, rows)
        if misfits := got.misfits:
            return Comparison(misfits=misfits)
        if weighs(got.cells, len(self.fields)) == (self.rows, self.digest):
            return Comparison()
        key = self.fields.index("id") if "id" in self.fields else None
        return compare(self.each(), got.respelled(self.each()), key)


def weighs(rows: Iterable[Row], width: int) -> tuple[int, str] | None:
    """Give how many rows of `width` cells there are and their digest; None if one has others."""
    weighed = RowDigest()
    for row in rows:
        if len(row) != width:
            return None
        weighed.add(row)
    return weighed.rows, weighed.digest


def read_rows(chunks: Iterable[bytes], encoding: str = "utf-8-sig") -> Iterator[Row]:
    """Read the rows of one CSV file given in pieces, without its header."""
    return read_table(chunks, encoding)[1]


def read_table(
    chunks: Iterable[bytes], encoding: str = "utf-8-sig", *, strict: bool = False
) -> tuple[list[str], Iterator[Row]]:
    """Read one CSV file given in pieces: its header (empty for no file), and its rows.

    With `strict` a misplaced quote raises `csv.Error`.
    """
    # The library stops at 128 KiB; comments and notes may be longer.
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))
    raw = io.BufferedReader(_Pieces(chunks))
    reader = csv.reader(io.TextIOWrapper(raw, encoding=encoding, newline=""), strict=strict)
    return next(reader, []), map(tuple, reader)


class _Pieces(io.RawIOBase):
    """A readable file over pieces of bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401
        while not self._left:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
