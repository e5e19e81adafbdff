"""What the users of an account log in with. All of it is invented.

The first user of the account `default` has the published demo credentials; every other user has
an application of its own, named after account and user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pardot_mock.domain.accounts import AccountInfo, User

DEFAULT_ID = "default"
OWNER = 1


def credentials(account: AccountInfo, user: User) -> dict[str, str]:
    """Give what `user` logs in with, in the names of the published interface."""
    return {
        "email": user.email,
        "password": user.password,
        "user_key": user.user_key,
        **application(account, user),
        "username": user.email,
        "business_unit_id": account.business_unit_id,
    }


def application(account: AccountInfo, user: User) -> dict[str, str]:
    """Give the connected application of `user`: its id, its secret, and a refresh token."""
    published = account.id == DEFAULT_ID and user.id == OWNER
    suffix = "" if published else f"-{account.id}-{user.id}"
    return {
        "client_id": f"demo-client{suffix}",
        "client_secret": f"demo-secret{suffix}",
        "refresh_token": f"demo-refresh-token{suffix}",
    }
