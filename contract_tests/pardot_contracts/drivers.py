"""Drivers: the seam between the cases and whoever speaks to the server.

A driver is a small class; the same case judges a server through the raw driver and a client
through its own driver. Name one as `raw`, `client` or `module:Class`; the class is called with
`base_url`, `credentials` and `version` and offers the five methods of `Driver`. If it also takes
`form` (xml or json) and `auth` (api_key or oauth), it is judged in those dimensions too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, Protocol

from pardot_contracts.combinations import Way, every_way
from pardot_contracts.facts import API_KEY, AUTHS
from pardot_contracts.problems import ConfigurationError
from pardot_contracts.reply import FORMATS, JSON

if TYPE_CHECKING:
    from pardot_contracts.address import Address
    from pardot_contracts.facts import Answer, Credentials, ExportFacts

RAW = "raw"
CLIENT = "client"
BUILT_IN = (RAW, CLIENT)
_METHODS = ("login", "create", "read", "query", "download")


class Driver(Protocol):
    """One caller. A refused call is an `Answer` with its code, not an exception."""

    def login(self) -> Answer:
        """Log in; the answer carries `api_key`."""

    def create(self, request: Mapping[str, Any]) -> Answer:
        """Create an export from `object`, `fields` and `procedure`; carries `export`."""

    def read(self, export_id: int) -> Answer:
        """Read an export; carries `export`."""

    def query(self, filters: Mapping[str, str]) -> Answer:
        """List exports by the documented filter parameters; carries `exports`."""

    def download(self, export: ExportFacts) -> Answer:
        """Fetch every result file that `export` refers to; carries `files`."""


Factory = Callable[["Address", "Credentials"], Driver]


@dataclass(frozen=True, slots=True)
class DriverKind:
    """A way to speak: a driver bound to a version, a format and a kind of authentication."""

    name: str
    way: Way
    make: Factory

    @property
    def label(self) -> str:
        """The name in test ids and reports, such as `raw-v4-json`."""
        return f"{self.name}-{self.way.label}"


def raw_kinds() -> list[DriverKind]:
    """Raw HTTP in every version, format and kind of authentication."""
    return [_raw(way) for way in every_way()]


def kinds_named(names: Sequence[str]) -> list[DriverKind]:
    """Give every kind of the drivers called `names`; raise `ConfigurationError` for a bad name."""
    found: list[DriverKind] = []
    for name in dict.fromkeys(names):
        if name == RAW:
            found += raw_kinds()
        elif name == CLIENT:
            found += [_client(way) for way in every_way()]
        else:
            found += _foreign(name)
    return found


def _raw(way: Way) -> DriverKind:
    def make(address: Address, credentials: Credentials) -> Driver:
        from pardot_contracts.raw import RawDriver

        return RawDriver(address, credentials, way)

    return DriverKind(RAW, way, make)


def _client(way: Way) -> DriverKind:
    def make(address: Address, credentials: Credentials) -> Driver:
        from pardot_contracts.clientdriver import ClientDriver

        return ClientDriver(address, credentials, way)

    return DriverKind(CLIENT, way, make)


def _foreign(name: str) -> list[DriverKind]:
    driver_class = _load(name)
    takes = signature(driver_class).parameters
    more = [word for word in ("form", "auth") if word in takes]
    ways = every_way(
        forms=FORMATS if "form" in more else (JSON,),
        auths=AUTHS if "auth" in more else (API_KEY,),
    )

    def kind(way: Way) -> DriverKind:
        def make(address: Address, credentials: Credentials) -> Driver:
            asked = {"version": way.version} | {word: getattr(way, word) for word in more}
            made: Driver = driver_class(base_url=address.base_url, credentials=credentials, **asked)
            return made

        return DriverKind(name, way, make)

    return [kind(way) for way in ways]


def _load(name: str) -> Any:  # noqa: ANN401 - the class is somebody else's
    module_name, _, class_name = name.partition(":")
    if not module_name or not class_name:
        known = ", ".join(BUILT_IN)
        raise ConfigurationError(f"driver {name!r} is neither one of {known} nor module:Class")
    try:
        driver_class = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"driver {name!r} cannot be loaded: {error}") from error
    lacking = [method for method in _METHODS if not callable(getattr(driver_class, method, None))]
    if lacking:
        raise ConfigurationError(f"driver {name!r} has no {', '.join(lacking)}")
    return driver_class
