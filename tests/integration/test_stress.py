"""Many clients at once over real sockets: nothing is lost, doubled or seen by the wrong one."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from json import dumps, loads
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from pardot_mock import MockPardot
from tests.integration.conftest import EXPORT, activity_export
from tests.readers import by_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.testing import AccountHandle

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BURSTS = 200
CALLERS = 8
ACCOUNTS = 64
TOO_MANY = 66


class Wire:
    """One connection of one user; as bare as it gets, for there are many."""

    def __init__(self, account: AccountHandle) -> None:
        place = urlsplit(account.url)
        self.http = HTTPConnection(place.hostname or "", place.port, timeout=30)
        self.headers = {"Content-Type": "application/json"}
        mine = account.credentials
        form = {name: mine[name] for name in ("email", "password", "user_key")}
        url = "/api/login/version/4?format=json"
        sent = {"Content-Type": "application/x-www-form-urlencoded"}
        self.http.request("POST", url, urlencode(form), sent)
        key = loads(self.http.getresponse().read())["api_key"]
        self.headers["Authorization"] = f"Pardot api_key={key}, user_key={mine['user_key']}"

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        self.http.request(method, path, body and dumps(body), self.headers)
        return self.http.getresponse().read()

    def create(self) -> dict[str, Any]:
        path = f"{EXPORT}/create?format=json"
        return answer_of(self.call("POST", path, activity_export()))

    def read(self, export_id: int) -> dict[str, Any]:
        return answer_of(self.call("GET", f"{EXPORT}/read/id/{export_id}?format=json"))

    def processing(self) -> dict[str, Any]:
        return answer_of(self.call("GET", f"{EXPORT}/query?format=json&status=Processing"))

    def close(self) -> None:
        self.http.close()


def answer_of(raw: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = loads(raw)
    return answer


def code_of(answer: dict[str, Any]) -> int | None:
    code: int | None = answer["@attributes"].get("err_code")
    return code


Answers = list[tuple[str, dict[str, Any]]]


def bursts(wires: list[Wire], newest: list[int]) -> Iterator[Answers]:
    """Let half of the callers create and the others look, all at the same moment."""
    gate = threading.Barrier(len(wires))

    def one(place: int) -> tuple[str, dict[str, Any]]:
        gate.wait(timeout=30)
        if place % 2 == 0:
            return "created", wires[place].create()
        if place % 4 == 1 or not newest:
            return "listed", wires[place].processing()
        return "read", wires[place].read(newest[-1])

    with ThreadPoolExecutor(len(wires)) as pool:
        for _ in range(BURSTS):
            yield list(pool.map(one, range(len(wires))))


def test_two_hundred_bursts_on_one_account_lose_and_double_nothing() -> None:
    with MockPardot(now=NOW, rate=0, rows=300) as mock:
        account = mock.account()
        account.plan("timed", wait=0, work=4)
        wires = [Wire(account) for _ in range(CALLERS)]
        acknowledged: list[int] = []
        refused = 0
        for answers in bursts(wires, acknowledged):
            served = [(kind, answer) for kind, answer in answers if code_of(answer) is None]
            assert {code_of(answer) for _, answer in answers} <= {None, TOO_MANY}
            refused += len(answers) - len(served)
            fresh = sorted(each["export"]["id"] for kind, each in served if kind == "created")
            assert all(number > max(acknowledged, default=0) for number in fresh)
            known = acknowledged[-1:]
            acknowledged += fresh
            for kind, answer in served:
                assert kind != "listed" or answer["result"]["total_results"] <= 1
                assert kind != "read" or [answer["export"]["id"]] == known
            account.clock.advance(seconds=9)
        shown = account.exports()
        for wire in wires:
            wire.close()
        kept = sorted(each["id"] for each in shown)
        assert kept == acknowledged == list(range(kept[0], kept[0] + len(kept)))
        assert_one_after_the_other(shown)
        journal = Counter(entry.error_code for entry in account.journal())
        served_in_all = CALLERS + BURSTS * CALLERS - refused
        assert journal == Counter({None: served_in_all, TOO_MANY: refused})
        assert account.budget()["used"] == BURSTS * CALLERS - refused


def assert_one_after_the_other(shown: list[dict[str, Any]]) -> None:
    """No export has started before the one in front of it had ended."""
    ran = sorted((each for each in shown if each["started_at"]), key=lambda each: each["id"])
    assert len(ran) > BURSTS
    for earlier, later in pairwise(ran):
        assert earlier["finished_at"] <= later["started_at"]


@dataclass
class Story:
    """How an account was set up, and what its only client saw of it."""

    account: AccountHandle
    start: datetime
    pace: timedelta
    polls: int
    rows: list[tuple[str, ...]]
    export_id: int


def live_through(mock: MockPardot, number: int) -> Story:
    """Run a whole export life on an account of its own, with its own clock and world."""
    start = NOW - timedelta(hours=number, seconds=number)
    account = mock.account(seed=number, now=start, rows=3000 + 10 * number)
    pace = timedelta(seconds=60 + number)
    polls = 1 + number % 5
    account.plan("timed", wait=0, work=polls * pace.total_seconds(), rows_per_file=20)
    wire = Wire(account)
    export = wire.create()["export"]
    for _ in range(polls):
        assert wire.read(export["id"])["export"]["state"] == "Processing"
        account.clock.advance(pace)
    done = wire.read(export["id"])["export"]
    assert done["updatedAt"] == f"{start + polls * pace:%Y-%m-%d %H:%M:%S}"
    refs = done["resultRefs"]
    rows: list[tuple[str, ...]] = []
    for ref in [refs] if isinstance(refs, str) else refs:
        rows += map(tuple, by_csv(wire.call("GET", urlsplit(ref).path))[1:])
    wire.close()
    account.clock.advance(days=7)
    wire = Wire(account)
    assert wire.read(export["id"])["export"]["isExpired"] is True
    wire.close()
    return Story(account, start, pace, polls, rows, export["id"])


def test_sixty_four_clients_with_accounts_of_their_own_never_meet() -> None:
    with MockPardot(now=NOW, rate=0) as mock, ThreadPoolExecutor(ACCOUNTS) as pool:
        together = list(pool.map(lambda number: live_through(mock, number), range(ACCOUNTS)))
        assert len({story.account.id for story in together}) == ACCOUNTS
        for number, story in enumerate(together):
            assert_undisturbed(story)
            if number % 8 == 0:
                # Alone, the same account lives the same life.
                assert sorted(live_through(mock, number).rows) == sorted(story.rows)
        worlds = {tuple(sorted(story.rows)) for story in together}
        assert len(worlds) == ACCOUNTS


def assert_undisturbed(story: Story) -> None:
    """Clock, journal, allowance and exports of an account hold its own calls and no others."""
    account, start = story.account, story.start
    complete = start + story.polls * story.pace
    assert account.clock.now() == complete + timedelta(days=7)
    assert [each["id"] for each in account.exports()] == [story.export_id]
    entries = account.journal()
    files = sum(entry.op == "download" for entry in entries)
    looks = [start + number * story.pace for number in range(story.polls)]
    assert [(entry.op, entry.at) for entry in entries] == [
        ("login", start),
        ("create", start),
        *(("read", at) for at in looks),
        ("read", complete),
        *[("download", complete)] * files,
        ("login", complete + timedelta(days=7)),
        ("read", complete + timedelta(days=7)),
    ]
    assert files > 1
    assert {entry.user for entry in entries} == {account.credentials["email"]}
    assert account.budget()["by_op"] == {"read": 1}
