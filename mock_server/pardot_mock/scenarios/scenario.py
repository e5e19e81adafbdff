"""One scenario as it was written: its texts, and the tables an account will be made of.

    title, shows, try    what it is, what a client meets, and how to see it
    [account]            fields of an account
    [[plan]]             how exports to come will go
    [[exports]]          exports that are there at the start, however old
    [[faults]]           what the front door will do to calls
    [[data]]             rows that are there beside the synthetic ones: `object`, and `rows`
    [used]               calls charged already on the day of the start, by operation

Only the shape is checked here. What the tables mean is read by the same readers as the control
plane's bodies, so that a file and a call can say the same things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Table = Mapping[str, Any]
TEXTS = ("title", "shows", "try")
TABLES = ("account", "used")
LISTS = ("plan", "exports", "faults", "data")


class ScenarioError(ValueError):
    """A scenario that does not exist or says something nobody understands.

    The message names the file (or `scenario`, for one that came in a call) and the key.
    """


@dataclass(frozen=True, slots=True)
class Scenario:
    """What an account starts with; `source` is what errors call it, `attempt` the key `try`."""

    name: str
    source: str
    title: str = ""
    shows: str = ""
    attempt: str = ""
    account: Table = field(default_factory=dict)
    plans: tuple[Table, ...] = ()
    exports: tuple[Table, ...] = ()
    faults: tuple[Table, ...] = ()
    data: tuple[Table, ...] = ()
    used: Table = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """Give the keys of the file, as they can be sent to a control plane."""
        return {
            "title": self.title,
            "shows": self.shows,
            "try": self.attempt,
            "account": dict(self.account),
            "plan": [dict(table) for table in self.plans],
            "exports": [dict(table) for table in self.exports],
            "faults": [dict(table) for table in self.faults],
            "data": [dict(table) for table in self.data],
            "used": dict(self.used),
        }

    def wrong(self, key: str, message: str) -> ScenarioError:
        """Give the error that `key` of this scenario is wrong."""
        return ScenarioError(f"{self.source}: {key}: {message}")


def scenario_of(values: Mapping[str, Any], name: str, source: str) -> Scenario:
    """Read a scenario from the keys of its file; raise `ScenarioError` naming the bad key."""
    unknown = sorted(set(values) - {*TEXTS, *TABLES, *LISTS})
    if unknown:
        known = ", ".join((*TEXTS, *TABLES, *LISTS))
        raise ScenarioError(f"{source}: unknown key {unknown[0]!r}; known are {known}")
    title, shows, attempt = (_text(values, key, source) for key in TEXTS)
    account, used = (_table(values.get(key, {}), key, source) for key in TABLES)
    plans, exports, faults, data = (_tables(values, key, source) for key in LISTS)
    return Scenario(
        name, source, title, shows, attempt, account, plans, exports, faults, data, used
    )


def _text(values: Mapping[str, Any], key: str, source: str) -> str:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise ScenarioError(f"{source}: {key}: {value!r} is not a text")
    return " ".join(value.split())


def _table(value: object, key: str, source: str) -> Table:
    if not isinstance(value, Mapping):
        raise ScenarioError(f"{source}: {key}: {value!r} is not a table")
    return {name: _plain(item) for name, item in value.items()}


def _tables(values: Mapping[str, Any], key: str, source: str) -> tuple[Table, ...]:
    items = values.get(key, [])
    if not isinstance(items, list):
        raise ScenarioError(f"{source}: {key}: {items!r} is not an array of tables")
    return tuple(_table(item, f"{key}[{n}]", source) for n, item in enumerate(items))


def _plain(value: object) -> object:
    """Write the dates of TOML as JSON would have them, so that one set of readers serves both."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
