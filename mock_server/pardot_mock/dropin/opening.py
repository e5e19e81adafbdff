"""Everything a program needs to be led to an emulator, for as long as it runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from pardot_mock.dropin.authority import JAVA_PASSWORD
from pardot_mock.dropin.environment import java_options, php_settings, route_variables
from pardot_mock.dropin.hosts import is_emulated, plain_host
from pardot_mock.dropin.proxy import HOST, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pardot_mock.dropin.authority import Authority


class DropIn:
    """A proxy, an authority and a trust file; all of it is gone after the `with` block.

    `target` is where the emulator listens, `authority` who vouches for the service's hosts.
    `allowed` hosts are really reached, and then the machine's own authorities are trusted too.
    `report` is told of refusals, a line each.
    Raises `ValueError` for a host of the service in `allowed`.
    """

    def __init__(
        self,
        target: tuple[str, int],
        authority: Authority,
        allowed: Iterable[str] = (),
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._allowed = frozenset(map(plain_host, allowed))
        for host in self._allowed:
            if is_emulated(host):
                raise ValueError(f"{host} is a host of the service: it cannot be opened")
        self._authority = authority
        context = authority.server_context()
        self._proxy = Proxy(target, context, self._allowed, report)
        self._directory = tempfile.TemporaryDirectory(prefix="pardot-mock-")

    @property
    def refused(self) -> dict[str, int]:
        """How often each host was refused."""
        return self._proxy.refused

    def __enter__(self) -> DropIn:
        """Start the proxy."""
        self._proxy.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the proxy and remove the certificates."""
        self._proxy.stop()
        self._directory.cleanup()

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """Write the trust files; give the variables that lead a program here.

        `base` is the environment the program would have had.
        """
        proxy, directory = (HOST, self._proxy.port), Path(self._directory.name)
        bundle, store, php = directory / "ca.pem", directory / "ca.p12", directory / "php"
        trusted = [self._authority.certificate]
        if self._allowed:
            trusted.append(_machine_bundle(base).read_bytes())
        bundle.write_bytes(b"\n".join(trusted))
        store.write_bytes(self._authority.java_store())
        php.mkdir(exist_ok=True)
        (php / "pardot-mock.ini").write_text(php_settings(bundle), encoding="utf-8")
        java = java_options(proxy, store, JAVA_PASSWORD)
        return route_variables(proxy, bundle, self._allowed, java, php, base)


def _machine_bundle(base: Mapping[str, str]) -> Path:
    """Find the authorities this machine trusts: the ones it was told, else those of `requests`."""
    told = base.get("SSL_CERT_FILE") or base.get("REQUESTS_CA_BUNDLE") or ""
    return Path(told) if told and Path(told).is_file() else Path(DEFAULT_CA_BUNDLE_PATH)
