"""The part of a dataset that needs numpy and polars, loaded when rows are asked for first."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from pardot_mock.data.ahead import ahead
from pardot_mock.data.cells import CellWriter, Clockface
from pardot_mock.data.columns import values_of
from pardot_mock.data.csvfile import CsvWriter, plain_rows
from pardot_mock.data.finding import Tallies
from pardot_mock.data.loadedblock import LoadedBlock
from pardot_mock.data.postings import Postings
from pardot_mock.data.rowtable import DELETED
from pardot_mock.data.selection import Selection, without
from pardot_mock.data.stretches import Stretches
from pardot_mock.data.truth import FileTruth, RowDigest, Truth
from pardot_mock.data.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pardot_mock.data.common import Common
    from pardot_mock.data.csvfile import Batch
    from pardot_mock.data.layout import Layout
    from pardot_mock.data.overlay import Overlay
    from pardot_mock.data.spec import FileSlice
    from pardot_mock.data.tables.block import Block
    from pardot_mock.domain.rows import CsvFormat, RowQuery

READ_ROWS = 1024
"""Rows computed together while reading one by one."""


class Engine:
    """Answers for one world; keeps nothing but the world's tables and the formats in use."""

    def __init__(self, layout: Layout, common: Common) -> None:
        self._common = common
        self.world = World(layout, common.vocabulary)
        self.postings = Postings(self.world)
        self.tallies = Tallies()
        self._stretches = Stretches()
        self._cells: dict[tuple[str, CsvFormat], CellWriter] = {}
        self._last: CsvWriter | None = None

    def prepare(self) -> None:
        """See `Dataset.prepare`."""
        _ = self.world.mix

    def slices(
        self, query: RowQuery, rows_per_file: int, hidden: Sequence[int], version: int
    ) -> tuple[FileSlice, ...]:
        """See `Dataset.slices`; `version` hides the indexes `hidden`."""
        return tuple(Selection(self.world, query).slices(rows_per_file, hidden, version))

    def csv(self, query: RowQuery, part: FileSlice, overlay: Overlay | None) -> Iterator[bytes]:
        """See `Dataset.csv`."""
        writer = self._writer(query)
        yield writer.header
        cells = map(writer.cells, self._batches(writer, part, overlay))
        # While polars writes a batch, numpy computes the next one.
        yield from map(writer.written, ahead(cells) if part.rows > writer.batch_rows else cells)

    def truth(self, query: RowQuery, parts: Iterable[FileSlice], overlay: Overlay | None) -> Truth:
        """See `Dataset.truth`."""
        writer, running = self._writer(query), RowDigest()
        files = tuple(
            _file_truth(writer, self._batches(writer, part, overlay), running) for part in parts
        )
        return Truth(running.rows, running.digest, files)

    def rows(
        self, name: str, indexes: range, fields: Sequence[str], hidden: Sequence[int] = ()
    ) -> Iterator[dict[str, Any]]:
        """See `Dataset.rows`; the rows at `hidden` are left out."""
        for start in range(0, len(indexes), READ_ROWS):
            part = indexes[start : start + READ_ROWS]
            index = np.arange(part.start, part.stop, part.step, dtype=np.int64).astype(np.uint64)
            index = without(index, hidden)
            block = self.world.block(name, index)
            if block.present is not None:
                block = self.world.block(name, index[block.present])
            yield from _as_values(block, fields, len(block.index))

    def rows_at(
        self, name: str, indexes: Sequence[int], fields: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Read rows at any indexes, with `is_deleted`; a sparse object may have none there."""
        block = self.world.block(name, np.array(indexes, dtype=np.uint64))
        if block.present is not None:
            block = self.world.block(name, block.index[block.present])
        rows = _as_values(block, fields, len(block.index))
        for row, deleted in zip(rows, block.deleted.tolist(), strict=True):
            yield {**row, DELETED: deleted}

    def loaded_rows(
        self, name: str, fields: Sequence[str], overlay: Overlay
    ) -> Iterator[dict[str, Any]]:
        """Read the loaded rows of an object as values."""
        block = LoadedBlock(name, overlay.snapshot(name))
        return _as_values(block, fields, block.count)

    def _writer(self, query: RowQuery) -> CsvWriter:
        # Mostly the next file is one of the same query.
        last = self._last
        if last is not None and last.query == query:
            return last
        key = (query.timezone, query.csv)
        cells = self._cells.get(key)
        if cells is None:
            layout = self.world.layout
            cells = self._new_cells(query, layout.oldest, layout.spec.end)
            self._cells[key] = cells
        made = self._last = CsvWriter(Selection(self.world, query), cells, self._stretches)
        return made

    def _new_cells(self, query: RowQuery, begin: int, end: int) -> CellWriter:
        clockface = Clockface(query.timezone, begin, end, self._common.times)
        return CellWriter(query.csv, clockface)

    def _batches(
        self, writer: CsvWriter, part: FileSlice, overlay: Overlay | None
    ) -> Iterator[Batch]:
        """Give the rows of a file in batches: rows of the synthetic world, then loaded ones."""
        query = writer.query
        if part.index_to > part.index_from:
            hidden = _hidden(query, part, overlay)
            yield from writer.batches(part, hidden)
        if part.loaded is not None and overlay is not None:
            for block in overlay.blocks(query, part.loaded, writer.batch_rows):
                # Loaded rows may be of any year; a clock face shows only those it was made for.
                yield block, self._new_cells(query, *block.span())


def _hidden(query: RowQuery, part: FileSlice, overlay: Overlay | None) -> Sequence[int]:
    hides = part.without and overlay is not None
    return overlay.hidden(query.object, part.without) if hides and overlay else ()


def _as_values(
    block: Block | LoadedBlock, fields: Sequence[str], count: int
) -> Iterator[dict[str, Any]]:
    columns = [values_of(block.column(field), count) for field in fields] if count else []
    for values in zip(*columns, strict=True):
        yield dict(zip(fields, values, strict=True))


def _file_truth(writer: CsvWriter, batches: Iterable[Batch], running: RowDigest) -> FileTruth:
    """Sum up a file, written cell by cell: so it holds the shorter way of `rows` to account."""
    header = writer.header
    rows_before, size, fingerprint = running.rows, len(header), sha256(header)
    for frame in map(writer.frame, batches):
        running.add_joined(plain_rows(frame))
        encoded = writer.encode(frame)
        size += len(encoded)
        fingerprint.update(encoded)
    return FileTruth(running.rows - rows_before, size, fingerprint.hexdigest())
