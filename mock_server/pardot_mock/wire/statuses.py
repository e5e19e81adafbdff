"""The HTTP status of a refusal.

Clients of the api_key eras look for `err` inside an HTTP 200 for the codes about authentication
and limits (working clients); everything else is a 4xx (recorded for parameters, documented for
export calls). 184 must be 401, because clients renew their token only then (observed).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.domain.quirks import Quirks

_LEGACY = frozenset(
    {
        ErrorCode.INVALID_KEY,
        ErrorCode.LOGIN_FAILED,
        ErrorCode.NO_PERMISSION,
        ErrorCode.ACCESS_DENIED,
        ErrorCode.VERSION_4_REQUIRED,
        ErrorCode.VERSION_4_UNAVAILABLE,
        ErrorCode.LOGIN_LOCKED,
        # Not named where the class is documented, but failures of the same login (chosen).
        ErrorCode.IP_NOT_ACTIVATED,
        ErrorCode.API_DISABLED,
    }
)
_LIMITS = frozenset({ErrorCode.DAILY_LIMIT, ErrorCode.CONCURRENT_LIMIT})

_STATUS: Mapping[ErrorCode, int] = MappingProxyType(
    {
        ErrorCode.INVALID_KEY: 401,
        ErrorCode.LOGIN_FAILED: 401,
        ErrorCode.NO_PERMISSION: 403,
        ErrorCode.ACCESS_DENIED: 403,
        ErrorCode.LOGIN_LOCKED: 403,
        ErrorCode.IP_NOT_ACTIVATED: 403,
        ErrorCode.API_DISABLED: 403,
        ErrorCode.API_KEY_RETIRED: 401,
        ErrorCode.BUSINESS_UNIT_NOT_FOUND: 403,
        ErrorCode.INTERNAL_ERROR: 500,
        ErrorCode.ENDPOINT_NOT_FOUND: 404,
        ErrorCode.BODY_SIZE: 413,
    }
)


def status_of(
    code: ErrorCode, quirks: Quirks, *, export_call: bool, anonymous: bool = False
) -> int:
    """Give the HTTP status for `code` under the account's quirks.

    `anonymous` is a call without any credentials: its 182 is a 401, that of a bad header a 400
    (observed).
    """
    if code is ErrorCode.INVALID_HEADER and anonymous:
        return 401
    if code is ErrorCode.INVALID_TOKEN:
        return quirks.number("token_error_status")
    if code in _LIMITS:
        return quirks.number("limit_status")
    if code is ErrorCode.NO_PERMISSION and export_call:
        return _STATUS[code]
    if code in _LEGACY and quirks["auth_era"] != "oauth":
        return quirks.number("legacy_error_status")
    return _STATUS.get(code, 400)
