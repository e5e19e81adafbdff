"""Fixtures of the cases: a target, accounts on it, and the ways to speak to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.combinations import Way
from pardot_contracts.facts import API_KEY, Credentials
from pardot_contracts.harness import Harness, harness_of
from pardot_contracts.raw import RawDriver
from pardot_contracts.suite.steps import ACCOUNT_START, ROWS
from pardot_contracts.wire import Wire

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver, DriverKind
    from pardot_contracts.targets import Target

AccountMaker = Callable[..., "Account"]
Connect = Callable[[Credentials], "Driver"]
ConnectRaw = Callable[[Credentials], "RawDriver"]


def pytest_configure(config: pytest.Config) -> None:
    """Bring the harness along when the suite is met by its path."""
    harness_of(config)


@pytest.fixture(scope="session")
def harness(pytestconfig: pytest.Config) -> Harness:
    """Give the harness of this run."""
    return harness_of(pytestconfig)


@pytest.fixture(scope="session")
def target(harness: Harness) -> Target:
    """Give the server under test."""
    return harness.target


@pytest.fixture(autouse=True)
def _needs(harness: Harness, request: pytest.FixtureRequest) -> None:
    harness.check_needs(request.node)


@pytest.fixture
def make_account(target: Target) -> AccountMaker:
    """Make accounts whose clock stands still at a known instant, over a small world."""

    return lambda **options: target.fresh_account(**{**_options(target), **options})


def _options(target: Target) -> dict[str, Any]:
    """Say how an account starts, where that can be chosen."""
    if "control" not in target.capabilities:
        return {}
    start = {"now": ACCOUNT_START.isoformat(), "rate": 0, "seed": 11, "rows": ROWS}
    return {**start, "timezone": "UTC"}


@pytest.fixture
def account(make_account: AccountMaker) -> Account:
    """Give a fresh account."""
    return make_account()


@pytest.fixture
def connect(driver_kind: DriverKind, target: Target) -> Connect:
    """Connect a user through the driver of this run."""
    return lambda credentials: driver_kind.make(target.address, credentials)


@pytest.fixture
def driver(connect: Connect, account: Account) -> Driver:
    """Give the driver of this run for the account's own user."""
    return connect(account.credentials)


@pytest.fixture
def connect_raw(raw_way: Way, target: Target) -> ConnectRaw:
    """Connect a user through raw HTTP in the version, format and authentication of this run."""
    return lambda credentials: RawDriver(target.address, credentials, raw_way)


@pytest.fixture
def raw(connect_raw: ConnectRaw, account: Account) -> RawDriver:
    """Give raw HTTP for the account's own user."""
    return connect_raw(account.credentials)


@pytest.fixture(scope="session")
def _shared(target: Target) -> tuple[Account, dict[Way, RawDriver]]:
    """Make the one account that every case which only reads may use."""
    return target.fresh_account(**_options(target)), {}


@pytest.fixture
def reader(
    raw_way: Way, target: Target, _shared: tuple[Account, dict[Way, RawDriver]]
) -> RawDriver:
    """Give raw HTTP for an account that nobody changes: many cases of one run share it."""
    account, readers = _shared
    made = RawDriver(target.address, account.credentials, raw_way)
    return readers.setdefault(raw_way, made)


@pytest.fixture
def raw_of(raw_form: str, target: Target) -> Callable[[str, Credentials], RawDriver]:
    """Connect a user through raw HTTP in a version of the case's choice."""

    def make(version: str, credentials: Credentials) -> RawDriver:
        return RawDriver(target.address, credentials, Way(version, raw_form, API_KEY))

    return make


@pytest.fixture
def raw_in_both(version: str, target: Target, account: Account) -> tuple[RawDriver, RawDriver]:
    """Give raw HTTP for the account's own user in XML and in JSON."""

    def make(form: str) -> RawDriver:
        auth = next(iter(account.credentials.auths))
        return RawDriver(target.address, account.credentials, Way(version, form, auth))

    return make("xml"), make("json")


@pytest.fixture
def wire(target: Target) -> Wire:
    """Give HTTP without any comfort."""
    return Wire(target.address.base_url, target.address.meter)
