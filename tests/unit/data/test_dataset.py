"""What a dataset promises to its callers, apart from the laws of its rows."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pardot_mock.data import Dataset, FileSlice, WorldSpec
from tests.unit.data.worlds import EXPORTED, LATER, LONG_AGO, START, data_rows, query, world

HEAVY = ("numpy", "polars", "faker", "cryptography")
LIGHT_USE = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.domain.rows import RowQuery
import pardot_mock.vault, pardot_fixtures.catalog
start = datetime(2026, 7, 1, tzinfo=UTC)
dataset = Dataset(WorldSpec(seed=1, rows=10**9, start=start))
query = RowQuery("visitorActivity", ("id",), "updated_at", start.replace(year=2026, month=6), start,
                 "UTC")
assert dataset.estimate(query) > 10**6
query = replace(query, time_field="created_at", deleted="all")
assert sum(part.rows for part in dataset.slices(query, 10**5)) == dataset.estimate(query)
print([name for name in sys.argv[1:] if name in sys.modules])
"""


def test_importing_estimating_and_cutting_load_no_heavy_library() -> None:
    command = [sys.executable, "-c", LIGHT_USE, *HEAVY]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_a_prepared_dataset_has_loaded_what_it_needs() -> None:
    code = """
import sys
from datetime import UTC, datetime
from pardot_mock.data import Dataset, WorldSpec
Dataset(WorldSpec(seed=1, rows=100, start=datetime(2026, 7, 1, tzinfo=UTC))).prepare()
print([name for name in sys.argv[1:] if name in sys.modules])
"""
    command = [sys.executable, "-c", code, *HEAVY]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "['numpy', 'polars']"


def test_a_world_of_a_billion_rows_gives_any_row_at_once() -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=10**9, start=START))
    last = dataset.count("visitorActivity") - 1
    (row,) = dataset.rows("visitorActivity", range(last, last + 1))
    assert START - timedelta(minutes=5) < row["created_at"] <= row["updated_at"] <= START
    assert dataset.index_of("visitorActivity", row["id"]) == last


def test_the_same_row_has_the_same_values_in_a_file_and_one_by_one() -> None:
    asked = query("visitor", fields=("id", "ip_address", "page_view_count"))
    in_files = {row[0]: row[1:] for row in data_rows(world(), asked)}
    for row in world().rows("visitor", range(40, 60)):
        assert in_files[str(row["id"])] == [row["ip_address"], str(row["page_view_count"])]


def test_rows_are_read_in_any_order_and_by_chosen_fields() -> None:
    forwards = list(world().rows("prospect", range(5, 9), ("id", "email")))
    backwards = list(world().rows("prospect", range(8, 4, -1), ("id", "email")))
    assert backwards == forwards[::-1]
    assert list(forwards[0]) == ["id", "email"]


def test_values_are_typed_and_instants_are_aware() -> None:
    (row,) = world().rows("prospect", range(1))
    assert isinstance(row["id"], int)
    assert isinstance(row["is_starred"], bool)
    assert row["created_at"].tzinfo is UTC
    interests = [row["Interests"] for row in world().rows("prospect", None, ("Interests",))]
    assert {type(several) for several in interests} == {tuple, type(None)}
    (deal,) = world().rows("opportunity", range(1))
    assert isinstance(deal["value"], float)


def test_an_id_that_nobody_has_leads_nowhere() -> None:
    dataset = world()
    ids = [row["id"] for row in dataset.rows("campaign", None, ("id",))]
    assert [dataset.index_of("campaign", row_id) for row_id in ids] == list(range(len(ids)))
    for stranger in (-1, 0, ids[0] - 1, ids[-1] + 100):
        assert dataset.index_of("campaign", stranger) is None


def test_only_indexes_with_a_visit_give_one() -> None:
    dataset = world()
    visits = list(dataset.rows("visit"))
    named = {row["visit_id"] for row in dataset.rows("visitorActivity", None, ("visit_id",))}
    assert {visit["id"] for visit in visits} == named - {None}
    assert len(visits) < dataset.count("visit")


def test_a_visit_agrees_with_the_activity_that_tells_of_it() -> None:
    activities = {
        row["visit_id"]: row for row in world().rows("visitorActivity") if row["visit_id"]
    }
    for visit in world().rows("visit"):
        activity = activities[visit["id"]]
        assert activity["details"] == f"{visit['visitor_page_view_count']} page views"
        for same in ("visitor_id", "prospect_id", "created_at"):
            assert visit[same] == activity[same]
        assert visit["last_visitor_page_view_at"] <= START


def test_a_world_without_activities_has_assets_but_no_people() -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=0, start=START))
    for name in EXPORTED:
        assert dataset.count(name) == 0
        assert dataset.slices(query(name), 10) == ()
        assert dataset.slices(query(name, time_field="updated_at"), 10) == ()
        assert list(dataset.rows(name)) == []
        assert dataset.truth(query(name), ()).rows == 0
    assert len(list(dataset.rows("campaign"))) == dataset.count("campaign") > 0


def test_the_default_size_has_two_thousand_prospects() -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=50_000, start=START))
    assert dataset.count("prospect") == 2000
    assert Dataset(WorldSpec(1, 10_000_000, START)).count("prospect") == 400_000


def test_nothing_matches_outside_of_the_three_years() -> None:
    before = query(after=LONG_AGO - timedelta(days=365), before=LONG_AGO)
    behind = query(after=START, before=LATER)
    empty = query(after=LONG_AGO, before=LONG_AGO + timedelta(seconds=1))
    for asked in (before, behind, empty):
        assert world().slices(asked, 10) == ()
        assert world().estimate(asked) == 0


def test_the_upper_bound_may_lie_below_the_lower_one() -> None:
    assert world().slices(query(after=START, before=LONG_AGO), 10) == ()
    assert world().slices(query(after=START, before=LONG_AGO, time_field="updated_at"), 10) == ()


def test_fractions_of_a_second_are_not_lost_at_the_bounds() -> None:
    (row,) = world().rows("visitorActivity", range(700, 701))
    moment, half = row["created_at"], timedelta(milliseconds=500)
    ids = [
        [row["id"] for row in _matching(query(after=moment - half, before=moment + half))],
        [row["id"] for row in _matching(query(after=moment - half, before=moment))],
        [row["id"] for row in _matching(query(after=moment + half, before=LATER))],
    ]
    assert [row["id"] in found for found in ids] == [True, False, False]


def _matching(asked: object) -> list[dict[str, int]]:
    return [{"id": int(row[0])} for row in data_rows(world(), asked)]  # type: ignore[arg-type]


def test_a_created_at_query_needs_no_scan() -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=10**9, start=START))
    (first, *rest) = dataset.slices(query(), 10**8)
    assert first == FileSlice(0, 10**8, 10**8)
    assert sum(part.rows for part in (first, *rest)) == 10**9


def test_an_activity_by_update_is_looked_for_in_a_bounded_window() -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=10**6, start=START))
    day = START - timedelta(days=400)
    asked = query(time_field="updated_at", after=day, before=day + timedelta(days=1))
    assert dataset.estimate(asked) < 10**6 * 40 / 1096


def test_an_activity_that_was_updated_late_is_found_by_its_update() -> None:
    dataset = world()
    late = [row for row in dataset.rows("visitorActivity") if row["updated_at"] > row["created_at"]]
    assert max(row["updated_at"] - row["created_at"] for row in late) > timedelta(days=25)
    second = timedelta(seconds=1)
    for row in late:
        moment = row["updated_at"]
        bounds = {"after": moment - second, "before": moment + second}
        asked = query(time_field="updated_at", fields=("id",), **bounds)
        assert [str(row["id"])] in data_rows(dataset, asked)


def test_unknown_objects_and_fields_are_named() -> None:
    part = FileSlice(0, 10, 10)
    with pytest.raises(KeyError, match="nosuch"):
        list(world().csv(query(fields=("id", "nosuch")), part))
    with pytest.raises(KeyError, match="nosuch"):
        list(world().rows("prospect", None, ("nosuch",)))
    with pytest.raises(KeyError, match="Unicorn"):
        list(world().rows("Unicorn"))


def test_indexes_that_do_not_exist_are_refused() -> None:
    with pytest.raises(IndexError, match="0 to 49"):
        world(1, 600).rows("prospect", range(45, 60))
    with pytest.raises(IndexError):
        world(1, 600).rows("prospect", range(-1, 3))


@pytest.mark.parametrize("rows_per_file", [0, -5])
def test_a_file_without_room_for_a_row_is_refused(rows_per_file: int) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        world().slices(query(), rows_per_file)


def test_a_world_needs_sensible_rows_and_an_aware_start() -> None:
    with pytest.raises(ValueError, match="rows"):
        WorldSpec(seed=1, rows=-1, start=START)
    with pytest.raises(ValueError, match="rows"):
        WorldSpec(seed=1, rows=10**10, start=START)
    with pytest.raises(ValueError, match="timezone"):
        WorldSpec(seed=1, rows=1, start=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "start", [datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 2, 28, tzinfo=UTC)]
)
def test_an_account_may_start_in_any_century(start: datetime) -> None:
    dataset = Dataset(WorldSpec(seed=1, rows=100, start=start))
    asked = query(after=start - timedelta(days=1100), before=start, timezone="Asia/Tokyo")
    assert len(data_rows(dataset, asked)) == 100


def test_any_integer_is_a_seed_and_each_gives_another_world() -> None:
    digests = set()
    for seed in (-1, 0, 1, 2, 10**30):
        dataset = Dataset(WorldSpec(seed=seed, rows=200, start=START))
        digests.add(dataset.truth(query(), dataset.slices(query(), 100)).digest)
    assert len(digests) == 5


def test_several_threads_get_the_same_bytes() -> None:
    dataset = Dataset(WorldSpec(seed=5, rows=3000, start=START))
    asked, found = query(), []

    def work() -> None:
        parts = dataset.slices(asked, 1000)
        found.append(b"".join(piece for part in parts for piece in dataset.csv(asked, part)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
