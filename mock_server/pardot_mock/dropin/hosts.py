"""The hosts that stand for the service.

The API and login hosts are documented; `*.my.salesforce.com` is where an organisation logs in under
its own name, and what `instance_url` of a token answer names.
"""

from __future__ import annotations

API_HOST = "pi.pardot.com"
LOGIN_HOST = "login.salesforce.com"
HOSTS = (
    API_HOST,
    "www.pardot.com",
    "pi.demo.pardot.com",
    LOGIN_HOST,
    "test.salesforce.com",
)
ORGANISATIONS = ".my.salesforce.com"


def is_emulated(host: str) -> bool:
    """Whether requests to `host` (no port) are for the emulator; case does not matter."""
    name = plain_host(host)
    return name in HOSTS or name.endswith(ORGANISATIONS)


def plain_host(host: str) -> str:
    """Give a host as it is compared: lower case, without brackets and the root's full stop."""
    return host.strip().lower().removeprefix("[").removesuffix("]").removesuffix(".")


def base_url(scheme: str, host: str, port: int) -> str:
    """Give the base URL of a server at an address."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def reachable(host: str) -> str:
    """Give the address at which a server bound to `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
