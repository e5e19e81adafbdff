"""Sessions of one account: who holds which api_key until when, and who is locked out.

Rules: a key lives 60 minutes from its issue (documented) and is bound to its user; a login within
that time gives the same key and does not prolong it (inferred; quirk `sliding_api_key`); too many
failed logins in a row lock the user (the number is chosen; quirk `lock_after_failed_logins`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_LIFETIME = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An api_key (32 lowercase hexadecimal characters) and the instant it stops working."""

    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """The keys and failed logins of an account, by user id."""

    keys: Mapping[int, ApiKey] = field(default_factory=dict)
    failures: Mapping[int, int] = field(default_factory=dict)
    issued: int = 0

    def current(self, user_id: int, now: datetime) -> ApiKey | None:
        """Give the valid key of a user, or None. A key is dead at the second it expires."""
        key = self.keys.get(user_id)
        return key if key is not None and now < key.expires_at else None

    def issue(self, user_id: int, key: str, now: datetime) -> Sessions:
        """Give the sessions with a new key for `user_id`, valid from `now`."""
        fresh = ApiKey(key, now + KEY_LIFETIME)
        return replace(self, keys={**self.keys, user_id: fresh}, issued=self.issued + 1)

    def prolonged(self, user_id: int, now: datetime) -> Sessions:
        """Give the sessions with the key of `user_id` valid for another 60 minutes."""
        fresh = ApiKey(self.keys[user_id].key, now + KEY_LIFETIME)
        return replace(self, keys={**self.keys, user_id: fresh})

    def dropped(self) -> Sessions:
        """Give the sessions without any key, as after a switch of the API version."""
        return replace(self, keys={})

    def failed(self, user_id: int) -> Sessions:
        """Count a failed login of `user_id`."""
        count = self.failures.get(user_id, 0) + 1
        return replace(self, failures={**self.failures, user_id: count})

    def succeeded(self, user_id: int) -> Sessions:
        """Forget the failed logins of `user_id`."""
        if user_id not in self.failures:
            return self
        left = {user: count for user, count in self.failures.items() if user != user_id}
        return replace(self, failures=left)

    def is_locked(self, user_id: int, threshold: int) -> bool:
        """Whether `user_id` has failed too often; a `threshold` of 0 locks nobody."""
        return 0 < threshold <= self.failures.get(user_id, 0)
