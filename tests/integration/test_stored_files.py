"""Result files on their way: sent while they are sealed, stored as ciphertext, bounded on disk."""

from __future__ import annotations

import csv
import http.client
import io
import json
import socket
import tempfile
from contextlib import closing, contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock import MockPardot
from pardot_mock.domain.errors import ErrorCode
from pardot_mock.domain.plans import DEFAULT_ROWS_PER_FILE
from pardot_mock.vault import KeyGoneError, TamperedError, Vault
from pardot_mock.vault.frames import HEADER_BYTES, FrameCipher, open_frames
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.integration.conftest import START, Bench, Caller, err_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

LARGE = 70_000
SPAN = {"created_after": "2025-03-11", "created_before": "2026-03-10"}


def large_export(bench: Bench) -> tuple[Caller, int, str]:
    """Give an export with one file of more rows than are sealed before the first byte goes out."""
    bench.fresh(rows=3 * LARGE + 3000)
    caller = bench.caller()
    bench.control("plan", {"kind": "instant", "rows_per_file": 1_000_000})
    procedure = {"name": "filter_by_created_at", "arguments": SPAN}
    export_id = caller.new_export(procedure=procedure)
    ref = caller.read(export_id)["resultRefs"]
    return caller, export_id, ref.split("localhost", 1)[1]


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_a_large_file_is_sent_while_it_is_sealed_and_told_its_length_ever_after(
    bench: Bench,
) -> None:
    caller, export_id, path = large_export(bench)
    first = caller.get(path)
    assert "Content-Length" not in first.headers
    assert len(rows_of(first)) > LARGE
    again = caller.get(path)
    assert first.data == again.data
    assert int(again.headers["Content-Length"]) == len(again.data)
    truth = bench.account.results.truth(bench.account.queue.by_id[export_id])[0]
    assert truth.files[0].bytes == len(first.data)
    downloads = bench.account.journal.entries("download")
    assert [entry.bytes == entry.length == len(first.data) for entry in downloads] == [True, True]


def test_a_file_of_the_default_size_is_always_told_its_length(bench: Bench) -> None:
    bench.fresh(rows=3 * DEFAULT_ROWS_PER_FILE + 3000)
    caller = bench.caller()
    bench.control("plan", {"kind": "instant"})
    procedure = {"name": "filter_by_created_at", "arguments": SPAN}
    refs = caller.read(caller.new_export(procedure=procedure))["resultRefs"]
    answers = [caller.get(ref.split("localhost", 1)[1]) for ref in refs]
    assert DEFAULT_ROWS_PER_FILE in [len(rows_of(answer)) for answer in answers]
    assert all("Content-Length" in answer.headers for answer in answers)


def test_who_found_a_file_just_before_it_expired_does_not_bring_it_back(bench: Bench) -> None:
    _, export_id, _ = large_export(bench)
    export, results = bench.account.queue.by_id[export_id], bench.account.results
    (file,) = results.files(export)
    results.forget(export_id)
    with pytest.raises(KeyGoneError):
        results.open(export, file)
    assert results.stored(export_id) == []


def test_a_large_file_that_was_not_read_to_its_end_is_known_to_be_incomplete(
    bench: Bench,
) -> None:
    caller, _, path = large_export(bench)
    answer = caller.client.get(path, headers=caller.headers, buffered=False)
    next(iter(answer.response))
    answer.close()
    (entry,) = bench.account.journal.entries("download")
    assert 0 < entry.bytes < entry.length
    assert bench.account.calls_under_way == 0


def test_faults_meet_the_whole_body_of_a_large_file(bench: Bench) -> None:
    caller, _, path = large_export(bench)
    cut = {"match": {"op": "download"}, "effect": {"kind": "truncate", "after_bytes": 1_000_000}}
    bench.control("faults", cut)
    with pytest.raises(ConnectionError):
        _ = caller.get(path).data
    (entry,) = bench.account.journal.entries("download")
    assert entry.bytes == 1_000_000 < entry.length


@pytest.fixture
def spills(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes every temporary file that is made."""
    made: list[str] = []
    real = tempfile.TemporaryFile

    def noted(*args: Any, **kwargs: Any) -> Any:
        made.append("a temporary file")
        return real(*args, **kwargs)

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    return made


def test_a_slow_reader_gets_every_byte_and_none_is_kept_on_the_disk(spills: list[str]) -> None:
    with MockPardot(now=START, rate=0, rows=4 * LARGE) as mock:
        account = mock.default
        account.plan("instant", rows_per_file=1_000_000)
        wire = Wire(mock.url, account.credentials)
        path = wire.result_path()
        sealed = wire.download(path)
        # While nobody reads the first answer, the second one comes through whole.
        with wire.asking(path) as slow:
            assert wire.download(path) == sealed
            assert slow.getresponse().read() == sealed
    assert len(sealed) > 10_000_000
    assert spills == []


class Wire:
    """Speaks HTTP over sockets that take little before they are read."""

    def __init__(self, url: str, credentials: dict[str, str]) -> None:
        self.port = int(url.rsplit(":", 1)[1])
        form = "&".join(f"{n}={credentials[n]}" for n in ("email", "password", "user_key"))
        self.headers = {"Content-Type": "application/x-www-form-urlencoded"}
        key = json.loads(self.call("POST", "/api/login?format=json", form))["api_key"]
        known = f"Pardot api_key={key}, user_key={credentials['user_key']}"
        self.headers = {"Authorization": known, "Content-Type": "application/json"}

    @contextmanager
    def asking(
        self, path: str, method: str = "GET", body: str | None = None
    ) -> Iterator[http.client.HTTPConnection]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.sock = socket.socket()
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        line.sock.connect(("127.0.0.1", self.port))
        with closing(line):
            line.request(method, path, body, self.headers)
            yield line

    def call(self, method: str, path: str, body: str | None = None) -> bytes:
        with self.asking(path, method, body) as line:
            return line.getresponse().read()

    def download(self, path: str) -> bytes:
        return self.call("GET", path)

    def result_path(self) -> str:
        procedure = {"name": "filter_by_created_at", "arguments": SPAN}
        body = json.dumps({"object": "visitorActivity", "procedure": procedure})
        self.call("POST", "/api/export/version/4/do/create?format=json", body)
        read = self.call("GET", "/api/export/version/4/do/read/id/1001?format=json")
        ref: str = json.loads(read)["export"]["resultRefs"]
        return ref.split(f":{self.port}", 1)[1]


@pytest.fixture
def stored(bench: Bench, caller: Caller) -> tuple[int, str, bytes]:
    """An export with a sealed file: its id, the path of its ciphertext, and its plaintext."""
    bench.control("plan", {"kind": "instant"})
    export_id = caller.new_export()
    path = caller.read(export_id)["resultRefs"].split("localhost", 1)[1]
    plain = caller.get(path).data
    listed = bench.client.get(f"/_mock/accounts/default/exports/{export_id}/storage").get_json()
    (file,) = listed["files"]
    assert file["bytes"] > len(plain)
    return export_id, file["url"].split("localhost", 1)[1], plain


def test_what_a_storage_url_gives_is_ciphertext_that_does_not_open(
    bench: Bench, stored: tuple[int, str, bytes], tmp_path: Path
) -> None:
    export_id, url, plain = stored
    leaked = bench.client.get(url)
    assert leaked.status_code == 200
    assert leaked.content_type == "application/octet-stream"
    assert plain[:10] not in leaked.data
    assert len(leaked.data) == int(leaked.headers["Content-Length"]) > len(plain)
    # Whoever holds the bytes and knows every name still has no key.
    other = Vault(tmp_path / "other")
    other.seal(f"default/{export_id}", "1", [b"x"])
    salt = leaked.data[HEADER_BYTES - 16 : HEADER_BYTES]
    for key in (bytes(32), leaked.data[:32]):
        cipher = FrameCipher(key, f"default/{export_id}", "1", salt)
        with pytest.raises(TamperedError):
            next(open_frames(cipher, io.BytesIO(leaked.data[HEADER_BYTES:])))
    other.close()


@pytest.mark.parametrize("end", ["expiry", "reset"])
def test_a_storage_url_is_gone_with_the_key_of_its_export(
    bench: Bench, stored: tuple[int, str, bytes], end: str
) -> None:
    _, url, _ = stored
    if end == "expiry":
        bench.advance("604799s")
        assert bench.client.get(url).status_code == 200
        bench.advance("1s")
    else:
        bench.client.post("/_mock/accounts/default/reset")
    answer = bench.client.get(url)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown_file")
    assert list(bench.directory.rglob("*.sealed")) == []


def test_the_files_of_a_deleted_account_are_shredded(bench: Bench) -> None:
    bench.fresh()
    caller = bench.caller()
    bench.control("plan", {"kind": "instant"})
    path = caller.read(caller.new_export())["resultRefs"].split("localhost", 1)[1]
    assert caller.get(path).status_code == 200
    assert len(list(bench.directory.rglob("*.sealed"))) == 1
    assert bench.client.delete(f"/_mock/accounts/{bench.account.id}").status_code == 204
    assert list(bench.directory.rglob("*.sealed")) == []
    assert bench.world.vault.used_bytes == 0


def test_a_storage_url_needs_no_token_and_gives_nothing_else(bench: Bench) -> None:
    client = create_app(bench.world, control_token="secret").test_client()
    assert client.get("/_mock/storage/nothing").status_code == 404
    assert client.get("/_mock/storage/..%2f..%2fetc%2fpasswd").status_code == 404
    assert client.get("/_mock/state").status_code == 401


def test_a_used_up_disk_quota_is_told_and_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    world = World(tmp_path / "small", disk_quota=100)
    account = world.create(bench.fresh().account.options)
    small = Bench(world, account, create_app(world).test_client(), tmp_path / "small")
    caller = small.caller()
    small.control("plan", {"kind": "instant"})
    path = caller.read(caller.new_export())["resultRefs"].split("localhost", 1)[1]
    answer = caller.get(path)
    assert err_code(answer) == ErrorCode.INTERNAL_ERROR
    (entry,) = account.journal.entries("download")
    assert entry.detail == (
        "the vault refused: the vault's quota of 100 bytes is used up: other files take 0 of them, "
        "and this one needs more than 24"
    )
    state = small.client.get("/_mock/state").get_json()["vault"]
    assert state == {"bytes": 0, "quota": 100}
    assert list((tmp_path / "small").rglob("*.sealed")) == []
    world.close()


def test_the_order_of_the_files_follows_neither_time_nor_ids_and_is_the_same_everywhere(
    bench: Bench,
) -> None:
    orders = []
    for _ in range(2):
        bench.client.post("/_mock/accounts/default/reset")
        caller = bench.caller()
        bench.control("plan", {"kind": "instant", "rows_per_file": 10})
        export_id = caller.new_export()
        refs = caller.read(export_id)["resultRefs"]
        ids = [int(ref.rsplit("/", 1)[1]) for ref in refs]
        orders.append(ids)
        shown = bench.client.get(f"/_mock/accounts/default/exports/{export_id}").get_json()
        truth = bench.client.get(f"/_mock/accounts/default/exports/{export_id}/truth").get_json()
        assert shown["files"] == ids
        assert [file["id"] for file in truth["files"]] == ids
    assert orders[0] == orders[1]
    first_rows = [rows_of(caller.get(ref.split("localhost", 1)[1]))[0]["id"] for ref in refs]
    for order in (ids, [int(row) for row in first_rows]):
        steps = [before < after for before, after in pairwise(order)]
        assert 0.2 < sum(steps) / len(steps) < 0.8
