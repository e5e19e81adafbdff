"""The reference client in every scenario and under every fault: right rows or the right error.

Nothing in between: no hang, no file in part, no row too few or too many. The rows are held
against the truth of the account, and the clock is virtual.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import (
    AuthenticationFailed,
    CreateUncertain,
    DailyLimitReached,
    Export,
    ExportExpired,
    ExportFailed,
    ExportUnavailable,
    InvalidRequest,
    NotFound,
    Pardot,
    PardotError,
    PermissionMissing,
    RateLimited,
    RequestsTransport,
    TooManyConcurrentCalls,
    TransportFailed,
)
from pardot_client.rows import read_rows
from pardot_mock import MockPardot
from pardot_mock.scenarios.catalogue import names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pardot_mock.testing import AccountHandle

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BY_KEY = ("email", "password", "user_key")
BY_TOKEN = ("client_id", "client_secret", "refresh_token", "business_unit_id")
LAST_YEAR = "2025-03-11"
# Where a scenario has many rows, a few of them will do.
SHORTER = {"huge": "2026-03-10 11:00:00", "slow": "2026-03-01"}


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(now=NOW, rate=0, rows=900) as server:
        yield server


def client_of(account: AccountHandle, way: tuple[str, ...] = BY_KEY, **options: Any) -> Pardot:
    known = account.credentials
    given = {
        **{name: known[name] for name in way},
        "base_url": account.url,
        "login_url": account.url,
        "version": None,
        "sleep": lambda seconds: account.clock.advance(seconds=seconds),
        "transport": RequestsTransport(read_timeout=5),
    }
    return Pardot(**{**given, **options})


def assert_whole(account: AccountHandle, job: Export, folder: Path) -> None:
    """What was downloaded is the truth, and nothing else lies about."""
    paths = job.download(folder)
    assert sorted(folder.iterdir()) == sorted(paths)
    rows = [row for path in paths for row in read_rows(path, typed=False, zone=None)]
    assert str(account.truth(job.id).check(rows)) == "exactly the rows of the truth"
    assert account.grade(rows={job.id: rows}).ok, str(account.grade())


def export(pardot: Pardot, after: str = LAST_YEAR) -> Export:
    fields = ["id", "created_at"]
    return pardot.exports.create("visitorActivity", created_after=after, fields=fields).wait()


ENDS: dict[str, type[PardotError]] = {
    "failing": ExportFailed,
    "stuck": ExportExpired,
    "quota-zero": DailyLimitReached,
    "oauth-only with a key": AuthenticationFailed,
}


# Both ways of logging in take turns, and both are shown where they differ.
SCENARIOS = [(name, number % 2 == 0) for number, name in enumerate(names())]
SCENARIOS += [(name, not by_key) for name, by_key in SCENARIOS if name == "oauth-only"]


@pytest.mark.parametrize(("name", "by_key"), SCENARIOS)
def test_every_scenario_ends_in_the_truth_or_in_the_error_that_fits(
    mock: MockPardot, name: str, by_key: bool, tmp_path: Path
) -> None:
    account = mock.account(scenario=name)
    way, form = (BY_KEY, "json") if by_key else (BY_TOKEN, "xml")
    pardot = client_of(account, way, format=form)
    error = ENDS.get(name) or (ENDS.get(f"{name} with a key") if by_key else None)
    if error is None:
        assert_whole(account, export(pardot, SHORTER.get(name, LAST_YEAR)), tmp_path)
    else:
        with pytest.raises(error):
            assert_whole(account, export(pardot), tmp_path)
        assert list(tmp_path.iterdir()) == []
        assert account.grade().ok, str(account.grade())
    account.delete()


@pytest.mark.parametrize(
    ("name", "empty"),
    [("truncated-download", False), ("concurrency-one", False), ("no-match", True)],
)
def test_an_export_that_is_there_already_is_fetched_whole(
    mock: MockPardot, name: str, empty: bool, tmp_path: Path
) -> None:
    account = mock.account(scenario=name)
    job = client_of(account).exports.resume(1001)
    assert (account.truth(1001).rows == 0) is empty
    assert_whole(account, job, tmp_path)
    account.delete()


def test_results_that_expire_under_the_hands_of_the_client_are_offered_again(
    mock: MockPardot, tmp_path: Path
) -> None:
    account = mock.account(scenario="expiring-soon")
    job = client_of(account).exports.resume(1001)
    account.clock.advance(minutes=5)
    with pytest.raises(ExportExpired) as caught:
        job.download(tmp_path)
    assert list(tmp_path.iterdir()) == []
    again = caught.value.again().wait()
    assert again.id != 1001
    assert_whole(account, again, tmp_path)


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("way", [BY_KEY, BY_TOKEN], ids=["key", "token"])
def test_the_client_keeps_every_rule_of_conduct_however_it_speaks(
    mock: MockPardot, way: tuple[str, ...], form: str, version: int, tmp_path: Path
) -> None:
    account = mock.account()
    account.plan("timed", work="3h", rows_per_file=60)
    account.faults.add("truncate", op="download", nth=2, after_bytes=100)
    account.faults.add("error", op="read", nth=3, code=66)
    pardot = client_of(account, way, format=form, version=version)
    job = export(pardot)
    assert len(job.refs) > 3
    assert_whole(account, job, tmp_path)
    calls = [entry for entry in account.journal() if entry.op != "login"]
    assert {entry.path.split("/")[4] for entry in calls} == {str(version)}
    kept = {finding.rule.id for finding in account.grade().findings if finding.status == "pass"}
    assert kept >= {"keeps-to-one-format", "backs-off-when-crowded", "retries-broken-downloads"}
    account.delete()


KINDS: dict[str, dict[str, Any]] = {
    "status": {"status": 503},
    "reset": {},
    "reset in the body": {"after_bytes": 30},
    "latency": {"seconds": 0.01},
    "stall": {"seconds": 0.01, "after_bytes": 30},
    "truncate": {"after_bytes": 30},
    "drip": {"bytes_per_second": 100_000},
    "garbage": {},
    "wrong_length": {},
    "error": {"code": 183},
    "error 66": {"code": 66},
    "error 1": {"code": 1},
}
OPS = ("login", "token", "create", "query", "read", "download")
CASES = [
    (op, kind) for op in OPS for kind in KINDS if not (op in {"token", "login"} and "error" in kind)
]


def faulted(mock: MockPardot, op: str, kind: str, times: int) -> tuple[AccountHandle, Pardot]:
    """An account with a fault, and a client whose calls will meet it."""
    account = mock.account()
    if op == "query":
        # A client only asks for a list when the answer to a create got lost.
        account.faults.add("reset", op="create", after_bytes=0)
    account.faults.add(kind.split()[0], op=op, times=times, **KINDS[kind])
    way, form = (BY_TOKEN, "xml") if op in {"token", "read"} else (BY_KEY, "json")
    return account, client_of(account, way, format=form)


@pytest.mark.parametrize(("op", "kind"), CASES, ids=[" ".join(case) for case in CASES])
def test_a_fault_that_passes_costs_no_row_and_makes_no_second_export(
    mock: MockPardot, op: str, kind: str, tmp_path: Path
) -> None:
    account, pardot = faulted(mock, op, kind, 1)
    assert_whole(account, export(pardot), tmp_path)
    assert account.faults.verdict()["unused"] == []
    assert len(account.exports()) == 1
    account.delete()


# Slow is not broken, and of an answer that gets lost the export itself remains.
PASSES = {"latency", "drip"}
LOST = {"reset in the body", "stall", "truncate", "garbage", "wrong_length"}
STAYING = [(op, kind) for op, kind in CASES if op in {"create", "download"} or kind == "status"]


@pytest.mark.parametrize(("op", "kind"), STAYING, ids=[" ".join(case) for case in STAYING])
def test_a_fault_that_stays_ends_in_an_error_that_says_what_to_do(
    mock: MockPardot, op: str, kind: str, tmp_path: Path
) -> None:
    account, pardot = faulted(mock, op, kind, 1000)
    if kind in PASSES or (op == "create" and kind in LOST):
        assert_whole(account, export(pardot), tmp_path)
        assert len(account.exports()) == 1
        account.delete()
        return
    expected: dict[str, type[PardotError]] = {
        "error 66": TooManyConcurrentCalls,
        "error 1": AuthenticationFailed,
    }
    error = CreateUncertain if op == "query" else expected.get(kind, TransportFailed)
    with pytest.raises(error) as caught:
        assert_whole(account, export(pardot), tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(account.exports()) <= 1
    if op != "query" and "error" in kind:
        assert (caught.value.code, caught.value.request_id) != (None, None)
    account.delete()


REFUSALS: list[tuple[str, int, type[PardotError]]] = [
    ("create", 122, DailyLimitReached),
    ("read", 122, DailyLimitReached),
    ("download", 122, DailyLimitReached),
    ("create", 46, PermissionMissing),
    ("create", 177, InvalidRequest),
    ("read", 109, NotFound),
    ("download", 109, NotFound),
    ("download", 178, ExportUnavailable),
    ("download", 202, RateLimited),
]


@pytest.mark.parametrize(("op", "code", "error"), REFUSALS)
def test_a_refusal_is_raised_at_once_and_tells_everything(
    mock: MockPardot, op: str, code: int, error: type[PardotError], tmp_path: Path
) -> None:
    account = mock.account()
    account.faults.add("error", op=op, code=code)
    with pytest.raises(error) as caught:
        assert_whole(account, export(client_of(account)), tmp_path)
    told = caught.value
    assert told.code == code
    assert told.message
    assert told.request_id
    assert told.answer is not None
    assert list(tmp_path.iterdir()) == []
    assert [entry.error_code for entry in account.journal(op)][-1:] == [code]
    account.delete()
