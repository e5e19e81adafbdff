"""What is kept of a call once its answer is made: charge, place among the concurrent, journal."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Generator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException

from pardot_mock.domain.advice import hint_for
from pardot_mock.domain.limits import DailyUsage
from pardot_mock.journal import SECRETS, Entry, redacted, redacted_path
from pardot_mock.vault import VaultError
from pardot_mock.web.authentication import UNIT_HEADER
from pardot_mock.web.bodies import answered_body, sent_body
from pardot_mock.web.warnings import warnings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Response

    from pardot_mock.account import Account
    from pardot_mock.journal import Journal, Recent
    from pardot_mock.web.call import ApiCall

_log = logging.getLogger("pardot_mock")
_WANTED = ("1", "true")
NO_ANSWER = 0
"""The journal's status of a call whose connection was reset before any answer."""


def account_for(call: ApiCall, response: Response, began: float, strangers: Recent) -> None:
    """Settle charges, write the journal and give the place back.

    `began` is when the call came in, in seconds of the performance counter. Calls of nobody's
    account are remembered among the `strangers` only.
    """
    account = call.account
    if account is None:
        strangers.add(_entry(call, response, began, datetime.now(UTC), charged=False), call.quirks)
        return
    charged = _settle_charge(call, account)
    if call.request.headers.get("X-Return-Api-Usage", "").lower() in _WANTED:
        response.headers["x-api-usage"] = _usage(account)
    entry = _entry(call, response, began, account.now(), charged=charged)
    account.journal.add(entry)
    account.recent.add(entry, call.quirks)
    if response.is_streamed:
        journal = account.journal
        end = partial(_end, call, account, journal, began)
        close = getattr(response.response, "close", _nothing)
        response.response = _Held(response.iter_encoded(), response.content_length, end, close)
    elif call.placed:
        account.end_call()


def _usage(account: Account) -> str:
    """Give the calls of this day, over those that it allows (shape inferred)."""
    used = account.usage.on(account.now(), account.info.zone).used
    return f"{used}/{account.info.daily_limit}"


def _settle_charge(call: ApiCall, account: Account) -> bool:
    """Charge or refund a refused call as the quirk says; give whether the call was charged."""
    if call.refused is None or call.operation is None:
        return call.charged
    rule = account.quirks["count_failed_calls"]
    if call.charged and rule == "none":
        account.change_usage(DailyUsage.refunded, call.operation.name)
        return False
    uncounted = call.operation.name == "login" and not account.quirks.on("count_login")
    if not call.charged and rule == "all" and not uncounted:
        account.change_usage(DailyUsage.charged, call.operation.name)
        return True
    return call.charged


def _entry(
    call: ApiCall, response: Response, began: float, at: datetime, *, charged: bool
) -> Entry:
    unanswered = call.treatment is not None and call.treatment.unanswered
    return Entry(
        id=call.request_id,
        at=at,
        method=call.request.method,
        path=redacted_path(call.request.path),
        query=redacted(call.query),
        op=call.operation.name if call.operation is not None else "unknown",
        status=NO_ANSWER if unanswered else response.status_code,
        error_code=int(call.refused.code) if call.refused is not None else None,
        user=call.user.email if call.user is not None else None,
        bytes=0 if response.is_streamed else response.content_length or 0,
        duration_ms=_milliseconds(began),
        charged=charged,
        detail=_detail(call),
        hint=_hint(call),
        warnings=warnings_of(call),
        length=response.content_length or 0,
        request=_request_digest(call),
        sent=sent_body(call),
        answered="" if unanswered else answered_body(call, response),
        **_about(call),
    )


def _about(call: ApiCall) -> dict[str, Any]:
    """Give what the call was about, and what its answer told."""
    shown, treatment = call.export, call.treatment
    scheme = call.request.headers.get("Authorization", "").strip().partition(" ")[0].lower()
    is_download = call.operation is not None and call.operation.name == "download"
    return {
        "export": shown.id if shown is not None else _named(call, "id"),
        "file": _named(call, "file"),
        "state": str(shown.state) if shown is not None and call.refused is None else "",
        "expired": shown is not None and shown.is_expired,
        "format": "" if is_download else call.form_of_answer,
        "auth": "bearer" if scheme == "bearer" else "api_key",
        "unit": UNIT_HEADER in call.request.headers,
        "faulted": treatment is not None,
        "garbled": treatment is not None and treatment.garbage is not None,
    }


def _named(call: ApiCall, name: str) -> int | None:
    """Give the export or file that a call to the Export API names."""
    if not call.is_export_call:
        return None
    text = call.param(name) or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _request_digest(call: ApiCall) -> str:
    """Tell requests apart by what they asked for, leaving the places of credentials out."""
    digest = hashlib.blake2b(digest_size=8)
    for values in (call.path.pairs, call.form, call.query):
        known = [pair for pair in values.items() if pair[0].lower() not in SECRETS]
        digest.update(repr(sorted(known)).encode())
    if call.operation is not None and call.operation.name == "create":
        try:
            digest.update(call.request.get_data())
        except HTTPException:
            # A body that is too large to be read is as different as its announced length.
            digest.update(repr(call.request.content_length).encode())
    return digest.hexdigest()


def _hint(call: ApiCall) -> str:
    """Say what the nearest valid call would be; a fault is nobody's mistake."""
    planned = call.treatment is not None and call.treatment.refusal is not None
    if call.refused is None or planned:
        return ""
    return call.hint or hint_for(call.refused)


def _detail(call: ApiCall) -> str:
    """Say why a call was refused, and which faults it met."""
    why = call.refused.detail if call.refused is not None else ""
    if call.bare is not None:
        why = call.bare.detail
    if call.treatment is None or str(call.treatment) == why:
        return why
    return f"{call.treatment}; {why}" if why else str(call.treatment)


def _end(
    call: ApiCall,
    account: Account,
    journal: Journal,
    began: float,
    sent: int,
    *,
    whole: bool,
    error: VaultError | None = None,
) -> None:
    why = "" if error is None else f"the answer was cut: {error}"
    if why:
        _log.error("call %s: %s", call.request_id, why)
    journal.sent(call.request_id, sent, _milliseconds(began), whole=whole, why=why)
    # A reset has given every place back already; it began another journal.
    if call.placed and account.journal is journal:
        account.end_call()


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)


class _Held:
    """The chunks of an answer, and what to do once they are all sent or given up."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        length: int | None,
        done: Callable[..., None],
        close: Callable[[], None],
    ) -> None:
        self._chunks = chunks
        self._length = length
        self._done: Callable[..., None] | None = done
        self._close = close
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._finish(whole=True)
            raise
        except VaultError as error:
            # The status has gone out long ago; all that can be done is to say why.
            self._finish(whole=False, error=error)
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self._sent += len(chunk)
        if self._sent == self._length:
            # Whoever has the last byte may call again before anybody asks for what comes after it.
            self._finish(whole=True)
        return chunk

    def close(self) -> None:
        """Give up sending; also called by the server after the last chunk."""
        self._finish(whole=False)
        if isinstance(self._chunks, Generator):
            self._chunks.close()
        self._close()

    def _finish(self, *, whole: bool, error: VaultError | None = None) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(self._sent, whole=whole, error=error)


def _nothing() -> None:
    pass
