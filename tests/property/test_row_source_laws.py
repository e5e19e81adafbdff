"""Laws of looking rows up: a query finds what a plain filter over all rows finds, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.data.narrowing import _NARROWERS
from pardot_mock.data.rowsource import RowSource
from pardot_mock.domain.selections import Condition, Linked, Order, RowSelection
from tests.unit.data.worlds import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Row = dict[str, Any]
laws = settings(deadline=None, max_examples=30)
ROWS = 300
DELETABLE = ("prospect", "listMembership")
SORTS = {
    "visitorActivity": ("id", "created_at", "updated_at", "prospect_id", "visitor_id"),
    "prospect": ("id", "created_at", "updated_at", "last_activity_at"),
    "visitor": ("id", "created_at", "updated_at"),
    "visit": ("id",),
    "listMembership": ("id", "created_at"),
    "campaign": ("id", "created_at", "updated_at", "name", "cost"),
    "prospectAccount": ("id", "created_at", "updated_at", "name"),
    "opportunity": ("id", "created_at", "probability", "value"),
    "emailClick": ("id",),
    "lifecycleStage": ("id", "position"),
    "tagObject": ("id", "created_at"),
}
VALUES = {
    "visitorActivity": ("type", "prospect_id", "visitor_id", "email_id", "opportunity_id"),
    "prospect": ("email", "grade", "user_id", "score", "opportunity_id", "is_starred"),
    "visitor": ("prospect_id",),
    "visit": ("visitor_id", "prospect_id"),
    "listMembership": ("list_id", "prospect_id"),
    "campaign": ("name",),
    "prospectAccount": ("name",),
    "opportunity": ("probability",),
    "emailClick": ("list_email_id", "prospect_id"),
    "lifecycleStage": ("name",),
    "tagObject": ("tag_id", "type", "object_id"),
}


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pardot_mock.data.finding.BLOCK_ROWS", 16)
        patch.setattr("pardot_mock.data.postings.WINDOW", 16)
        patch.setattr("pardot_mock.data.postings.MOST_WINDOWS", 2)
        patch.setattr("pardot_mock.data.postings._SCAN_ROWS", 100)
        yield


class Rows:
    """A dataset, and all its rows in plain Python; `deleted` are ids by object."""

    def __init__(self, dataset: Dataset, deleted: dict[str, set[int]] | None = None) -> None:
        self.dataset = dataset
        self.source = RowSource(dataset)
        self._deleted = deleted or {}
        self._rows: dict[str, list[Row]] = {}

    def every(self, name: str) -> list[Row]:
        if name not in self._rows:
            gone = self._deleted.get(name, set())
            rows = list(self.dataset.rows(name))
            if name in DELETABLE:
                gone = {row["id"] for row in rows if self._was_deleted(name, row["id"])}
            self._rows[name] = [{**row, "is_deleted": row["id"] in gone} for row in rows]
        return self._rows[name]

    def _was_deleted(self, name: str, row_id: int) -> bool:
        row = self.dataset.find(name, row_id)
        return bool(row and row["is_deleted"])

    def expected(self, asked: RowSelection) -> list[Row]:
        found = [row for row in self.every(asked.object) if self._fits(row, asked)]
        found.sort(key=lambda row: row["id"], reverse=asked.order[0].descending)
        for each in reversed(asked.order):
            found.sort(key=lambda row, name=each.field: _key(row[name]), reverse=each.descending)
        return found

    def _fits(self, row: Row, asked: RowSelection) -> bool:
        if asked.object in DELETABLE:
            if asked.deleted != "all" and row["is_deleted"] != (asked.deleted == "true"):
                return False
        elif row["is_deleted"]:
            return False
        linked = all(self._is_linked(row, link) for link in asked.links)
        return linked and all(_holds(row, each) for each in asked.conditions)

    def _is_linked(self, row: Row, link: Linked) -> bool:
        return any(
            other[link.column] == row[link.field]
            for other in self.every(link.object)
            if not other["is_deleted"] and all(_holds(other, each) for each in link.conditions)
        )


def _key(value: Any) -> tuple[bool, Any]:
    return (value is not None, value.casefold() if isinstance(value, str) else value or 0)


def _holds(row: Row, each: Condition) -> bool:
    value = row[each.field]
    if each.test in ("given", "missing"):
        return bool(value is not None and value is not False) == (each.test == "given")
    if value is None:
        return False
    if each.test == "above":
        return bool(value > each.values[0])
    if each.test == "below":
        return bool(value < each.values[0])
    fold = [item.casefold() if isinstance(item, str) else item for item in each.values]
    return (value.casefold() if isinstance(value, str) else value) in fold


SPEC = WorldSpec(seed=11, rows=ROWS, start=START)


@lru_cache
def synthetic() -> Rows:
    return Rows(Dataset(SPEC))


@lru_cache
def changed() -> Rows:
    """A world of which some rows were written anew, some deleted, and to which some were added."""
    dataset, deleted = Dataset(SPEC), {}
    for name in SORTS:
        rows = synthetic().every(name)
        gone = [{**row, "is_deleted": True} for row in rows[5::11]]
        written = [{**row, "updated_at": START} for row in rows[3::9] if "updated_at" in row]
        new = [
            {**row, "id": 10**10 + place, "created_at": START - timedelta(days=400 - place)}
            for place, row in enumerate(rows[:7])
            if "created_at" in row
        ]
        for batch in (written, new, gone):
            dataset.write((name, row) for row in batch)
        deleted[name] = {row["id"] for row in gone}
    return Rows(dataset, deleted)


WORLDS = pytest.mark.parametrize("world", [synthetic, changed])


def conditions(name: str) -> st.SearchStrategy[Condition]:
    """Conditions whose values are those of rows, so that bounds are met exactly."""
    rows = changed().every(name)
    fields = [field.name for field in OBJECTS[name].fields]
    times = [field for field in ("created_at", "updated_at", "last_activity_at") if field in fields]
    bounds = st.sampled_from(["id", *times]).flatmap(
        lambda field: st.builds(
            Condition,
            st.just(field),
            st.sampled_from(["above", "below"]),
            st.sampled_from(rows).map(lambda row: (row[field] or START,)),
        )
    )
    several = st.sampled_from(["id", *VALUES[name]]).flatmap(
        lambda field: st.builds(
            Condition,
            st.just(field),
            st.just("among"),
            st.lists(st.sampled_from(rows), min_size=1, max_size=6).map(
                lambda some: tuple(row[field] for row in some if row[field] is not None)
            ),
        )
    )
    given_or_not = st.builds(
        Condition, st.sampled_from(VALUES[name]), st.sampled_from(["given", "missing"])
    )
    return bounds | several | given_or_not


@st.composite
def selections(draw: st.DrawFn) -> RowSelection:
    name = draw(st.sampled_from(sorted(SORTS)))
    orders = st.builds(Order, st.sampled_from(SORTS[name]), st.booleans())
    first = draw(orders)
    order = (first,) if draw(st.booleans()) else (first, Order("id", draw(st.booleans())))
    return RowSelection(
        name,
        tuple(draw(st.lists(conditions(name), max_size=3))),
        order=order,
        limit=draw(st.integers(1, 60)),
        offset=draw(st.integers(0, 90)),
        deleted=draw(st.sampled_from(["false", "true", "all"])),
    )


@WORLDS
@laws
@given(asked=selections())
def test_a_page_holds_what_a_plain_filter_and_sort_give(
    world: Callable[[], Rows], asked: RowSelection
) -> None:
    rows = world()
    found = rows.source.query(asked)
    expected = rows.expected(asked)
    assert found.total == len(expected)
    page = expected[asked.offset : asked.offset + asked.limit]
    assert [row["id"] for row in found.rows] == [row["id"] for row in page]
    shown = [field.name for field in OBJECTS[asked.object].fields]
    assert list(found.rows) == [{name: row[name] for name in shown} for row in page]


@st.composite
def by_update(draw: st.DrawFn) -> RowSelection:
    """Pages in the order of updates, for which neither is all counted nor all sorted."""
    rows = changed().every("visitorActivity")
    tests = draw(st.lists(st.sampled_from(["above", "below"]), unique=True))
    seconds = st.sampled_from(rows).map(lambda row: (row["updated_at"],))
    return RowSelection(
        "visitorActivity",
        tuple(Condition("updated_at", test, draw(seconds)) for test in tests),
        order=(Order(draw(st.sampled_from(["updated_at", "created_at"])), draw(st.booleans())),),
        limit=draw(st.integers(1, 40)),
        offset=draw(st.integers(0, 60)),
    )


@WORLDS
@laws
@given(asked=by_update())
def test_updates_are_counted_and_sorted_as_if_all_had_been_looked_at(
    world: Callable[[], Rows], asked: RowSelection
) -> None:
    found, expected = world().source.query(asked), world().expected(asked)
    assert found.total == len(expected)
    page = expected[asked.offset : asked.offset + asked.limit]
    assert [row["id"] for row in found.rows] == [row["id"] for row in page]


@pytest.mark.parametrize(("name", "field"), sorted(_NARROWERS))
def test_a_value_is_found_wherever_arithmetic_says_it_is(name: str, field: str) -> None:
    rows = synthetic().every(name)
    values = sorted({row[field] for row in rows[:400] if row[field] is not None})
    deleted = RowSelection(name, deleted="all")
    for value in [values[0], values[-1], *values[1:-1:9]]:
        asked = replace(deleted, conditions=(Condition(field, "among", (value,)),), limit=1000)
        expected = [row["id"] for row in rows if row[field] == value]
        assert [row["id"] for row in synthetic().source.query(asked).rows] == expected != []


@settings(deadline=None, max_examples=10)
@given(asked=selections(), field=st.sampled_from(["id", "created_at"]))
def test_pages_put_together_are_the_whole(asked: RowSelection, field: str) -> None:
    order = (Order(field if field in SORTS[asked.object] else "id", asked.order[0].descending),)
    whole = changed().source.query(_with(asked, order, 10_000, 0)).rows
    size = max(1, len(whole) // 3)
    pages = [
        changed().source.query(_with(asked, order, size, start)).rows
        for start in range(0, len(whole) + 1, size)
    ]
    assert [row for page in pages for row in page] == list(whole)


def _with(asked: RowSelection, order: Sequence[Order], limit: int, offset: int) -> RowSelection:
    return RowSelection(
        asked.object, asked.conditions, (), tuple(order), limit, offset, asked.deleted
    )


@WORLDS
@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("prospect", ("id", "listMembership", "prospect_id", "list_id")),
        ("opportunity", ("id", "prospect", "opportunity_id", "id")),
        ("prospect", ("user_id", "user", "id", "email")),
    ],
)
def test_a_link_leads_through_living_rows_of_the_other_object(
    world: Callable[[], Rows], name: str, link: tuple[str, str, str, str]
) -> None:
    rows = world()
    field, other, column, by = link
    for row in rows.every(other)[:4]:
        through = Linked(field, other, column, (Condition(by, "among", (row[by],)),))
        asked = RowSelection(name, links=(through,), limit=1000)
        expected = rows.expected(asked)
        assert [each["id"] for each in rows.source.query(asked).rows] == [
            each["id"] for each in expected
        ]


@laws
@given(data=st.data())
def test_a_lookup_gives_each_row_that_is_there_and_no_other(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SORTS)))
    known = {row["id"]: row for row in changed().every(name)}
    wanted = data.draw(
        st.lists(st.sampled_from(sorted(known)) | st.integers(0, 10**12), max_size=9)
    )
    found = changed().source.lookup(name, wanted)
    there = {
        each
        for each in wanted
        if each in known and (name in DELETABLE or not known[each]["is_deleted"])
    }
    assert set(found) == there
    for each, row in found.items():
        assert row == {field: known[each][field] for field in row}


def test_a_condition_on_a_second_is_exact_on_both_sides() -> None:
    rows = synthetic().every("visitorActivity")
    second: datetime = rows[100]["created_at"]
    after = Condition("created_at", "above", (second,))
    before = Condition("created_at", "below", (second,))
    counted = [
        synthetic().source.query(RowSelection("visitorActivity", (each,))).total
        for each in (after, before)
    ]
    assert counted == [
        sum(row["created_at"] > second for row in rows),
        sum(row["created_at"] < second for row in rows),
    ]
    assert sum(counted) < len(rows)
