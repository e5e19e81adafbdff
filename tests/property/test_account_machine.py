"""Two accounts of one world, driven at random beside a small model of the rules.

After every step both accounts must stand exactly as the model says: so states go one way, one
export at a time is processed and it is the oldest, ids grow, every stamp is the instant that was
due, a refused call changes nothing, and neither account notices the other.

A few thousand steps in every run; `PARDOT_LAWS=long` makes it 200,000 and takes
ten to twenty minutes.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pardot_mock.credentials import credentials
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.property.account_model import ATTEMPTS, HOUR, Model, Plan, PlannedFault, lives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from pardot_mock.account import Account

# Three days before the clocks change in Europe, three weeks after they changed in America.
START = datetime(2026, 3, 26, 21, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York")
EXPORT = "/api/export/version/4/do"
GOOD: dict[str, Any] = {
    "object": "visitorActivity",
    "fields": ["id", "created_at"],
    "procedure": {
        "name": "filter_by_created_at",
        "arguments": {"created_after": "2026-01-01", "created_before": "2026-03-01"},
    },
}
BAD: tuple[tuple[dict[str, Any], int], ...] = (
    ({**GOOD, "object": "cheese"}, 154),
    ({**GOOD, "fields": ["no_such_field"]}, 180),
    ({**GOOD, "procedure": {"name": "filter_by_magic", "arguments": {}}}, 174),
    ({**GOOD, "procedure": {"name": "filter_by_created_at", "arguments": {}}}, 176),
)
ENDS = ("Complete", "Failed")
UNKNOWN = 7
LONG = os.environ.get("PARDOT_LAWS") == "long"
EXAMPLES, STEPS = (2100, 100) if LONG else (15, 75)

either = st.sampled_from((0, 1))
picks = st.integers(0, UNKNOWN)
lengths = st.sampled_from((0, 1, 2, 5, 60, 1800, 3599, 3600, 43_200, 86_400, 604_799, 604_800))
spans = st.one_of(lengths, st.integers(0, 9 * 86_400))
paces = st.sampled_from((0, 0, 1, 2, 5, 60, 60, 600, 3600, 86_400, 604_799, 604_800))
kinds = st.sampled_from(("instant", "timed", "timed", "timed", "stuck", "failing"))
effects = st.sampled_from(((177, None), (66, None), (109, None), (None, 503), (None, 429)))
careful = st.sampled_from((True, True, True, False))
fault_ops = st.sampled_from(("login", "create", "read", "query", "download", "*"))


class Side:
    """One account: the real one behind its front door, and the model beside it."""

    def __init__(self, client: Any, account: Account) -> None:
        self.client = client
        self.account = account
        self.login = credentials(account.info, account.owner)
        self.model = self.fresh()
        self.before: dict[int, str] = {}

    def fresh(self) -> Model:
        self.before = {}
        return Model(self.account.info.zone, self.login["email"], START)

    def control(self, what: str, body: Any = None) -> tuple[int, Any]:
        path = f"/_mock/accounts/{self.account.id}/{what}"
        answer = self.client.get(path) if body is None else self.client.post(path, json=body)
        return answer.status_code, answer.get_json()

    def call(self, op: str, path: str, expected: int | None, body: Any = None) -> Any:
        """Make an authenticated call that should end as `expected`, and tell the model.

        Gives the answer of a call that was served, and None for one that was not.
        """
        key, user_key = self.model.key or "0" * 32, self.login["user_key"]
        headers = {"Authorization": f"Pardot api_key={key}, user_key={user_key}"}
        method = "GET" if body is None else "POST"
        sent = None if body is None else json.dumps(body)
        known = self.model.knows_key()
        fault = self.model.meet_faults(op) if known else None
        answer: TestResponse = self.client.open(
            f"{EXPORT}/{path}",
            method=method,
            data=sent,
            headers=headers,
            content_type="application/json" if sent else None,
        )
        if known:
            self.model.charged.append(self.model.now)
        return self.settle(op, answer, fault, expected if known else 1)

    def settle(
        self, op: str, answer: TestResponse, fault: PlannedFault | None, expected: int | None
    ) -> Any:
        if fault is not None and fault.status is not None:
            assert answer.status_code == fault.status
            self.model.calls.append((self.model.now, op, None))
            return None
        code = expected if fault is None else fault.code
        self.model.calls.append((self.model.now, op, code))
        assert answer.status_code < 500, answer.data
        assert error_of(answer) == code, (op, answer.data)
        return answer if code is None else None

    def check(self) -> None:
        """Everything that can be seen of the account is as the model says."""
        model, now = self.model, self.model.now
        # The control plane promises no order.
        shown = sorted(self.control("exports")[1]["exports"], key=lambda each: each["id"])
        due = lives(model.jobs)
        assert [each["id"] for each in shown] == [life.id for life in due]
        for each, life in zip(shown, due, strict=True):
            state, expired, started, ended = life.shown(now)
            assert (each["state"], each["is_expired"]) == (state, expired), (each, life, now)
            assert each["created_at"] == life.created.isoformat()
            assert each["started_at"] == (started and started.isoformat()), (each, life)
            assert each["finished_at"] == (ended and ended.isoformat()), (each, life)
            assert bool(each["files"]) is (state == "Complete" and not expired)
        self.check_order({each["id"]: each["state"] for each in shown})
        status, clock = self.control("clock")
        assert (status, clock["now"]) == (200, now.isoformat())
        assert self.control("budget")[1]["used"] == model.used_today()

    def check_order(self, states: dict[int, str]) -> None:
        """What holds whatever the model says."""
        ranks = {"Waiting": 0, "Processing": 1, "Complete": 2, "Failed": 2}
        for number, state in states.items():
            was = self.before.get(number, "Waiting")
            assert was == state or ranks[was] < ranks[state], (number, was, state)
        open_ones = [n for n in sorted(states) if ranks[states[n]] < 2]
        running = [n for n in open_ones if states[n] == "Processing"]
        assert running in ([], open_ones[:1])
        self.before = states

    def check_journal(self) -> None:
        entries = self.control("journal")[1]["entries"]
        seen = [(e["at"], e["op"], e["error_code"]) for e in entries]
        assert seen == [(at.isoformat(), op, code) for at, op, code in self.model.calls]
        verdict = self.control("faults/verdict")[1]
        assert verdict["planned"] == sum(fault.times for fault in self.model.faults)
        assert verdict["consumed"] == sum(f.times - f.left for f in self.model.faults)


def error_of(answer: TestResponse) -> int | None:
    """Give the error code of an answer of the API; None for one that is no error."""
    found = re.search(rb'err_code":(\d+)|err code="(\d+)"', answer.data)
    return None if found is None else int(found[1] or found[2])


class AccountMachine(RuleBasedStateMachine):
    """Everything a client and a tester can do, in any order."""

    def __init__(self, done: Counter[str]) -> None:
        super().__init__()
        self.done = done
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        client = create_app(self.world).test_client()
        self.sides = [
            Side(client, self.world.create(account_options(wish(number), "laws")))
            for number in (0, 1)
        ]

    def teardown(self) -> None:
        for side in self.sides:
            side.check_journal()
        self.world.close()
        self.folder.cleanup()

    @invariant()
    def both_accounts_are_as_the_rules_say(self) -> None:
        self.done["steps"] += 1
        for side in self.sides:
            side.check()

    @rule(who=either, right=careful)
    def log_in(self, who: int, right: bool) -> None:
        side = self.sides[who]
        model = side.model
        fault = model.meet_faults("login")
        form = {name: side.login[name] for name in ("email", "user_key")}
        form["password"] = side.login["password"] if right else "wrong"
        answer = side.client.post("/api/login/version/4?format=json", data=form)
        locked = model.failures >= ATTEMPTS
        served = side.settle("login", answer, fault, 131 if locked else None if right else 15)
        if fault is None and not locked:
            model.failures = 0 if right else model.failures + 1
        if served is None:
            return
        key = served.get_json()["api_key"]
        if model.knows_key():
            assert key == model.key
        else:
            assert key not in model.keys
            model.key, model.key_until = key, model.now + HOUR
            model.keys.add(key)

    def get_key(self, who: int, *, wanted: bool) -> None:
        """Log in as a careful client does, unless the key is still good."""
        if wanted and not self.sides[who].model.knows_key():
            self.log_in(who, right=True)

    @rule(who=either, count=st.integers(1, 4), key=careful)
    def create(self, who: int, count: int, key: bool) -> None:
        side = self.sides[who]
        for _ in range(count):
            self.get_key(who, wanted=key)
            answer = side.call("create", "create?format=json", None, GOOD)
            if answer is None:
                continue
            job = side.model.create()
            export = answer.get_json()["export"]
            assert (export["id"], export["state"]) == (job.id, "Waiting")
            assert export["createdAt"] == wall(job.created, side)
            self.done["created"] += 1

    @rule(who=either, bad=st.sampled_from(BAD), key=careful)
    def create_badly(self, who: int, bad: tuple[dict[str, Any], int], key: bool) -> None:
        self.get_key(who, wanted=key)
        body, code = bad
        assert self.sides[who].call("create", "create", code, body) is None

    @rule(who=either, pick=picks, key=careful)
    def read(self, who: int, pick: int, key: bool) -> None:
        self.get_key(who, wanted=key)
        side = self.sides[who]
        number = picked(side, pick)
        known = number != UNKNOWN
        answer = side.call("read", f"read/id/{number}?format=json", None if known else 109)
        if answer is None:
            return
        export = answer.get_json()["export"]
        life = next(life for life in lives(side.model.jobs) if life.id == number)
        state, expired, _, _ = life.shown(side.model.now)
        assert (export["state"], export["isExpired"]) == (state, expired)
        assert export["updatedAt"] == wall(life.updated(side.model.now), side)
        assert ("resultRefs" in export) is (state == "Complete" and not expired)

    @rule(who=either, status=st.sampled_from((None, "Waiting", "Processing", *ENDS)), key=careful)
    def query(self, who: int, status: str | None, key: bool) -> None:
        self.get_key(who, wanted=key)
        side = self.sides[who]
        wanted = f"&status={status}" if status else ""
        answer = side.call("query", f"query?format=json{wanted}", None)
        if answer is None:
            return
        states = [life.shown(side.model.now)[0] for life in lives(side.model.jobs)]
        total = len(states) if status is None else states.count(status)
        assert answer.get_json()["result"]["total_results"] == total

    @rule(who=either, pick=picks, key=careful)
    def download(self, who: int, pick: int, key: bool) -> None:
        self.get_key(who, wanted=key)
        side = self.sides[who]
        number = picked(side, pick)
        shown = next((life for life in lives(side.model.jobs) if life.id == number), None)
        expected, file = (109 if shown is None else 178), 1
        if shown is not None and shown.shown(side.model.now)[:2] == ("Complete", False):
            expected, file = None, side.control(f"exports/{number}")[1]["files"][0]
        path = f"downloadResults/id/{number}/file/{file}"
        answer = side.call("download", path, expected)
        if answer is not None:
            rows = side.control(f"exports/{number}/truth")[1]["files"][0]["rows"]
            assert answer.data.count(b"\n") == rows + 1
            self.done["downloaded"] += 1

    @rule(who=either, seconds=spans)
    def advance(self, who: int, seconds: int) -> None:
        side = self.sides[who]
        after = side.model.now + timedelta(seconds=seconds)
        self.moved(side, {"advance": seconds}, after)

    @rule(who=either)
    def advance_to_next(self, who: int) -> None:
        side = self.sides[who]
        self.moved(side, {"to": "next"}, side.model.next_due())

    @rule(who=either, seconds=lengths)
    def set_clock(self, who: int, seconds: int) -> None:
        side = self.sides[who]
        after = side.model.now + timedelta(seconds=seconds)
        self.moved(side, {"set": after.isoformat()}, after)

    @rule(who=either, seconds=lengths.filter(bool))
    def go_back(self, who: int, seconds: int) -> None:
        earlier = self.sides[who].model.now - timedelta(seconds=seconds)
        for body in ({"advance": -seconds}, {"set": earlier.isoformat()}):
            assert self.sides[who].control("clock", body)[0] == 409

    def moved(self, side: Side, body: dict[str, Any], after: datetime) -> None:
        """Move a clock; what happened on the way is what the model had expected."""
        due = side.model.happenings(after)
        status, answer = side.control("clock", body)
        assert (status, answer["now"]) == (200, after.isoformat())
        told = [(e["at"], e["kind"], e["subject"]) for e in answer["events"]]
        assert [at for at, _, _ in told] == sorted(at for at, _, _ in told)
        assert sorted(told, key=str) == sorted(
            ((at.isoformat(), kind, subject) for at, kind, subject in due), key=str
        )
        side.model.now = after

    @rule(who=either, pick=picks, state=st.sampled_from(ENDS))
    def force(self, who: int, pick: int, state: str) -> None:
        side = self.sides[who]
        number = picked(side, pick)
        job = next((job for job in side.model.jobs if job.id == number), None)
        status, _ = side.control(f"exports/{number}/force", {"state": state})
        if job is None:
            assert status == 404
        elif lives(side.model.jobs)[side.model.jobs.index(job)].end <= side.model.now:
            assert status == 409
        else:
            assert status == 200
            job.forced = (side.model.now, state)
            self.done["forced"] += 1

    @rule(who=either, kind=kinds, wait=paces, work=paces, nth=st.sampled_from((None, None, 1, 3)))
    def plan(self, who: int, kind: str, wait: int, work: int, nth: int | None) -> None:
        side = self.sides[who]
        body = {"kind": kind, "wait": wait, "work": work, "rows_per_file": 5}
        match = {} if nth is None else {"match": {"nth": nth}}
        assert side.control("plan", {**body, **match})[0] == 200
        working = None if kind == "stuck" else timedelta(seconds=work)
        side.model.plans.append(Plan(timedelta(seconds=wait), working, kind == "failing", nth))

    @rule(who=either, op=fault_ops, effect=effects, times=st.integers(1, 2))
    def fault(self, who: int, op: str, effect: tuple[int | None, int | None], times: int) -> None:
        side = self.sides[who]
        code, status = effect
        wish = {"kind": "error", "code": code} if code else {"kind": "status", "status": status}
        body = {"match": {"op": op}, "effect": wish, "times": times}
        assert side.control("faults", body)[0] == 201
        side.model.faults.append(PlannedFault(op, code, status, times, times))

    @precondition(lambda self: any(len(side.model.jobs) > 5 for side in self.sides))
    @rule(who=either)
    def reset(self, who: int) -> None:
        side = self.sides[who]
        side.check_journal()
        assert side.control("reset", {})[0] == 200
        side.model = side.fresh()


def wish(number: int) -> AccountWish:
    zone = ZONES[number]
    return AccountWish(f"side-{number}", timezone=zone, now=START, rate=0.0, rows=300, seed=number)


def picked(side: Side, pick: int) -> int:
    """Choose one of the exports, or a number that no export has."""
    jobs = side.model.jobs
    return jobs[-1 - pick % len(jobs)].id if jobs and pick != UNKNOWN else UNKNOWN


def with_results(model: Model) -> Iterator[int]:
    """Give the exports whose files can be fetched, the newest first."""
    ready = ("Complete", False)
    return (life.id for life in lives(model.jobs)[::-1] if life.shown(model.now)[:2] == ready)


def wall(at: datetime, side: Side) -> str:
    """Write an instant as the user of the account reads it."""
    return at.astimezone(ZoneInfo(side.account.owner.timezone)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.timeout(0 if LONG else 240)
def test_any_order_of_calls_leaves_two_accounts_as_the_rules_say() -> None:
    done: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: AccountMachine(done),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    print(dict(done))
    assert done["steps"] > EXAMPLES * STEPS / 2
    assert min(done["created"], done["downloaded"], done["forced"]) > 0
