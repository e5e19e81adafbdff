"""Makes account options: the default account, and fresh ones with credentials of their own.

All credentials are invented. Those of a fresh account are drawn from the server's secret and the
account's id, so no two accounts of a server share any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pardot_mock.account import AccountOptions
from pardot_mock.credentials import DEFAULT_ID, OWNER
from pardot_mock.domain.accounts import ROLES, Ability, Access, AccountInfo, User
from pardot_mock.domain.identity import derive_hex
from pardot_mock.domain.limits import CONCURRENT_CALLS
from pardot_mock.domain.plans import Plan
from pardot_mock.domain.quirks import Quirks
from pardot_mock.domain.worlds import DEFAULT_ROWS, DEFAULT_SEED
from pardot_mock.scenarios.opening import Opening

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pardot_mock.faults import Effect, FaultMatch

DEFAULT_EMAIL = "demo@example.com"
DEFAULT_PASSWORD = "demo-password"  # noqa: S105 - the published password of the demo account
DEFAULT_USER_KEY = "00000000000000000000000000000001"
DEFAULT_BUSINESS_UNIT = "0Uv000000000001AAA"
OWNER_ROLE = "Administrator"
DEFAULT_EDITION = "ultimate"


@dataclass(frozen=True, slots=True)
class UserWish:
    """A user as the control plane asks for it; `abilities` None takes those of the role."""

    email: str
    role: str = OWNER_ROLE
    timezone: str | None = None
    abilities: frozenset[Ability] | None = None


@dataclass(frozen=True, slots=True)
class AccountWish:
    """An account as the control plane or the command line asks for it."""

    id: str
    name: str | None = None
    timezone: str = "UTC"
    api_version: int | None = None
    access: Access = Access.OPEN
    edition: str = DEFAULT_EDITION
    seed: int = DEFAULT_SEED
    rows: int = DEFAULT_ROWS
    now: datetime | None = None
    rate: float = 1.0
    quirks: Mapping[str, object] | None = None
    users: Sequence[UserWish] = ()
    plan: Plan | None = None
    jwt_certificate: str | None = None
    opening: Opening = field(default_factory=Opening)
    faults: tuple[tuple[FaultMatch, Effect, int], ...] = ()
    concurrent_calls: int = CONCURRENT_CALLS


def account_options(wish: AccountWish, secret: str = "") -> AccountOptions:
    """Give the options for `wish`; raises `UnknownQuirkError` for a bad quirk."""
    known = wish.id == DEFAULT_ID
    unit = DEFAULT_BUSINESS_UNIT if known else _business_unit(secret, wish.id)
    info = AccountInfo(
        id=wish.id,
        name=wish.name or f"Demo account {wish.id}",
        timezone=wish.timezone,
        edition=wish.edition,
        business_unit_id=unit,
        api_version=wish.api_version,
        access=wish.access,
    )
    others = [_user(wish, user, n, secret) for n, user in enumerate(wish.users, start=OWNER + 1)]
    return AccountOptions(
        info=info,
        users=(_owner(wish, secret), *others),
        secret=secret + wish.id,
        seed=wish.seed,
        rows=wish.rows,
        now=wish.now,
        rate=wish.rate,
        quirks=Quirks.of(wish.quirks or {}),
        plan=wish.plan or Plan(),
        jwt_certificate=wish.jwt_certificate,
        opening=wish.opening,
        faults=wish.faults,
        concurrent_calls=wish.concurrent_calls,
    )


def _business_unit(secret: str, account_id: str) -> str:
    return "0Uv" + derive_hex("unit", secret, account_id, length=12).upper() + "AAA"


def _owner(wish: AccountWish, secret: str) -> User:
    if wish.id == DEFAULT_ID:
        email, password, user_key = DEFAULT_EMAIL, DEFAULT_PASSWORD, DEFAULT_USER_KEY
    else:
        email = f"demo@{wish.id.lower()}.example.com"
        password, user_key = _secrets(wish.id, OWNER, secret)
    return User(OWNER, email, password, user_key, OWNER_ROLE, wish.timezone, ROLES[OWNER_ROLE])


def _user(wish: AccountWish, user: UserWish, number: int, secret: str) -> User:
    password, user_key = _secrets(wish.id, number, secret)
    custom = user.abilities is not None
    return User(
        id=number,
        email=user.email,
        password=password,
        user_key=user_key,
        role=user.role,
        timezone=user.timezone or wish.timezone,
        abilities=user.abilities if user.abilities is not None else ROLES[user.role],
        custom_role=custom,
    )


def _secrets(account_id: str, number: int, secret: str) -> tuple[str, str]:
    password = f"demo-{derive_hex('password', secret, account_id, number, length=12)}"
    return password, derive_hex("user_key", secret, account_id, number)
