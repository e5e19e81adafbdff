"""Laws of the data world: fixed by its seed, cut without loss, and whole in its references."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_fixtures.catalog import ACTIVITY_TYPES, OBJECTS
from pardot_mock.data import Dataset, RowDigest, WorldSpec, csvfile, digest_of, selection, vectors
from pardot_mock.data.hashing import draw
from pardot_mock.data.layout import IdRange, Layout
from pardot_mock.data.rhythm import Timeline, second_at, units_at
from pardot_mock.domain.rows import CsvFormat
from tests.unit.data.worlds import (
    EXPORTED,
    LATER,
    LONG_AGO,
    START,
    data_rows,
    expected_rows,
    file_bytes,
    parsed,
    query,
    world,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = st.integers(-(10**9), 4 * 10**9)
COUNTS = st.one_of(st.integers(1, 400), st.integers(1, 10**9))
BITS = st.integers(0, 2**64 - 1)
ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
MOMENTS = st.datetimes(
    LONG_AGO.replace(tzinfo=None), LATER.replace(tzinfo=None), timezones=st.just(UTC)
)
STYLES = st.builds(
    CsvFormat,
    bom=st.booleans(),
    quoting=st.sampled_from(["minimal", "php", "all"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    boolean=st.sampled_from(["json", "1_0", "true_false"]),
    multi_separator=st.sampled_from([";", ",", "|"]),
    form_handler=st.sampled_from(["Form Handler", 'Form, "handled"']),
)
_ACTIVITY = OBJECTS["visitorActivity"].export_fields
# In any order, and texts alone and side by side.
SHARING = st.one_of(
    st.sampled_from(
        [_ACTIVITY, ("id", "details", "visit_id", "type", "type_name"), ("type", "type_name")]
    ),
    st.builds(
        lambda fields, count: tuple(fields[:count]),
        st.permutations(_ACTIVITY),
        st.integers(1, len(_ACTIVITY)),
    ),
)
laws = settings(deadline=None, max_examples=35)


@pytest.fixture(autouse=True, scope="module")
def _small_steps() -> Iterator[None]:
    """Let scans and files of these small worlds take several steps, as large ones do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "SCAN_ROWS", 113)
        patch.setattr(csvfile, "BATCH_ROWS", 171)
        yield


@st.composite
def timelines(draws: st.DrawFn) -> Timeline:
    early, late = draws(st.sampled_from([(0, 8), (0, 1), (4, 8)]))
    begin = draws(SECONDS)
    span = draws(st.integers(1, 5 * 366 * 86_400))
    founders = draws(st.integers(0, 4))
    return Timeline(draws(BITS), draws(COUNTS), begin, begin + span, early, late, founders)


FILTERED = (
    query(types=frozenset({6, 20})),
    query(prospect_only=True),
    query(time_field="updated_at"),
    query("prospect", deleted="false"),
    query("visitor", time_field="updated_at"),
)


@pytest.mark.parametrize("asked", FILTERED)
@pytest.mark.parametrize("rows_per_file", [1, 7, 113, 171])
def test_filtered_rows_are_cut_exactly_at_every_file(asked: Any, rows_per_file: int) -> None:
    dataset = world(3, 250)
    found = data_rows(dataset, asked, rows_per_file)
    expected = expected_rows(dataset, asked)
    assert Counter(map(tuple, found)) == Counter(map(tuple, expected))
    assert len(dataset.slices(asked, rows_per_file)) == -(-len(expected) // rows_per_file)


@st.composite
def queries(draws: st.DrawFn) -> Any:
    name = draws(st.sampled_from(EXPORTED))
    first, second = sorted(draws(st.lists(MOMENTS, min_size=2, max_size=2)))
    changes: dict[str, Any] = {
        "time_field": draws(st.sampled_from(["created_at", "updated_at"])),
        "after": draws(st.sampled_from([first, LONG_AGO])),
        "before": second + timedelta(seconds=1),
        "timezone": draws(ZONES),
        "inclusive": draws(st.booleans()),
        "csv": draws(STYLES),
    }
    if name != "listMembership":
        changes["deleted"] = draws(st.sampled_from(["all", "false", "true"]))
    if name == "visitorActivity":
        types = st.frozensets(st.sampled_from(sorted(ACTIVITY_TYPES)), min_size=1)
        changes["types"] = draws(st.none() | types)
        changes["prospect_only"] = draws(st.booleans())
    exportable = [field.name for field in OBJECTS[name].fields if field.exportable]
    if draws(st.booleans()):
        columns = st.lists(st.sampled_from(exportable), min_size=1, max_size=6, unique=True)
        changes["fields"] = tuple(draws(columns))
    return query(name, **changes)


@laws
@given(key=BITS, indexes=st.lists(st.integers(0, 2**40), min_size=1, max_size=20))
def test_numbers_drawn_one_by_one_and_as_an_array_are_the_same(
    key: int, indexes: list[int]
) -> None:
    array = np.array(indexes, dtype=np.uint64)
    assert vectors.draws(key, array).tolist() == [draw(key, index) for index in indexes]


@laws
@given(second=SECONDS)
def test_units_lead_back_to_their_second(second: int) -> None:
    assert second_at(units_at(second)) == second
    assert units_at(second) < units_at(second + 1)
    assert second_at(units_at(second + 1) - 1) == second


@laws
@given(timeline=timelines(), places=st.lists(st.integers(0), min_size=1, max_size=20))
def test_creation_times_one_by_one_and_as_an_array_are_the_same(
    timeline: Timeline, places: list[int]
) -> None:
    indexes = [place % timeline.count for place in places]
    array = vectors.positions(timeline, np.array(indexes, dtype=np.uint64))
    created = [timeline.created(index) for index in indexes]
    assert vectors.seconds_at(timeline, array).tolist() == created
    assert all(timeline.begin <= second < timeline.end for second in created)


@laws
@given(timeline=timelines(), place=st.integers(0))
def test_creation_grows_with_the_index(timeline: Timeline, place: int) -> None:
    index = place % timeline.count
    if index + 1 < timeline.count:
        assert timeline.created(index) <= timeline.created(index + 1)


@laws
@given(timeline=timelines(), second=st.integers(0))
def test_the_first_index_of_an_instant_is_found_without_a_scan(
    timeline: Timeline, second: int
) -> None:
    span = timeline.end - timeline.begin
    moment = timeline.begin - span // 4 + second % (2 * span)
    index = timeline.first_at(moment)
    assert index == timeline.count or timeline.created(index) >= moment
    assert index == 0 or timeline.created(index - 1) < moment


@laws
@given(base=st.integers(1, 10**10), step=st.integers(1, 50), index=st.integers(0, 10**9))
def test_ids_ascend_and_lead_back_to_their_index(base: int, step: int, index: int) -> None:
    ids = IdRange(base, step)
    row_id = ids.id_of(index)
    assert row_id < ids.id_of(index + 1)
    assert ids.index_of(row_id) == index
    others = set(range(row_id - step, row_id + step + 1))
    known = {ids.id_of(i) for i in range(max(0, index - 2), index + 3)}
    assert all(ids.index_of(other) is None for other in others - known if other >= base + step)
    array = vectors.ids_of(ids, np.array([index], dtype=np.uint64))
    assert array.tolist() == [row_id]


@laws
@given(asked=queries(), seed=st.integers(1, 3), rows_per_file=st.integers(15, 200))
def test_files_hold_exactly_the_rows_asked_for_however_they_are_cut(
    asked: Any, seed: int, rows_per_file: int
) -> None:
    dataset = world(seed, 600)
    parts = dataset.slices(asked, rows_per_file)
    assert all(0 < part.rows <= rows_per_file for part in parts)
    assert all(part.rows == rows_per_file for part in parts[:-1])
    assert all(a.index_to <= b.index_from for a, b in itertools.pairwise(parts))
    found = data_rows(dataset, asked, rows_per_file)
    expected = expected_rows(dataset, asked)
    assert Counter(map(tuple, found)) == Counter(map(tuple, expected))
    assert dataset.estimate(asked) >= len(found)


@laws
@given(asked=queries(), seed=st.integers(1, 3))
def test_the_same_seed_gives_the_same_bytes(asked: Any, seed: int) -> None:
    one, other = world(seed, 600), Dataset(WorldSpec(seed, 600, START))
    parts = one.slices(asked, 300)
    assert parts == other.slices(asked, 300)
    for part in parts:
        assert file_bytes(one, asked, part) == file_bytes(other, asked, part)


@laws
@given(asked=queries(), batch=st.integers(1, 700), scan=st.integers(1, 700))
def test_the_bytes_do_not_depend_on_how_many_rows_are_computed_together(
    asked: Any, batch: int, scan: int
) -> None:
    dataset = world(2, 600)
    parts = dataset.slices(asked, 300)
    before = [file_bytes(dataset, asked, part) for part in parts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "BATCH_ROWS", max(40, batch))
        patch.setattr(selection, "SCAN_ROWS", max(40, scan))
        assert dataset.slices(asked, 300) == parts
        assert [file_bytes(dataset, asked, part) for part in parts] == before


@laws
@given(asked=queries(), rows_per_file=st.integers(40, 900))
def test_the_truth_is_what_a_reader_of_the_files_finds(asked: Any, rows_per_file: int) -> None:
    dataset = world(2, 600)
    parts = dataset.slices(asked, rows_per_file)
    truth = dataset.truth(asked, parts)
    found = data_rows(dataset, asked, rows_per_file)
    assert truth.rows == len(found)
    assert truth.digest == digest_of(found)
    for part, file in zip(parts, truth.files, strict=True):
        raw = file_bytes(dataset, asked, part)
        assert (file.rows, file.bytes) == (part.rows, len(raw))
        assert file.sha256 == sha256(raw).hexdigest()


@laws
@given(
    rows=st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), min_size=1, max_size=8),
    random=st.randoms(use_true_random=False),
)
def test_a_digest_knows_every_row_and_no_order(rows: list[list[str]], random: Any) -> None:
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(rows)
    assert digest_of(rows[1:]) != digest_of(rows)
    assert digest_of([*rows, rows[0]]) != digest_of(rows)
    altered = [[rows[0][0] + "x", rows[0][1]], *rows[1:]]
    assert digest_of(altered) != digest_of(rows)
    halves = RowDigest()
    for row in shuffled:
        halves.add(row)
    assert (halves.rows, halves.digest) == (len(rows), digest_of(rows))


@laws
@given(
    name=st.sampled_from(EXPORTED),
    time_field=st.sampled_from(["created_at", "updated_at"]),
    place=st.integers(0),
    inclusive=st.booleans(),
)
def test_a_row_on_a_bound_is_inside_only_when_bounds_are_inclusive(
    name: str, time_field: str, place: int, inclusive: bool
) -> None:
    dataset = world(1, 600)
    index = place % dataset.count(name)
    (row,) = dataset.rows(name, range(index, index + 1))
    on_it, far = row[time_field], timedelta(days=30)
    for bounds in ((on_it - far, on_it), (on_it, on_it + far)):
        after, before = bounds
        asked = query(
            name,
            time_field=time_field,
            after=after,
            before=before,
            inclusive=inclusive,
            fields=("id",),
        )
        found = data_rows(dataset, asked)
        assert ([str(row["id"])] in found) == inclusive


@laws
@given(asked=queries(), style=STYLES)
def test_every_way_of_writing_reads_back_to_the_same_cells(asked: Any, style: CsvFormat) -> None:
    dataset = world(1, 600)
    plain = replace(style, bom=False, quoting="minimal", line_end="\n")
    for part in dataset.slices(asked, 500):
        in_plain = query(**{**_as_dict(asked), "csv": plain})
        in_style = query(**{**_as_dict(asked), "csv": style})
        raw = file_bytes(dataset, in_style, part)
        assert parsed(raw) == parsed(file_bytes(dataset, in_plain, part))
        assert raw.startswith(b"\xef\xbb\xbf") == style.bom
        assert raw.endswith(style.line_end.encode())


@settings(laws, max_examples=20)
@given(
    fields=SHARING,
    style=STYLES,
    rows_per_file=st.integers(400, 2000),
)
def test_cells_that_rows_share_make_the_same_bytes_as_cells_written_one_by_one(
    fields: tuple[str, ...], style: CsvFormat, rows_per_file: int
) -> None:
    dataset = world()
    asked = query(fields=fields, csv=style)
    parts = dataset.slices(asked, rows_per_file)
    # The truth knows of no shared cells.
    for part, true in zip(parts, dataset.truth(asked, parts).files, strict=True):
        assert sha256(file_bytes(dataset, asked, part)).hexdigest() == true.sha256


def _as_dict(asked: Any) -> dict[str, Any]:
    names = [name for name in type(asked).__slots__ if name not in ("object", "csv")]
    return {"name": asked.object, **{name: getattr(asked, name) for name in names}}


REFERENCES = {
    "email_id": "email",
    "email_template_id": "emailTemplate",
    "list_email_id": "listEmail",
    "form_id": "form",
    "form_handler_id": "formHandler",
    "site_search_query_id": "siteSearchQuery",
    "landing_page_id": "landingPage",
    "paid_search_ad_id": "paidSearchAd",
    "multivariate_test_variation_id": "multivariateTestVariation",
    "visitor_page_view_id": "visitorPageView",
    "file_id": "file",
    "custom_redirect_id": "customRedirect",
    "campaign_id": "campaign",
    "visit_id": "visit",
    "opportunity_id": "opportunity",
    "prospect_id": "prospect",
    "visitor_id": "visitor",
    "list_id": "list",
    "prospect_account_id": "prospectAccount",
}


@pytest.mark.parametrize(("seed", "rows"), [(1, 1), (2, 30), (3, 2500), (4, 6000)])
@pytest.mark.parametrize("name", OBJECTS)
def test_every_reference_leads_to_a_row_that_was_there_before(
    name: str, seed: int, rows: int
) -> None:
    dataset = world(seed, rows)
    columns = [f.name for f in OBJECTS[name].fields if f.name in REFERENCES]
    born = {
        target: {row["id"]: row.get("created_at") for row in dataset.rows(target)}
        for target in {REFERENCES[column] for column in columns}
    }
    for row in dataset.rows(name):
        for column in columns:
            if row[column] is None:
                continue
            found = born[REFERENCES[column]]
            assert row[column] in found, (name, column)
            since = found[row[column]]
            # A visitor may come before the prospect it turns out to be.
            if name != "visitor" and since is not None and "created_at" in row:
                assert since <= row["created_at"], (name, column)


@laws
@given(seed=st.integers(), rows=st.integers(0, 10**9))
def test_a_layout_costs_nothing_however_many_rows_it_has(seed: int, rows: int) -> None:
    layout = Layout(WorldSpec(seed, rows, START))
    name = "visitorActivity"
    assert layout.counts[name] == rows
    everything = query(after=LONG_AGO, before=LATER)
    assert len(layout.candidates(everything)) == rows
    if rows:
        last = layout.timelines[name].created(rows - 1)
        assert datetime.fromtimestamp(last, UTC) < START
