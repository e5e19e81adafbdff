"""How values become the cells of a CSV file.

A timestamp is written as `YYYY-MM-DD HH:MM:SS` in the query's timezone, daylight saving included;
a missing value is an empty cell, and an empty text, which only a loaded row can have, is `""`.
Text is quoted by the writer where RFC 4180 asks for it. The `php` style, which also quotes cells
with blanks, tabs or backslashes as PHP's fputcsv does, is applied to the cells themselves.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pardot_mock.data.columns import Column, Joined, Lexicon, Marks, Moments, Numbers, Texts
from pardot_mock.domain.rows import FORM_HANDLER

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from pardot_fixtures.catalog import Kind
    from pardot_mock.data.vectors import Seconds
    from pardot_mock.domain.rows import CsvFormat

DAY = 86_400
_PHP_QUOTES = r'^$|[,"\s\\]'


class Clockface:
    """Writes epoch seconds in one timezone; `begin` and `end` bound the seconds to come.

    `times` are the texts of `times_of_day`.
    """

    def __init__(self, timezone: str, begin: int, end: int, times: pl.Series) -> None:
        changes = offset_changes(ZoneInfo(timezone), begin, end)
        self._changes = np.array([second for second, _ in changes], dtype=np.int64)
        self._offsets = np.array([offset for _, offset in changes], dtype=np.int64)
        self._first_day = (begin + int(self._offsets.min())) // DAY
        last_day = (end + int(self._offsets.max())) // DAY
        days = np.arange(self._first_day, last_day + 1).astype("datetime64[D]")
        self._days = pl.Series([f"{day} " for day in np.datetime_as_string(days)], dtype=pl.String)
        self._times = times

    def texts(self, seconds: Seconds) -> pl.Expr:
        """Give `YYYY-MM-DD HH:MM:SS` for each of the seconds."""
        zone = np.searchsorted(self._changes, seconds, side="right") - 1
        local = seconds + self._offsets[zone]
        day = local // DAY
        return _taken(self._days, day - self._first_day) + _taken(self._times, local - day * DAY)


def offset_changes(zone: ZoneInfo, begin: int, end: int) -> list[tuple[int, int]]:
    """List from which epoch second on which UTC offset (in seconds) holds; the first at `begin`."""
    changes = [(begin, _offset(zone, begin))]
    for noon in range(begin, end + DAY, DAY):
        before = changes[-1][1]
        if _offset(zone, noon) != before:
            changes.append((_first_with_other_offset(zone, noon - DAY, noon), _offset(zone, noon)))
    return changes


def _first_with_other_offset(zone: ZoneInfo, low: int, high: int) -> int:
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def times_of_day() -> pl.Series:
    """Give `HH:MM:SS` for every second of a day."""
    second = pl.int_range(DAY)
    digits = pl.lit(pl.Series([f"{number:02}" for number in range(60)]))
    parts = (second // 3600, second // 60 % 60, second % 60)
    return pl.select(pl.concat_str(map(digits.gather, parts), separator=":")).to_series()


def _taken(texts: pl.Series, places: npt.NDArray[Any]) -> pl.Expr:
    """Take texts within the query of the batch, where all columns are made side by side."""
    return pl.lit(texts).gather(pl.lit(pl.Series(places.astype(np.uint32))))


class CellWriter:
    """Turns columns into cells in one format and timezone; remembers the words it has prepared."""

    def __init__(self, style: CsvFormat, clockface: Clockface) -> None:
        self._style = style
        self._clockface = clockface
        self._prepared: dict[Lexicon, pl.Series] = {}

    def columns(self, columns: Mapping[str, tuple[Column, Kind]]) -> list[pl.Expr]:
        """Give the cells of some columns; numbers stay numbers, everything else becomes text."""
        return [self._cells(*column).alias(name) for name, column in columns.items()]

    def _cells(self, column: Column, kind: Kind) -> pl.Expr:
        cells = self._full_cells(column, kind)
        if column.valid is None:
            return cells
        return pl.when(pl.lit(pl.Series(column.valid))).then(cells)

    def _full_cells(self, column: Column, kind: Kind) -> pl.Expr:
        if isinstance(column, Joined):
            parts = (
                pl.lit(part) if isinstance(part, str) else self._full_cells(part, kind)
                for part in column.parts
            )
            return pl.concat_str(*parts)
        if isinstance(column, Numbers):
            return pl.lit(pl.Series(column.values))
        if isinstance(column, Moments):
            return self._clockface.texts(column.values)
        if isinstance(column, Texts):
            return pl.lit(self._texts(column))
        if isinstance(column, Marks):
            choice = pl.Series(marks(self._style, kind), dtype=pl.String)
            return _taken(choice, column.values)
        return _taken(self._words(column.lexicon), column.values)

    def _texts(self, column: Texts) -> pl.Series:
        if not column.several:
            return column.values
        return column.values.str.replace_all("\x1f", self._style.multi_separator, literal=True)

    def _words(self, lexicon: Lexicon) -> pl.Series:
        prepared = self._prepared.get(lexicon)
        if prepared is None:
            separator = self._style.multi_separator
            words = [separator.join(w) if isinstance(w, tuple) else w for w in lexicon.words]
            words = [self._style.form_handler if w == FORM_HANDLER else w for w in words]
            prepared = self._prepared[lexicon] = pl.Series(words, dtype=pl.String)
        return prepared


def marks(style: CsvFormat, kind: Kind) -> tuple[str | None, str]:
    """Give how no and yes are written for a boolean or a flag; None is an empty cell."""
    if style.boolean == "1_0":
        return "0", "1"
    if style.boolean == "true_false" or kind == "boolean":
        return "false", "true"
    return None, "1"


def php_quoted(frame: pl.DataFrame) -> pl.DataFrame:
    """Quote the cells that PHP would quote; the frame must then be written without quoting."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_php_quoted(pl.col(name)).alias(name) for name in texts)


def _php_quoted(text: pl.Expr) -> pl.Expr:
    quoted = pl.format('"{}"', text.str.replace_all('"', '""', literal=True))
    return pl.when(text.str.contains(_PHP_QUOTES)).then(quoted).otherwise(text)
