"""Drivers: the seam between the cases and whoever speaks to the server.

A driver is a small class; the same case judges a server through the raw driver and a client
through its own driver. Name one as `raw`, `client` or `module:Class`; the class is called with
`base_url`, `credentials` and `version` and offers the five methods of `Driver`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from pardot_contracts.problems import ConfigurationError
from pardot_contracts.reply import FORMATS, JSON

if TYPE_CHECKING:
    from pardot_contracts.facts import Answer, Credentials, ExportFacts
    from pardot_contracts.meter import Meter

VERSIONS = ("3", "4")
BUILT_IN = ("raw", "client")
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


Factory = Callable[["str", "Credentials", "Meter"], Driver]


@dataclass(frozen=True, slots=True)
class DriverKind:
    """A way to speak: a driver bound to an API version and, for raw HTTP, to a format."""

    name: str
    version: str
    form: str
    make: Factory

    @property
    def label(self) -> str:
        """The name in test ids and reports, such as `raw-v4-json`."""
        suffix = f"-{self.form}" if self.name == "raw" else ""
        return f"{self.name}-v{self.version}{suffix}"


def raw_kinds() -> list[DriverKind]:
    """Raw HTTP in every version and format."""
    return [_raw(version, form) for version in VERSIONS for form in FORMATS]


def kinds_named(names: Sequence[str]) -> list[DriverKind]:
    """Give every kind of the drivers called `names`; raise `ConfigurationError` for a bad name."""
    found: list[DriverKind] = []
    for name in dict.fromkeys(names):
        if name == "raw":
            found += raw_kinds()
        elif name == "client":
            found += [_client(version) for version in VERSIONS]
        else:
            found += _foreign(name)
    return found


def _raw(version: str, form: str) -> DriverKind:
    def make(base_url: str, credentials: Credentials, meter: Meter) -> Driver:
        from pardot_contracts.raw import RawDriver

        return RawDriver(base_url, credentials, version=version, form=form, meter=meter)

    return DriverKind("raw", version, form, make)


def _client(version: str) -> DriverKind:
    def make(base_url: str, credentials: Credentials, meter: Meter) -> Driver:
        from pardot_contracts.clientdriver import ClientDriver

        return ClientDriver(base_url, credentials, version=version, meter=meter)

    return DriverKind("client", version, JSON, make)


def _foreign(name: str) -> list[DriverKind]:
    driver_class = _load(name)

    def kind(version: str) -> DriverKind:
        def make(base_url: str, credentials: Credentials, _meter: Meter) -> Driver:
            made: Driver = driver_class(base_url=base_url, credentials=credentials, version=version)
            return made

        return DriverKind(name, version, JSON, make)

    return [kind(version) for version in VERSIONS]


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
