"""Who calls: `Authorization: Pardot api_key=..., user_key=...`, or the same pair in a POST form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from pardot_mock.web.call import ApiCall
    from pardot_mock.world import World

_PAIR = re.compile(r'\s*(api_key|user_key)\s*=\s*"?([0-9A-Za-z]{0,64})"?\s*')
_KEYS = ("api_key", "user_key")


def authenticate(call: ApiCall, world: World) -> None:
    """Find the account and the user of `call`, or refuse it."""
    keys = _presented_keys(call)
    found = world.by_user_key(keys.get("user_key", ""))
    if found is not None:
        call.account = found[0]
    if not keys:
        code = ErrorCode(call.quirks.number("missing_credentials_code"))
        raise Refused(code, detail=_why_missing(call))
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
        return "the scheme of the Authorization header is not Pardot"
    return "no credentials were sent"
