"""One emulator: a world with its default account and an application, served or not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pardot_mock.credentials import DEFAULT_ID
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.server import Server
from pardot_mock.web.app import create_app
from pardot_mock.world import World

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Config:
    """How an emulator starts. `account` is its default account; `data_dir` None is temporary.

    `control_token` None makes one up when `host` is not loopback, and needs none otherwise.
    """

    host: str = "127.0.0.1"
    port: int = 0
    account: AccountWish = field(default_factory=lambda: AccountWish(DEFAULT_ID))
    data_dir: Path | None = None
    public_url: str | None = None
    control_token: str | None = None


class Unserved:
    """A world and the application that shows it, without a server. Ends with `close`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.control_token = config.control_token or _needed_token(config.host)
        options = account_options(config.account)
        self.world = World(config.data_dir, ahead=True)
        self.secret = ""
        try:
            self.default = self.world.create(options)
            self.app = create_app(
                self.world,
                secret=self.secret,
                control_token=self.control_token,
                public_url=config.public_url,
            )
        except BaseException:
            self.world.close()
            raise

    def close(self) -> None:
        """Destroy every key and result file."""
        self.world.close()


class Instance(Unserved):
    """A world and the server that shows it. Ends with `close`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        try:
            self.server = Server(self.app, config.host, config.port)
        except BaseException:
            self.world.close()
            raise

    @property
    def url(self) -> str:
        """The base URL at which the emulator answers."""
        return self.server.url

    def close(self) -> None:
        """Stop serving and destroy every key and result file."""
        self.server.stop()
        super().close()


def _needed_token(host: str) -> str | None:
    return None if _is_loopback(host) else secrets.token_urlsafe(24)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
