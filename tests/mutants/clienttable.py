"""The table of wrong clients: one changed line of the right one each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from tests.mutants.source import HERE, replaced

RIGHT = HERE / "right_client.py"


@dataclass(frozen=True)
class WrongClient:
    """One mistake, where it shows, and the rule that says so."""

    id: str
    old: str
    new: str
    scenario: str
    broken: str

    def applied(self) -> str:
        """Give the wrong source; raises `ValueError` if the table is stale."""
        return replaced(RIGHT.read_text(), self.old, self.new, self.id)


def wrong_clients() -> list[WrongClient]:
    rows: list[dict[str, str]] = tomllib.loads((HERE / "clients.toml").read_text())["client"]
    return [WrongClient(**row) for row in rows]
