"""Reads rows that a user brings: CSV, JSON, Parquet or mappings, as columns of raw values.

Nothing is believed yet: `overlaychecks` decides what the values are. A fault is a `BadRowError`
that says where it is. In CSV an empty cell is a missing value, quoted or not; JSON and Parquet
tell an empty text from a missing one. Only reading Parquet needs polars.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from pardot_mock.data.jsonrows import NotJsonError, json_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

RowFormat = Literal["csv", "jsonl", "parquet"]
FORMATS: Mapping[str, RowFormat] = MappingProxyType(
    {
        ".csv": "csv",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".json": "jsonl",
        ".parquet": "parquet",
    }
)
"""How the name of a file tells its format."""

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one load over HTTP: what the server takes as a body."""

MAX_CELLS = 5_000_000
"""Cells of one load, rows times columns (chosen: some hundred megabytes while they are checked)."""

MAX_TEXT = 256 * 1024 * 1024
"""Bytes of text in one Parquet file once unpacked (chosen)."""


def too_large_load(size: int | None) -> str:
    """Say that a load of `size` bytes is too large, and what to do; None: of unknown size."""
    sent = "the body has" if size is None else f"{size} bytes are"
    limit = f"{sent} more than the {MAX_BYTES >> 20} MiB of one load"
    return f"{limit}; load the rows in several pieces, or use Parquet"


class BadRowError(ValueError):
    """Rows that are refused as a whole; `line` and `column` name the first fault, where known.

    Lines count from 1; in Parquet and mappings, which have none, they are rows.
    """

    def __init__(
        self, message: str, line: int | None = None, column: str | None = None, unit: str = "line"
    ) -> None:
        where = [] if line is None else [f"{unit} {line}"]
        where += [] if column is None else [f"column {column}"]
        super().__init__(f"{', '.join(where)}: {message}" if where else message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns of raw values, and the line on which each row begins; `unit` is line or row.

    `named` tells on which line a column is first named, where rows have names of their own.
    """

    columns: Mapping[str, list[Any]]
    lines: list[int]
    unit: str = "line"
    named: Mapping[str, int] = field(default_factory=dict)


def format_of(path: Path) -> RowFormat:
    """Tell the format of a file by its name; raise `BadRowError` for any other name."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise BadRowError(f"{path.name} ends in none of {', '.join(FORMATS)}")
    return form


def read_file(path: Path) -> RawTable:
    """Read the rows of a file in the format its name tells; raises as `read_bytes` does."""
    form = format_of(path)
    return read_bytes(path.read_bytes(), form)


def read_bytes(data: bytes, form: RowFormat) -> RawTable:
    """Read rows of a format; raise `BadRowError` for what is not of that format."""
    return _READERS[form](data)


def _read_csv(data: bytes) -> RawTable:
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    numbered = _numbered(reader)
    first = next(numbered, None)
    if first is None:
        raise BadRowError("there is no header row", 1)
    header = first[1]
    _check_header(header)
    lines: list[int] = []
    rows: list[list[str | None]] = []
    for line, cells in numbered:
        if len(cells) < len(header):
            raise BadRowError("the row ends before this column", line, header[len(cells)])
        if len(cells) > len(header):
            raise BadRowError(f"{len(cells)} cells under {len(header)} column names", line)
        lines.append(line)
        rows.append([cell or None for cell in cells])
        _check_size(len(lines), len(header))
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    by_name = {name: list(cells) for name, cells in zip(header, columns, strict=True)}
    return RawTable(by_name, lines, named=dict.fromkeys(header, 1))


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv names no type
    """Give the rows that are not blank, each with the line it begins on."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadRowError(f"not CSV: {error}", line) from error
        if cells is None:
            return
        if cells:
            yield line, cells


def _check_header(header: list[str]) -> None:
    for place, name in enumerate(header):
        if name in header[:place]:
            raise BadRowError("the column is named twice", 1, name)


def _read_json_lines(data: bytes) -> RawTable:
    try:
        return _table(json_rows(_text(data)), "line")
    except NotJsonError as error:
        raise BadRowError(str(error), error.line) from error


def _read_parquet(data: bytes) -> RawTable:
    import polars as pl

    try:
        file = pl.scan_parquet(io.BytesIO(data))
        width = len(file.collect_schema())
        # The footer tells how many rows there are before any is unpacked.
        _check_size(file.select(pl.len()).collect().item(), width)
        frame = file.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise BadRowError(f"not Parquet: {error}") from error
    if sum(_text_bytes(series) for series in frame) > MAX_TEXT:
        raise BadRowError(
            f"more than {MAX_TEXT >> 20} MiB of text; load the rows in several pieces"
        )
    columns = {name: frame[name].to_list() for name in frame.columns}
    return RawTable(columns, list(range(1, frame.height + 1)), "row")


def _text_bytes(series: pl.Series) -> int:
    """Give what the texts of a column take; raise `BadRowError` for a type no field can have."""
    import polars as pl

    if series.dtype == pl.List(pl.String):
        series = series.explode()
        _check_size(len(series), 1)
    if series.dtype == pl.String:
        return int(series.str.len_bytes().cast(pl.Int64).sum())
    plain = series.dtype in (pl.Boolean, pl.Date, pl.Datetime, pl.Null)
    if not (plain or series.dtype.is_numeric()):
        raise BadRowError(f"no field holds values of the type {series.dtype}", column=series.name)
    return 0


_READERS: Mapping[RowFormat, Callable[[bytes], RawTable]] = MappingProxyType(
    {"csv": _read_csv, "jsonl": _read_json_lines, "parquet": _read_parquet}
)


def read_mappings(rows: object) -> RawTable:
    """Take rows as mappings of Python values.

    Raises `BadRowError` for too many and for a row that is no mapping, and `TypeError` for what
    are no rows at all, such as one mapping by itself.
    """
    if isinstance(rows, Mapping):
        raise TypeError("rows are a list of mappings: put this one into a list")
    if isinstance(rows, bytes | bytearray) or not isinstance(rows, Iterable):
        kind = type(rows).__name__
        raise TypeError(f"rows are a list of mappings, or the path of a file, not {kind}")
    return _table(enumerate(rows, start=1), "row")


def _table(rows: Iterable[tuple[int, Any]], unit: str) -> RawTable:
    """Turn rows, each with its line, into columns; a name that a row lacks is a missing value."""
    taken: list[Mapping[str, Any]] = []
    lines: list[int] = []
    named: dict[str, int] = {}
    for line, row in rows:
        if not isinstance(row, Mapping):
            message = f"a row is a mapping such as {{'id': 1}}, not {type(row).__name__}"
            raise BadRowError(message, line, unit=unit)
        if not row.keys() <= named.keys():
            _name(row, line, unit, named)
        taken.append(row)
        lines.append(line)
        _check_size(len(taken), len(named))
    columns = {name: [row.get(name) for row in taken] for name in named}
    return RawTable(columns, lines, unit, named)


def _name(row: Mapping[object, Any], line: int, unit: str, named: dict[str, int]) -> None:
    """Note on which line the columns of `row` are named that no row before it has."""
    for name in row:
        if not isinstance(name, str):
            raise BadRowError(f"the name of a column is a text, not {name!r}", line, unit=unit)
        named.setdefault(name, line)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRowError("not UTF-8", line) from error


def _check_size(rows: int, columns: int) -> None:
    if rows * columns > MAX_CELLS:
        raise BadRowError(f"more than {MAX_CELLS} cells; load the rows in several pieces")
