"""Targets: where a run is pointed, and what can be asked of it there.

`emulator` starts the built-in emulator; a URL with a control plane is driven the same way; any
other URL, and `real`, offers one account with credentials from the environment. A case that needs
what its target lacks is skipped with the reason, never passed.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from pardot_contracts.address import Address
from pardot_contracts.channel import Outgoing
from pardot_contracts.control import Account, ControlPlane, account_from
from pardot_contracts.emulator import EmulatorProcess
from pardot_contracts.facts import AUTHS, Credentials
from pardot_contracts.meter import Meter
from pardot_contracts.problems import (
    ConfigurationError,
    MissingCapabilityError,
    TargetUnreachableError,
)
from pardot_contracts.requirements import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EMULATOR = "emulator"
REAL = "real"
REAL_URL = "https://pi.pardot.com"
REAL_BUDGET = 300
"""Calls that a run against the real service sends at most unless told otherwise."""

LOGIN_URL = "https://login.salesforce.com"
CREDENTIAL_VARIABLES = MappingProxyType(
    {f"PARDOT_{name.upper()}": name for name in Credentials.__dataclass_fields__}
)


class Target(Protocol):
    """A server under test; `capabilities` are those of the catalogue."""

    address: Address
    capabilities: frozenset[str]

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Give an account nobody else uses; time, calendar and plans belong to the account."""

    def describe(self) -> str:
        """Say in a few words what is under test."""

    def close(self) -> None:
        """Give back what the target holds."""


class EmulatorTarget:
    """An emulator with a control plane: one we start, or one that runs at `address`."""

    def __init__(
        self,
        address: Address | None = None,
        *,
        arguments: tuple[str, ...] = (),
        token: str | None = None,
    ) -> None:
        self._process = EmulatorProcess(arguments) if address is None else None
        self.address = address or Address(self._start())
        self.control = ControlPlane(self.address.base_url, token, self.address.channel)
        health = self.control.health()
        if health is None:
            self.close()
            raise TargetUnreachableError(f"{self.address.base_url} has no working control plane")
        self.capabilities = frozenset(CAPABILITIES)
        self._version = health.get("version")

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Create an account with `options` as the control plane takes them."""
        created = self.control.call("POST", "accounts", options)
        return account_from(self.control, created, stands_still=options.get("rate") == 0)

    def describe(self) -> str:
        """Say which emulator it is."""
        return f"emulator {self._version} at {self.address.base_url}"

    def close(self) -> None:
        """Hang up, and end the process if it is ours."""
        self.address.channel.close()
        if self._process is not None:
            self._process.stop()

    def _start(self) -> str:
        assert self._process is not None  # noqa: S101 - only called without a URL
        return self._process.start()


class UrlTarget:
    """A server known by its URL alone, with one account from the environment."""

    def __init__(self, address: Address, credentials: Credentials, *, allow_writes: bool) -> None:
        self.address = address
        self.capabilities = frozenset({"writes"} if allow_writes else ())
        self._account = Account(address.base_url, credentials)

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Give the one account; what can only be had from a control plane is refused."""
        if options:
            raise MissingCapabilityError(f"the target cannot set up {', '.join(sorted(options))}")
        return self._account

    def describe(self) -> str:
        """Say which server it is and what the run may do there."""
        access = "writes allowed" if "writes" in self.capabilities else "read-only"
        limit = self.address.meter.limit
        budget = "" if limit is None else f", at most {limit} calls"
        return f"server at {self.address.base_url} ({access}{budget})"

    def close(self) -> None:
        """Hang up."""
        self.address.channel.close()


def open_target(
    spec: str,
    *,
    allow_writes: bool = False,
    call_budget: int | None = None,
    environ: Mapping[str, str] | None = None,
    probe: Callable[[Address], None] | None = None,
) -> Target:
    """Open `emulator`, `real` or a URL.

    Raises `ConfigurationError` for a bad name or missing credentials and `TargetUnreachableError`
    for a server that does not answer.
    """
    environ = os.environ if environ is None else environ
    if spec == EMULATOR:
        return EmulatorTarget()
    limit = REAL_BUDGET if spec == REAL and call_budget is None else call_budget
    url = base_url_of(spec)
    address = Address(url.rstrip("/"), _login_url(spec, environ), Meter(limit, not allow_writes))
    try:
        (probe or _probe)(address)
        token = environ.get("PARDOT_MOCK_CONTROL_TOKEN")
        if spec != REAL and ControlPlane(url, token, address.channel).health() is not None:
            return EmulatorTarget(Address(address.base_url, channel=address.channel), token=token)
        return UrlTarget(address, credentials_from(environ), allow_writes=allow_writes)
    except (ConfigurationError, TargetUnreachableError):
        address.channel.close()
        raise


def _login_url(spec: str, environ: Mapping[str, str]) -> str:
    return environ.get("PARDOT_LOGIN_URL") or (LOGIN_URL if spec == REAL else "")


def auths_offered(spec: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Tell how calls to a target can be authenticated, before it is opened.

    A control plane hands out credentials of every kind; without one it is what the environment has.
    """
    found = _given(os.environ if environ is None else environ).auths
    return AUTHS if spec == EMULATOR or not found else found


def credentials_from(environ: Mapping[str, str]) -> Credentials:
    """Read the account's credentials; raise `ConfigurationError` naming what is missing."""
    found = _given(environ)
    if not found.auths:
        raise ConfigurationError(
            "this target needs credentials in the environment: PARDOT_EMAIL, PARDOT_PASSWORD and"
            " PARDOT_USER_KEY, or PARDOT_BUSINESS_UNIT_ID with PARDOT_ACCESS_TOKEN or with"
            " PARDOT_CLIENT_ID, PARDOT_CLIENT_SECRET and PARDOT_REFRESH_TOKEN;"
            f" set are {', '.join(_names(environ)) or 'none of them'}"
        )
    return found


def _names(environ: Mapping[str, str]) -> list[str]:
    return [name for name in CREDENTIAL_VARIABLES if environ.get(name)]


def _given(environ: Mapping[str, str]) -> Credentials:
    return Credentials(**{CREDENTIAL_VARIABLES[name]: environ[name] for name in _names(environ)})


def base_url_of(spec: str) -> str:
    """Give the URL of `real` or of a URL; raise `ConfigurationError` for anything else."""
    return REAL_URL if spec == REAL else _checked_url(spec)


def _checked_url(spec: str) -> str:
    parts = urlsplit(spec)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"target {spec!r} is neither emulator, real nor an http(s) URL")
    return spec


def _probe(address: Address) -> None:
    """Find out whether anything answers at all."""
    address.meter.spend("/api/login")
    address.channel.send(Outgoing("GET", f"{address.base_url}/api/login"))
