"""Accounts over one world share its tables, and nothing else."""

from __future__ import annotations

from pardot_mock.data import Dataset, Engines, WorldSpec
from pardot_mock.data.layout import Layout

from .worlds import START, data_rows, query, world


def layout(seed: int) -> Layout:
    return Layout(WorldSpec(seed, 100, START))


def test_the_same_world_has_the_same_engine_and_another_world_another() -> None:
    engines = Engines()
    assert engines.engine(layout(1)) is engines.engine(layout(1))
    assert engines.engine(layout(1)) is not engines.engine(layout(2))


def test_the_world_that_was_not_used_for_longest_is_forgotten() -> None:
    engines = Engines(kept=2)
    first, second = engines.engine(layout(1)), engines.engine(layout(2))
    assert engines.engine(layout(1)) is first
    engines.engine(layout(3))
    assert engines.engine(layout(1)) is first
    assert engines.engine(layout(2)) is not second


def test_a_dataset_with_shared_tables_gives_the_rows_of_one_that_stands_alone() -> None:
    engines, asked = Engines(), query(timezone="Asia/Tokyo")
    for dataset in (Dataset(WorldSpec(4, 300, START), engines) for _ in range(2)):
        assert data_rows(dataset, asked) == data_rows(world(4, 300), asked)
