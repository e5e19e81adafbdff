"""The procedures of the Export API, as data.

visitorActivity, listMembership and prospect are documented; visitor and prospectAccount are known
from working clients only. The abilities of the latter two are inferred from their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain.accounts import Ability

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Procedure:
    """A way to select rows: bounds on one time column, and optional further arguments.

    `stem` names the bounds: `<stem>_after` is required, `<stem>_before` is not. `options` are the
    further arguments. `time_field` is the column the bounds apply to.
    """

    name: str
    stem: str
    time_field: str
    options: frozenset[str] = frozenset()
    evidence: str = "documented"

    @property
    def after(self) -> str:
        """The name of the required lower bound."""
        return f"{self.stem}_after"

    @property
    def before(self) -> str:
        """The name of the optional upper bound."""
        return f"{self.stem}_before"

    @property
    def arguments(self) -> frozenset[str]:
        """All argument names."""
        return self.options | {self.after, self.before}


@dataclass(frozen=True, slots=True)
class ExportObject:
    """An object that can be exported: its procedures by name, and what creating one needs."""

    procedures: Mapping[str, Procedure]
    abilities: frozenset[Ability]


def _object(abilities: frozenset[Ability], *procedures: Procedure) -> ExportObject:
    return ExportObject(MappingProxyType({p.name: p for p in procedures}), abilities)


def _by_created(*options: str) -> Procedure:
    return Procedure("filter_by_created_at", "created", "created_at", frozenset(options))


def _by_updated(*options: str, evidence: str = "documented") -> Procedure:
    return Procedure("filter_by_updated_at", "updated", "updated_at", frozenset(options), evidence)


_VISITORS = frozenset({Ability.VISITORS_VIEW})
_MEMBERSHIPS = frozenset({Ability.VISITORS_VIEW, Ability.LISTS_VIEW})
_ACTIVITY_OPTIONS = ("type", "prospectOnly")

EXPORT_OBJECTS: Mapping[str, ExportObject] = MappingProxyType(
    {
        "visitorActivity": _object(
            _VISITORS, _by_created(*_ACTIVITY_OPTIONS), _by_updated(*_ACTIVITY_OPTIONS)
        ),
        "listMembership": _object(_MEMBERSHIPS, _by_created("deleted"), _by_updated("deleted")),
        "prospect": _object(_VISITORS, _by_updated("deleted")),
        "visitor": _object(_VISITORS, _by_updated(evidence="client")),
        "prospectAccount": _object(
            _VISITORS,
            Procedure(
                "filter_by_prospect_updated_at",
                "prospect_updated",
                "updated_at",
                evidence="client",
            ),
        ),
    }
)
