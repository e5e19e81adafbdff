"""Rows to a file on this machine, beside polars writing the same table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.domain.rows import RowQuery
from tests.load.report import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.load.report import Report

START = datetime(2026, 3, 1, tzinfo=UTC)
ROWS_PER_FILE = 500_000


def measure(report: Report) -> None:
    """Print rows and megabytes a second for one and ten million rows."""
    with TemporaryDirectory() as folder:
        for rows in (1_000_000, 10_000_000):
            _compare(report, rows, Path(folder))


def _compare(report: Report, rows: int, folder: Path) -> None:
    """Write the table file by file, and let polars write each of the files as well."""
    import polars as pl

    ours = raw = size = 0.0
    path, written = folder / "rows.csv", folder / "raw.csv"
    for pieces in _files(rows):
        with path.open("wb") as file:
            ours += seconds(lambda: file.writelines(pieces))  # noqa: B023 - called at once
        size += path.stat().st_size / 1e6
        frame = pl.read_csv(path, infer_schema_length=None)
        raw += seconds(lambda: frame.write_csv(written))  # noqa: B023 - called at once
    report.line(
        f"{rows // 1_000_000} M rows: generated into files",
        f"{size / ours:.0f} MB/s",
        f"{rows / ours / 1e6:.2f} M rows/s; polars writes the same table at {size / raw:.0f} MB/s "
        f"({rows / raw / 1e6:.2f} M rows/s), ratio {raw / ours:.2f}",
    )


def _files(rows: int) -> Iterator[Iterator[bytes]]:
    dataset = Dataset(WorldSpec(1, rows, START))
    dataset.prepare()
    fields = OBJECTS["visitorActivity"].export_fields
    bounds = [START - timedelta(days=days) for days in (1096, 731, 366, 0)]
    for after, before in pairwise(bounds):
        query = RowQuery(
            "visitorActivity", fields, "created_at", after, before, "UTC", inclusive=True
        )
        for part in dataset.slices(query, ROWS_PER_FILE):
            yield dataset.csv(query, part)
