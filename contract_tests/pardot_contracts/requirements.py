"""The requirement catalogue: what a case can name, and what the matrix counts.

Rules: ids are unique; every entry is complete; only the five known needs occur. A catalogue that
breaks a rule does not load.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CAPABILITIES = ("writes", "time_travel", "control", "faults", "large_data")
"""What a target may offer and a case may need."""

EVIDENCE = ("recorded", "documented", "client", "observed", "inferred", "chosen")
"""How sure a requirement is, strongest first."""


class CatalogueError(ValueError):
    """The catalogue breaks one of its rules."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable statement; `versions` are API versions as text, `needs` are capabilities."""

    id: str
    text: str
    versions: tuple[str, ...]
    evidence: str
    source: str
    needs: frozenset[str]

    @property
    def topic(self) -> str:
        """The id without its number, such as `EXP-CREATE`."""
        return self.id.rpartition("-")[0]


def load() -> Mapping[str, Requirement]:
    """Read the catalogue that ships with the package, by id, in the order of the file."""
    text = resources.files(__package__).joinpath("requirements.toml").read_text("utf-8")
    return parse(text)


def parse(text: str) -> Mapping[str, Requirement]:
    """Read a catalogue from TOML; raise `CatalogueError` if it breaks a rule."""
    entries = tomllib.loads(text).get("requirement", [])
    catalogue: dict[str, Requirement] = {}
    for entry in entries:
        requirement = _requirement(entry)
        if requirement.id in catalogue:
            raise CatalogueError(f"requirement {requirement.id} occurs twice")
        catalogue[requirement.id] = requirement
    if not catalogue:
        raise CatalogueError("the catalogue is empty")
    return catalogue


def needs_of(requirements: Iterable[Requirement]) -> frozenset[str]:
    """Join what several requirements need from a target."""
    return frozenset().union(*(requirement.needs for requirement in requirements))


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    known = {"id", "text", "versions", "evidence", "source", "needs"}
    if set(entry) != known:
        raise CatalogueError(f"{entry.get('id', entry)}: keys must be {sorted(known)}")
    requirement = Requirement(
        id=entry["id"],
        text=entry["text"],
        versions=tuple(entry["versions"]),
        evidence=entry["evidence"],
        source=entry["source"],
        needs=frozenset(entry["needs"]),
    )
    if requirement.evidence not in EVIDENCE:
        raise CatalogueError(f"{requirement.id}: unknown evidence {requirement.evidence!r}")
    if not requirement.needs <= set(CAPABILITIES):
        raise CatalogueError(f"{requirement.id}: unknown need in {sorted(requirement.needs)}")
    return requirement
