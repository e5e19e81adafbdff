"""Plays the right client, or one with a mistake, through a scenario, within this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType, ModuleType
from typing import Any

from pardot_contracts.program.scenarios import BUILT_IN, MORE
from pardot_mock.testing import intercept
from pardot_mock.testing.sleeping import coupled_sleep
from tests.mutants.clienttable import RIGHT

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CRASH = "crash"
MINUTES = MappingProxyType({"kind": "timed", "wait": "40s", "work": "4m"})


@dataclass(frozen=True)
class Play:
    """A scenario for clients: what the account starts with, and what the client is to do."""

    tables: Any
    mission: str = "export"
    loaded: tuple[Any, ...] = ()
    password: str | None = None


def fault(effect: dict[str, Any], times: int = 1, **match: Any) -> dict[str, Any]:
    return {"match": match, "effect": effect, "times": times}


def play_of(name: str) -> Play:
    """Give a scenario by its name: one for programs, or one of those below."""
    if name in OWN:
        return OWN[name]
    known = {scenario.name: scenario.tables for scenario in (*BUILT_IN, *MORE)}
    return Play(known[name])


def account(**more: Any) -> dict[str, Any]:
    return {"account": {"rows": 3000, **more}, "plan": [dict(MINUTES)]}


def earlier(age: str) -> dict[str, Any]:
    return {"kind": "instant", "age": age, "arguments": {"created_after": "-90 days"}, "count": 2}


ROW = MappingProxyType({"id": 1, "details": 'a "b", c\nd', "created_at": "2026-01-05 10:00:00"})
OWN = MappingProxyType(
    {
        "bearer": Play(account(quirks={"auth_era": "oauth"}), "oauth"),
        "two-years": Play(account(), "two-years"),
        "prospects": Play(account(), "prospects"),
        "no-such-export": Play(account(), "ask"),
        "wrong-password": Play(account(), password="not it"),
        "report": Play({**account(), "exports": [earlier("2d")]}, "report"),
        "expired-report": Play({**account(), "exports": [earlier("9d")]}, "report"),
        "refused-create": Play(
            {**account(), "faults": [fault({"kind": "error", "code": 157}, op="create")]}
        ),
        "quoted": Play(account(), loaded=(dict(ROW), {**ROW, "id": 2, "details": "Zoë, Łódź"})),
        "slow-downloads": Play(
            {
                "account": {"rows": 12_000},
                "plan": [{**MINUTES, "rows_per_file": 100}],
                "faults": [fault({"kind": "latency", "seconds": 0.25}, 6, op="download")],
            }
        ),
        "very-crowded": Play(
            {**account(), "faults": [fault({"kind": "error", "code": 66}, 2, op="read")]}
        ),
        "gateway": Play(
            {**account(), "faults": [fault({"kind": "status", "status": 503}, 2, op="read")]}
        ),
    }
)


def broken_rules(source: str, scenario: str, name: str = "client") -> set[str]:
    """Play a client and give the rules it broke; `crash` for an error that is none of its own."""
    module = ModuleType(f"mutant_{name.replace('-', '_')}")
    exec(compile(source, str(RIGHT), "exec"), vars(module))  # noqa: S102 - our own
    play = play_of(scenario)
    with intercept(scenario=dict(play.tables), now=NOW, rate=0) as handle:
        if play.loaded:
            handle.load("visitorActivity", play.loaded)
        credentials = dict(handle.credentials)
        if play.password is not None:
            credentials["password"] = play.password
        broken = set()
        rows = None
        with coupled_sleep(handle, modules=[module]):
            try:
                rows = module.run(credentials, play.mission, NOW)
            except module.RefusedError:
                pass
            except Exception:
                broken.add(CRASH)
        known = {each["id"] for each in handle.exports() if each["state"] == "Complete"}
        got = {id_: found for id_, found in (rows or {}).items() if id_ in known}
        return broken | {finding.rule.id for finding in handle.grade(got).failed}
