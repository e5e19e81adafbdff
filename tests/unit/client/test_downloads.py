"""Files and rows on their way: names, broken transfers, refusals in disguise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import (
    DailyLimitReached,
    InvalidRequest,
    MemoryReply,
    TransferBroken,
    TransportFailed,
)
from pardot_client.download import Stopped, Transfer, fetch
from tests.unit.client.fake import (
    BASE,
    CSV,
    BreakingReply,
    FakeService,
    csv_reply,
    fail,
    ok,
)

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    {"id": "1", "created_at": "2026-01-01 00:00:00"},
    {"id": "2", "created_at": "2026-01-02 00:00:00"},
]


def test_downloads_have_telling_names_and_leave_no_part(
    service: FakeService, tmp_path: Path
) -> None:
    service.files = [CSV, CSV]
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    paths = job.download(tmp_path / "out")
    assert [path.name for path in paths] == ["visitor-100-1.csv", "visitor-100-2.csv"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [p.name for p in paths]
    assert paths[0].read_bytes() == CSV


@pytest.mark.parametrize(
    "broken",
    [
        BreakingReply(b"id,created_at\n1,", TransportFailed("reset")),
        csv_reply(CSV[:-5], len(CSV)),
        csv_reply(CSV[: CSV.rindex(b"2,")], len(CSV)),
        csv_reply(CSV[:-5]),
        csv_reply(b""),
        csv_reply(b'id,created_at\n1,"two\n'),
        csv_reply(b"other\n1\n"),
        csv_reply(b"<html>\n"),
        csv_reply(b"\x00\xff\x13 noise\n"),
    ],
    ids=[
        "reset",
        "short",
        "short by whole rows",
        "cut row",
        "empty",
        "open quote",
        "other columns",
        "a page",
        "garbage",
    ],
)
def test_a_broken_transfer_is_started_afresh(service: FakeService, broken: Any) -> None:
    pardot = service.client()
    job = pardot.exports.create(
        "visitor", updated_after="yesterday", fields=["id", "created_at"]
    ).wait()
    service.script["downloadResults"].append(broken)
    assert [*job.rows()] == ROWS
    assert len(service.sent("downloadResults")) == 2


@pytest.mark.parametrize("garbage", [b"<html>\n", b"\x00\xff\n", b"\n", b"1,2\n", b"two words\n"])
def test_garbage_is_no_file_even_if_nobody_knows_its_columns(
    service: FakeService, garbage: bytes
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    service.script["downloadResults"].append(csv_reply(garbage))
    assert [*job.rows()] == ROWS


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        (["id", "campaign"], "id,campaign_id"),
        (["id", "id", "type"], "id,type"),
        (["type", "id"], "id,type"),
    ],
)
def test_columns_may_come_by_another_name_once_and_in_any_order(
    service: FakeService, fields: list[str], header: str
) -> None:
    service.files = [f"{header}\n1,2\n".encode()]
    job = service.client().exports.create("visitor", updated_after="today", fields=fields)
    assert len([*job.wait().rows()]) == 1
    assert len(service.sent("downloadResults")) == 1


def test_every_reference_has_a_file_of_its_own(service: FakeService, tmp_path: Path) -> None:
    job = service.client().exports.create("CON/" + "x" * 300, updated_after="today").wait()
    stem = job.refs[0].rpartition("/")[0]
    odd = (f"{stem}/1", f"{stem}/1", f"{stem}/a/1", f"{stem}/\u0661", f"{stem}/2?x=1", f"{stem}/")
    shown = {"id": job.id, "state": "Complete", "isExpired": False, "resultRefs": odd}
    service.script["read"].append(ok({"export": shown}))
    service.script["downloadResults"].extend([csv_reply(CSV)] * 5)
    names = [path.name for path in job.refresh().download(tmp_path)]
    start = "CON" + "x" * 61
    assert names == [f"{start}-100-{end}.csv" for end in ("1", "part2", "part3", "2", "part5")]


def test_a_transfer_that_never_gets_through_leaves_nothing_behind(
    service: FakeService, tmp_path: Path
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    broken = [BreakingReply(b"id\n1", TransportFailed("reset")) for _ in range(5)]
    service.script["downloadResults"].extend(broken)
    with pytest.raises(TransferBroken):
        job.download(tmp_path)
    assert [*tmp_path.iterdir()] == []
    assert all(reply.closed for reply in broken)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_refusal_sent_as_http_200_is_never_taken_for_a_file(
    service: FakeService, form: str, tmp_path: Path
) -> None:
    job = service.client(format=form).exports.create("visitor", updated_after="today").wait()
    service.script["downloadResults"].append(fail(122, "Daily API rate limit met", form))
    with pytest.raises(DailyLimitReached):
        job.download(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_key_that_ends_between_two_files_is_renewed(service: FakeService) -> None:
    service.files = [CSV, CSV]
    job = service.client(concurrency=1).exports.create("visitor", updated_after="today").wait()
    rows = job.rows()
    next(rows)
    service.key_until = -1
    assert len([*rows]) == 3


def test_a_transfer_that_is_called_off_removes_its_part(
    service: FakeService, tmp_path: Path
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    stop = threading.Event()

    def call_off(arrived: int, total: int | None) -> None:
        assert (tmp_path / "x.csv.part").exists()
        assert arrived == total
        stop.set()

    transfer = Transfer(job.refs[0], tmp_path / "x.csv", None, call_off)
    with pytest.raises(Stopped):
        fetch(service.client()._caller, transfer, stop)
    with pytest.raises(Stopped):
        fetch(service.client()._caller, transfer, stop)
    assert [*tmp_path.iterdir()] == []
    assert len(service.sent("downloadResults")) == 1


def test_a_transfer_called_off_before_its_first_byte_begins_no_part(
    service: FakeService, tmp_path: Path
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    stop = threading.Event()

    class Folder(type(tmp_path)):  # type: ignore[misc]
        def open(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("a part was begun")

    def stopping(request: Any) -> Any:
        stop.set()
        return service.answer(request)

    service.script["downloadResults"].append(stopping)
    target = Folder(tmp_path / "x.csv")
    transfer = Transfer(job.refs[0], target, None, lambda _, __: None)
    with pytest.raises(Stopped):
        fetch(service.client()._caller, transfer, stop)


def test_a_redirect_of_a_file_is_reported_and_takes_no_credential_along(
    service: FakeService, tmp_path: Path
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    away = MemoryReply(302, b"", {"location": "https://evil.example/file"})
    service.script["downloadResults"].append(away)
    with pytest.raises(InvalidRequest, match="redirect"):
        job.download(tmp_path)
    assert all(request.url.startswith(BASE) for request in service.requests)
    assert [*tmp_path.iterdir()] == []
