"""How a client deals with its credentials: api_key, Bearer token, business unit.

A renewal of a Bearer token happens at another door and is not in the journal, so of such clients
only the calls themselves are judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.conduct.evidence import STALE
from pardot_mock.conduct.rule import Axis, Level, Rule, Seen, seen
from pardot_mock.domain.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence, Signature

EARLY = timedelta(minutes=5)
"""How long before its end a key may be renewed without blame (chosen)."""

IN_FLIGHT = 5
"""Calls that may be on their way with the same key when it ends: the documented places."""

LATER = timedelta(seconds=60)
"""After this long a call was not on its way any more when another was refused (chosen)."""

MOST_RENEWALS = 1
MOST_LOGINS_REFUSED = 2
_LOGIN_REFUSED = frozenset({ErrorCode.LOGIN_FAILED, ErrorCode.LOGIN_LOCKED})


@dataclass(slots=True)
class _Stretch:
    """What came between the first refusal of a key and the next login that worked.

    `renewed_at` is the place of that login among the calls, None if there was none.
    """

    refused: list[Call] = field(default_factory=list)
    logins_failed: bool = False
    renewed_at: int | None = None


def _stretches(evidence: Evidence) -> list[_Stretch]:
    """Find the times without a working key, of clients that had one before."""
    found: list[_Stretch] = []
    had_key, current = False, None
    for place, call in enumerate(evidence.calls):
        if call.op == "login":
            had_key = had_key or call.sound
            if current is not None:
                current.renewed_at = place if call.sound else None
                current.logins_failed = not call.sound
                current = None if call.sound else current
        elif _is_stale_key(call) and had_key:
            if current is None:
                current = _Stretch()
                found.append(current)
            current.refused.append(call)
    return found


def _is_stale_key(call: Call) -> bool:
    return call.error_code == ErrorCode.INVALID_KEY and call.auth == "api_key"


def _logins(evidence: Evidence) -> Seen:
    """Judge logins by user: one is needless while the key of the one before is good."""
    wrong: list[Call] = []
    last: dict[str | None, Call] = {}
    logins = 0
    for call in evidence.calls:
        if _is_stale_key(call):
            last.clear()
        if call.op != "login" or not call.sound:
            continue
        logins += 1
        before = last.get(call.user)
        # The same key comes again and lives no longer, so the first login counts.
        if before is not None and call.at < before.at + evidence.key_life - EARLY:
            wrong.append(call)
        else:
            last[call.user] = call
    return seen(range(logins), wrong)


def _gave_up(evidence: Evidence) -> Seen:
    stretches = _stretches(evidence)
    last = {call.signature: place for place, call in enumerate(evidence.calls)}
    return seen(stretches, (call for s in stretches for call in _left(s, last)))


def _left(stretch: _Stretch, last: Mapping[Signature, int]) -> Iterator[Call]:
    """Give the calls that were not repeated; `last` is where each was sent for the last time."""
    renewed_at = stretch.renewed_at
    if renewed_at is not None:
        yield from (call for call in stretch.refused if last[call.signature] < renewed_at)
    elif not (stretch.logins_failed or any(_again(stretch)) or any(_others(stretch))):
        # A client that went on somehow breaks other rules; this one just stopped.
        yield from stretch.refused


def _hammers(evidence: Evidence) -> Seen:
    stale, wrong = [], []
    for calls in evidence.by_signature().values():
        for run in _runs(calls):
            stale += run
            wrong += run[1 + MOST_RENEWALS :]
    for stretch in _stretches(evidence):
        wrong += _again(stretch)
    return seen(stale, wrong)


def _again(stretch: _Stretch) -> Iterator[Call]:
    """Give the calls that were repeated without a renewal."""
    signatures = set()
    for call in stretch.refused:
        if call.signature in signatures:
            yield call
        signatures.add(call.signature)


def _runs(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """Split sendings of the same call into runs of refusals of the key or token."""
    run: list[Call] = []
    for call in calls:
        if call.error_code in STALE:
            run.append(call)
        else:
            yield run
            run = []
    yield run


def _dead_key(evidence: Evidence) -> Seen:
    stretches = _stretches(evidence)
    return seen(stretches, (call for s in stretches for call in _others(s)))


def _others(stretch: _Stretch) -> Iterator[Call]:
    first = stretch.refused[0]
    signatures = {first.signature}
    for place, call in enumerate(stretch.refused):
        is_new = call.signature not in signatures
        signatures.add(call.signature)
        if is_new and (place >= IN_FLIGHT or call.at - first.at >= LATER):
            yield call


def _exposed(evidence: Evidence) -> Seen:
    return seen(evidence.calls, (call for call in evidence.calls if call.exposed))


def _refused_logins(evidence: Evidence) -> Seen:
    refused, wrong, in_a_row = [], [], 0
    for call in evidence.of("login"):
        in_a_row = in_a_row + 1 if call.error_code in _LOGIN_REFUSED else 0
        if in_a_row:
            refused.append(call)
        if in_a_row > MOST_LOGINS_REFUSED:
            wrong.append(call)
    return seen(refused, wrong)


def _units(evidence: Evidence) -> Seen:
    bearer = [call for call in evidence.calls if call.auth == "bearer"]
    return seen(bearer, (call for call in bearer if not call.unit))


KEY_RULES = (
    Rule(
        "login-once-per-key",
        Axis.POLITENESS,
        Level.MUST,
        "An api_key is kept and used until it ends; there is no second login while it is good.",
        "keep the api_key for its 60 minutes and share it between calls",
        "documented: a key lives 60 minutes, and a login meanwhile gives the same key",
        _logins,
    ),
    Rule(
        "renews-and-repeats",
        Axis.CORRECTNESS,
        Level.MUST,
        "After code 1 the client logs in again and repeats the call that was refused.",
        "on code 1 log in once and send the refused call again",
        "client: working clients log in once and repeat; documented: an expired key is code 1",
        _gave_up,
    ),
    Rule(
        "renews-only-once",
        Axis.POLITENESS,
        Level.MUST,
        "A call that was refused with code 1 or 184 is repeated once, after a renewal.",
        "renew before you repeat, and give up when the renewed key or token is refused as well",
        "client: a client that renews and repeats without limit never ends",
        _hammers,
    ),
    Rule(
        "no-calls-with-a-dead-key",
        Axis.CORRECTNESS,
        Level.MUST,
        "Once a key was refused, no other call is sent with it.",
        "note that the key is dead and log in before the next call, whichever it is",
        "documented: a key stops working after 60 minutes",
        _dead_key,
    ),
    Rule(
        "no-credentials-in-urls",
        Axis.SAFETY,
        Level.MUST,
        "Keys and passwords travel in the header or in the body, never in the URL.",
        "send keys in the Authorization header and the login in the form: URLs get into logs",
        "documented: credentials in the query string are turned down",
        _exposed,
    ),
    Rule(
        "stops-on-refused-login",
        Axis.SAFETY,
        Level.MUST,
        "A login that is refused with 15 or 131 is tried again once at most.",
        "stop and ask for other credentials: too many failed logins lock the user",
        "documented: code 131 locks a user; inferred: the number",
        _refused_logins,
    ),
    Rule(
        "sends-the-business-unit",
        Axis.CORRECTNESS,
        Level.MUST,
        "Every call with a Bearer token names its business unit, downloads too.",
        "send the header Pardot-Business-Unit-Id beside the token with every call",
        "documented: a Bearer token needs the header of the business unit",
        _units,
    ),
)
