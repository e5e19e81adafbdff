"""Credentials and hosts from the environment, so that none has to stand on a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_client.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_USER_KEY = ("email", "password", "user_key")
_OAUTH = (
    "client_id",
    "client_secret",
    "refresh_token",
    "username",
    "password",
    "access_token",
    "business_unit_id",
)
_HOSTS = ("base_url", "login_url")


def variable(name: str) -> str:
    """The environment variable of an argument."""
    return f"PARDOT_{name.upper()}"


def credentials_from(environment: Mapping[str, str], auth: str | None = None) -> dict[str, str]:
    """What the environment says about who is calling, and where.

    Args:
        environment: for example `os.environ`.
        auth: `api-key` or `oauth`; None takes the api key if it is complete, else OAuth.

    Returns:
        Arguments of `Pardot`.

    Raises:
        InvalidRequest: neither way of logging in is complete.
    """

    def given(names: tuple[str, ...]) -> dict[str, str]:
        return {
            name: environment[variable(name)] for name in names if environment.get(variable(name))
        }

    by_key, by_oauth, hosts = given(_USER_KEY), given(_OAUTH), given(_HOSTS)
    key_complete = len(by_key) == len(_USER_KEY)
    if auth != "oauth" and key_complete:
        return by_key | hosts
    if auth != "api-key" and "business_unit_id" in by_oauth:
        return by_oauth | hosts
    names = ", ".join(map(variable, _USER_KEY))
    raise InvalidRequest(
        f"no credentials: set {names}, or {variable('business_unit_id')} and "
        f"{variable('access_token')} or {variable('client_id')} with its secret and token"
    )
