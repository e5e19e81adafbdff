"""OAuth of one account: access tokens, authorization codes, revoked refresh tokens.

Rules: an access token lives as long as the session setting of the organisation (default two hours,
inferred; quirk `access_token_minutes`); only a token with the scope `pardot_api` opens the API
(observed); revoking a refresh token ends its access tokens (documented).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

API_SCOPE = "pardot_api"
DEFAULT_SCOPES = (API_SCOPE, "api", "refresh_token", "openid")
CODE_LIFETIME = timedelta(minutes=15)


class GrantError(Exception):
    """A token request that is turned down, in the words of the OAuth answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an access token stands for; `refresh_token` is the one it came from, if any."""

    user_id: int
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code that was handed to `redirect_uri`; it works once. `challenge` is that of PKCE."""

    user_id: int
    redirect_uri: str
    scopes: frozenset[str]
    expires_at: datetime
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class OAuthState:
    """The tokens and codes of an account."""

    tokens: Mapping[str, AccessToken] = field(default_factory=dict)
    codes: Mapping[str, AuthorizationCode] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    issued: int = 0

    def live(self, token: str, now: datetime) -> AccessToken | None:
        """Give what `token` stands for while it is valid."""
        found = self.tokens.get(token)
        return found if found is not None and now < found.expires_at else None

    def issue(self, token: str, access: AccessToken) -> OAuthState:
        """Add an access token, and forget those that have expired."""
        kept = {k: t for k, t in self.tokens.items() if access.issued_at < t.expires_at}
        return replace(self, tokens={**kept, token: access}, issued=self.issued + 1)

    def offer(self, code: str, offered: AuthorizationCode) -> OAuthState:
        """Add an authorization code."""
        return replace(self, codes={**self.codes, code: offered}, issued=self.issued + 1)

    def spend(self, code: str) -> OAuthState:
        """Take an authorization code away."""
        return replace(self, codes={k: c for k, c in self.codes.items() if k != code})

    def revoke(self, token: str) -> OAuthState:
        """End an access token, or a refresh token together with the access tokens it gave."""
        kept = {k: t for k, t in self.tokens.items() if token not in (k, t.refresh_token)}
        return replace(self, tokens=kept, revoked=self.revoked | {token})


def read_scopes(text: str | None) -> frozenset[str]:
    """Read a requested scope list; without one the application's own scopes are granted."""
    return frozenset(text.split()) if text and text.strip() else frozenset(DEFAULT_SCOPES)
