"""The grants of the token endpoint: each finds the user whose token will be issued.

All of them begin with the connected application: its id must be known, and where a secret is sent
or needed it must be right. Error texts are those of the Salesforce endpoints (observed, client).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain.oauth import DEFAULT_SCOPES, GrantError, read_scopes
from pardot_mock.jwtbearer import assertion_issuer, verified_subject
from pardot_mock.tokens import refresh_token_of, secret_of, user_called, user_refreshing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User
    from pardot_mock.world import World

_SECURITY_TOKEN = re.compile(r"[A-Za-z0-9]{24,25}")
AUTHENTICATION_FAILURE = "authentication failure"


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose token is issued, with which scopes, from and with which refresh token."""

    account: Account
    user: User
    scopes: frozenset[str]
    from_refresh: str | None = None
    with_refresh: str | None = None
    shows_scope: bool = False


def read_grant(form: Mapping[str, str], world: World) -> Grant:
    """Check a token request; raise `GrantError` with the documented words."""
    kind = form.get("grant_type", "")
    if not kind:
        raise GrantError("invalid_request", "missing required parameter: grant_type")
    if kind not in _GRANTS:
        raise GrantError("unsupported_grant_type", "grant type not supported")
    return _GRANTS[kind](form, world)


def _application(form: Mapping[str, str], world: World, *, secret: bool) -> tuple[Account, User]:
    """Find the connected application; it belongs to a user, whose rights it has."""
    client_id = _required(form, "client_id")
    found = world.by_client_id(client_id)
    if found is None:
        raise GrantError("invalid_client_id", "client identifier invalid")
    account, user = found
    given = form.get("client_secret")
    if given is None and not secret:
        return found
    if not hmac.compare_digest((given or "").encode(), secret_of(account, user).encode()):
        raise GrantError("invalid_client", "invalid client credentials")
    return found


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise GrantError("invalid_request", f"missing required parameter: {name}")
    return value


def _by_password(form: Mapping[str, str], world: World) -> Grant:
    account, _ = _application(form, world, secret=True)
    name, password = form.get("username", ""), form.get("password", "")
    user = user_called(account, name)
    if user is None or not _password_fits(password, user.password):
        raise GrantError("invalid_grant", AUTHENTICATION_FAILURE)
    # This flow has every scope whatever the application is allowed (documented).
    return Grant(account, user, frozenset(DEFAULT_SCOPES))


def _password_fits(given: str, known: str) -> bool:
    """The security token may be appended; nobody but the user knows it, so any will do (chosen)."""
    rest = given.removeprefix(known)
    return given == known or (given.startswith(known) and bool(_SECURITY_TOKEN.fullmatch(rest)))


def _by_refresh_token(form: Mapping[str, str], world: World) -> Grant:
    account, _ = _application(form, world, secret=False)
    token = _required(form, "refresh_token")
    user = user_refreshing(account, token)
    if user is None:
        raise GrantError("invalid_grant", "expired access/refresh token")
    return Grant(account, user, read_scopes(form.get("scope")), from_refresh=token)


def _by_client_credentials(form: Mapping[str, str], world: World) -> Grant:
    account, user = _application(form, world, secret=True)
    return Grant(account, user, read_scopes(form.get("scope")), shows_scope=True)


def _by_code(form: Mapping[str, str], world: World) -> Grant:
    code = _required(form, "code")
    account, _ = _application(form, world, secret="code_verifier" not in form)
    with account.lock:
        now = account.settle()
        offered = account.oauth.codes.get(code)
        account.oauth = account.oauth.spend(code)
    if offered is None:
        raise GrantError("invalid_grant", "invalid authorization code")
    if now >= offered.expires_at:
        raise GrantError("invalid_grant", "expired authorization code")
    if form.get("redirect_uri") != offered.redirect_uri:
        raise GrantError("redirect_uri_mismatch", "redirect_uri must match configuration")
    if offered.challenge is not None and offered.challenge != _challenge(form):
        raise GrantError("invalid_grant", "invalid code verifier")
    user = account.users[offered.user_id]
    lasting = offered.scopes & {"refresh_token", "offline_access"}
    refresh = refresh_token_of(account, user) if lasting else None
    return Grant(account, user, offered.scopes, refresh, refresh, shows_scope=True)


def _challenge(form: Mapping[str, str]) -> str:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _by_assertion(form: Mapping[str, str], world: World) -> Grant:
    assertion = _required(form, "assertion")
    found = world.by_client_id(assertion_issuer(assertion))
    if found is None:
        raise GrantError("invalid_client_id", "client identifier invalid")
    account, _ = found
    with account.lock:
        now = account.settle()
    user = user_called(account, verified_subject(assertion, account.jwt_certificate, now))
    if user is None:
        raise GrantError("invalid_grant", "user hasn't approved this consumer")
    return Grant(account, user, frozenset(DEFAULT_SCOPES), shows_scope=True)


_GRANTS: Mapping[str, Callable[[Mapping[str, str], World], Grant]] = MappingProxyType(
    {
        "password": _by_password,
        "refresh_token": _by_refresh_token,
        "client_credentials": _by_client_credentials,
        "authorization_code": _by_code,
        "urn:ietf:params:oauth:grant-type:jwt-bearer": _by_assertion,
    }
)
