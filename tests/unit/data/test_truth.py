"""The truth oracle: a digest that anybody can compute, pinned by a worked example."""

from __future__ import annotations

from hashlib import blake2b

from pardot_mock.data import Dataset, WorldSpec, digest_of
from tests.unit.data.worlds import START, query


def test_the_digest_is_the_sum_of_what_its_definition_says() -> None:
    rows = [["1", "", "é"], ["2", 'a"b', "x,y"]]
    numbers = [
        int.from_bytes(blake2b("\x1f".join(row).encode(), digest_size=16).digest(), "big")
        for row in rows
    ]
    assert digest_of(rows) == f"{sum(numbers) % 2**128:032x}"


def test_nothing_has_the_digest_zero() -> None:
    assert digest_of([]) == "0" * 32


def test_cells_that_run_together_are_still_told_apart() -> None:
    assert digest_of([["ab", "c"]]) != digest_of([["a", "bc"]])


def test_the_digest_does_not_depend_on_the_files_or_how_they_are_quoted() -> None:
    from pardot_mock.domain.rows import CsvFormat

    dataset = Dataset(WorldSpec(3, 900, START))
    digests = set()
    for rows_per_file, quoting in ((100, "minimal"), (900, "php"), (7, "all")):
        asked = query(csv=CsvFormat(quoting=quoting, line_end="\r\n"))  # type: ignore[arg-type]
        truth = dataset.truth(asked, dataset.slices(asked, rows_per_file))
        assert sum(file.rows for file in truth.files) == truth.rows == 900
        digests.add(truth.digest)
    assert len(digests) == 1


def test_a_single_missing_cell_counts_as_an_empty_one() -> None:
    dataset = Dataset(WorldSpec(3, 100, START))
    asked = query(fields=("opportunity_id",))
    truth = dataset.truth(asked, dataset.slices(asked, 100))
    cells = [row["opportunity_id"] for row in dataset.rows("visitorActivity")]
    assert truth.digest == digest_of([["" if cell is None else str(cell)] for cell in cells])
