"""Small worlds for tests, and an independent reading of what a query asks of them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.domain.rows import FORM_HANDLER, CsvFormat, RowQuery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.data import FileSlice

START = datetime(2026, 7, 1, 12, 30, 15, tzinfo=UTC)
LONG_AGO = START - timedelta(days=1200)
LATER = START + timedelta(days=1)
EXPORTED = tuple(name for name, found in OBJECTS.items() if found.exportable)
DELETED = {"prospect": "is_archived"}


@lru_cache(maxsize=8)
def world(seed: int = 1, rows: int = 1500) -> Dataset:
    return Dataset(WorldSpec(seed=seed, rows=rows, start=START))


def query(name: str = "visitorActivity", **changes: Any) -> RowQuery:
    asked: dict[str, Any] = {
        "object": name,
        "fields": OBJECTS[name].export_fields,
        "time_field": "created_at",
        "after": LONG_AGO,
        "before": LATER,
        "timezone": "UTC",
        "deleted": "all",
        **changes,
    }
    return RowQuery(**asked)


def file_bytes(dataset: Dataset, asked: RowQuery, part: FileSlice) -> bytes:
    return b"".join(dataset.csv(asked, part))


def parsed(raw: bytes) -> list[list[str]]:
    """Read a file as a client does, header included."""
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def data_rows(dataset: Dataset, asked: RowQuery, rows_per_file: int = 10**9) -> list[list[str]]:
    """Read every row of every file; each file must repeat the header."""
    found: list[list[str]] = []
    for part in dataset.slices(asked, rows_per_file):
        header, *rows = parsed(file_bytes(dataset, asked, part))
        assert header == list(asked.fields)
        assert len(rows) == part.rows
        found += rows
    return found


def expected_rows(dataset: Dataset, asked: RowQuery) -> list[list[str]]:
    """Say what a query must give, row by row in plain Python."""
    kinds = {field.name: field.kind for field in OBJECTS[asked.object].fields}
    return [
        [as_text(row[name], kinds[name], asked.timezone, asked.csv) for name in asked.fields]
        for row in dataset.rows(asked.object)
        if is_selected(row, asked)
    ]


def is_selected(row: dict[str, Any], asked: RowQuery) -> bool:
    moment = row[asked.time_field]
    if asked.inclusive:
        inside = asked.after <= moment <= asked.before
    else:
        inside = asked.after < moment < asked.before
    of_type = asked.types is None or row["type"] in asked.types
    of_prospect = not asked.prospect_only or row["prospect_id"] is not None
    return inside and of_type and of_prospect and fits_deleted(row, asked)


def fits_deleted(row: dict[str, Any], asked: RowQuery) -> bool:
    if asked.deleted == "all" or asked.object not in DELETED:
        return asked.deleted != "true"
    return bool(row[DELETED[asked.object]]) == (asked.deleted == "true")


def as_text(value: object, kind: str, timezone: str, style: CsvFormat) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return mark_text(value, kind, style)
    if isinstance(value, tuple):
        return style.multi_separator.join(value)
    return style.form_handler if value == FORM_HANDLER else str(value)


def mark_text(value: bool, kind: str, style: CsvFormat) -> str:
    if style.boolean == "1_0":
        return "1" if value else "0"
    if style.boolean == "true_false" or kind == "boolean":
        return "true" if value else "false"
    return "1" if value else ""


def column(rows: Iterable[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]
