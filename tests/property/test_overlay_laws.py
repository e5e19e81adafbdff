"""Laws of loaded rows: selected as a plain filter would, all or nothing, and pinned for good."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec, csvfile, digest_of
from pardot_mock.data.overlaychecks import checked
from pardot_mock.data.overlayreading import BadRowError, read_bytes, read_mappings
from pardot_mock.domain.rows import CsvFormat
from tests.unit.data.worlds import (
    EXPORTED,
    START,
    as_text,
    data_rows,
    expected_rows,
    file_bytes,
    query,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

laws = settings(deadline=None, max_examples=20)
BERLIN = ZoneInfo("Europe/Berlin")
Row = dict[str, Any]
# Bounds and rows fall on the same few instants, so that every bound is met exactly.
INSTANTS = st.integers(-6, 6).map(
    lambda step: START - timedelta(days=200) + timedelta(days=9 * step)
)
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x1e\x1f"), max_size=12)
AWKWARD = st.sampled_from(
    [
        "a,b",
        'say "hi"',
        "two\nlines",
        "two\r\nlines",
        "a\rb",
        "\t tab",
        "  led",
        "=1+1",
        "\U0001f469\u200d\U0001f4bb",
        "e\u0301",
        "",
        "\\",
    ]
)
TEXTS = st.none() | AWKWARD | ANY_TEXT
DELETABLE = ("prospect", "listMembership")


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "BATCH_ROWS", 7)
        # What was remembered would hide that it cannot be found again.
        patch.setattr("pardot_mock.data.overlay._KEPT", 1)
        yield


def dataset(rows: int = 0) -> Dataset:
    return Dataset(WorldSpec(seed=5, rows=rows, start=START))


def load(into: Dataset, name: str, rows: list[Row]) -> int:
    return into.load(checked(name, read_mappings(rows), BERLIN, START))


def values(kind: str, name: str) -> st.SearchStrategy[Any]:
    if name == "type":
        return st.none() | st.integers(1, 4)
    if name == "Interests":
        some = st.text("ab ", min_size=1, max_size=3)
        return st.none() | st.lists(some, min_size=1, max_size=3).map(tuple)
    return {
        "integer": st.none() | st.integers(-(2**63), 2**63 - 1),
        "string": TEXTS,
        "timestamp": st.none() | INSTANTS,
        "boolean": st.none() | st.booleans(),
        "flag": st.booleans(),
    }[kind]


@st.composite
def tables(draw: st.DrawFn, name: str, most: int = 12) -> list[Row]:
    """Draw rows of an object as the world holds them, every field included."""
    fields = {f.name: f.kind for f in OBJECTS[name].fields if f.name != "is_archived"}
    rows: list[Row] = []
    for row_id in draw(st.lists(st.integers(1, 30), max_size=most, unique=True)):
        row = {field: draw(values(kind, field)) for field, kind in fields.items()}
        created, updated = sorted([draw(INSTANTS), draw(INSTANTS)])
        row.update(id=row_id, created_at=created, updated_at=updated)
        if name in DELETABLE:
            row["is_deleted"] = draw(st.booleans())
        rows.append(row)
    return rows


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, list[list[Row]]]:
    name = draw(st.sampled_from(EXPORTED))
    low, high = sorted([draw(INSTANTS), draw(INSTANTS)])
    changes: Row = {
        "time_field": draw(st.sampled_from(["created_at", "updated_at"])),
        "after": low,
        "before": high,
        "inclusive": draw(st.booleans()),
        "deleted": draw(st.sampled_from(["all", "false", "true"])),
        "timezone": draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"])),
        "csv": CsvFormat(
            quoting=draw(st.sampled_from(["minimal", "php", "all"])),
            boolean=draw(st.sampled_from(["json", "1_0", "true_false"])),
            line_end=draw(st.sampled_from(["\n", "\r\n"])),
        ),
    }
    if name == "visitorActivity":
        changes["types"] = draw(st.none() | st.frozensets(st.integers(1, 4), min_size=1))
        changes["prospect_only"] = draw(st.booleans())
    loads = draw(st.lists(tables(name, 6), min_size=1, max_size=3))
    return query(name, **changes), loads


def chosen(loads: list[list[Row]], asked: Any) -> Counter[tuple[str, ...]]:
    """Filter the loaded rows in plain Python: the last row of an id counts."""
    last = {row["id"]: row for rows in loads for row in rows}
    kinds = {field.name: field.kind for field in OBJECTS[asked.object].fields}
    return Counter(
        tuple(as_text(_value(row, f), kinds[f], asked.timezone, asked.csv) for f in asked.fields)
        for row in last.values()
        if _is_chosen(row, asked)
    )


def _value(row: Row, field: str) -> Any:
    return row["is_deleted"] if field == "is_archived" else row[field]


def _is_chosen(row: Row, asked: Any) -> bool:
    moment = row[asked.time_field]
    on_bound = asked.inclusive and moment in (asked.after, asked.before)
    inside = on_bound or asked.after < moment < asked.before
    living = asked.deleted == "all" or row.get("is_deleted", False) == (asked.deleted == "true")
    of_type = asked.types is None or row["type"] in asked.types
    return inside and living and of_type and (not asked.prospect_only or bool(_known(row)))


def _known(row: Row) -> bool:
    return row["prospect_id"] is not None


@laws
@given(case=cases(), rows_per_file=st.integers(1, 9))
def test_files_hold_exactly_the_loaded_rows_a_plain_filter_selects(
    case: tuple[Any, list[list[Row]]], rows_per_file: int
) -> None:
    asked, loads = case
    into = dataset()
    for rows in loads:
        load(into, asked.object, rows)
    assert Counter(map(tuple, data_rows(into, asked, rows_per_file))) == chosen(loads, asked)
    assert into.estimate(asked) == chosen(loads, asked).total()


@laws
@given(case=cases(), rows_per_file=st.integers(1, 40))
def test_loaded_rows_come_beside_those_of_the_world(
    case: tuple[Any, list[list[Row]]], rows_per_file: int
) -> None:
    asked, loads = case
    into = dataset(300)
    synthetic = Counter(map(tuple, data_rows(into, asked)))
    for rows in loads:
        load(into, asked.object, rows)
    parts = into.slices(asked, rows_per_file)
    assert all(part.rows == rows_per_file for part in parts[:-1])
    assert all(0 < part.rows <= rows_per_file for part in parts)
    found = data_rows(into, asked, rows_per_file)
    assert Counter(map(tuple, found)) == synthetic + chosen(loads, asked)
    truth = into.truth(asked, parts)
    assert (truth.rows, truth.digest) == (len(found), digest_of(found))
    assert [file.bytes for file in truth.files] == [
        len(file_bytes(into, asked, part)) for part in parts
    ]


@laws
@given(case=cases(), rows_per_file=st.integers(1, 9))
def test_later_loads_never_change_what_an_earlier_version_holds(
    case: tuple[Any, list[list[Row]]], rows_per_file: int
) -> None:
    asked, loads = case
    into = dataset(100)
    before = []
    for rows in loads:
        version = load(into, asked.object, rows)
        parts = into.slices(asked, rows_per_file)
        before.append((version, parts, [file_bytes(into, asked, part) for part in parts]))
    for version, parts, files in before:
        assert into.slices(asked, rows_per_file, version) == parts
        assert [file_bytes(into, asked, part) for part in parts] == files
    assert [version for version, _, _ in before] == list(range(1, len(loads) + 1))


FAULTS = (
    {"id": 1.5},
    {"id": 0},
    {"created_at": "yesterday"},
    {"created_at": "2026-01-01T00:00:00.5Z"},
    {"created_at": "2026-01-02", "updated_at": "2026-01-01"},
    {"details": 7},
    {"details": "\x1f"},
    {"type": True},
    {"colour": "red"},
)


@laws
@given(good=tables("visitorActivity", 8), fault=st.sampled_from(FAULTS), place=st.integers(0, 8))
def test_one_bad_row_anywhere_loads_nothing(good: list[Row], fault: Row, place: int) -> None:
    into = dataset()
    load(into, "visitorActivity", [{"id": 99, "created_at": START}])
    before = list(into.rows("visitorActivity"))
    at = min(place, len(good))
    with pytest.raises(BadRowError) as caught:
        load(into, "visitorActivity", [*good[:at], fault, *good[at:]])
    assert caught.value.column in fault
    assert caught.value.line in (at + 1, None)
    assert (into.version, list(into.rows("visitorActivity"))) == (1, before)


@laws
@given(case=cases())
def test_rows_are_read_back_as_the_values_that_were_loaded(
    case: tuple[Any, list[list[Row]]],
) -> None:
    asked, loads = case
    into = dataset()
    for rows in loads:
        load(into, asked.object, rows)
    expected = expected_rows(into, query(asked.object))
    last = {row["id"]: row for rows in loads for row in rows}
    found = {row["id"]: row for row in into.rows(asked.object)}
    assert len(expected) == len(found) == into.loaded(asked.object)
    for row_id, row in last.items():
        held = {name: found[row_id][name] for name in found[row_id] if name != "is_archived"}
        assert held == {name: value for name, value in row.items() if name != "is_deleted"}


@st.composite
def json_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, Row]]]:
    """Draw rows as JSON in any layout, each with the line it begins on."""
    text, rows = draw(st.sampled_from(["", "\n", "\ufeff", " \r\n\n"])), []
    blank = st.text(" \n\t", max_size=3)

    def put(row_id: int) -> None:
        nonlocal text
        row = {"id": row_id, "details": draw(ANY_TEXT)}
        rows.append((text.count("\n") + 1, row))
        text += json.dumps(row, indent=draw(st.none() | st.integers(0, 2)))

    for many in draw(st.lists(st.integers(-1, 3), max_size=4)):
        if many < 0:
            put(len(rows) + 1)
        else:
            text += "[" + draw(blank)
            for place in range(many):
                text += ("," + draw(blank)) if place else ""
                put(len(rows) + 1)
                text += draw(blank)
            text += "]"
        text += draw(st.sampled_from(["\n", "\r\n", " \n\n"]))
    return text, rows


@laws
@given(case=json_texts())
def test_json_is_read_in_every_layout_and_every_row_knows_its_line(
    case: tuple[str, list[tuple[int, Row]]],
) -> None:
    text, rows = case
    table = read_bytes(text.encode(), "jsonl")
    assert table.lines == [line for line, _ in rows]
    assert table.columns == (
        {name: [row[name] for _, row in rows] for name in ("id", "details")} if rows else {}
    )


@laws
@given(rows=tables("prospect", 6))
def test_json_lines_and_mappings_mean_the_same(rows: list[Row]) -> None:
    lines = "\n".join(json.dumps(row, default=datetime.isoformat) for row in rows)
    one, other = dataset(), dataset()
    load(one, "prospect", rows)
    table = read_bytes(lines.encode(), "jsonl")
    other.load(checked("prospect", table, BERLIN, START.astimezone(UTC)))
    assert list(one.rows("prospect")) == list(other.rows("prospect"))
