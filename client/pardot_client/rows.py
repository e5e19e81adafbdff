"""Rows of a result file, as dictionaries.

Any RFC 4180 file will do: quoted line breaks, either line end, with or without a byte order
mark. A row whose cells do not match the header is an error, never a shorter dictionary.
"""

from __future__ import annotations

import csv
from itertools import islice, repeat
from typing import TYPE_CHECKING

from .errors import TransferBroken
from .fields import Cell, Converter, converters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path

Row = dict[str, Cell]

_LARGEST_CELL = 64 * 1024 * 1024
_AT_ONCE = 500


def read_cells(path: Path) -> Iterator[list[str]]:
    """The rows of a file as lists of text, the header first.

    Raises:
        TransferBroken: a row does not fit the header, or the file is no CSV in UTF-8.
    """
    # The library's default stops at 128 KiB; comments and notes may be longer.
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_CELL))
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, None)
            if header is None:
                raise TransferBroken("the file is empty, without even a header")
            yield header
            width = len(header)
            for row in reader:
                if len(row) != width:
                    # A lone empty cell leaves an empty line behind.
                    if width != 1 or row:
                        raise TransferBroken(
                            f"line {reader.line_num} has {len(row)} cells instead of {width}"
                        )
                    row = [""]
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise TransferBroken(f"line {reader.line_num} cannot be read: {error}") from error


def _typed(cells: Iterator[list[str]], convert: Sequence[Converter]) -> Iterator[Iterable[Cell]]:
    """The same rows in types, some at a time, for whole columns are quicker than cells."""
    while some := list(islice(cells, _AT_ONCE)):
        columns = zip(*some, strict=True)
        typed = (one(column) for one, column in zip(convert, columns, strict=True))
        yield from zip(*typed, strict=True)


def read_rows(path: Path, *, typed: bool, zone: tzinfo | None) -> Iterator[Row]:
    """The rows of a file.

    Args:
        path: a complete result file.
        typed: whether to turn cells into numbers, booleans, datetimes and None; otherwise
            every value is text, and empty text stands for null.
        zone: the creator's timezone, needed for datetimes.
    """
    cells = read_cells(path)
    header = next(cells)
    rows: Iterator[Iterable[Cell]] = cells
    if typed:
        rows = _typed(cells, converters(tuple(header), zone))
    # Chained maps spare the interpreter a step per row; the widths have been checked.
    yield from map(dict, map(zip, repeat(header), rows))
