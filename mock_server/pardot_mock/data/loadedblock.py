"""Loaded rows as a block of columns, so that they are written as those of the synthetic world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS
from pardot_mock.data.columns import Column, Marks, Moments, Numbers, Texts
from pardot_mock.data.rowtable import DELETED, RowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pardot_mock.data.vectors import Mask
    from pardot_mock.domain.records import Row


class LoadedBlock:
    """Loaded rows as columns, as a block of the synthetic world gives them."""

    def __init__(self, name: str, rows: pl.DataFrame) -> None:
        self._name = name
        self._rows = rows
        self._kinds = {field.name: field.kind for field in OBJECTS[name].fields}
        self.count = rows.height

    def column(self, field: str) -> Column:
        """Give the column of a field; a name the object does not have is that of a custom field."""
        kind = self._kinds.get(field)
        if kind is None:
            return self._custom(field)
        series = self._rows[field]
        if kind == "string":
            return Texts(series, field in MULTI_VALUE_FIELDS)
        valid = None if not series.null_count() else series.is_not_null().to_numpy()
        if kind == "timestamp":
            # A missing instant needs a second that the clock face can show.
            born = pl.col("created_at") if "created_at" in self._rows.columns else pl.lit(0)
            filled = self._rows.select(pl.col(field).fill_null(born)).to_series()
            return Moments(filled.to_numpy(), valid)
        if kind in ("boolean", "flag"):
            return Marks(series.fill_null(value=False).to_numpy(), valid)
        return Numbers(series.fill_null(0).to_numpy(), valid)

    def has(self, field: str) -> bool:
        """Whether there is a column for a field: any name may be that of a custom field."""
        return bool(field)

    def _custom(self, field: str) -> Column:
        """Give the values of a field that the account defined; older rows have none."""
        if field not in self._rows.columns:
            return Texts(pl.Series(field, [None] * self.count, dtype=pl.String), several=True)
        return Texts(self._rows[field], several=True)

    @property
    def ids(self) -> list[int]:
        """The ids of the rows."""
        return self._rows["id"].to_list()

    @property
    def deleted(self) -> Mask:
        """Which rows are deleted."""
        if DELETED not in self._rows.columns:
            return np.zeros(self.count, dtype=np.bool_)
        return self._rows[DELETED].fill_null(value=False).to_numpy()

    def at(self, places: npt.NDArray[np.int64]) -> LoadedBlock:
        """Give the rows at some places, in their order."""
        return LoadedBlock(self._name, self._rows[places])

    def without(self, ids: Sequence[int]) -> LoadedBlock:
        """Give the rows but for those with one of `ids`."""
        return LoadedBlock(self._name, self._rows.filter(~pl.col("id").is_in(ids)))

    def and_then(self, other: LoadedBlock) -> LoadedBlock:
        """Give these rows and those of `other` behind them."""
        rows = pl.concat([self._rows, other._rows], how="diagonal")
        return LoadedBlock(self._name, rows)

    def span(self) -> tuple[int, int]:
        """Give the earliest and the latest second of any timestamp."""
        names = [name for name, kind in self._kinds.items() if kind == "timestamp"]
        lows = [low for name in names if isinstance(low := self._rows[name].min(), int)]
        highs = [high for name in names if isinstance(high := self._rows[name].max(), int)]
        return min(lows), max(highs)


def both(fixed: LoadedBlock, overlaid: LoadedBlock) -> LoadedBlock:
    """Give the rows of both; an overlaid row stands in the place of a fixed one."""
    return fixed.without(overlaid.ids).and_then(overlaid)


def block_of(name: str, rows: Sequence[Row]) -> LoadedBlock:
    """Make a block of rows given as values; what a row does not have is missing."""
    table = RowTable(name)
    for row in rows:
        table.put(table.stored(row), 1, None)
    return LoadedBlock(name, table.snapshot(None))
