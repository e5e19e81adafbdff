"""An emulator as a WSGI application: for whatever can call one, in a test or behind a server.

with create_app(seed=7) as app:
    client = httpx.Client(transport=httpx.WSGITransport(app=app))
    client.post("https://pi.pardot.com/api/login/version/4", data=...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_mock.dropin.hosts import API_HOST
from pardot_mock.instance import Config, Unserved
from pardot_mock.testing.live import AccountHandle, default_wish, fresh_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_URL = f"https://{API_HOST}"


class App:
    """A world of its own and the WSGI application that shows it. Ends with `close`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._emulator = Unserved(Config(account=default_wish(settings)))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a call as WSGI has it."""
        return self._emulator.app(environ, start_response)

    @property
    def url(self) -> str:
        """The base URL of the service, for whose host calls are meant."""
        return _URL

    @property
    def default(self) -> AccountHandle:
        """The default account with the published demo credentials."""
        return AccountHandle(self, self._emulator.default)

    def account(self, **settings: Any) -> AccountHandle:  # noqa: ANN401
        """Make a fresh account beside the default one."""
        return AccountHandle(self, fresh_account(self._emulator, self._settings, settings))

    def forget(self, account: AccountHandle) -> None:
        """Remove an account with its files."""
        self._emulator.world.delete(account.id)

    def close(self) -> None:
        """Destroy every key and result file."""
        self._emulator.close()

    def __enter__(self) -> App:
        """Use the application for the time of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Destroy every key and result file."""
        self.close()


def create_app(**settings: Any) -> App:  # noqa: ANN401
    """Give a WSGI application with a world of its own.

    Settings are those of an account, as for `MockPardot`. A server must run it in one process,
    for the world lies in it. Raises `BadFieldError` for a bad setting.
    """
    return App(settings)
