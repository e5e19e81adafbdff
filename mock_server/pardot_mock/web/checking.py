"""What asynchronous calls check of a request: its JSON body, and what its user may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import Ability, User
    from pardot_mock.web.call import ApiCall


def json_object(call: ApiCall) -> dict[str, Any]:
    """Give the JSON object that the body of a call is; refuse any other body."""
    if call.request.mimetype != "application/json":
        detail = f"the content type is {call.request.content_type!r}, not application/json"
        raise Refused(ErrorCode.UNSUPPORTED_CONTENT_TYPE, detail=detail)
    raw = call.request.get_data()
    if not raw.strip():
        raise Refused(ErrorCode.EMPTY_BODY, detail="the request has no body")
    return parsed_object(raw)


def parsed_object(raw: bytes | str) -> dict[str, Any]:
    """Read a JSON object; refuse anything else with code 150."""
    try:
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(ErrorCode.BODY_NOT_JSON, detail=f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(ErrorCode.BODY_NOT_JSON, detail="the body is not a JSON object")
    return body


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def permission_code(account: Account) -> ErrorCode:
    """Give the code for a lacking ability."""
    return ErrorCode(account.quirks.number("permission_code"))


def require(account: Account, user: User, abilities: frozenset[Ability]) -> None:
    """Refuse a user who lacks one of `abilities`."""
    lacking = sorted(ability for ability in abilities if not user.can(ability))
    if lacking:
        detail = f"{user.email} lacks the ability {lacking[0]}"
        raise Refused(permission_code(account), detail=detail)
