"""Targets and drivers: what is accepted, and a clear word about what is not."""

from __future__ import annotations

import pytest

from pardot_contracts.address import Address
from pardot_contracts.drivers import kinds_named, raw_kinds
from pardot_contracts.facts import Credentials
from pardot_contracts.problems import (
    ConfigurationError,
    MissingCapabilityError,
    TargetUnreachableError,
)
from pardot_contracts.targets import (
    REAL_BUDGET,
    UrlTarget,
    auths_offered,
    credentials_from,
    open_target,
)

MINE = {"PARDOT_EMAIL": "ann@example.com", "PARDOT_PASSWORD": "p", "PARDOT_USER_KEY": "u"}
OAUTH_APP = {
    "PARDOT_CLIENT_ID": "app",
    "PARDOT_CLIENT_SECRET": "hush",
    "PARDOT_REFRESH_TOKEN": "again",
    "PARDOT_BUSINESS_UNIT_ID": "0Uv000000000001AAA",
}
DEAD = "http://127.0.0.1:9"


class OwnDriver:
    """A driver of somebody else's."""

    def __init__(self, *, base_url: str, credentials: Credentials, version: str) -> None:
        self.made_with = (base_url, credentials.email, version)

    login = create = read = query = download = lambda self: self


class ThoroughDriver(OwnDriver):
    """A driver that speaks both formats and both kinds of authentication."""

    def __init__(
        self, *, base_url: str, credentials: Credentials, version: str, form: str, auth: str
    ) -> None:
        super().__init__(base_url=base_url, credentials=credentials, version=version)
        self.made_with = (version, form, auth)


class HalfDriver:
    """A class that cannot drive."""

    def login(self) -> None: ...


def reachable(_address: Address) -> None:
    """Pretend that the server answers."""


def test_the_raw_driver_comes_in_every_version_format_and_authentication() -> None:
    assert [kind.label for kind in raw_kinds()] == [
        f"raw-v{version}-{form}{auth}"
        for version in (3, 4)
        for form in ("xml", "json")
        for auth in ("", "-oauth")
    ]


def test_naming_a_driver_twice_runs_it_once() -> None:
    assert len(kinds_named(["raw", "client", "raw"])) == 16


def test_a_driver_of_ones_own_is_loaded_and_made_for_both_versions() -> None:
    kinds = kinds_named([f"{__name__}:OwnDriver"])
    mine = Credentials("ann@example.com", "p", "u")
    made = [kind.make(Address("http://x"), mine) for kind in kinds]
    assert [getattr(driver, "made_with", None) for driver in made] == [
        ("http://x", "ann@example.com", "3"),
        ("http://x", "ann@example.com", "4"),
    ]


def test_a_driver_that_takes_format_and_authentication_is_judged_in_them() -> None:
    kinds = kinds_named([f"{__name__}:ThoroughDriver"])
    made = [kind.make(Address("http://x"), Credentials()) for kind in kinds]
    assert {getattr(driver, "made_with", None) for driver in made} == {
        (version, form, auth)
        for version in "34"
        for form in ("xml", "json")
        for auth in ("api_key", "oauth")
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("curl", "neither one of raw, client nor module:Class"),
        ("no_such_module:Class", "cannot be loaded"),
        (f"{__name__}:Nothing", "cannot be loaded"),
        (f"{__name__}:HalfDriver", "has no create, read, query, download"),
    ],
)
def test_a_driver_that_cannot_be_used_is_refused(name: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        kinds_named([name])


@pytest.mark.parametrize("spec", ["pardot", "ftp://example.com", "http://", "127.0.0.1:8000"])
def test_a_target_that_is_no_url_is_refused(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="neither emulator, real nor"):
        open_target(spec, environ=MINE)


def test_a_dead_target_is_unreachable() -> None:
    with pytest.raises(TargetUnreachableError, match=r"127\.0\.0\.1:9 does not answer"):
        open_target(DEAD, environ=MINE)


def test_missing_credentials_are_named() -> None:
    half = {"PARDOT_EMAIL": "ann@example.com", "PARDOT_PASSWORD": "p", "PARDOT_USER_KEY": ""}
    with pytest.raises(ConfigurationError, match=r"set are PARDOT_EMAIL, PARDOT_PASSWORD$"):
        credentials_from(half)


@pytest.mark.parametrize(
    ("environ", "auths"),
    [
        (MINE, ("api_key",)),
        (OAUTH_APP, ("oauth",)),
        (MINE | OAUTH_APP, ("api_key", "oauth")),
        ({"PARDOT_ACCESS_TOKEN": "t", "PARDOT_BUSINESS_UNIT_ID": "0Uv1"}, ("oauth",)),
        ({}, ("api_key", "oauth")),
    ],
)
def test_a_server_is_asked_in_the_ways_that_the_credentials_allow(
    environ: dict[str, str], auths: tuple[str, ...]
) -> None:
    assert auths_offered("http://x", environ) == auths
    assert auths_offered("emulator", environ) == ("api_key", "oauth")


@pytest.mark.parametrize(
    ("more", "login"),
    [
        ({}, "https://login.salesforce.com"),
        ({"PARDOT_LOGIN_URL": "https://test.salesforce.com"}, "https://test.salesforce.com"),
    ],
)
def test_access_tokens_are_bought_where_they_are_sold(more: dict[str, str], login: str) -> None:
    target = open_target("real", environ=OAUTH_APP | more, probe=reachable)
    assert target.address.token_url == f"{login}/services/oauth2/token"
    assert Address("http://x").token_url == "http://x/services/oauth2/token"


def test_the_real_service_is_read_only_and_has_a_budget() -> None:
    target = open_target("real", environ=MINE, probe=reachable)
    assert target.capabilities == frozenset()
    assert target.address.meter.limit == REAL_BUDGET
    assert "read-only" in target.describe()
    assert str(REAL_BUDGET) in target.describe()


def test_writes_and_budget_are_allowed_explicitly() -> None:
    target = open_target("real", environ=MINE, probe=reachable, allow_writes=True, call_budget=7)
    assert target.capabilities == {"writes"}
    assert target.address.meter.limit == 7


def test_without_a_control_plane_there_is_one_account_and_no_time_travel() -> None:
    target = UrlTarget(Address(DEAD), credentials_from(MINE), allow_writes=False)
    account = target.fresh_account()
    assert account.credentials.email == "ann@example.com"
    with pytest.raises(MissingCapabilityError, match="timezone"):
        target.fresh_account(timezone="UTC")
    with pytest.raises(MissingCapabilityError, match="no control plane"):
        account.next_export_event()
