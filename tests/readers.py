"""CSV files as three readers see them: tables of texts, with an empty text for a missing cell."""

from __future__ import annotations

import csv
import io
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Table = list[list[str]]


def by_csv(raw: bytes) -> Table:
    """Read with the standard library."""
    return list(csv.reader(io.StringIO(raw.decode(), newline="")))


def by_polars(raw: bytes) -> Table:
    """Read with polars, every column as text."""
    frame = pl.read_csv(raw, infer_schema=False).fill_null("")
    return [frame.columns, *map(list, frame.rows())]


def by_pandas(raw: bytes) -> Table:
    """Read with pandas, every column as text and nothing taken for a missing value."""
    frame = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, lineterminator="\n")
    return [list(frame.columns), *frame.to_numpy().tolist()]


READERS: Mapping[str, Callable[[bytes], Table]] = MappingProxyType(
    {"csv": by_csv, "polars": by_polars, "pandas": by_pandas}
)
