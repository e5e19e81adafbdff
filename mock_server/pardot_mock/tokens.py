"""Tokens, codes and Salesforce identities of an account's users; the caller holds the lock."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.credentials import application
from pardot_mock.domain.identity import derive_hex
from pardot_mock.domain.oauth import CODE_LIFETIME, AccessToken, AuthorizationCode

if TYPE_CHECKING:
    from datetime import datetime

    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User


def user_called(account: Account, name: str) -> User | None:
    """Find a user by user name, which is the e-mail."""
    users = (account.users[user.id] for user in account.options.users)
    return next((user for user in users if user.email.lower() == name.lower()), None)


def secret_of(account: Account, user: User) -> str:
    """Give the secret of the connected application of `user`."""
    return application(account.info, user)["client_secret"]


def refresh_token_of(account: Account, user: User) -> str:
    """Give the refresh token of `user`."""
    return application(account.info, user)["refresh_token"]


def user_refreshing(account: Account, token: str) -> User | None:
    """Find the user of a refresh token that was not revoked."""
    if token in account.oauth.revoked:
        return None
    users = (account.users[user.id] for user in account.options.users)
    return next((user for user in users if refresh_token_of(account, user) == token), None)


def issue_token(
    account: Account, user: User, scopes: frozenset[str], refresh_token: str | None, now: datetime
) -> str:
    """Issue an access token for `user`."""
    body = derive_hex(
        "token", account.options.secret, user.user_key, account.oauth.issued, length=60
    )
    token = f"{organisation_id(account)}!AQ{body}"
    lifetime = timedelta(minutes=account.quirks.number("access_token_minutes"))
    access = AccessToken(user.id, scopes, now, now + lifetime, refresh_token)
    account.oauth = account.oauth.issue(token, access)
    return token


def offer_code(
    account: Account,
    user: User,
    redirect_uri: str,
    scopes: frozenset[str],
    challenge: str | None,
    now: datetime,
) -> str:
    """Make an authorization code for `user`."""
    code = "aPrx" + derive_hex("code", account.options.secret, user.user_key, account.oauth.issued)
    expires = now + CODE_LIFETIME
    offered = AuthorizationCode(user.id, redirect_uri, scopes, expires, challenge)
    account.oauth = account.oauth.offer(code, offered)
    return code


def organisation_id(account: Account) -> str:
    """The Salesforce id of the account's organisation, 18 characters."""
    return "00D" + derive_hex("organisation", account.options.secret, length=15)


def salesforce_id(account: Account, user: User) -> str:
    """Give the Salesforce id of `user`, 18 characters."""
    return "005" + derive_hex("user", account.options.secret, user.id, length=15)


def signature(account: Account, identity: str, issued_at: str) -> str:
    """Sign a token answer with the account's secret."""
    key = account.options.secret.encode()
    return b64encode(hmac.digest(key, (identity + issued_at).encode(), "sha256")).decode()
