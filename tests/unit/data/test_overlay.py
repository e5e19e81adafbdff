"""What is read from CSV, JSON lines and Parquet, what is refused, and how cells come back out."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pardot_mock.data import Dataset, WorldSpec, digest_of, overlayreading
from pardot_mock.data.overlaychecks import checked
from pardot_mock.data.overlayreading import BadRowError, RowFormat, read_bytes, read_mappings
from tests.unit.data.worlds import LATER, START, data_rows, file_bytes, query

NEW_YORK = ZoneInfo("America/New_York")
AWKWARD = (
    "a,b",
    'say "hi"',
    '"',
    "two\nlines",
    "two\r\nlines",
    "one\rline",
    "\ttab\t",
    "  led and trailed  ",
    "=1+1",
    "+1",
    "@x",
    "\U0001f469\u200d\U0001f4bb",
    "e\u0301 and \u00e9",
    "\u202eright to left",
    "nul\x00l",
    "\\N",
    "NULL",
    "\u2028",
    "x" * 10_000,
)


def dataset(rows: int = 0) -> Dataset:
    return Dataset(WorldSpec(seed=3, rows=rows, start=START))


def load(into: Dataset, data: bytes, form: RowFormat = "csv", name: str = "visitorActivity") -> int:
    return into.load(checked(name, read_bytes(data, form), NEW_YORK, START))


def loaded(data: bytes, form: RowFormat = "csv", name: str = "visitorActivity") -> list[Any]:
    into = dataset()
    load(into, data, form, name)
    return list(into.rows(name))


def parquet(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_parquet(target)
    return target.getvalue()


def csv_of(texts: list[str]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["id", "details"])
    writer.writerows([[place, text] for place, text in enumerate(texts, start=1)])
    return target.getvalue().encode()


@pytest.mark.parametrize("quoting", ["minimal", "php", "all"])
def test_awkward_cells_survive_every_reader(quoting: Any) -> None:
    into = dataset()
    load(into, csv_of(list(AWKWARD)))
    asked = query(fields=("id", "details"), csv=type(query().csv)(quoting=quoting))
    (part,) = into.slices(asked, 100)
    raw = file_bytes(into, asked, part)
    expected = {str(place): text for place, text in enumerate(AWKWARD, start=1)}
    assert dict(csv.reader(io.StringIO(raw.decode(), newline=""))) == {"id": "details"} | expected
    by_polars = pl.read_csv(raw, infer_schema=False)
    assert dict(by_polars.iter_rows()) == expected
    assert into.truth(asked, [part]).digest == digest_of(map(list, expected.items()))


def test_an_empty_text_and_a_missing_one_differ_in_the_file() -> None:
    lines = b'{"id": 1, "details": ""}\n{"id": 2, "details": null}\n{"id": 3}'
    into = dataset()
    load(into, lines, "jsonl")
    (part,) = into.slices(query(fields=("id", "details")), 9)
    raw = file_bytes(into, query(fields=("id", "details")), part)
    assert sorted(raw.decode().splitlines()) == ['1,""', "2,", "3,", "id,details"]


def test_every_format_gives_the_same_rows() -> None:
    columns = {
        "id": [7, None],
        "type": [1, 2],
        "details": ["a,b", None],
        "created_at": ["2026-01-01T12:00:00Z", "2026-01-01 12:00:00"],
    }
    frame = pl.DataFrame(columns)
    expected = loaded(frame.write_csv().encode())
    assert expected[0]["created_at"] == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert expected[1]["created_at"] == datetime(2026, 1, 1, 17, tzinfo=UTC)
    assert loaded(frame.write_ndjson().encode(), "jsonl") == expected
    assert loaded(json.dumps(frame.to_dicts()).encode(), "jsonl") == expected
    typed = frame.with_columns(
        pl.Series("created_at", [datetime(2026, 1, 1, hour) for hour in (7, 12)])  # noqa: DTZ001
    )
    assert loaded(parquet(typed), "parquet") == expected
    assert loaded(b"\xef\xbb\xbf" + frame.write_csv().encode().replace(b"\n", b"\r\n")) == expected


def test_parquet_keeps_its_own_types() -> None:
    frame = pl.DataFrame(
        {
            "id": [1.0, 2.0],
            "created_at": [date(2026, 1, 1), date(2026, 7, 1)],
            "updated_at": pl.Series([START, START]).cast(pl.Datetime("us", "Asia/Tokyo")),
            "email": ["a@example.com", ""],
            "is_starred": [True, None],
            "Interests": [["x", "y"], []],
        }
    )
    first, second = loaded(parquet(frame), "parquet", "prospect")
    assert first["created_at"] == datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert second["created_at"] == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert first["updated_at"] == START
    assert (first["email"], second["email"]) == ("a@example.com", "")
    assert (first["is_starred"], second["is_starred"]) == (True, False)
    assert (first["Interests"], second["Interests"]) == (("x", "y"), None)


def test_what_is_left_out_is_filled_in() -> None:
    first, second, third = loaded(b"id,created_at\n,2025-01-01\n40,\n,\n")
    assert second["id"] == 40
    assert third["id"] == first["id"] + 1
    assert first["updated_at"] == first["created_at"] == datetime(2025, 1, 1, 5, tzinfo=UTC)
    assert second["created_at"] == second["updated_at"] == START


def test_ids_that_are_left_out_are_above_all_others() -> None:
    into = dataset(500)
    highest = max(row["id"] for row in into.rows("visitorActivity"))
    load(into, b"details\na\nb\n")
    given = [row["id"] for row in into.rows("visitorActivity")][-2:]
    assert given[0] > highest
    assert given[1] == given[0] + 1
    load(into, f"id,details\n{given[1] + 50},c\n,d\n".encode())
    assert [row["id"] for row in into.rows("visitorActivity")][-1] == given[1] + 51


def test_a_row_takes_the_place_of_an_earlier_loaded_one_of_its_id() -> None:
    into = dataset()
    assert load(into, b"id,details\n1,old\n2,same\n") == 1
    assert load(into, b"id,details\n1,new\n") == 2
    found = {row["id"]: row["details"] for row in into.rows("visitorActivity")}
    assert found == {1: "new", 2: "same"}
    assert into.loaded("visitorActivity") == 2
    assert into.estimate(query(before=LATER)) == 2
    assert into.estimate(query(before=START)) == 0


def test_ids_of_the_synthetic_world_are_refused() -> None:
    into = dataset(500)
    taken = next(into.rows("visitorActivity"))["id"]
    with pytest.raises(BadRowError, match=rf"^line 3, column id: {taken} is among the ids"):
        load(into, f"id\n1\n{taken}\n".encode())
    ids = {row["id"] for row in into.rows("visitorActivity")}
    gap = next(each for each in range(min(ids), max(ids)) if each not in ids)
    with pytest.raises(BadRowError, match=rf"{gap} is among the ids that .* keeps for itself"):
        load(into, f"id\n{gap}\n".encode())
    assert into.version == 0


REFUSED = (
    (b"", "csv", "line 1: there is no header row"),
    (b"id,colour\n1,red\n", "csv", "line 1, column colour: visitorActivity has no such column"),
    (b"id,id\n1,1\n", "csv", "line 1, column id: the column is named twice"),
    (b"campaign,campaign_id\n1,1\n", "csv", "campaign_id: means the same as the column campaign"),
    (b"id,is_deleted\n1,1\n", "csv", "column is_deleted: visitorActivity has no such column"),
    (b'id,details\n1,"a\nb"\nx,c\n', "csv", "line 4, column id: 'x' is not a whole number"),
    (b"id,type\n1\n", "csv", "line 2, column type: the row ends before this column"),
    (b"id,type\n1,2,3\n", "csv", "line 2: 3 cells under 2 column names"),
    (b'id,details\n1,"a"b\n', "csv", "line 2: not CSV"),
    (b'id,details\n1,"open\n', "csv", "line 2: not CSV"),
    (b"id,details\n1,\xff\n", "csv", "line 2: not UTF-8"),
    (b"id\n1\n1\n", "csv", "line 3, column id: 1 is also the id on line 2"),
    (b"id\n0\n", "csv", "line 2, column id: '0' is not an id"),
    (b"type\n1.5\n", "csv", "line 2, column type: '1.5' is not a whole number"),
    (b"type\n99999999999999999999\n", "csv", "column type: '99999999999999999999' is out of range"),
    (b"type\n" + b"9" * 5000, "csv", "is out of range: whole numbers go from -9223372036854775808"),
    (b'{"type": 1180591620717411303424}', "jsonl", "type: 1180591620717411303424 is out of range"),
    (b'{"type": 1e30}', "jsonl", "type: 1e+30 is out of range"),
    (b'{"id": 1180591620717411303424}', "jsonl", "1180591620717411303424 is not an id from 1 to"),
    (b"created_at\n2026-02-30\n", "csv", "is not an instant such as"),
    (b"created_at\n2026-01-01T00:00:00.250Z\n", "csv", "is not in whole seconds"),
    (b"created_at\n0001-01-01\n", "csv", "is not an instant"),
    (b"details\n" + b"x" * 100_001, "csv", "line 2, column details: the text has 100001"),
    # Refused by the reader or by the field, as the process-wide limit of the csv module stands.
    (b"details\n" + b"x" * 140_000, "csv", "line 2"),
    (b"details\na\x1fb\n", "csv", "column details: a text holds no U+001E"),
    (b'{"id": 1}\nnot\n', "jsonl", "line 2: not JSON: Expecting value, at character 1"),
    (b'{"id": 1}\n\n7\n', "jsonl", "line 3: not a JSON object"),
    (b'{"id": 1}\n{"id": 2,\n{"id": 3}', "jsonl", "line 2: not JSON: Expecting property name"),
    (b'{"id": 1,\n{"id": 3}', "jsonl", "double quotes, at line 2, character 1"),
    (b'{"id": 1} {"id": 2}', "jsonl", "line 1: not JSON: an object or array begins on a line of"),
    (b'[\n  {"id": 1}\n] 7', "jsonl", "line 3: not JSON: an object or array begins on a line of"),
    (b'[\n {"id": 1},\n {"id": "x"}\n]', "jsonl", "line 3, column id: 'x' is not a whole number"),
    (b'[\n  {\n"id": 1},\n\n 5\n]', "jsonl", "line 5: not a JSON object"),
    (b'[\n  {"id": 1}\n  {"id": 2}\n]', "jsonl", "line 3: not JSON: a comma is missing"),
    (b'\n[\n  {"id": 1},\n', "jsonl", "line 2: not JSON: the array has no end"),
    (b'\n[\n  {"id": 1}\n', "jsonl", "line 2: not JSON: the array has no end"),
    (b"[", "jsonl", "line 1: not JSON: the array has no end"),
    (b'[{"id": 1},]', "jsonl", "line 1: not JSON: Expecting value, at character 12"),
    (b'{"id": 1}\n{"idd": 2}', "jsonl", "line 2, column idd: visitorActivity has no such column"),
    (b'[{"id": ' + b"9" * 5000 + b"}]", "jsonl", "line 1: not JSON: Exceeds the limit"),
    (b'{"details": 5}', "jsonl", "line 1, column details: 5 is not a text"),
    (b'{"type": true}', "jsonl", "line 1, column type: True is not a whole number"),
    (b'{"details": "\\ud800"}', "jsonl", "line 1, column details: half of a surrogate pair"),
    (b"[" * 100_000, "jsonl", "line 1: not JSON"),
    (b'[{"id": 4}, {"id": 4}]', "jsonl", "line 1, column id: 4 is also the id on line 1"),
    (b"PAR1 but no more", "parquet", "not Parquet"),
    (parquet(pl.DataFrame({"id": [1, -1]})), "parquet", "row 2, column id: -1 is not an id"),
    (
        parquet(pl.DataFrame({"details": [b"x"]})),
        "parquet",
        "column details: no field holds values of the type Binary",
    ),
)


@pytest.mark.parametrize(("data", "form", "message"), REFUSED)
def test_a_fault_is_named_with_its_line_and_column(
    data: bytes, form: RowFormat, message: str
) -> None:
    into = dataset()
    with pytest.raises(BadRowError) as caught:
        load(into, data, form)
    assert message in str(caught.value)
    assert into.version == 0


def test_an_update_before_the_creation_is_refused() -> None:
    with pytest.raises(BadRowError, match="line 2, column updated_at: 2025-01-01T05:00:00"):
        loaded(b"created_at,updated_at\n2025-01-02,2025-01-01\n")


def test_a_creation_that_was_not_given_is_said_to_be_taken_as_now() -> None:
    for data in (b"updated_at\n2025-01-01\n", b"created_at,updated_at\n,2025-01-01\n"):
        with pytest.raises(BadRowError) as caught:
            loaded(data)
        assert str(caught.value) == (
            "line 2, column updated_at: 2025-01-01T05:00:00+00:00 is before created_at, which was "
            f"not given and is taken as now, {START.astimezone(UTC).isoformat()}; give it too"
        )
    with pytest.raises(BadRowError, match=r"before created_at, 2025-01-02T05:00:00\+00:00$"):
        loaded(b"created_at,updated_at\n2025-01-02,2025-01-01\n")


def test_rows_of_python_that_are_none_are_named_by_their_place() -> None:
    rows: list[tuple[list[Any], str]] = [
        ([5], "row 1: a row is a mapping such as {'id': 1}, not int"),
        ([{"id": 3}, "id"], "row 2: a row is a mapping such as {'id': 1}, not str"),
        ([{"id": 3}, None], "row 2: a row is a mapping such as {'id': 1}, not NoneType"),
        ([{"id": 3}, {"id": 4, None: ["x"]}], "row 2: the name of a column is a text, not None"),
        ([{"id": 3}, {"idd": 4}], "row 2, column idd: visitorActivity has no such column"),
    ]
    for given, message in rows:
        with pytest.raises(BadRowError) as caught:
            checked("visitorActivity", read_mappings(given), NEW_YORK, START)
        assert str(caught.value) == message


@pytest.mark.parametrize("rows", [{"id": 3}, 5, None, b"id\n1", {}])
def test_what_are_no_rows_at_all_is_a_type_error_that_says_what_is_wanted(rows: object) -> None:
    with pytest.raises(TypeError, match="rows are a list of mappings"):
        read_mappings(rows)


def test_the_first_faulty_line_is_named_whatever_its_column() -> None:
    with pytest.raises(BadRowError, match=r"^line 2, column type"):
        loaded(b"id,type\n1,x\ny,1\n")


@pytest.mark.parametrize("text", ["true", "TRUE", "1"])
def test_a_yes_is_read_in_every_spelling(text: str) -> None:
    (row,) = loaded(f"email,is_deleted\na@example.com,{text}\n".encode(), name="prospect")
    assert row["is_archived"] is True


def test_a_boolean_is_missing_where_a_flag_is_not_set() -> None:
    (row,) = loaded(b"list_id,opted_out\n1,\n", name="listMembership")
    assert row["opted_out"] is None
    (row,) = loaded(b"email,opted_out\nx,\n", name="prospect")
    assert row["opted_out"] is False
    with pytest.raises(BadRowError, match="column opted_out: 'yes' is none of"):
        loaded(b"email,opted_out\nx,yes\n", name="prospect")


def test_deletion_is_said_once() -> None:
    with pytest.raises(BadRowError, match="is_deleted: means the same as the column is_archived"):
        loaded(b"is_deleted,is_archived\n1,1\n", name="prospect")


def test_a_load_of_too_many_cells_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overlayreading, "MAX_CELLS", 10)
    many = pl.DataFrame({"id": range(1, 12)})
    for data, form in (
        (many.write_csv().encode(), "csv"),
        (many.write_ndjson().encode(), "jsonl"),
        (parquet(many), "parquet"),
    ):
        with pytest.raises(BadRowError, match="more than 10 cells"):
            loaded(data, form)  # type: ignore[arg-type]
    monkeypatch.setattr(overlayreading, "MAX_TEXT", 2**20)
    big = parquet(pl.DataFrame({"details": ["x" * 99_999] * 10 + ["y" * 99_999]}))
    with pytest.raises(BadRowError, match="more than 10 cells"):
        loaded(big, "parquet")
    monkeypatch.setattr(overlayreading, "MAX_CELLS", 100)
    with pytest.raises(BadRowError, match="more than 1 MiB of text"):
        loaded(big, "parquet")


def test_instants_of_every_year_and_summer_time_are_written() -> None:
    into = dataset()
    load(into, b"id,created_at\n1,1971-06-01T00:00:00Z\n2,2899-06-01T00:00:00Z\n")
    asked = query(
        fields=("id", "created_at"),
        timezone="America/New_York",
        after=datetime(1970, 1, 1, tzinfo=UTC),
        before=datetime(2900, 1, 1, tzinfo=UTC),
    )
    expected = [["1", "1971-05-31 20:00:00"], ["2", "2899-05-31 20:00:00"]]
    assert sorted(data_rows(into, asked)) == expected


def test_lookup_objects_take_no_rows() -> None:
    with pytest.raises(KeyError):
        checked("campaign", read_mappings([{"name": "x"}]), NEW_YORK, START)


def test_an_account_without_loaded_rows_needs_neither_numpy_nor_polars() -> None:
    program = """
import sys
from tests.unit.data.worlds import query, world
from pardot_mock.web.control import dataroutes
assert world(1, 10_000).slices(query(), 100)
assert world(1, 10_000).estimate(query()) and not world(1, 10_000).loaded("prospect")
assert not {"numpy", "polars"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
