"""The account and its users as rows of the objects `account` and `user`.

What an account does not say of itself is made up and the same for all (chosen).
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.identity import derive_hex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pardot_mock.domain.accounts import AccountInfo, User

_HIGHEST_ID = 10_001
_AGE = timedelta(days=1500)

_ADDRESS: Mapping[str, str] = MappingProxyType(
    {
        "address1": "1 Example Street",
        "address2": "",
        "city": "Springfield",
        "state": "Illinois",
        "territory": "",
        "zip": "62701",
        "country": "United States",
        "phone": "+1 555 0100",
        "fax": "",
    }
)


def user_row(user: User, started: datetime) -> dict[str, Any]:
    """Give a user as a row; `started` is the first instant of the account."""
    first, _, rest = user.email.partition("@")[0].partition(".")
    return {
        "id": user.id,
        "email": user.email,
        "first_name": first.capitalize(),
        "last_name": rest.capitalize() or "User",
        "job_title": None,
        "role": user.role,
        "timezone": user.timezone,
        "created_at": started - _AGE,
        "updated_at": started - _AGE,
    }


def account_row(info: AccountInfo, started: datetime, campaign_id: int | None) -> dict[str, Any]:
    """Give the account as a row; `campaign_id` is that of its plugin campaign."""
    number = 1 + int(derive_hex("account", info.id, length=8), 16) % _HIGHEST_ID
    return {
        "id": number,
        "company": info.name,
        "level": f"SFDC {info.edition.capitalize()} Edition",
        "website": "https://www.example.com",
        "vanity_domain": "go.example.com",
        "plugin_campaign_id": campaign_id,
        "tracking_code_template": "<script>var piAId = '%%ACCOUNT%%';</script>",
        **_ADDRESS,
        "created_at": started - _AGE,
        "updated_at": started,
    }
