"""Loaded rows as a block of columns, so that they are written as those of the synthetic world."""

from __future__ import annotations

import polars as pl

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS
from pardot_mock.data.columns import Column, Marks, Moments, Numbers, Texts


class LoadedBlock:
    """Loaded rows as columns, as a block of the synthetic world gives them."""

    def __init__(self, name: str, rows: pl.DataFrame) -> None:
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
            filled = self._rows.select(pl.col(field).fill_null(pl.col("created_at"))).to_series()
            return Moments(filled.to_numpy(), valid)
        if kind in ("boolean", "flag"):
            return Marks(series.fill_null(value=False).to_numpy(), valid)
        return Numbers(series.fill_null(0).to_numpy(), valid)

    def _custom(self, field: str) -> Column:
        """Give the values of a field that the account defined; older rows have none."""
        if field not in self._rows.columns:
            return Texts(pl.Series(field, [None] * self.count, dtype=pl.String), several=True)
        return Texts(self._rows[field], several=True)

    def span(self) -> tuple[int, int]:
        """Give the earliest and the latest second of any timestamp."""
        names = [name for name, kind in self._kinds.items() if kind == "timestamp"]
        lows = [low for name in names if isinstance(low := self._rows[name].min(), int)]
        highs = [high for name in names if isinstance(high := self._rows[name].max(), int)]
        return min(lows), max(highs)
