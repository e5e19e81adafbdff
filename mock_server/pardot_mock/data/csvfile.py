"""Result files as bytes: the header, then the rows in batches, in the format of the query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Literal, TypeAlias, cast

import polars as pl

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data.cells import php_quoted
from pardot_mock.data.columns import Texts
from pardot_mock.data.stretches import stretches
from pardot_mock.data.tables.block import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_fixtures.catalog import Kind
    from pardot_mock.data.cells import CellWriter
    from pardot_mock.data.columns import Column
    from pardot_mock.data.loadedblock import LoadedBlock
    from pardot_mock.data.selection import Selection
    from pardot_mock.data.spec import FileSlice
    from pardot_mock.data.stretches import Stretches

BATCH_ROWS = 12_500
"""The most rows written together: some 15 MB of memory and 4 ms, whatever the size of the file.

Some of the time does not depend on the rows, so a file by default is a few even batches.
"""

BATCH_CELLS = 10 * BATCH_ROWS
"""The most cells written together, a stretch being one: an activity has ten, a prospect sixty."""

CELL_END = "\x1f"
ROW_END = "\x1e"
_BOM = "\ufeff"
_NEVER_QUOTED = frozenset({"integer", "float", "timestamp"})


Batch: TypeAlias = "tuple[Block | LoadedBlock, CellWriter]"
"""Rows, and what writes their cells."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a batch, computed up to what polars does; `bare` if none of them is quoted."""

    columns: list[pl.Expr]
    bare: bool


class CsvWriter:
    """Writes the result files of one query, `batch_rows` rows at a time.

    Raises `KeyError` for an unknown object or field.
    """

    def __init__(self, selection: Selection, cells: CellWriter, texts: Stretches) -> None:
        self.query = query = selection.query
        found = OBJECTS[query.object]
        self._selection = selection
        self._style = query.csv
        self._kinds = {field.name: field.kind for field in found.fields}
        self._fields = query.fields
        self._custom = query.custom
        unknown = [f for f in query.fields if f not in self._kinds and f not in query.custom]
        if unknown:
            raise KeyError(f"{query.object} has no field {unknown[0]!r}")
        self._cells = cells
        self._stretches = texts
        shared = selection.world.shared(query.object)
        self._parts = tuple(stretches(query.fields, shared))
        alone = [part[0] for part in self._parts if len(part) == 1]
        # Nothing is quoted once stretches are texts, so no other cell may be in need of it.
        self._takes_stretches = (
            self._style.quoting == "minimal"
            and len(alone) < len(self._parts)
            and all(self._kind(name) in _NEVER_QUOTED for name in alone)
        )

    @property
    def batch_rows(self) -> int:
        """The most rows that are written together."""
        return max(1, min(BATCH_ROWS, BATCH_CELLS // len(self._parts)))

    @cached_property
    def header(self) -> bytes:
        """The first row, after a byte order mark if the format wants one."""
        names = pl.DataFrame([pl.Series(name, [name]) for name in self._fields])
        return (_BOM if self._style.bom else "").encode() + self.encode(names)

    def batches(self, part: FileSlice, hidden: Sequence[int] = ()) -> Iterator[Batch]:
        """Give a file's rows of the world in batches, in the order of the file.

        `hidden` are the indexes, ascending, whose rows are not taken from the world.
        """
        for block in self._selection.shuffled(part, self.batch_rows, hidden):
            if len(block.index):
                yield block, self._cells

    def frame(self, batch: Batch) -> pl.DataFrame:
        """Give the cells of a batch of rows."""
        return self._frame(batch, self._fields)

    def _frame(self, batch: Batch, fields: Sequence[str]) -> pl.DataFrame:
        return pl.select(self._columns(batch, fields))

    def _columns(self, batch: Batch, fields: Sequence[str]) -> list[pl.Expr]:
        block, cells = batch
        return cells.columns({n: (self._column(block, n), self._kind(n)) for n in fields})

    def _kind(self, name: str) -> Kind:
        return self._kinds.get(name, "string")

    def cells(self, batch: Batch) -> Cells:
        """Do numpy's part of a batch; `written` does the rest, maybe on another thread."""
        block, cells = batch
        if not isinstance(block, Block) or not self._takes_stretches:
            return Cells(self._columns(batch, self._fields), bare=False)
        columns = {
            part[0]: (self._column(block, part[0]), self._kind(part[0]))
            if len(part) == 1
            else (self._stretch(block, part), "string")
            for part in self._parts
        }
        return Cells(cells.columns(columns), bare=True)

    def written(self, cells: Cells) -> bytes:
        """Write a batch as CSV: the same bytes as `encode` of its `frame`."""
        # One query for all columns: a query costs more than the few rows of a batch.
        frame = pl.select(cells.columns)
        if not cells.bare:
            return self.encode(frame)
        return _write(frame, ",", self._style.line_end, "never")

    def _stretch(self, block: Block, fields: tuple[str, ...]) -> Texts:
        pattern, each = block.patterns()

        def make() -> list[str]:
            frame = self._frame((each, self._cells), fields)
            return _write(frame, ",", ROW_END, "necessary").decode().split(ROW_END)[:-1]

        texts = self._stretches.texts((block.object, self._style, fields), make)
        return Texts(texts[pattern])

    def _column(self, block: Block | LoadedBlock, name: str) -> Column:
        # Nobody in the synthetic world knows of fields that were made later.
        if name in self._custom and isinstance(block, Block):
            return block.nothing()
        return block.column(name)

    def encode(self, frame: pl.DataFrame) -> bytes:
        """Write cells as CSV without a header."""
        if frame.width == 1:
            # A row of one empty cell would be an empty line, which readers skip.
            frame = frame.select(pl.all().cast(pl.String).fill_null(""))
        if self._style.quoting == "php":
            return _write(php_quoted(frame), ",", self._style.line_end, "never")
        quotes: _Quotes = "always" if self._style.quoting == "all" else "necessary"
        return _write(frame, ",", self._style.line_end, quotes)


_Quotes = Literal["necessary", "always", "never"]


def plain_rows(frame: pl.DataFrame) -> list[bytes]:
    """Give each row as its cells, unquoted, joined by U+001F."""
    rows = _write(frame, CELL_END, ROW_END, "never").split(ROW_END.encode())
    rows.pop()
    return rows


class _Pieces:
    """A file for polars to write to that keeps what it is given: nothing is copied."""

    def __init__(self) -> None:
        self.all: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.all.append(piece)
        return len(piece)


def _write(frame: pl.DataFrame, separator: str, line_end: str, quotes: _Quotes) -> bytes:
    pieces = _Pieces()
    frame.write_csv(
        cast("IO[bytes]", pieces),
        include_header=False,
        separator=separator,
        line_terminator=line_end,
        quote_style=quotes,
        batch_size=4096,
    )
    return b"".join(pieces.all)
