"""Reading result files: shapes, types, frames."""

from __future__ import annotations

import sys
import tempfile
import types
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_client import InvalidRequest, TransferBroken
from pardot_client.download import CsvShape
from pardot_client.fields import converters
from pardot_client.frames import columns_of, polars_frame
from pardot_client.rows import read_rows

if TYPE_CHECKING:
    from tests.unit.client.fake import FakeService

BERLIN = ZoneInfo("Europe/Berlin")
TYPED = (
    b"id,prospect_id,opted_out,is_starred,created_at,comments,odd_id\n"
    b'1,,true,1,2026-07-01 12:00:00,"a ""b"",\nc",7\n'
    b"2,5,false,,2026-10-25 02:30:00,,x-9\n"
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def test_plain_rows_are_text_throughout(tmp_path: Path) -> None:
    first, second = read_rows(written(tmp_path, TYPED), typed=False, zone=None)
    assert first["comments"] == 'a "b",\nc'
    assert second == {
        "id": "2",
        "prospect_id": "5",
        "opted_out": "false",
        "is_starred": "",
        "created_at": "2026-10-25 02:30:00",
        "comments": "",
        "odd_id": "x-9",
    }


def test_typed_rows_have_numbers_booleans_datetimes_and_none(tmp_path: Path) -> None:
    first, second = read_rows(written(tmp_path, TYPED), typed=True, zone=BERLIN)
    assert first == {
        "id": 1,
        "prospect_id": None,
        "opted_out": True,
        "is_starred": True,
        "created_at": datetime(2026, 7, 1, 12, tzinfo=BERLIN),
        "comments": 'a "b",\nc',
        "odd_id": 7,
    }
    assert (second["opted_out"], second["is_starred"], second["comments"]) == (False, False, None)
    assert second["odd_id"] == "x-9"
    stamped = second["created_at"]
    assert isinstance(stamped, datetime)
    assert stamped.utcoffset() == timedelta(hours=2)


def test_typed_timestamps_stay_text_without_a_zone(tmp_path: Path) -> None:
    first, _ = read_rows(written(tmp_path, TYPED), typed=True, zone=None)
    assert first["created_at"] == "2026-07-01 12:00:00"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"\xef\xbb\xbfid\r\n1\r\n", [{"id": "1"}]),
        (b"id\n\n1\n", [{"id": ""}, {"id": "1"}]),
        (b"id,a\n", []),
        ("id,a\n1,äöü😀\n".encode(), [{"id": "1", "a": "äöü😀"}]),
        (b"id,a\n1,%b\n" % (b"x" * 200_000), [{"id": "1", "a": "x" * 200_000}]),
    ],
    ids=["mark and crlf", "lone empty cell", "no row", "utf-8", "long cell"],
)
def test_every_well_formed_file_is_read(
    tmp_path: Path, content: bytes, rows: list[dict[str, str]]
) -> None:
    assert list(read_rows(written(tmp_path, content), typed=False, zone=None)) == rows


@pytest.mark.parametrize(
    "content", [b"", b"id,a\n1\n", b"id,a\n1,2,3\n", b"id,a\n\n", b"id\n\xff\n", b'id\n"a"b\n']
)
def test_a_row_that_does_not_fit_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TransferBroken):
        list(read_rows(written(tmp_path, content), typed=False, zone=None))


def test_the_shape_of_a_file_is_judged_wherever_its_blocks_are_cut() -> None:
    for cut in range(1, len(TYPED)):
        shape = CsvShape(
            ("id", "prospect_id", "opted_out", "is_starred", "created_at", "comments", "odd_id")
        )
        shape.feed(TYPED[:cut])
        shape.feed(TYPED[cut:])
        assert shape.fault() is None
        early = CsvShape()
        early.feed(TYPED[:cut])
        whole_rows = {len(TYPED), TYPED.rindex(b"\n2,") + 1, TYPED.index(b"\n") + 1}
        assert (early.fault() is None) == (cut in whole_rows)


def client_rows(service: FakeService, content: list[bytes], **options: Any) -> Any:
    service.files = content
    return service.client(**options).exports.create("prospect", updated_after="today").wait()


def test_a_polars_frame_has_the_same_types(service: FakeService) -> None:
    pl = pytest.importorskip("polars")
    frame = client_rows(service, [TYPED, TYPED], timezone="Europe/Berlin").to_polars()
    assert frame.shape == (4, 7)
    assert dict(frame.schema) == {
        "id": pl.Int64,
        "prospect_id": pl.Int64,
        "opted_out": pl.Boolean,
        "is_starred": pl.Boolean,
        "created_at": pl.Datetime("us", "Europe/Berlin"),
        "comments": pl.String,
        "odd_id": pl.String,
    }
    assert frame.row(0)[:4] == (1, None, True, True)
    first_of_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert frame["created_at"][1].timestamp() == first_of_two.timestamp()
    assert frame["is_starred"].to_list() == [True, False] * 2


@given(
    st.lists(
        st.from_regex(r"[ 0-9_+-]{1,4}", fullmatch=True)
        | st.sampled_from(["", "007", "1_000", "\u0663", "-0", "9" * 18, "9" * 19, "1e3"]),
        min_size=1,
        max_size=5,
    )
)
def test_typing_loses_no_digit_in_rows_nor_in_frames(cells: list[str]) -> None:
    pl = pytest.importorskip("polars")
    (to_integers,) = converters(("erp_id",), None)
    typed = to_integers(cells)
    assert ["" if value is None else str(value) for value in typed] == cells
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text("\n".join(["erp_id,n", *(f'"{cell}",0' for cell in cells), ""]))
        column = polars_frame([path], (), None)["erp_id"]
    assert column.cast(pl.String).fill_null("").to_list() == cells
    assert (column.dtype == pl.Int64) == all(isinstance(v, int | None) for v in typed)


def test_an_empty_result_is_a_frame_with_the_columns_asked_for(service: FakeService) -> None:
    pytest.importorskip("polars")
    service.files = []
    job = service.client().exports.create("visitor", updated_after="today", fields=["id", "zip"])
    assert job.wait().to_polars().columns == ["id", "zip"]


def test_a_zone_without_a_name_cannot_be_given_to_a_frame(service: FakeService) -> None:
    pytest.importorskip("polars")
    job = client_rows(service, [TYPED])
    with pytest.raises(InvalidRequest, match="name"):
        job.to_polars(zone=timezone(timedelta(hours=2)))
    assert job.to_polars(zone=UTC)["created_at"].dtype.time_zone == "UTC"


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow"])
def test_a_library_that_is_not_installed_is_named(
    service: FakeService, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    job = client_rows(service, [TYPED])
    make = {"polars": "to_polars", "pandas": "to_pandas", "pyarrow": "to_arrow"}[library]
    before = len(service.requests)
    with pytest.raises(ModuleNotFoundError, match=f"needs {library}.*pip install {library}"):
        getattr(job, make)()
    with pytest.raises(ModuleNotFoundError, match=f"needs {library}"):
        getattr(service.client().export("visitor", updated_after="today"), make)()
    # Nothing was fetched in vain.
    assert len(service.requests) == before


class Frame(dict[str, Any]):
    """Stands in for frames of libraries that are not installed here."""

    def convert_dtypes(self) -> Frame:
        return self


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas, pyarrow = types.ModuleType("pandas"), types.ModuleType("pyarrow")
    pandas.DataFrame = Frame  # type: ignore[attr-defined]
    pyarrow.table = Frame  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    monkeypatch.setitem(sys.modules, "pyarrow", pyarrow)


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("make", ["to_pandas", "to_arrow"])
def test_other_frames_get_whole_columns_of_one_type(service: FakeService, make: str) -> None:
    frame = getattr(client_rows(service, [TYPED]), make)()
    assert frame["id"] == [1, 2]
    assert frame["prospect_id"] == [None, 5]
    assert frame["odd_id"] == ["7", "x-9"]
    assert frame["created_at"][0] == "2026-07-01 12:00:00"


def test_columns_without_rows_keep_their_names() -> None:
    assert columns_of([], ["id"]) == {"id": []}
    assert columns_of([{"is_x": True}, {"is_x": "maybe"}], []) == {"is_x": ["true", "maybe"]}
