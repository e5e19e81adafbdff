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

import requests

from pardot_contracts.control import CONNECT_SECONDS, Account, ControlPlane, account_from
from pardot_contracts.emulator import EmulatorProcess
from pardot_contracts.facts import Credentials
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

CREDENTIAL_VARIABLES = MappingProxyType(
    {
        "PARDOT_EMAIL": "email",
        "PARDOT_PASSWORD": "password",
        "PARDOT_USER_KEY": "user_key",
    }
)


class Target(Protocol):
    """A server under test; `capabilities` are those of the catalogue."""

    base_url: str
    capabilities: frozenset[str]
    meter: Meter

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Give an account nobody else uses; time, calendar and plans belong to the account."""

    def describe(self) -> str:
        """Say in a few words what is under test."""

    def close(self) -> None:
        """Give back what the target holds."""


class EmulatorTarget:
    """An emulator with a control plane: one we start, or one that runs at `url`."""

    def __init__(
        self, url: str | None = None, *, arguments: tuple[str, ...] = (), token: str | None = None
    ) -> None:
        self._process = EmulatorProcess(arguments) if url is None else None
        self.base_url = (url or self._start()).rstrip("/")
        self.meter = Meter()
        self.control = ControlPlane(self.base_url, token)
        health = self.control.health()
        if health is None:
            self.close()
            raise TargetUnreachableError(f"{self.base_url} has no working control plane")
        self.capabilities = frozenset(CAPABILITIES)
        self._version = health.get("version")

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Create an account with `options` as the control plane takes them."""
        created = self.control.call("POST", "accounts", options)
        return account_from(self.control, created, stands_still=options.get("rate") == 0)

    def describe(self) -> str:
        """Say which emulator it is."""
        return f"emulator {self._version} at {self.base_url}"

    def close(self) -> None:
        """End the process if it is ours."""
        if self._process is not None:
            self._process.stop()

    def _start(self) -> str:
        assert self._process is not None  # noqa: S101 - only called without a URL
        return self._process.start()


class UrlTarget:
    """A server known by its URL alone, with one account from the environment."""

    def __init__(
        self, url: str, credentials: Credentials, *, allow_writes: bool, meter: Meter
    ) -> None:
        self.base_url = url.rstrip("/")
        self.capabilities = frozenset({"writes"} if allow_writes else ())
        self.meter = meter
        self._account = Account(self.base_url, credentials)

    def fresh_account(self, **options: Any) -> Account:  # noqa: ANN401 - control plane JSON
        """Give the one account; what can only be had from a control plane is refused."""
        if options:
            raise MissingCapabilityError(f"the target cannot set up {', '.join(sorted(options))}")
        return self._account

    def describe(self) -> str:
        """Say which server it is and what the run may do there."""
        access = "writes allowed" if "writes" in self.capabilities else "read-only"
        budget = "" if self.meter.limit is None else f", at most {self.meter.limit} calls"
        return f"server at {self.base_url} ({access}{budget})"

    def close(self) -> None:
        """Nothing is held."""


def open_target(
    spec: str,
    *,
    allow_writes: bool = False,
    call_budget: int | None = None,
    environ: Mapping[str, str] | None = None,
    probe: Callable[[str], None] | None = None,
) -> Target:
    """Open `emulator`, `real` or a URL.

    Raises `ConfigurationError` for a bad name or missing credentials and `TargetUnreachableError`
    for a server that does not answer.
    """
    environ = os.environ if environ is None else environ
    if spec == EMULATOR:
        return EmulatorTarget()
    url = REAL_URL if spec == REAL else _checked_url(spec)
    (probe or _probe)(url)
    if spec != REAL:
        token = environ.get("PARDOT_MOCK_CONTROL_TOKEN")
        if ControlPlane(url, token).health() is not None:
            return EmulatorTarget(url, token=token)
    budget = REAL_BUDGET if spec == REAL and call_budget is None else call_budget
    credentials = credentials_from(environ)
    return UrlTarget(url, credentials, allow_writes=allow_writes, meter=Meter(budget))


def credentials_from(environ: Mapping[str, str]) -> Credentials:
    """Read the account's credentials; raise `ConfigurationError` naming what is missing."""
    missing = [name for name in CREDENTIAL_VARIABLES if not environ.get(name)]
    if missing:
        raise ConfigurationError(
            f"this target needs credentials in the environment: {', '.join(missing)} not set"
        )
    values = {field: environ[name] for name, field in CREDENTIAL_VARIABLES.items()}
    return Credentials(**values, business_unit_id=environ.get("PARDOT_BUSINESS_UNIT_ID", ""))


def _checked_url(spec: str) -> str:
    parts = urlsplit(spec)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"target {spec!r} is neither emulator, real nor an http(s) URL")
    return spec


def _probe(url: str) -> None:
    """Find out whether anything answers at `url` at all."""
    try:
        with requests.Session() as session:
            session.get(f"{url}/api/login", timeout=(CONNECT_SECONDS, 10), allow_redirects=False)
    except requests.RequestException as error:
        raise TargetUnreachableError(f"{url} does not answer: {_reason(error)}") from error


def _reason(error: requests.RequestException) -> str:
    return "timed out" if isinstance(error, requests.Timeout) else "no connection"
