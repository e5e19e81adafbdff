"""What a client asks for, and whether it listens when it is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pardot_mock.conduct.rule import Axis, Level, Rule, Seen, seen
from pardot_mock.domain.errors import ErrorCode
from pardot_mock.domain.procedures import RANGE_TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence

_FIRST_OF_BODY, _LAST_OF_BODY = ErrorCode.BODY_NOT_JSON, ErrorCode.INVALID_FIELDS
_ELSE_FINAL = frozenset(
    {
        ErrorCode.INVALID_ID,
        ErrorCode.NO_PERMISSION,
        ErrorCode.INVALID_METHOD,
        ErrorCode.VERSION_4_REQUIRED,
        ErrorCode.VERSION_4_UNAVAILABLE,
        ErrorCode.INVALID_VERSION,
        ErrorCode.NOT_FOUND,
    }
)
_VERSION_CHANGE = frozenset({ErrorCode.VERSION_4_REQUIRED, ErrorCode.VERSION_4_UNAVAILABLE})
_NOBODY = frozenset({ErrorCode.INVALID_KEY, ErrorCode.ACCESS_DENIED})
_NO_SUCH = frozenset({ErrorCode.INVALID_ID, ErrorCode.NOT_FOUND})


def _is_final(call: Call) -> bool:
    """Whether the same call would be refused again. Code 178 is not: an export may complete."""
    code = call.error_code
    if code is None or code == ErrorCode.EXPORT_STATE:
        return False
    return _FIRST_OF_BODY <= code <= _LAST_OF_BODY or code in _ELSE_FINAL


def _unchanged(evidence: Evidence) -> Seen:
    refused, wrong = [], []
    for calls in evidence.by_signature().values():
        refused += [call for call in calls if _is_final(call)]
        wrong += [after for before, after in pairwise(calls) if _is_final(before)]
    return seen(refused, wrong)


def _duplicates(evidence: Evidence) -> Seen:
    creates = evidence.creates()
    alike: dict[str, list[Call]] = {}
    for export_id, call in creates.items():
        known = evidence.exports.get(export_id)
        if known is not None:
            alike.setdefault(known.request, []).append(call)
    pairs = (pair for calls in alike.values() for pair in pairwise(calls))
    return seen(creates, (after for before, after in pairs if _unfinished(before, after, evidence)))


def _unfinished(before: Call, after: Call, evidence: Evidence) -> bool:
    """Whether the client knew of the export before, and it was not finished yet."""
    finished = evidence.exports[before.export or 0].finished_at
    return before.sound and (finished is None or after.at < finished)


def _long_ranges(evidence: Evidence) -> Seen:
    creates = list(evidence.of("create"))
    return seen(creates, (call for call in creates if call.detail == RANGE_TOO_LONG))


def _offsets(evidence: Evidence) -> Seen:
    queries = list(evidence.queries())
    return seen(queries, (call for call in queries if call.offset > 0))


def _methods(evidence: Evidence) -> Seen:
    looks = list(evidence.of("read", "query", "download"))
    return seen(looks, (call for call in looks if call.method != "GET"))


def _formats(evidence: Evidence) -> Seen:
    calls = [call for call in evidence.calls if call.format]
    return seen(calls, _strays([(call.format, call) for call in calls]))


def _versions(evidence: Evidence) -> Seen:
    calls = [call for call in evidence.calls if call.version and call.op != "login"]
    if any(call.error_code in _VERSION_CHANGE for call in calls):
        # Such a refusal tells the client to change the version.
        return Seen(touched=True)
    return seen(calls, _strays([(call.version, call) for call in calls]))


def _strays(named: Sequence[tuple[str, Call]]) -> Iterator[Call]:
    """Give the calls that are not like most of them."""
    counts: Mapping[str, int] = {
        name: sum(other == name for other, _ in named) for name in {name for name, _ in named}
    }
    usual = max(counts, key=lambda name: (counts[name], name), default="")
    return (call for name, call in named if name != usual)


def _goes_on(evidence: Evidence) -> Seen:
    """Find calls that could only be made by taking a refusal for a success."""
    refused, wrong = [], []
    had_key, login_refused, create_refused = False, False, False
    for call in evidence.calls:
        refused += [call] if call.refused else []
        if call.op == "login":
            had_key, login_refused = had_key or call.sound, call.refused
        elif call.op == "create" and not _without_key(call, had_key=had_key):
            create_refused = call.refused
        blind = login_refused and _without_key(call, had_key=had_key)
        if blind or (create_refused and _of_no_export(call, evidence)):
            wrong.append(call)
    return seen(refused, wrong)


def _without_key(call: Call, *, had_key: bool) -> bool:
    return not had_key and call.op != "login" and call.error_code in _NOBODY


def _of_no_export(call: Call, evidence: Evidence) -> bool:
    about = call.op in ("read", "download") and call.error_code in _NO_SUCH and not call.faulted
    return about and call.export not in evidence.exports


REQUEST_RULES = (
    Rule(
        "no-unchanged-repeats",
        Axis.CORRECTNESS,
        Level.MUST,
        "A call that was refused for what it says is not sent again as it was.",
        "change the request, or hand the error to whoever asked: it is refused every time",
        "documented: codes 16, 46, 60, 88, 89, 94, 109 and 150 to 180 speak of the request",
        _unchanged,
    ),
    Rule(
        "creates-an-export-once",
        Axis.POLITENESS,
        Level.MUST,
        "The same export is not created again while the first one is unfinished.",
        "keep the id of the export and go on waiting: a second one waits behind the first",
        "documented: exports of an account are processed one at a time",
        _duplicates,
    ),
    Rule(
        "splits-long-ranges",
        Axis.CORRECTNESS,
        Level.SHOULD,
        "A range of more than a year is split into several exports.",
        "cut the range into years before you create the exports",
        "documented: an export spans one year at most, else code 177",
        _long_ranges,
    ),
    Rule(
        "high-water-marks-not-offsets",
        Axis.POLITENESS,
        Level.SHOULD,
        "Lists are read on from the last value seen, not by a growing offset.",
        "sort ascending and ask for what comes after the last id or instant",
        "documented: advice for reading in bulk",
        _offsets,
    ),
    Rule(
        "reads-by-get",
        Axis.CORRECTNESS,
        Level.SHOULD,
        "Read, query and downloadResults are called with GET.",
        "send GET: POST works for some of these calls, but nobody promises it",
        "documented: these operations take GET; client: some send POST",
        _methods,
    ),
    Rule(
        "keeps-to-one-format",
        Axis.CORRECTNESS,
        Level.SHOULD,
        "All answers are asked for in the same format, JSON or XML.",
        "send format=json with every call or with none: without it the answer is XML",
        "documented: XML is the default of every call",
        _formats,
    ),
    Rule(
        "keeps-to-one-version",
        Axis.CORRECTNESS,
        Level.SHOULD,
        "All calls but the login name the same API version.",
        "put the version into one place, and change it at codes 88 and 89 only",
        "documented: an account serves one version",
        _versions,
    ),
    Rule(
        "notices-errors",
        Axis.CORRECTNESS,
        Level.MUST,
        "After a refused login or create the client does not go on as if it had worked.",
        "look for stat=fail and err_code in every answer: errors come with HTTP 200 as well",
        "client: errors of login and limits arrive inside HTTP 200",
        _goes_on,
    ),
)
