"""Who calls: an api_key with its user_key, or a Bearer token with a business unit.

Which of the two is current is the account's era (quirk `auth_era`). The business unit is checked
before the token (observed).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.oauth import API_SCOPE

if TYPE_CHECKING:
    from pardot_mock.account import Account
    from pardot_mock.domain.quirks import Quirks
    from pardot_mock.web.call import ApiCall
    from pardot_mock.world import World

_PAIR = re.compile(r'\s*(api_key|user_key)\s*=\s*"?([0-9A-Za-z]{0,64})"?\s*')
_KEYS = ("api_key", "user_key")
_UNIT = re.compile(r"0Uv[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
UNIT_HEADER = "Pardot-Business-Unit-Id"
_INACTIVE = ": Inactive token"
_NO_SCOPE = ": Invalid scope"


def authenticate(call: ApiCall, world: World) -> None:
    """Find the account and the user of `call`, or refuse it."""
    scheme, _, token = call.request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        _by_token(call, world, token.strip())
    else:
        _by_key(call, world)


def attribute(call: ApiCall, world: World) -> None:
    """Find whose call it seems to be, checking nothing: for calls refused before anybody asks.

    Then its account's quirks decide how it is refused, and its journal tells of it.
    """
    scheme, _, token = call.request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        unit = call.request.headers.get(UNIT_HEADER, "").strip()
        call.account = world.by_token(token.strip()) or world.by_business_unit(unit)
        return
    key = (_presented_keys(call) or call.query).get("user_key", "")
    if (found := world.by_user_key(key)) is not None:
        call.account = found[0]


def _by_key(call: ApiCall, world: World) -> None:
    keys = _presented_keys(call)
    # Whose call it is may be known even where its credentials do not count.
    found = world.by_user_key((keys or call.query).get("user_key", ""))
    if found is not None:
        call.account = found[0]
    if not keys:
        call.anonymous = True
        raise Refused(_missing_code(call.quirks), detail=_why_missing(call))
    if found is None:
        raise Refused(ErrorCode.INVALID_KEY, detail="nobody has this user_key")
    account, user = found
    if account.quirks["auth_era"] == "oauth":
        raise Refused(ErrorCode.API_KEY_RETIRED, detail="api_keys have ended in this era")
    with account.lock:
        now = account.settle()
        current = account.sessions.current(user.id, now)
        if current is None or current.key != keys.get("api_key"):
            detail = "the api_key is wrong" if current else "the api_key has expired"
            raise Refused(ErrorCode.INVALID_KEY, detail=detail)
        if account.quirks.on("sliding_api_key"):
            account.sessions = account.sessions.prolonged(user.id, now)
    call.user = user


def _missing_code(quirks: Quirks) -> ErrorCode:
    if quirks["missing_credentials_code"] == "era":
        only_tokens = quirks["auth_era"] == "oauth"
        return ErrorCode.INVALID_HEADER if only_tokens else ErrorCode.ACCESS_DENIED
    return ErrorCode(quirks.number("missing_credentials_code"))


def _by_token(call: ApiCall, world: World, token: str) -> None:
    if UNIT_HEADER not in call.request.headers:
        # Such a call is refused, and the account of its token shall know.
        call.account = world.by_token(token)
    call.account = account = _business_unit(call, world)
    if account.quirks["auth_era"] == "legacy":
        raise Refused(ErrorCode.ACCESS_DENIED, detail="there are no Bearer tokens in this era")
    with account.lock:
        access = account.oauth.live(token, account.settle())
    if access is None:
        _refuse_foreign(account, world.by_token(token), token)
        raise _bad_token(account, _INACTIVE, "the access token is unknown, expired or revoked")
    if API_SCOPE not in access.scopes:
        raise _bad_token(account, _NO_SCOPE, f"the access token lacks the scope {API_SCOPE}")
    call.user = account.users[access.user_id]


def _refuse_foreign(account: Account, issuer: Account | None, token: str) -> None:
    """Refuse a live token of an organisation that has no access to the business unit."""
    if issuer is None or issuer is account:
        return
    with issuer.lock:
        foreign = issuer.oauth.live(token, issuer.settle())
    if foreign is not None:
        code = ErrorCode(account.quirks.number("business_unit_error"))
        raise Refused(code, detail=f"the token's organisation has no access to {account.id}")


def _business_unit(call: ApiCall, world: World) -> Account:
    unit = call.request.headers.get(UNIT_HEADER)
    if unit is None:
        raise Refused(ErrorCode.MISSING_HEADER, detail=f"{UNIT_HEADER} was not sent")
    if not _UNIT.fullmatch(unit.strip()):
        raise Refused(ErrorCode.INVALID_HEADER, detail=f"{UNIT_HEADER} is no id of a unit")
    account = world.by_business_unit(unit.strip())
    if account is None:
        code = ErrorCode(call.quirks.number("business_unit_error"))
        raise Refused(code, detail=f"there is no business unit {unit!r}")
    return account


def _bad_token(account: Account, reason: str, detail: str) -> Refused:
    rule = account.quirks["token_error_suffix"]
    if rule == "era":
        suffix = reason if account.quirks["auth_era"] == "oauth" else ""
    else:
        suffix = {"inactive": _INACTIVE, "scope": _NO_SCOPE}.get(str(rule), "")
    return Refused(ErrorCode.INVALID_TOKEN, detail=detail, suffix=suffix)


def _presented_keys(call: ApiCall) -> dict[str, str]:
    """Give the keys from the header and the form; the header counts more."""
    header = call.request.headers.get("Authorization", "")
    keys = {name: call.form[name] for name in _KEYS if call.form.get(name)}
    if call.quirks["query_credentials"] == "accept":
        keys = {name: call.query[name] for name in _KEYS if call.query.get(name)} | keys
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "pardot":
        return keys
    pairs = (_PAIR.fullmatch(part) for part in rest.split(","))
    return keys | {pair[1]: pair[2] for pair in pairs if pair is not None} | {"scheme": "Pardot"}


def _why_missing(call: ApiCall) -> str:
    if any(name in call.query for name in _KEYS):
        return "credentials in the query string do not count"
    if call.request.headers.get("Authorization"):
        return "the scheme of the Authorization header is neither Pardot nor Bearer"
    return "no credentials were sent"
