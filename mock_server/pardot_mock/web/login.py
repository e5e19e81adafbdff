"""Login: e-mail, password and user_key for an api_key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.limits import DailyUsage
from pardot_mock.web.access import require_open
from pardot_mock.web.call import Answer, ApiCall, Facts

if TYPE_CHECKING:
    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User
    from pardot_mock.world import World

CREDENTIALS = ("email", "password", "user_key")


def find_user(call: ApiCall, world: World) -> None:
    """Find whose login this is, so that the account's quirks apply to refusing it."""
    given = {name: _credential(call, name) for name in CREDENTIALS}
    found = world.by_user_key(given["user_key"]) or world.by_email(given["email"])
    if found is not None:
        call.account, call.user = found


def log_in(call: ApiCall) -> Answer:
    """Answer a login; every failure to recognise the caller is code 15."""
    _refuse_query_string(call)
    if call.account is None or call.user is None:
        raise Refused(ErrorCode.LOGIN_FAILED, detail="no user has this user_key or this e-mail")
    account, user = call.caller
    if account.quirks["auth_era"] == "oauth":
        raise Refused(ErrorCode.API_KEY_RETIRED, detail="api_key logins have ended in this era")
    with account.lock:
        now = account.settle()
        _check(call, account, user)
        require_open(account)
        key = account.log_in(user, now)
        if account.quirks.on("count_login"):
            account.change_usage(DailyUsage.charged, "login")
    return Facts(call.dialect.login(key.key, _version_tag(call, account)))


def _credential(call: ApiCall, name: str) -> str:
    if name in call.form:
        return call.form[name]
    return call.query.get(name, "")


def _refuse_query_string(call: ApiCall) -> None:
    if call.quirks["query_credentials"] == "accept" or call.request.method == "GET":
        return
    in_query = [name for name in CREDENTIALS if name in call.query and name not in call.form]
    if in_query:
        detail = f"{in_query[0]} belongs into the body, not into the query string"
        raise Refused(ErrorCode.ACCESS_DENIED, detail=detail)


def _check(call: ApiCall, account: Account, user: User) -> None:
    if account.sessions.is_locked(user.id, account.quirks.number("lock_after_failed_logins")):
        raise Refused(ErrorCode.LOGIN_LOCKED, detail=f"{user.email} failed to log in too often")
    wrong = [name for name in CREDENTIALS if not _matches(name, _credential(call, name), user)]
    if wrong:
        account.sessions = account.sessions.failed(user.id)
        raise Refused(ErrorCode.LOGIN_FAILED, detail=f"{wrong[0]} is wrong or missing")
    if not user.may_log_in:
        raise Refused(ErrorCode.LOGIN_FAILED, detail=f"the role {user.role} has no API login")


def _matches(name: str, given: str, user: User) -> bool:
    if name == "password":
        return given == user.password
    known = user.email if name == "email" else user.user_key
    return given.lower() == known.lower()


def _version_tag(call: ApiCall, account: Account) -> int | None:
    """Only accounts of version 4 carry the tag; one that serves both follows the login URL."""
    if account.info.api_version is not None:
        return 4 if account.info.api_version == 4 else None
    rule = account.quirks["version_tag"]
    if rule == "requested":
        return None if call.path.pairs.get("version") == "3" else 4
    return 4 if rule == "always" else None
