"""What is written as CSV is what three readers read, whatever stands in the cells."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pardot_mock.data import Dataset, WorldSpec
from pardot_mock.data.overlaychecks import checked
from pardot_mock.data.overlayreading import read_mappings
from pardot_mock.domain.rows import CsvFormat
from tests.readers import READERS
from tests.unit.data.worlds import LATER, START, query

AWKWARD = ",;|\t\n\r \"'\\#=+-@0N\u00a0\u0085\u2028\ufeff\u0301éشक😀"
FIELDS = ("id", "comments", "notes", "first_name")

texts = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs", "Cc"])),
                max_size=12)  # fmt: skip
rows = st.lists(st.tuples(texts, st.none() | texts, texts), min_size=1, max_size=20)
styles = st.sampled_from([CsvFormat(), CsvFormat(quoting="all"), CsvFormat(quoting="php")])


@settings(max_examples=15, deadline=None)
@given(rows, styles)
@example([("a\r\nb", None, "\r"), ('"', '""', ',"'), (" ", "\t", "\n")], CsvFormat())
def test_a_file_says_the_same_to_csv_polars_and_pandas(
    cells: list[tuple[str, str | None, str]], style: CsvFormat
) -> None:
    dataset = Dataset(WorldSpec(1, 0, START))
    given_rows = [
        {"id": number, **dict(zip(FIELDS[1:], row, strict=True))}
        for number, row in enumerate(cells, start=1)
    ]
    dataset.load(checked("prospect", read_mappings(given_rows), START.tzinfo, START))
    asked = query("prospect", fields=FIELDS, before=LATER, csv=style)
    (part,) = dataset.slices(asked, 100)
    raw = b"".join(dataset.csv(asked, part))
    expected = {str(row["id"]): [row[name] or "" for name in FIELDS[1:]] for row in given_rows}
    for name, read in READERS.items():
        header, *found = read(raw)
        assert tuple(header) == FIELDS, name
        assert {row[0]: row[1:] for row in found} == expected, name
