"""How cells are written: timezones, quoting, marks, and every awkward character."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from pardot_mock.data.cells import CellWriter, Clockface, offset_changes, times_of_day
from pardot_mock.data.columns import Joined, Lexicon, Marks, Moments, Numbers, Words, values_of
from pardot_mock.data.csvfile import BATCH_ROWS
from pardot_mock.domain.rows import CsvFormat
from tests.unit.data.worlds import LATER, LONG_AGO, START, data_rows, file_bytes, query, world

BEGIN = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
EDGES = [
    ("America/New_York", "2026-03-08T06:59:59", "2026-03-08 01:59:59"),
    ("America/New_York", "2026-03-08T07:00:00", "2026-03-08 03:00:00"),
    ("America/New_York", "2026-11-01T05:59:59", "2026-11-01 01:59:59"),
    ("America/New_York", "2026-11-01T06:00:00", "2026-11-01 01:00:00"),
    ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29 01:59:59"),
    ("Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29 03:00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00", "2026-04-05 01:30:00"),
    ("Asia/Kathmandu", "2026-01-01T18:15:00", "2026-01-02 00:00:00"),
]


def written_by(clockface: Clockface, seconds: list[int]) -> list[str]:
    return pl.select(clockface.texts(np.array(seconds))).to_series().to_list()


@pytest.mark.parametrize(("zone", "moment", "written"), EDGES)
def test_daylight_saving_changes_to_the_second(zone: str, moment: str, written: str) -> None:
    second = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    clockface = Clockface(zone, BEGIN, END, times_of_day())
    assert written_by(clockface, [second]) == [written]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia", "Africa/Casablanca"])
def test_every_offset_change_of_a_zone_is_found(zone: str) -> None:
    begin = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(2013, 1, 1, tzinfo=UTC).timestamp())
    changes = offset_changes(ZoneInfo(zone), begin, end)
    for second, offset in changes:
        here = datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
        assert here == timedelta(seconds=offset)
    clockface = Clockface(zone, begin, end, times_of_day())
    seconds = list(range(begin, end, 7919))
    expected = [
        datetime.fromtimestamp(s, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") for s in seconds
    ]
    assert written_by(clockface, seconds) == expected


def test_a_byte_order_mark_stands_once_before_each_header() -> None:
    asked = query(csv=CsvFormat(bom=True))
    for part in world().slices(asked, 600):
        raw = file_bytes(world(), asked, part)
        assert raw.startswith(b"\xef\xbb\xbfid,")
        assert raw.count(b"\xef\xbb\xbf") == 1


def test_quoting_is_minimal_unless_asked_otherwise() -> None:
    first = _first_lines("minimal")
    assert first[0].startswith("id,prospect_id,")
    assert '"2' not in first[1]
    php = _first_lines("php")
    assert php[0].startswith("id,prospect_id,")
    assert f'"{_moment(php[1])}"' in php[1]
    every = _first_lines("all")
    assert every[0].startswith('"id","prospect_id",')
    assert every[1].startswith('"1')
    assert ',"",' in every[1]


def _first_lines(quoting: str) -> list[str]:
    asked = query(csv=CsvFormat(quoting=quoting))  # type: ignore[arg-type]
    (part,) = world().slices(asked, 10_000)
    return file_bytes(world(), asked, part).decode().split("\n")[:2]


def _moment(line: str) -> str:
    (cells,) = csv.reader([line])
    return cells[query().fields.index("created_at")]


@pytest.mark.parametrize("quoting", ["minimal", "php", "all"])
def test_a_lone_empty_cell_is_not_an_empty_line(quoting: str) -> None:
    asked = query(fields=("visit_id",), csv=CsvFormat(quoting=quoting))  # type: ignore[arg-type]
    rows = data_rows(world(), asked)
    assert len(rows) == 1500
    assert [""] in rows


def test_marks_follow_the_objects_json_or_the_quirk() -> None:
    def seen(name: str, field: str, style: str) -> set[str]:
        asked = query(name, fields=(field,), csv=CsvFormat(boolean=style))  # type: ignore[arg-type]
        return {row[0] for row in data_rows(world(), asked)}

    assert seen("listMembership", "opted_out", "json") == {"true", "false"}
    assert seen("prospect", "is_reviewed", "json") == {"1", ""}
    for name, field in (("listMembership", "opted_out"), ("prospect", "is_reviewed")):
        assert seen(name, field, "1_0") == {"1", "0"}
        assert seen(name, field, "true_false") == {"true", "false"}


@pytest.mark.parametrize("separator", [";", ",", "|"])
def test_several_values_share_a_cell(separator: str) -> None:
    style = CsvFormat(multi_separator=separator)  # type: ignore[arg-type]
    cells = {
        row[0] for row in data_rows(world(), query("prospect", fields=("Interests",), csv=style))
    }
    assert any(separator in cell for cell in cells)
    assert {one for cell in cells for one in cell.split(separator)} >= {"Analytics", "Training"}


AWKWARD = (
    "plain",
    "a,b",
    'say "hi"',
    '"',
    ",",
    "line\nbreak",
    "line\r\nbreak",
    "lone\rreturn",
    "tab\there",
    " blanks ",
    "back\\slash\ntwo lines",
    "'single'",
    "NULL",
    "0012",
    "=1+1",
    "ünï çødé",
    "日本語",
    "🙂",
    "semi;colon|pipe",
    "\ufeffmark",
)


@pytest.mark.parametrize("quoting", ["minimal", "php", "all"])
def test_every_awkward_character_survives_csv_and_polars(quoting: str) -> None:
    from pardot_mock.data import csvfile

    style = CsvFormat(quoting=quoting)  # type: ignore[arg-type]
    cells = CellWriter(style, Clockface("UTC", BEGIN, END, times_of_day()))
    words = Words(np.arange(len(AWKWARD)), Lexicon(AWKWARD))
    numbers = Numbers(np.arange(len(AWKWARD)))
    frame = pl.select(cells.columns({"text": (words, "string"), "n": (numbers, "integer")}))
    writer = csvfile.CsvWriter.__new__(csvfile.CsvWriter)
    writer._style, writer._fields = style, ("text", "n")
    raw = writer.header + writer.encode(frame)
    expected = [[text, str(number)] for number, text in enumerate(AWKWARD)]
    assert list(csv.reader(io.StringIO(raw.decode(), newline="")))[1:] == expected
    read = pl.read_csv(raw, schema={"text": pl.String, "n": pl.String})
    assert [list(row) for row in read.rows()] == expected


def test_the_default_world_holds_awkward_text_that_survives() -> None:
    asked = query("prospect", fields=("comments",))
    comments = [row[0] for row in data_rows(world(1, 50_000), asked)]
    joined = "".join(comments)
    for awkward in (",", '"', "\n", "\r\n", "\t", "\\", "喜", "🙂"):
        assert awkward in joined


def test_missing_values_are_empty_in_every_kind_of_column() -> None:
    cells = CellWriter(CsvFormat(), Clockface("UTC", BEGIN, END, times_of_day()))
    valid = np.array([True, False])
    two = np.array([BEGIN, BEGIN])
    columns = {
        "n": (Numbers(two, valid), "integer"),
        "t": (Moments(two, valid), "timestamp"),
        "b": (Marks(valid, valid), "boolean"),
        "w": (Words(np.array([0, 0]), Lexicon(("x",)), valid), "string"),
        "j": (Joined(("a", Numbers(two)), valid), "string"),
    }
    frame = pl.select(cells.columns(columns))  # type: ignore[arg-type]
    assert frame.row(1) == (None,) * 5
    assert None not in frame.row(0)
    for column, _ in columns.values():
        assert values_of(column, 2)[1] is None  # type: ignore[arg-type]


def test_a_file_of_several_batches_is_whole_and_has_one_header() -> None:
    dataset = world(9, BATCH_ROWS + 500)
    asked = query(fields=("id",))
    (part,) = dataset.slices(asked, 10**9)
    pieces = list(dataset.csv(asked, part))
    assert len(pieces) == 3
    ids = b"".join(pieces).decode().split()[1:]
    assert len(ids) == len(set(ids)) == BATCH_ROWS + 500


def test_rows_are_shuffled_within_a_file_but_always_the_same_way() -> None:
    asked = query(fields=("id",))
    (part,) = world().slices(asked, 10**9)
    ids = [int(cell) for cell in file_bytes(world(), asked, part).decode().split()[1:]]
    rising = sum(a < b for a, b in itertools.pairwise(ids))
    assert 0.3 < rising / len(ids) < 0.8
    steps = {b - a for a, b in itertools.pairwise(ids)}
    assert len(steps) > 100


def test_timestamps_are_those_of_the_creators_timezone() -> None:
    fields = ("id", "created_at", "updated_at")
    in_utc = dict(_times(query(fields=fields)))
    in_york = dict(_times(query(fields=fields, timezone="America/New_York")))
    for row_id, moment in in_utc.items():
        local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
        assert in_york[row_id] == local.replace(tzinfo=None)
    assert LONG_AGO.replace(tzinfo=None) < min(in_utc.values())
    assert max(in_utc.values()) <= START.replace(tzinfo=None) < LATER.replace(tzinfo=None)


def _times(asked: object) -> list[tuple[str, datetime]]:
    rows = data_rows(world(), asked)  # type: ignore[arg-type]
    return [(row[0], datetime.fromisoformat(row[1])) for row in rows]
