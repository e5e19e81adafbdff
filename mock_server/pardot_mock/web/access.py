"""Accounts that are closed to the API, in one of three ways (codes and text documented).

A closed account refuses logins once the credentials are right; that it refuses every other call in
the same way is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from pardot_mock.domain.accounts import Access
from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from pardot_mock.account import Account

_DISABLED_PAGE = """<!DOCTYPE html>
<html>
<head><title>Account disabled</title></head>
<body>
<p>Your account has been disabled.</p>
</body>
</html>
"""


class BareAnswerError(Exception):
    """A call that is answered by something in front of the API, or instead of it."""

    def __init__(self, status: int, text: str, content_type: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.text = text
        self.content_type = content_type
        self.detail = detail

    def response(self) -> Response:
        """Write the answer."""
        return Response(self.text, status=self.status, content_type=self.content_type)


def require_open(account: Account) -> None:
    """Refuse a call to an account that is closed to the API."""
    access = account.info.access
    if access is Access.OPEN:
        return
    detail = f"the access to account {account.id} is {access}"
    if access is Access.API_DISABLED:
        raise Refused(ErrorCode.API_DISABLED, detail=detail)
    if access is Access.IP_NOT_ACTIVATED:
        raise Refused(ErrorCode.IP_NOT_ACTIVATED, detail=detail)
    # Working clients look for this sentence in a page that comes with HTTP 200.
    raise BareAnswerError(200, _DISABLED_PAGE, "text/html; charset=utf-8", detail)
