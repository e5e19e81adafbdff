"""How a client deals with limits and with answers that never came."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.conduct.rule import Axis, Level, Rule, Seen, seen
from pardot_mock.domain.errors import ErrorCode
from pardot_mock.domain.limits import CONCURRENT_CALLS, next_reset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence, Signature

ATTEMPTS = 3
"""So many sendings of the same call show whether there is a pause between them (chosen)."""

PAUSE = timedelta(seconds=1)
"""The least time that so many sendings take with any pause at all (chosen)."""


def _places(evidence: Evidence) -> Seen:
    if evidence.places < CONCURRENT_CALLS:
        # A client cannot know that this account has fewer places than the documented ones.
        return Seen(touched=False)
    charged = evidence.counted()
    crowded = ErrorCode.CONCURRENT_LIMIT
    wrong = (call for call in evidence.calls if call.error_code == crowded and not call.faulted)
    return seen(charged, wrong)


def _is_crowded(call: Call) -> bool:
    return call.error_code == ErrorCode.CONCURRENT_LIMIT


def _is_broken(call: Call) -> bool:
    return call.broken


def _hasty(failed: Callable[[Call], bool]) -> Callable[[Evidence], Seen]:
    """Give a look at calls that failed: they must not be sent again and again without a pause."""

    def look(evidence: Evidence) -> Seen:
        touched: list[Call] = []
        wrong: list[Call] = []
        for calls in evidence.by_signature().values():
            touched += [call for call in calls if failed(call)]
            wrong += _without_pause(calls, failed)
        return seen(touched, wrong)

    return look


def _without_pause(calls: Sequence[Call], failed: Callable[[Call], bool]) -> Iterator[Call]:
    for place in range(ATTEMPTS - 1, len(calls)):
        attempts = calls[place - ATTEMPTS + 1 : place + 1]
        if all(map(failed, attempts[:-1])) and attempts[-1].at - attempts[0].at < PAUSE:
            yield attempts[-1]


def _until_reset(evidence: Evidence) -> Seen:
    refused, wrong, last = [], [], None
    signatures: set[Signature] = set()
    in_flight = 0
    for call in evidence.counted():
        if last is not None and call.at < next_reset(last.at, evidence.zone):
            in_flight += 1
            if call.signature in signatures or in_flight >= CONCURRENT_CALLS:
                wrong.append(call)
            signatures.add(call.signature)
        elif call.error_code == ErrorCode.DAILY_LIMIT:
            last, signatures, in_flight = call, {call.signature}, 0
        if call.error_code == ErrorCode.DAILY_LIMIT:
            refused.append(call)
    return seen(refused, wrong)


LIMIT_RULES = (
    Rule(
        "keeps-within-five-calls",
        Axis.POLITENESS,
        Level.MUST,
        "At most five calls are under way at once.",
        "let no more than five calls run side by side, downloads included",
        "documented: five concurrent calls of an account, the sixth is refused with code 66",
        _places,
    ),
    Rule(
        "backs-off-when-crowded",
        Axis.POLITENESS,
        Level.MUST,
        "A call that was refused with code 66 is sent again after a pause.",
        "wait before you repeat after code 66, and longer every time",
        "documented: code 66 asks to wait before trying again",
        _hasty(_is_crowded),
    ),
    Rule(
        "stops-at-the-daily-limit",
        Axis.POLITENESS,
        Level.MUST,
        "After code 122 nothing is called before the allowance starts anew.",
        "stop at code 122 and go on after midnight in the timezone of the account",
        "documented: the daily allowance starts anew at midnight of the account",
        _until_reset,
    ),
    Rule(
        "pauses-after-failures",
        Axis.POLITENESS,
        Level.SHOULD,
        "A call that got no usable answer is sent again after a pause.",
        "wait before you repeat a call that failed, and longer every time",
        "inferred: a service in trouble is not helped by calls without a pause",
        _hasty(_is_broken),
    ),
)
