"""Where the service lives, and which hosts may see credentials.

Rule: credentials go to the host the caller named. A result reference may name a sibling
of it below the same registered domain; any other host in a reference is replaced by the
caller's own, which also serves an emulator that is known by another name inside its
container. Source of the host pairs: documented.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from .errors import InvalidRequest

PRODUCTION = "https://pi.pardot.com"
SANDBOX = "https://pi.demo.pardot.com"
PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"
_SERVICE_DOMAINS = ("pardot.com", "salesforce.com")


def _below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def checked_host(url: str, name: str) -> str:
    """A base URL without its trailing slash.

    Raises:
        InvalidRequest: no http(s) URL, one with credentials, a query or a fragment, or plain
            http to the real service.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidRequest(f"{name} is no URL") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidRequest(f"{name} must start with http:// or https:// and name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidRequest(f"{name} must carry no credentials, query or fragment")
    if parts.scheme == "http" and any(_below(host, domain) for domain in _SERVICE_DOMAINS):
        raise InvalidRequest(f"{name} must use https: credentials would travel in the clear")
    return url.rstrip("/")


def reference_url(reference: str, base_url: str) -> str:
    """The URL under which to fetch a result reference; see the rule of this module."""
    base, wanted = urlsplit(base_url), urlsplit(reference)
    same_origin = (wanted.scheme, wanted.netloc) == (base.scheme, base.netloc)
    sibling = (
        wanted.scheme == "https"
        and _below(base.hostname or "", "pardot.com")
        and _below(wanted.hostname or "", "pardot.com")
        and "@" not in wanted.netloc
    )
    if same_origin or sibling:
        return reference
    return urlunsplit((base.scheme, base.netloc, wanted.path, wanted.query, ""))
