"""Result files when the disk has no room, it is cleaned up, or their account goes."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock.account import Times
from pardot_mock.domain.errors import ErrorCode
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.results import Results
from pardot_mock.vault import KeyGoneError, VaultFullError
from pardot_mock.vault.room import DiskFile
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.integration.conftest import START, Bench, Caller, err_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

LARGE = 70_000
YEARS = 3
"""Of the rows of an account, what a year has can be exported at once."""
QUOTA = 3_000_000
SPAN = {"created_after": "2025-03-11", "created_before": "2026-03-10"}
WEEK = timedelta(days=7).total_seconds()


class Room:
    """A world with a disk quota, whose real time stands still until it is moved."""

    def __init__(self, directory: Path, quota: int | None) -> None:
        self.seconds = 0.0
        self.directory = directory
        times = Times(lambda: self.seconds, lambda: START + timedelta(seconds=self.seconds))
        self.world = World(directory, times, disk_quota=quota)
        self.client = create_app(self.world).test_client()

    def bench(self, name: str, rows: int, **settings: Any) -> Bench:
        wish = AccountWish(name, rows=YEARS * rows, **{"now": START, "rate": 1.0, **settings})
        account = self.world.create(account_options(wish))
        bench = Bench(self.world, account, self.client, self.directory)
        bench.control("plan", {"kind": "instant", "rows_per_file": 1_000_000})
        return bench

    @property
    def on_disk(self) -> int:
        return sum(path.stat().st_size for path in self.directory.rglob("*.sealed"))


@pytest.fixture
def make_room(tmp_path: Path) -> Iterator[Callable[[int | None], Room]]:
    made: list[Room] = []

    def make(quota: int | None) -> Room:
        made.append(Room(tmp_path / f"vault-{len(made)}", quota))
        return made[-1]

    yield make
    for room in made:
        room.world.close()


def result(caller: Caller) -> str:
    """Export a year and give the path of its one file."""
    procedure = {"name": "filter_by_created_at", "arguments": SPAN}
    answer = caller.create({"object": "visitorActivity", "procedure": procedure})
    ref = caller.read(answer.get_json()["export"]["id"])["resultRefs"]
    return str(ref).split("localhost", 1)[1]


def fetch(caller: Caller, path: str) -> TestResponse:
    """Call and read the whole answer."""
    answer = caller.get(path)
    answer.get_data()
    return answer


def sealed_file(bench: Bench) -> Path:
    (path,) = bench.directory.rglob("*.sealed")
    return path


def test_a_file_of_any_size_is_refused_before_its_first_byte_when_the_quota_is_used_up(
    make_room: Callable[[int | None], Room],
) -> None:
    room = make_room(1_000_000)
    bench = room.bench("default", LARGE + 5000)
    caller = bench.caller()
    answer = fetch(caller, result(caller))
    assert (answer.status_code, err_code(answer)) == (500, ErrorCode.INTERNAL_ERROR)
    (entry,) = bench.account.journal.entries("download")
    assert (entry.status, entry.error_code) == (500, ErrorCode.INTERNAL_ERROR)
    assert "quota of 1000000 bytes is used up: other files take 0 of them" in entry.detail
    assert room.on_disk == room.world.vault.used_bytes == 0


def test_a_large_file_is_sent_at_once_only_where_it_is_sure_to_find_room(
    make_room: Callable[[int | None], Room],
) -> None:
    for quota, has_length in ((20_000_000, True), (100_000_000, False), (None, False)):
        caller = make_room(quota).bench("default", LARGE + 5000).caller()
        answer = fetch(caller, result(caller))
        assert ("Content-Length" in answer.headers) is has_length
        assert answer.data.count(b"\n") > LARGE


def test_loaded_rows_may_be_of_any_size_so_a_quota_has_their_file_sealed_whole(
    make_room: Callable[[int | None], Room],
) -> None:
    bench = make_room(1_000_000_000).bench("default", LARGE + 5000)
    rows = "id,created_at,type,details\n9999999999,2026-01-02T00:00:00Z,1,x\n"
    answer = bench.client.post(
        "/_mock/accounts/default/data/visitorActivity", data=rows, content_type="text/csv"
    )
    assert answer.status_code == 200, answer.data
    caller = bench.caller()
    assert "Content-Length" in fetch(caller, result(caller)).headers


@pytest.mark.parametrize("gzip", ["off", "all"])
def test_a_call_by_http_1_0_is_always_told_the_length_of_a_file(
    make_room: Callable[[int | None], Room], gzip: str
) -> None:
    bench = make_room(None).bench("default", LARGE + 5000)
    bench.client.patch("/_mock/accounts/default", json={"quirks": {"gzip": gzip}})
    caller = bench.caller()
    answer = caller.client.get(
        result(caller),
        headers={**caller.headers, "Accept-Encoding": "gzip"},
        environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"},
    )
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_disk_that_fills_up_in_the_middle_of_an_answer_is_in_journal_and_log(
    make_room: Callable[[int | None], Room],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = make_room(None)
    bench = room.bench("default", LARGE + 5000)
    caller = bench.caller()
    path, real = result(caller), DiskFile.append

    def full(self: DiskFile, data: bytes) -> None:
        if self.bytes > 2_000_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(DiskFile, "append", full)
        with pytest.raises(VaultFullError):
            fetch(caller, path)
    (entry,) = bench.account.journal.entries("download")
    assert 1_000_000 < entry.bytes < entry.length
    assert entry.detail.startswith("the answer was cut: the disk is full: ")
    assert f"call {entry.id}: {entry.detail}" in caplog.text
    assert room.on_disk == room.world.vault.used_bytes == 0
    assert bench.account.calls_under_way == 0
    assert fetch(caller, path).data.count(b"\n") > LARGE


def test_expired_files_of_an_account_that_nobody_calls_make_room_for_others(
    make_room: Callable[[int | None], Room],
) -> None:
    room = make_room(QUOTA)
    quiet, busy = (room.bench(name, 15_000) for name in ("quiet", "busy"))
    caller = quiet.caller()
    assert fetch(caller, result(caller)).status_code == 200
    room.seconds += WEEK
    caller = busy.caller()
    assert room.on_disk > QUOTA / 2
    assert fetch(caller, result(caller)).status_code == 200
    assert QUOTA / 2 < room.on_disk == room.world.vault.used_bytes < QUOTA


def test_expired_files_of_an_account_that_nobody_calls_make_room_for_an_import(
    make_room: Callable[[int | None], Room],
) -> None:
    room = make_room(QUOTA)
    quiet, busy = (room.bench(name, 15_000) for name in ("quiet", "busy"))
    caller = quiet.caller()
    fetch(caller, result(caller))
    room.seconds += WEEK
    _, size = busy.account.importing.keep([bytes(2_000_000)])
    assert size == 2_000_000 < room.on_disk < QUOTA


def test_files_that_are_still_valid_make_no_room(
    make_room: Callable[[int | None], Room],
) -> None:
    room = make_room(QUOTA)
    first, second = (room.bench(name, 15_000).caller() for name in ("one", "two"))
    path = result(first)
    assert fetch(first, path).status_code == 200
    refused = fetch(second, result(second))
    assert err_code(refused) == ErrorCode.INTERNAL_ERROR
    assert fetch(first, path).status_code == 200


def test_what_is_still_read_of_a_deleted_account_counts_until_the_reader_is_done(
    make_room: Callable[[int | None], Room],
) -> None:
    room = make_room(QUOTA)
    caller, other = (room.bench(name, 15_000).caller() for name in ("one", "two"))
    path = result(caller)
    fetch(caller, path)
    slow = caller.client.get(path, headers=caller.headers, buffered=False)
    next(iter(slow.response))
    room.client.delete("/_mock/accounts/one")
    used = room.client.get("/_mock/state").get_json()["vault"]["bytes"]
    assert used > QUOTA / 2
    path = result(other)
    assert err_code(fetch(other, path)) == ErrorCode.INTERNAL_ERROR
    slow.close()
    assert room.client.get("/_mock/state").get_json()["vault"]["bytes"] == 0
    assert fetch(other, path).status_code == 200


@pytest.mark.parametrize("end", ["delete", "reset"])
def test_a_download_that_meets_the_end_of_its_account_is_refused_like_every_later_call(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    caller = instant(bench)
    path, real = result(caller), Results.open

    def late(self: Results, *args: Any, **kwargs: Any) -> Any:
        finish_account(bench, end)
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Results, "open", late)
        met = fetch(caller, path)
    later = fetch(caller, path)
    assert (met.status_code, err_code(met)) == (later.status_code, err_code(later))
    assert err_code(met) == ErrorCode.INVALID_KEY
    assert list(bench.directory.rglob("*.sealed")) == []
    assert bench.world.vault.used_bytes == 0


@pytest.mark.parametrize("end", ["delete", "reset"])
def test_a_download_with_a_token_is_refused_like_every_later_call(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    caller = instant(bench)
    path, real = result(caller), Results.open
    with_token = bearer(bench)
    assert caller.client.get(path, headers=with_token).data.startswith(b"id,")

    def late(self: Results, *args: Any, **kwargs: Any) -> Any:
        finish_account(bench, end)
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Results, "open", late)
        met = caller.client.get(path, headers=with_token)
    later = caller.client.get(path, headers=with_token)
    assert (met.status_code, err_code(met)) == (later.status_code, err_code(later))


def test_an_account_that_was_deleted_seals_nothing_more_although_a_call_goes_on(
    bench: Bench,
) -> None:
    caller = instant(bench)
    procedure = {"name": "filter_by_created_at", "arguments": SPAN}
    export_id = caller.new_export(procedure=procedure)
    export, results = bench.account.queue.by_id[export_id], bench.account.results
    finish_account(bench, "delete")
    bench.account.settle()
    (file,) = results.files(bench.account.queue.by_id[export_id])
    with pytest.raises(KeyGoneError):
        results.open(export, file)
    assert bench.world.vault.used_bytes == 0


def instant(bench: Bench, **settings: Any) -> Caller:
    bench.fresh(rows=YEARS * 15_000, **settings)
    bench.control("plan", {"kind": "instant", "rows_per_file": 1_000_000})
    return bench.caller()


def bearer(bench: Bench) -> dict[str, str]:
    known = bench.client.get(f"/_mock/accounts/{bench.account.id}").get_json()["credentials"]
    form = {
        "grant_type": "password",
        **{name: known[name] for name in ("client_id", "client_secret", "username", "password")},
    }
    token = bench.client.post("/services/oauth2/token", data=form).get_json()["access_token"]
    unit = bench.account.info.business_unit_id
    return {"Authorization": f"Bearer {token}", "Pardot-Business-Unit-Id": unit}


def finish_account(bench: Bench, end: str) -> None:
    path = f"/_mock/accounts/{bench.account.id}"
    answer = bench.client.delete(path) if end == "delete" else bench.client.post(f"{path}/reset")
    assert answer.status_code < 300


def test_a_file_that_somebody_removed_is_sealed_again(bench: Bench) -> None:
    caller = instant(bench)
    path = result(caller)
    before = fetch(caller, path).data
    sealed_file(bench).unlink()
    assert fetch(caller, path).data == before
    assert bench.world.vault.used_bytes == sealed_file(bench).stat().st_size


def test_when_the_whole_directory_was_removed_it_is_made_again(bench: Bench) -> None:
    caller = instant(bench)
    path = result(caller)
    before = fetch(caller, path).data
    folder = sealed_file(bench).parent
    sealed_file(bench).unlink()
    folder.rmdir()
    assert fetch(caller, path).data == before
    assert sealed_file(bench).parent.stat().st_mode & 0o777 == 0o700


def test_the_storage_url_of_a_file_that_somebody_removed_is_unknown(bench: Bench) -> None:
    caller = instant(bench)
    path = result(caller)
    fetch(caller, path)
    name = sealed_file(bench).stem
    assert storage(bench, name).status_code == 200
    sealed_file(bench).unlink()
    answer = storage(bench, name)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown_file")
    assert fetch(caller, path).status_code == 200


def test_who_reads_the_ciphertext_of_a_file_gets_all_of_it_although_it_is_shredded(
    bench: Bench,
) -> None:
    caller = instant(bench)
    fetch(caller, result(caller))
    sealed = sealed_file(bench).read_bytes()
    name = sealed_file(bench).stem
    answer = bench.client.get(f"/_mock/storage/{name}", buffered=False)
    finish_account(bench, "delete")
    assert bench.world.vault.used_bytes == len(sealed)
    assert b"".join(answer.response) == sealed
    answer.close()
    assert bench.world.vault.used_bytes == 0


def storage(bench: Bench, name: str) -> TestResponse:
    return bench.client.get(f"/_mock/storage/{name}")


def test_an_account_that_cannot_be_settled_does_not_keep_others_from_making_room(
    make_room: Callable[[int | None], Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(QUOTA)
    stuck = room.bench("stuck", 0).account
    quiet, busy = (room.bench(name, 15_000).caller() for name in ("quiet", "busy"))
    fetch(quiet, result(quiet))
    room.seconds += WEEK
    busy.log_in()
    path = result(busy)

    def settle() -> None:
        raise VaultFullError("no room for the errors of an import")

    monkeypatch.setattr(stuck, "settle", settle)
    assert fetch(busy, path).status_code == 200
    assert storage(Bench(room.world, stuck, room.client, room.directory), "x").status_code == 404
