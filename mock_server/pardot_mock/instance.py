"""One emulator: a world with its default account and an application, served or not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pardot_mock.credentials import DEFAULT_ID
from pardot_mock.dropin.hosts import base_url, reachable
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.server import THREADS, Server
from pardot_mock.web.app import create_app
from pardot_mock.world import DISK_QUOTA, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pardot_mock.dropin.authority import Authority
    from pardot_mock.dropin.proxy import Proxy


@dataclass(frozen=True, slots=True)
class Config:
    """How an emulator starts. `account` is its default account; `data_dir` None is temporary.
    Sealed files may take `disk_quota` bytes there; None: as many as there is room for.

    `control_token` None makes one up when `host` is not loopback, and needs none otherwise.
    `authority` vouches for the service's hosts; with `tls_port` they are served over TLS too.
    `threads` is how many calls are answered at once.
    """

    host: str = "127.0.0.1"
    port: int = 0
    account: AccountWish = field(default_factory=lambda: AccountWish(DEFAULT_ID))
    data_dir: Path | None = None
    disk_quota: int | None = DISK_QUOTA
    public_url: str | None = None
    control_token: str | None = None
    authority: Authority | None = None
    tls_port: int | None = None
    threads: int = THREADS


class Unserved:
    """A world and the application that shows it, without a server. Ends with `close`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.control_token = config.control_token or _needed_token(config.host)
        options = account_options(config.account)
        self.world = World(config.data_dir, ahead=True, disk_quota=config.disk_quota)
        self.secret = ""
        try:
            self.default = self.world.create(options)
            self.app = create_app(
                self.world,
                secret=self.secret,
                control_token=self.control_token,
                public_url=config.public_url,
                certificate=config.authority.certificate if config.authority else None,
            )
        except BaseException:
            self.world.close()
            raise

    def close(self) -> None:
        """Destroy every key and result file."""
        self.world.close()


class Instance(Unserved):
    """A world and the server that shows it. Ends with `close`.

    `report` is told, a line each, of clients that cannot be served over TLS. Raises `OSError` if
    an address cannot be bound.
    """

    def __init__(self, config: Config, report: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(config)
        self._tls: Proxy | None = None
        try:
            self.server = Server(self.app, config.host, config.port, config.threads)
        except BaseException:
            self.world.close()
            raise
        try:
            if config.tls_port is not None:
                self._tls = _tls_server(config, config.tls_port, self.server, report)
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """The base URL at which the emulator answers."""
        return self.server.url

    @property
    def tls_url(self) -> str | None:
        """The base URL at which it answers over TLS, if it does."""
        tls = self._tls
        return base_url("https", reachable(tls.host), tls.port) if tls else None

    def start(self) -> None:
        """Serve on threads of its own."""
        if self._tls:
            self._tls.start()
        self.server.start()

    def run(self) -> None:
        """Serve until the server is told to end."""
        if self._tls:
            self._tls.start()
        self.server.run()

    def close(self) -> None:
        """Stop serving and destroy every key and result file."""
        if self._tls:
            self._tls.stop()
        self.server.stop()
        super().close()


def _tls_server(config: Config, port: int, server: Server, report: Callable[[str], None]) -> Proxy:
    """Give the server that speaks TLS in front of `server`, with the names of the service."""
    from pardot_mock.dropin.authority import Authority
    from pardot_mock.dropin.proxy import Proxy

    authority = config.authority or Authority()
    bind = (config.host, port)
    context = authority.server_context()
    return Proxy(server.address, context, report=report, bind=bind, openable=False)


def _needed_token(host: str) -> str | None:
    return None if _is_loopback(host) else secrets.token_urlsafe(24)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
