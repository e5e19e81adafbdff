"""Accounts, users, roles and abilities.

The role mapping is inferred: an Administrator has every ability, the other roles lack
`Admin > Exports > View`. A login needs a role of at least Marketing (documented).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ability(StrEnum):
    """The abilities that the emulated calls ask for, as Pardot spells them."""

    VISITORS_VIEW = "Prospects > Visitors > View"
    LISTS_VIEW = "Marketing > Segmentation > Lists > View"
    EXPORTS_VIEW = "Admin > Exports > View"
    IMPORTS_VIEW = "Admin > Imports > View"


_WORKERS = frozenset({Ability.VISITORS_VIEW, Ability.LISTS_VIEW})

ADMINISTRATOR = "Administrator"

ROLES: Mapping[str, frozenset[Ability]] = MappingProxyType(
    {
        ADMINISTRATOR: frozenset(Ability),
        "Marketing": _WORKERS,
        "Sales Manager": _WORKERS,
        "Sales": frozenset({Ability.VISITORS_VIEW}),
    }
)

ROLES_THAT_LOG_IN = frozenset({ADMINISTRATOR, "Marketing"})

EDITIONS: Mapping[str, int] = MappingProxyType(
    {
        "pro": 25_000,
        "ultimate": 100_000,
        "growth": 25_000,
        "plus": 50_000,
        "advanced": 100_000,
        "premium": 100_000,
        "none": 0,
    }
)
"""Daily calls by edition (documented); `none` is an account without API entitlement (observed)."""


@dataclass(frozen=True, slots=True)
class User:
    """A user of an account; `timezone` is the IANA name of the preferred timezone."""

    id: int
    email: str
    password: str
    user_key: str
    role: str
    timezone: str
    abilities: frozenset[Ability]
    custom_role: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The timezone in which dates of this user are read and written."""
        return ZoneInfo(self.timezone)

    @property
    def may_log_in(self) -> bool:
        """Whether the role suffices for an api_key login."""
        return self.custom_role or self.role in ROLES_THAT_LOG_IN

    def can(self, ability: Ability) -> bool:
        """Whether the user has `ability`."""
        return ability in self.abilities


class Access(StrEnum):
    """Whether an account may use the API at all, and what keeps it from that."""

    OPEN = "open"
    API_DISABLED = "api_disabled"
    IP_NOT_ACTIVATED = "ip_not_activated"
    ACCOUNT_DISABLED = "account_disabled"


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What is fixed about an account. `api_version` None serves versions 3 and 4 alike (chosen)."""

    id: str
    name: str
    timezone: str
    edition: str
    business_unit_id: str
    api_version: int | None = None
    access: Access = Access.OPEN

    @property
    def zone(self) -> ZoneInfo:
        """The timezone whose midnight resets the daily allowance."""
        return ZoneInfo(self.timezone)

    @property
    def daily_limit(self) -> int:
        """Calls a day."""
        return EDITIONS[self.edition]
