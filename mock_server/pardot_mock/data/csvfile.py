"""Result files as bytes: the header, then the rows in batches, in the format of the query."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

import polars as pl

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data.cells import php_quoted
from pardot_mock.data.tables.block import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_mock.data.cells import CellWriter
    from pardot_mock.data.columns import Column
    from pardot_mock.data.loadedblock import LoadedBlock
    from pardot_mock.data.selection import Selection
    from pardot_mock.data.spec import FileSlice

BATCH_ROWS = 10 * 1024
"""Rows written together: some 15 MB of memory and 8 ms, whatever the size of the file."""

CELL_END = "\x1f"
ROW_END = "\x1e"
_BOM = "\ufeff"


class CsvWriter:
    """Writes the result files of one query; raises `KeyError` for an unknown object or field."""

    def __init__(self, selection: Selection, cells: CellWriter) -> None:
        query = selection.query
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

    def header(self) -> bytes:
        """Give the first row, after a byte order mark if the format wants one."""
        names = pl.DataFrame([pl.Series(name, [name]) for name in self._fields])
        return (_BOM if self._style.bom else "").encode() + self.encode(names)

    def frames(self, part: FileSlice, hidden: Sequence[int] = ()) -> Iterator[pl.DataFrame]:
        """Give the cells of a file's rows in batches, in the order of the file.

        `hidden` are the indexes, ascending, whose rows are not taken from the world.
        """
        for block in self._selection.shuffled(part, BATCH_ROWS, hidden):
            if len(block.index):
                yield self.frame(block, self._cells)

    def frame(self, block: Block | LoadedBlock, cells: CellWriter) -> pl.DataFrame:
        """Give the cells of a block of rows."""
        kinds = self._kinds
        return cells.frame(
            {name: (self._column(block, name), kinds.get(name, "string")) for name in self._fields}
        )

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


def _write(frame: pl.DataFrame, separator: str, line_end: str, quotes: _Quotes) -> bytes:
    target = io.BytesIO()
    frame.write_csv(
        target,
        include_header=False,
        separator=separator,
        line_terminator=line_end,
        quote_style=quotes,
        batch_size=4096,
    )
    return target.getvalue()
