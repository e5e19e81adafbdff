"""How a client waits for its exports.

Only answers that arrived count as a look: a read that was refused, cut off or garbled may be
repeated at once, as far as these rules are concerned.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from pardot_mock.conduct.evidence import TERMINAL
from pardot_mock.conduct.rule import Axis, Level, Rule, Seen, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence

SHORTEST = timedelta(seconds=30)
"""The shortest wait that is advised, before the first look and between two (documented)."""

MANY_LOOKS = 8
"""So many looks at an unfinished export are a long wait (chosen)."""

RARE = timedelta(minutes=10)
"""Looks that are this far apart need not grow any further (chosen)."""


def _looks(evidence: Evidence) -> Iterator[tuple[Call, Call]]:
    """Give each look that found an export unfinished, and the next read of it."""
    for reads in evidence.by_export("read").values():
        for before, after in pairwise(reads):
            if before.sound and before.state not in TERMINAL:
                yield before, after


def _first_poll(evidence: Evidence) -> Seen:
    creates, reads = evidence.creates(), evidence.by_export("read")
    firsts = [(create, reads[e][0]) for e, create in creates.items() if e in reads]
    # A create whose answer was lost is looked for at once, and rightly so.
    known = [(create, read) for create, read in firsts if create.sound]
    return seen(known, (read for create, read in known if read.at - create.at < SHORTEST))


def _intervals(evidence: Evidence) -> Seen:
    looks = list(_looks(evidence))
    return seen(looks, (after for before, after in looks if after.at - before.at < SHORTEST))


def _growth(evidence: Evidence) -> Seen:
    long_waits, wrong = [], []
    for reads in evidence.by_export("read").values():
        looks = [call for call in reads if call.sound and call.state not in TERMINAL]
        if len(looks) >= MANY_LOOKS:
            long_waits.append(looks)
            if not _grows(looks):
                wrong.append(looks[-1])
    return seen(long_waits, wrong)


def _grows(looks: Sequence[Call]) -> bool:
    waits = [after.at - before.at for before, after in pairwise(looks)]
    half = len(waits) // 2
    # The middle, because a look that was refused meanwhile makes one wait long.
    early, late = sorted(waits[:half])[half // 2], sorted(waits[half:])[(len(waits) - half) // 2]
    return late > early or early >= RARE


def _after_the_end(evidence: Evidence) -> Seen:
    ended: list[Call] = []
    wrong: list[Call] = []
    for calls in evidence.by_export("read", "download").values():
        reached = [call for call in calls if call.op == "read" and _is_terminal(call)]
        ended += reached
        wrong += _needless(calls)
    return seen(ended, wrong)


def _needless(calls: Sequence[Call]) -> Iterator[Call]:
    """Give the reads that follow a terminal one and that no download follows."""
    for place in range(1, len(calls)):
        before, call = calls[place - 1], calls[place]
        if call.op != "read" or before.op != "read" or not _is_terminal(before):
            continue
        leads_on = place + 1 < len(calls) and calls[place + 1].op == "download"
        if not before.expired and not (call.expired or leads_on):
            yield call


def _is_terminal(call: Call) -> bool:
    return call.sound and call.state in TERMINAL


def _expired(evidence: Evidence) -> Seen:
    shown, wrong = [], []
    for reads in evidence.by_export("read").values():
        told = False
        for call in reads:
            if told:
                wrong.append(call)
            told = told or (call.sound and call.expired)
        shown += [call for call in reads if call.expired]
    return seen(shown, wrong)


POLLING_RULES = (
    Rule(
        "first-poll-not-at-once",
        Axis.POLITENESS,
        Level.MUST,
        "The first look at an export comes 30 seconds after its creation or later.",
        "wait a few minutes, 30 seconds at least, before the first read",
        "documented: wait a few minutes before the first look; inferred: 30 seconds are enough",
        _first_poll,
    ),
    Rule(
        "polls-no-faster-than-documented",
        Axis.POLITENESS,
        Level.MUST,
        "At least 30 seconds lie between two looks at an unfinished export.",
        "wait 30 seconds or more between two reads of the same export",
        "documented: look every 30 seconds to few minutes",
        _intervals,
    ),
    Rule(
        "polls-less-and-less-often",
        Axis.POLITENESS,
        Level.SHOULD,
        "During a long wait the looks come further and further apart.",
        "let the wait grow, for example ceil(n*n/5 + 1) minutes after look n",
        "documented: the advised wait grows with every look",
        _growth,
    ),
    Rule(
        "stops-at-a-terminal-state",
        Axis.POLITENESS,
        Level.MUST,
        "Once an export is Complete or Failed it is not looked at any more.",
        "end the polling loop at Complete and at Failed: neither changes again",
        "documented: both states are final",
        _after_the_end,
    ),
    Rule(
        "leaves-expired-exports-alone",
        Axis.POLITENESS,
        Level.MUST,
        "An export that was shown as expired is not read again.",
        "treat isExpired as the end: the results do not come back, create a new export",
        "documented: results are gone for good 7 days after completion",
        _expired,
    ),
)
