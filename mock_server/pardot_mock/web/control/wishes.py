"""Understands the bodies that make or change accounts and plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pardot_mock.domain.accounts import EDITIONS, ROLES, Ability, Access
from pardot_mock.domain.limits import CONCURRENT_CALLS
from pardot_mock.domain.plans import Plan, PlanKind
from pardot_mock.domain.quirks import Quirks
from pardot_mock.domain.worlds import DEFAULT_ROWS, DEFAULT_SEED, MAX_ROWS, MAX_SEED
from pardot_mock.newaccount import DEFAULT_EDITION, OWNER_ROLE, AccountWish, UserWish
from pardot_mock.web.control.bodies import (
    BadFieldError,
    Body,
    a_certificate,
    a_duration,
    a_list,
    a_number,
    a_rate,
    a_text,
    a_timezone,
    an_id,
    an_instant,
    an_object,
    one_of,
)
from pardot_mock.web.control.openings import (
    MAX_BACKGROUND,
    a_scenario,
    read_faults,
    read_opening,
)
from pardot_mock.web.control.plans import read_plan

__all__ = [
    "read_access",
    "read_account_wish",
    "read_background",
    "read_plan",
    "read_quirks",
    "read_user_change",
    "read_version",
]
MAX_PLACES = 1000


def read_account_wish(body: Body, unused_id: str) -> AccountWish:
    """Read the body that makes an account; every field is optional.

    What `scenario` sets counts where the body itself says nothing.
    """
    scenario = body.take("scenario", a_scenario, None)
    if scenario is None:
        return _read_fields(body, unused_id)
    opening = read_opening(scenario, lambda table: _read_fields(table, unused_id))
    wish = _read_fields(body.over(scenario.account), unused_id)
    return replace(wish, opening=opening, faults=tuple(read_faults(scenario)))


def _read_fields(body: Body, unused_id: str) -> AccountWish:
    wish = AccountWish(
        id=body.take("id", an_id, unused_id),
        name=body.take("name", a_text, ""),
        timezone=body.take("timezone", a_timezone, "UTC"),
        api_version=read_version(body),
        access=read_access(body, Access.OPEN),
        edition=body.take("edition", one_of({name: name for name in EDITIONS}), DEFAULT_EDITION),
        seed=body.take("seed", a_number(0, MAX_SEED), DEFAULT_SEED),
        rows=body.take("rows", a_number(0, MAX_ROWS), DEFAULT_ROWS),
        now=body.take("now", an_instant, None),
        rate=body.take("rate", a_rate, 1.0),
        quirks=read_quirks(body),
        users=body.take("users", a_list(_read_user), ()),
        concurrent_calls=body.take("concurrent_calls", a_number(1, MAX_PLACES), CONCURRENT_CALLS),
        jwt_certificate=body.take("jwt_certificate", a_certificate, None),
    )
    body.finish()
    emails = [user.email.lower() for user in wish.users]
    if len(set(emails)) < len(emails):
        raise BadFieldError("users", "two users have the same email")
    return wish


def read_version(body: Body) -> int | None:
    """Read `api_version`: 3, 4, or absent for both."""
    return body.take("api_version", a_number(3, 4), None)


def read_access(body: Body, default: Access) -> Access:
    """Read `access`: whether the account may use the API, and what keeps it from that."""
    return body.take("access", one_of({str(access): access for access in Access}), default)


def read_quirks(body: Body) -> dict[str, object]:
    """Read `quirks` and check them."""

    def read(value: object) -> dict[str, object]:
        wanted = an_object(value)
        Quirks.of(wanted)
        return wanted

    return body.take("quirks", read, {})


def read_user_change(value: object) -> UserWish:
    """Read a change of a user: the e-mail says which one, what is absent stays."""
    return _read_user(value, role="")


def _read_user(value: object, role: str = OWNER_ROLE) -> UserWish:
    body = Body(an_object(value), "users.")
    roles = {name: name for name in ROLES}
    abilities = {str(ability): ability for ability in Ability}
    wish = UserWish(
        email=body.take("email", a_text, ""),
        role=body.take("role", one_of(roles), role),
        timezone=body.take("timezone", a_timezone, None),
        abilities=body.take("abilities", _set_of(abilities), None),
    )
    body.finish()
    if not wish.email:
        raise BadFieldError("users.email", "missing")
    return wish


def _set_of(abilities: dict[str, Ability]):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return lambda value: frozenset(a_list(one_of(abilities))(value))


def read_background(body: Body) -> tuple[int, Plan]:
    """Read how many exports of a colleague to queue, and how they go."""
    count = body.take("exports", a_number(1, MAX_BACKGROUND), 1)
    plan = Plan.of(PlanKind.TIMED, wait=timedelta(0), work=body.take("work", a_duration, None))
    body.finish()
    return count, plan
