"""Result files as frames of other libraries, each imported when it is asked for.

The types are those of `fields`; a column whose cells do not all fit its type is text.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .errors import InvalidRequest
from .fields import Cell, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path
    from types import ModuleType

    import polars

    from .rows import Row

# Neither ships its types, so a checker that lacks their stubs must not stumble here.
PandasFrame = Any
ArrowTable = Any

_WALL_TIME = "%Y-%m-%d %H:%M:%S"


def library(name: str) -> ModuleType:
    """Import a library that is not a dependency.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"this needs {name}, which is not installed: pip install {name}", name=name
        ) from error


def zone_name(zone: tzinfo) -> str:
    """The name under which other libraries know a timezone.

    Raises:
        InvalidRequest: it has none.
    """
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    if str(zone) == "UTC":
        return "UTC"
    raise InvalidRequest("a frame needs a timezone with a name, such as ZoneInfo('Europe/Berlin')")


def polars_frame(
    paths: Sequence[Path], columns: Sequence[str], zone: tzinfo | None
) -> polars.DataFrame:
    """Complete result files as one polars frame.

    Args:
        paths: the files; their headers agree.
        columns: names to use if there is no file.
        zone: the creator's timezone, with a name.

    Raises:
        ModuleNotFoundError: polars is not installed.
        InvalidRequest: the timezone has no name.
    """
    pl = library("polars")
    texts = [pl.read_csv(path, infer_schema=False, null_values=[""]) for path in paths]
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    frame: polars.DataFrame = pl.concat(texts) if texts else empty
    name = None if zone is None else zone_name(zone)
    for column in frame.columns:
        if (typed := _polars_column(pl, frame[column], name)) is not None:
            frame = frame.with_columns(typed)
    return frame


def _polars_column(pl: Any, column: polars.Series, zone: str | None) -> polars.Series | None:  # noqa: ANN401
    """The column in its own type, or None if it stays text."""
    match kind_of(column.name):
        case "integer":
            typed = column.cast(pl.Int64, strict=False)
            # What would not be written the same again is no number: 007 must not become 7.
            typed = typed.set(typed.cast(pl.String) != column, None)
        case "boolean":
            lowered = column.fill_null("").str.to_lowercase()
            typed = lowered.replace_strict(
                {"1": True, "true": True, "0": False, "false": False, "": False},
                default=None,
                return_dtype=pl.Boolean,
            )
        case "timestamp" if zone is not None:
            wall = column.str.to_datetime(_WALL_TIME, strict=False, time_unit="us")
            # Clocks set back show an hour twice: the first one is taken, as for rows.
            typed = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        case _:
            return None
    fits = int((typed.is_null() & column.is_not_null()).sum()) == 0
    return typed if fits else None


def columns_of(rows: Iterable[Row], names: Sequence[str]) -> dict[str, list[Cell]]:
    """Typed rows turned on their side; a column that holds any stray text is text throughout.

    Args:
        rows: typed rows with the same keys.
        names: names to use if there is no row.
    """
    columns: dict[str, list[Cell]] = {name: [] for name in names}
    for number, row in enumerate(rows):
        if number == 0:
            columns = {name: [] for name in row}
        for name, cell in row.items():
            columns[name].append(cell)
    for name, cells in columns.items():
        if kind_of(name) != "text" and any(isinstance(cell, str) for cell in cells):
            columns[name] = [cell if cell is None else _as_text(cell) for cell in cells]
    return columns


def _as_text(cell: str | int | bool | datetime) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def pandas_frame(rows: Iterable[Row], columns: Sequence[str]) -> PandasFrame:
    """Typed rows as a pandas frame with nullable types.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    pd = library("pandas")
    frame: PandasFrame = pd.DataFrame(columns_of(rows, columns))
    # Without this, a whole number next to a null would be a float.
    return frame.convert_dtypes()


def arrow_table(rows: Iterable[Row], columns: Sequence[str]) -> ArrowTable:
    """Typed rows as an Arrow table.

    Raises:
        ModuleNotFoundError: pyarrow is not installed.
    """
    pa = library("pyarrow")
    table: ArrowTable = pa.table(columns_of(rows, columns))
    return table
