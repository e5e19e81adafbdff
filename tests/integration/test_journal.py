"""The journal shows what clients sent, without their secrets; the budget what it cost them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.journal import Entry, Journal
from tests.integration.conftest import EXPORT

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

DEFAULT = "/_mock/accounts/default"


def entries(bench: Bench, query: str = "") -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = bench.client.get(f"{DEFAULT}/journal{query}").get_json()[
        "entries"
    ]
    return answer


def test_every_call_is_journaled_with_its_operation_and_its_outcome(
    bench: Bench, caller: Caller
) -> None:
    export_id = caller.new_export()
    bench.advance("5s")
    answer = caller.get(f"{EXPORT}/read/id/{export_id}?format=json")
    caller.get(f"{EXPORT}/read/id/5")
    url = caller.read(export_id)["resultRefs"]
    size = len(caller.get(url).get_data())
    seen = entries(bench)
    assert [e["op"] for e in seen] == ["login", "create", "read", "read", "read", "download"]
    assert [e["error_code"] for e in seen] == [None, None, None, 109, None, None]
    assert [e["charged"] for e in seen] == [False, True, True, True, True, True]
    assert seen[2]["id"] == answer.headers["X-Pardot-Mock-Request-Id"]
    assert seen[2]["at"] == "2026-03-10T12:00:05+00:00"
    assert seen[2]["bytes"] == len(answer.data)
    assert seen[2]["query"] == {"format": "json"}
    assert seen[3]["detail"] == "there is no export 5"
    assert seen[5]["bytes"] == size
    assert {e["user"] for e in seen} == {"demo@example.com"}


def test_the_journal_can_be_asked_by_operation_and_instant_and_cleared(
    bench: Bench, caller: Caller
) -> None:
    caller.new_export()
    bench.advance("1m")
    caller.count()
    assert len(entries(bench, "?op=create")) == 1
    assert [e["op"] for e in entries(bench, "?since=2026-03-10T12:01:00Z")] == ["query"]
    assert bench.client.get(f"{DEFAULT}/journal?since=soon").status_code == 400
    assert bench.client.delete(f"{DEFAULT}/journal").status_code == 204
    assert entries(bench) == []


def test_no_credential_gets_into_the_journal(bench: Bench, caller: Caller) -> None:
    keys = {"api_key": caller.key, "user_key": caller.credentials["user_key"]}
    query = "&".join(f"{name}={value}" for name, value in keys.items())
    login = f"/api/login/version/4?{query}&password=demo-password&email=demo@example.com"
    caller.client.post(login)
    caller.client.post(f"/api/login/user_key/{keys['user_key']}", data=caller.credentials)
    caller.get(f"{EXPORT}/read/id/1/api_key/{caller.key}")
    text = bench.client.get(f"{DEFAULT}/journal").text
    assert len(entries(bench)) == 4
    for secret in (*keys.values(), "demo-password"):
        assert secret not in text


def test_the_budget_counts_by_operation_and_forecasts_polling(bench: Bench, caller: Caller) -> None:
    caller.new_export()
    caller.count()
    budget = bench.client.get(f"{DEFAULT}/budget").get_json()
    assert budget["by_op"] == {"create": 1, "query": 1}
    assert (budget["limit"], budget["used"], budget["remaining"]) == (100_000, 2, 99_998)
    assert budget["resets_at"] == "2026-03-11T00:00:00+00:00"
    assert budget["forecast"] == {
        "seconds": 5400.0,
        "every_minute": 91,
        "documented_interval": 11,
        "text": "polling every minute for a 90-minute export costs 91 reads; "
        "the documented interval costs 11",
    }
    shorter = bench.client.get(f"{DEFAULT}/budget?for=2m").get_json()["forecast"]
    assert (shorter["every_minute"], shorter["documented_interval"]) == (3, 2)


def test_refused_calls_are_charged_as_the_quirk_says(bench: Bench) -> None:
    for rule, used in (("authenticated", 1), ("none", 0), ("all", 2)):
        caller = bench.fresh(quirks={"count_failed_calls": rule}).caller()
        caller.get(f"{EXPORT}/read/id/5")
        header = f"Pardot api_key=0, user_key={caller.credentials['user_key']}"
        caller.client.get(f"{EXPORT}/query", headers={"Authorization": header})
        assert bench.account.usage.used == used, rule


def entry(number: int, path: str) -> Entry:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(str(number), at, "GET", path, {}, "read", 200, None, None, 0, 0.0, charged=True)


@given(st.lists(st.text(max_size=2000), max_size=40), st.integers(500, 20_000))
def test_a_full_journal_drops_the_oldest_and_says_how_many(paths: list[str], limit: int) -> None:
    journal = Journal(limit)
    for number, path in enumerate(paths):
        journal.add(entry(number, path))
    kept = journal.entries()
    assert [e.id for e in kept] == [str(n) for n in range(journal.dropped, len(paths))]
    assert sum(e.size for e in kept) <= limit or len(kept) == 1


def test_an_oversized_form_is_refused_and_creates_nothing(caller: Caller) -> None:
    data = {"format": "json", "x": "y" * 17_000_000}
    answer = caller.client.post(f"{EXPORT}/query", data=data, headers=caller.headers)
    assert answer.status_code == 413
