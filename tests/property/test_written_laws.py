"""Laws of written rows: each is seen exactly once, older versions never change, truth = files."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec, csvfile, digest_of
from pardot_mock.data.overlaychecks import checked
from pardot_mock.data.overlayreading import read_mappings
from tests.unit.data.worlds import START, as_text, file_bytes, parsed, query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.domain.rows import RowQuery

laws = settings(deadline=None, max_examples=12)
Row = dict[str, Any]
OWN = "Shoe_Size"
"""A field that the account has defined itself."""
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "BATCH_ROWS", 7)
        # Single rows become columns, chunks are merged and snapshots forgotten all the time.
        patch.setattr("pardot_mock.data.rowtable._PENDING_ROWS", 2)
        patch.setattr("pardot_mock.data.rowtable._MERGED_ROWS", 5)
        patch.setattr("pardot_mock.data.rowtable._KEPT", 1)
        yield


SPEC = WorldSpec(seed=5, rows=300, start=START)


@lru_cache
def untouched(name: str) -> dict[int, Row]:
    """Read every row of the world one by one."""
    dataset = Dataset(SPEC)
    rows = [dataset.find(name, row["id"]) for row in dataset.rows(name)]
    return {row["id"]: row for row in rows if row is not None}


class Model:
    """What the account must hold: every row in plain Python, and what each version held."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dataset = Dataset(SPEC)
        self.rows = dict(untouched(name))

    def change(self, act: str, pick: int, values: Row) -> None:
        """Load or create a row, or change the row number `pick`."""
        if act == "load":
            row_id = 1 + pick % 7
            table = read_mappings([{"id": row_id, **values}])
            self.dataset.load(checked(self.name, table, UTC_ZONE, START))
            blank = {field.name: None for field in OBJECTS[self.name].fields}
            flags = {f.name: False for f in OBJECTS[self.name].fields if f.kind == "flag"}
            self.rows[row_id] = {**blank, **flags, **values, "id": row_id, "is_deleted": False}
            return
        row = self._changed(act, pick, values)
        self.dataset.write([(self.name, row)])
        if self.name == "prospect":
            row["is_archived"] = row["is_deleted"]
        self.rows[row["id"]] = row

    def _changed(self, act: str, pick: int, values: Row) -> Row:
        if act == "create":
            blank = dict.fromkeys(field.name for field in OBJECTS[self.name].fields)
            flags = {f.name: False for f in OBJECTS[self.name].fields if f.kind == "flag"}
            new_id = self.dataset.next_id(self.name)
            assert new_id not in self.rows
            return {**blank, **flags, **values, "id": new_id, "is_deleted": False}
        row = self.rows[sorted(self.rows)[pick % len(self.rows)]]
        if act == "update":
            return {**row, **values, "created_at": row["created_at"]}
        return {**row, "is_deleted": act == "delete"}

    def expected(self, asked: RowQuery) -> Counter[tuple[str, ...]]:
        """Filter every row in plain Python."""
        kinds = {field.name: field.kind for field in OBJECTS[self.name].fields}
        return Counter(
            tuple(
                as_text(row.get(name), kinds.get(name, "string"), "UTC", asked.csv)
                for name in asked.fields
            )
            for row in self.rows.values()
            if asked.after < row[asked.time_field] < asked.before
            and (asked.deleted == "all" or row["is_deleted"] == (asked.deleted == "true"))
        )


STAMPS = st.integers(-5, 5).map(lambda step: START - timedelta(days=100 * step * step))


@st.composite
def changes(draw: st.DrawFn, name: str) -> tuple[str, int, Row]:
    act = draw(st.sampled_from(["create", "update", "update", "delete", "undelete", "load"]))
    created, updated = sorted([draw(STAMPS), draw(STAMPS)])
    values: Row = {"created_at": created, "updated_at": updated}
    if name == "prospect":
        values["email"] = draw(st.sampled_from(["a@example.com", "b@example.com"]))
        values["score"] = draw(st.none() | st.integers(0, 9))
        values["is_starred"] = draw(st.booleans())
        values["Interests"] = draw(st.none() | st.just(("tea", "golf")))
        if act != "load":
            values[OWN] = draw(st.none() | st.sampled_from(["44", "a,b"]) | st.just(("1", "2")))
    else:
        values["list_id"] = draw(st.integers(1, 3))
        values["opted_out"] = draw(st.booleans())
    return act, draw(st.integers(0, 400)), values


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, Row]], Row]:
    name = draw(st.sampled_from(["prospect", "listMembership"]))
    low, high = sorted([draw(STAMPS), draw(STAMPS)])
    asked = {
        "time_field": draw(st.sampled_from(["created_at", "updated_at"])),
        "after": low - timedelta(days=draw(st.sampled_from([0, 1200]))),
        "before": high + timedelta(days=draw(st.sampled_from([0, 1]))),
        "deleted": draw(st.sampled_from(["all", "false", "true"])),
    }
    if name == "prospect":
        fields = ("id", "email", "score", "is_starred", "Interests", "is_archived", OWN)
        asked |= {"fields": fields, "custom": frozenset({OWN})}
    return name, draw(st.lists(changes(name), max_size=6)), asked


@laws
@given(story=stories(), rows_per_file=st.integers(15, 40))
def test_every_written_row_is_in_the_files_exactly_once_and_older_versions_never_change(
    story: tuple[str, list[tuple[str, int, Row]], Row], rows_per_file: int
) -> None:
    name, acts, settings_of_query = story
    asked = query(name, **settings_of_query)
    model = Model(name)
    history = []
    for act in acts:
        model.change(*act)
        parts = model.dataset.slices(asked, rows_per_file)
        assert all(part.rows == rows_per_file for part in parts[:-1])
        files = [file_bytes(model.dataset, asked, part) for part in parts]
        found = [row for raw in files for row in parsed(raw)[1:]]
        assert Counter(map(tuple, found)) == model.expected(asked)
        truth = model.dataset.truth(asked, parts)
        assert (truth.rows, truth.digest) == (len(found), digest_of(found))
        assert model.dataset.estimate(asked) >= len(found)
        history.append((model.dataset.version, parts, files))
    for version, parts, files in history:
        assert model.dataset.slices(asked, rows_per_file, version) == parts
        assert [file_bytes(model.dataset, asked, part) for part in parts] == files
    assert [version for version, _, _ in history] == list(range(1, len(acts) + 1))


@laws
@given(story=stories())
def test_a_written_row_is_read_back_by_its_id_and_listed_once(
    story: tuple[str, list[tuple[str, int, Row]], Row],
) -> None:
    name, acts, _ = story
    model = Model(name)
    for act in acts:
        model.change(*act)
    listed = {row["id"]: row for row in model.dataset.rows(name)}
    assert len(listed) == sum(1 for _ in model.dataset.rows(name)) == len(model.rows)
    touched = [
        row_id for row_id, row in model.rows.items() if row is not untouched(name).get(row_id)
    ]
    for row_id in touched:
        row = model.rows[row_id]
        found = model.dataset.find(name, row_id)
        assert found is not None
        assert {k: v for k, v in found.items() if v is not None} == {
            k: v for k, v in row.items() if v is not None
        }
        assert listed[row_id] == {field: found[field] for field in listed[row_id]}
    assert model.dataset.find(name, model.dataset.next_id(name)) is None
