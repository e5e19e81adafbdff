"""What a program is put through, and what may be expected of it there.

The built-in scenarios go on for minutes or hours of virtual time; a program whose waits are coupled
to the clock sees none of them in real time. Every scenario that `pardot-mock` knows can be named
as well, by name or file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ONE_FILE = 100_000_000
_MINUTES: Mapping[str, Any] = MappingProxyType({"kind": "timed", "wait": "40s", "work": "4m"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario by its tables, or by the name that the emulator knows it under.

    `recovers` says that a good program ends with every row there; where it is False, no program
    can, and None asks for nothing but the truth.
    """

    name: str
    shows: str
    tables: Mapping[str, Any] = field(default_factory=dict)
    recovers: bool | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What an account is made with."""
        return {"scenario": dict(self.tables) if self.tables else self.name}


def _fault(effect: Mapping[str, Any], **match: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"match": match, "effect": dict(effect)}


BUILT_IN: tuple[Scenario, ...] = (
    Scenario(
        "one-file",
        "an export of five minutes with a single result file: resultRefs is a text",
        {"account": {"rows": 3000}, "plan": [{**_MINUTES, "rows_per_file": ONE_FILE}]},
        recovers=True,
    ),
    Scenario(
        "many-files",
        "a dozen files, each with a header of its own and rows in no order",
        {"account": {"rows": 12_000}, "plan": [{**_MINUTES, "rows_per_file": 100}]},
        recovers=True,
    ),
    Scenario(
        "no-row",
        "an export that completes without any file, because no row matches",
        {"account": {"rows": 0}, "plan": [dict(_MINUTES)]},
        recovers=True,
    ),
    Scenario(
        "long-wait",
        "ninety minutes of work: the api_key ends meanwhile, and looks should become rarer",
        {"account": {"rows": 3000}, "plan": [{"kind": "timed", "wait": "1m", "work": "90m"}]},
        recovers=True,
    ),
    Scenario(
        "broken-downloads",
        "the first download is cut off, the second breaks; the files can be fetched again",
        {
            "account": {"rows": 6000},
            "plan": [{**_MINUTES, "rows_per_file": 200}],
            "faults": [
                _fault({"kind": "truncate", "after_bytes": 300}, op="download", nth=1),
                _fault({"kind": "reset", "after_bytes": 300}, op="download", nth=3),
            ],
        },
        recovers=True,
    ),
    Scenario(
        "crowded",
        "a look and a download are refused once because five calls are under way already",
        {
            "account": {"rows": 3000},
            "plan": [dict(_MINUTES)],
            "faults": [
                _fault({"kind": "error", "code": 66}, op="read", nth=1),
                _fault({"kind": "error", "code": 66}, op="download", nth=1),
            ],
        },
        recovers=True,
    ),
    Scenario(
        "failing",
        "the export fails for good: there is nothing to download, and the program has to say so",
        {"account": {"rows": 3000}, "plan": [{"kind": "failing"}]},
        recovers=False,
    ),
    Scenario(
        "allowance-spent",
        "the calls of the day are used up by the second look: stop, and say so",
        {
            "account": {"rows": 3000},
            "plan": [dict(_MINUTES)],
            "faults": [{**_fault({"kind": "error", "code": 122}, op="read"), "times": 1000}],
        },
        recovers=False,
    ),
)
MORE: tuple[Scenario, ...] = (
    Scenario(
        "stalled-download",
        "the first download stops in the middle for a minute of real time; only by name",
        {
            "account": {"rows": 3000},
            "plan": [dict(_MINUTES)],
            "faults": [
                _fault({"kind": "stall", "after_bytes": 300, "seconds": 60}, op="download", nth=1)
            ],
        },
        recovers=True,
    ),
    Scenario(
        "flaky-network",
        "a gateway answers the first login, the second look is reset, the third is garbage",
        {
            "account": {"rows": 3000},
            "plan": [dict(_MINUTES)],
            "faults": [
                _fault({"kind": "status", "status": 503}, op="login", nth=1),
                _fault({"kind": "reset"}, op="read", nth=2),
                _fault({"kind": "garbage"}, op="read", nth=3),
            ],
        },
        recovers=True,
    ),
)


def chosen(names: Iterable[str]) -> tuple[Scenario, ...]:
    """Give the scenarios of these names, or the built-in ones if there is none.

    Raises `ConfigurationError` for a name or file that the emulator does not know either.
    """
    known = {scenario.name: scenario for scenario in (*BUILT_IN, *MORE)}
    wanted = [known.get(name) or _of_the_emulator(name) for name in dict.fromkeys(names)]
    return tuple(wanted) or BUILT_IN


def _of_the_emulator(name: str) -> Scenario:
    from pardot_mock.scenarios.catalogue import find
    from pardot_mock.scenarios.scenario import ScenarioError

    try:
        found = find(name)
    except ScenarioError as error:
        own = ", ".join(scenario.name for scenario in (*BUILT_IN, *MORE))
        raise ConfigurationError(f"{error}; for programs also: {own}") from error
    return Scenario(name, found.title, found.as_object())
