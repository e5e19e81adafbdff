"""Files and rows on their way: names, broken transfers, refusals in disguise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import (
    DailyLimitReached,
    TransferBroken,
    TransportFailed,
)
from pardot_client.download import Stopped, Transfer, fetch
from tests.unit.client.fake import (
    CSV,
    BreakingReply,
    FakeService,
    csv_reply,
    fail,
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
    ],
    ids=[
        "reset",
        "short",
        "short by whole rows",
        "cut row",
        "empty",
        "open quote",
        "other columns",
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
