"""The world: every account of one server, found by its id or by the credentials of its users.

Two worlds in one process share nothing.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_mock.account import Account, AccountOptions, Times
from pardot_mock.credentials import DEFAULT_ID, application
from pardot_mock.data import Engines
from pardot_mock.domain.quirks import Quirks
from pardot_mock.journal import Recent
from pardot_mock.tokens import user_refreshing
from pardot_mock.vault import Vault, VaultError

if TYPE_CHECKING:
    from pardot_mock.domain.accounts import User


DISK_QUOTA = 10_000_000_000
"""The most bytes of sealed files: some seven exports of ten million rows."""


class UnknownAccountError(KeyError):
    """No account has this id."""


class AccountExistsError(ValueError):
    """An account with this id, or a user with this key, is there already."""


def real_times() -> Times:
    """Give the real monotonic counter and the present instant."""
    return Times(time.monotonic, lambda: datetime.now(UTC))


class World:
    """All accounts of a server.

    `directory` holds the sealed files, at most `disk_quota` bytes of them; None: a temporary one,
    and no bound. With `ahead` an account prepares its rows in the background when its first export
    starts.
    """

    def __init__(
        self,
        directory: Path | None = None,
        times: Times | None = None,
        *,
        ahead: bool = False,
        disk_quota: int | None = DISK_QUOTA,
    ) -> None:
        self.times = times or real_times()
        self._ahead = ahead
        self._engines = Engines()
        self.vault = Vault(
            (directory or _shared_directory()) / "vault", quota_bytes=disk_quota, free=self.settle
        )
        self._accounts: dict[str, Account] = {}
        self._by_user_key: dict[str, tuple[Account, int]] = {}
        self._by_client_id: dict[str, tuple[Account, int]] = {}
        self._lock = threading.Lock()
        self._made = 0
        self.strangers = Recent()

    def create(self, options: AccountOptions) -> Account:
        """Add an account; raise `AccountExistsError` if its id or a user key is taken."""
        account = Account(options, self.times, self.vault, ahead=self._ahead, engines=self._engines)
        with self._lock:
            if options.info.id in self._accounts:
                raise AccountExistsError(f"there is an account {options.info.id!r} already")
            taken = [user for user in options.users if user.user_key in self._by_user_key]
            if taken:
                raise AccountExistsError(f"the user key of {taken[0].email} is taken")
            self._accounts[account.id] = account
            for user in options.users:
                self._by_user_key[user.user_key] = (account, user.id)
                client_id = application(options.info, user)["client_id"]
                self._by_client_id[client_id] = (account, user.id)
        return account

    def unused_id(self) -> str:
        """Give an account id that was not given before."""
        with self._lock:
            while True:
                self._made += 1
                if (name := f"account-{self._made}") not in self._accounts:
                    return name

    def get(self, account_id: str) -> Account:
        """Give the account; raise `UnknownAccountError` if there is none."""
        try:
            return self._accounts[account_id]
        except KeyError:
            raise UnknownAccountError(account_id) from None

    def default_quirks(self) -> Quirks:
        """Give the quirks for calls that belong to nobody: those of the default account."""
        default = self._accounts.get(DEFAULT_ID)
        return Quirks() if default is None else default.quirks

    def accounts(self) -> list[Account]:
        """List the accounts in the order of their creation."""
        with self._lock:
            return list(self._accounts.values())

    def settle(self) -> None:
        """Bring every account up to date, so that what has expired is shredded.

        For a thread that holds no account's lock: it takes one after the other.
        """
        for account in self.accounts():
            # What one of them cannot do for want of room must not keep the others from giving it.
            with account.lock, suppress(VaultError):
                account.settle()

    def delete(self, account_id: str) -> None:
        """Remove an account with its files; raise `UnknownAccountError` if there is none."""
        account = self.get(account_id)
        with self._lock:
            self._accounts.pop(account_id, None)
            for user in account.users.values():
                self._by_user_key.pop(user.user_key, None)
                self._by_client_id.pop(application(account.info, user)["client_id"], None)
        with account.lock:
            account.destroy_files()

    def by_user_key(self, user_key: str) -> tuple[Account, User] | None:
        """Find whose user key this is; case does not matter."""
        found = self._by_user_key.get(user_key.lower())
        if found is None:
            return None
        account, user_id = found
        return account, account.users[user_id]

    def by_client_id(self, client_id: str) -> tuple[Account, User] | None:
        """Find whose connected application this is."""
        found = self._by_client_id.get(client_id)
        if found is None:
            return None
        account, user_id = found
        return account, account.users[user_id]

    def by_token(self, token: str) -> Account | None:
        """Find the account that issued an access or refresh token, whether it is valid or not."""
        for account in self.accounts():
            if token in account.oauth.tokens or user_refreshing(account, token) is not None:
                return account
        return None

    def by_business_unit(self, business_unit_id: str) -> Account | None:
        """Find the account of a business unit; a 15 character id is the start of the full one."""
        accounts = (account for account in self.accounts() if len(business_unit_id) >= 15)
        return next(
            (a for a in accounts if a.info.business_unit_id.startswith(business_unit_id)), None
        )

    def by_email(self, email: str) -> tuple[Account, User] | None:
        """Find the first user with this e-mail."""
        users = ((a, u) for a in self.accounts() for u in list(a.users.values()))
        return next(((a, u) for a, u in users if u.email.lower() == email.lower()), None)

    def close(self) -> None:
        """Destroy every key and file."""
        self.vault.close()


def _shared_directory() -> Path:
    """Give the temporary directory of this user's emulators; the vault keeps runs apart in it.

    It stays from run to run, so that what a killed process left is swept by the next one.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    path = Path(tempfile.gettempdir()) / f"pardot-mock-{user}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or (hasattr(os, "getuid") and path.stat().st_uid != user):
        return Path(tempfile.mkdtemp(prefix="pardot-mock-"))
    return path
