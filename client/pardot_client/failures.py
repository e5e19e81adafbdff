"""From a failed answer to the error that tells the caller what to do next.

The code decides first, because versions 3 and 4 send many refusals with HTTP 200; the
status decides where no code is known. Source of the codes: documented error tables.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from .answers import as_text
from .errors import (
    AuthenticationFailed,
    DailyLimitReached,
    ExportUnavailable,
    InvalidRequest,
    NotFound,
    PardotError,
    PermissionMissing,
    RateLimited,
    ServerFailed,
    TooManyConcurrentCalls,
    VersionMismatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo

    from .answers import Answer

STATE_FORBIDS = 178
_BY_CODE: Mapping[int, type[PardotError]] = MappingProxyType(
    {
        1: AuthenticationFailed,
        15: AuthenticationFailed,
        46: PermissionMissing,
        49: AuthenticationFailed,
        53: AuthenticationFailed,
        66: TooManyConcurrentCalls,
        76: AuthenticationFailed,
        88: VersionMismatch,
        89: VersionMismatch,
        109: NotFound,
        122: DailyLimitReached,
        126: AuthenticationFailed,
        131: AuthenticationFailed,
        STATE_FORBIDS: ExportUnavailable,
        181: AuthenticationFailed,
        182: AuthenticationFailed,
        183: ServerFailed,
        184: AuthenticationFailed,
        199: AuthenticationFailed,
        201: AuthenticationFailed,
        202: RateLimited,
    }
)


def _kind(answer: Answer, *, login: bool) -> type[PardotError]:
    known = _BY_CODE.get(answer.code) if answer.code is not None else None
    if known is not None:
        return known
    if answer.status >= 500:
        return ServerFailed
    if answer.status == 429:
        return RateLimited
    if login or answer.status in {401, 403}:
        return AuthenticationFailed
    return InvalidRequest


def _text(answer: Answer) -> str:
    if answer.message:
        return answer.message
    # The token endpoint of OAuth has an error shape of its own.
    error = as_text(answer.payload.get("error"))
    detail = as_text(answer.payload.get("error_description"))
    parts = [part for part in (error, detail) if part]
    return ": ".join(parts) or "the service refused the call without saying why"


def error_for(
    answer: Answer,
    hide: Callable[[str], str] = str,
    *,
    login: bool = False,
    zone: tzinfo | None = None,
) -> PardotError:
    """The error that a failed answer stands for.

    Args:
        answer: a failed answer.
        hide: takes credentials out of a text.
        login: the answer is one to a login or token request.
        zone: the account's timezone, which tells when the day's calls are new again.
    """
    kind = _kind(answer, login=login)
    text = hide(_text(answer))
    answer = replace(answer, message=text if answer.message else None)
    if issubclass(kind, RateLimited):
        resets_at = _resets_at(answer, zone) if kind is DailyLimitReached else _retry_at(answer)
        return kind(text, answer=answer, resets_at=resets_at)
    return kind(text, answer=answer)


def _resets_at(answer: Answer, zone: tzinfo | None) -> datetime | None:
    """The start of the next day of the account, if its zone and the time are known."""
    if zone is None or answer.date is None:
        return None
    tomorrow = answer.date.astimezone(zone).date() + timedelta(days=1)
    local = answer.date.astimezone(zone).replace(
        year=tomorrow.year, month=tomorrow.month, day=tomorrow.day
    )
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC)


def _retry_at(answer: Answer) -> datetime | None:
    seconds = answer.headers.get("retry-after", "")
    if answer.date is None or not seconds.isdigit():
        return None
    return answer.date + timedelta(seconds=int(seconds))
