"""How a client fetches its result files, and whether it ends with all of their rows.

A file was asked for if a download of it was begun; refused calls do not count as that. It arrived
if every announced byte went out and nothing made them useless.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pardot_mock.conduct.rule import Axis, Level, Rule, Seen, seen
from pardot_mock.domain.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_mock.conduct.evidence import Call, Evidence

SHOWN = 5
File = tuple[int | None, int | None]


def _by_file(evidence: Evidence) -> Mapping[File, Sequence[Call]]:
    found: dict[File, list[Call]] = defaultdict(list)
    for call in evidence.of("download"):
        if not call.refused:
            found[call.export, call.file].append(call)
    return found


def _every_file(evidence: Evidence) -> Seen:
    asked = _by_file(evidence)
    complete: dict[int, Call] = {}
    for call in evidence.of("read", "download"):
        known = evidence.exports.get(call.export or -1)
        if call.sound and known is not None and known.files and _has_results(call):
            complete.setdefault(known.id, call)
    missing = {
        export_id: [
            file for file in evidence.exports[export_id].files if (export_id, file) not in asked
        ]
        for export_id in complete
    }
    wrong = [complete[export_id] for export_id, files in missing.items() if files]
    why = "; ".join(f"export {e} lacks {_files(files)}" for e, files in missing.items() if files)
    return seen(complete, wrong, why)


def _has_results(call: Call) -> bool:
    return call.op == "download" or (call.state == "Complete" and not call.expired)


def _files(files: Sequence[int]) -> str:
    shown = ", ".join(str(file) for file in files[:SHOWN])
    return f"{len(files)} of its files ({shown}{', ...' if len(files) > SHOWN else ''})"


def _each_once(evidence: Evidence) -> Seen:
    files = _by_file(evidence)
    arrived = [[call for call in calls if call.sound] for calls in files.values()]
    return seen(files, (call for calls in arrived for call in calls[1:]))


def _broken_repeated(evidence: Evidence) -> Seen:
    broken, wrong = [], []
    for calls in _by_file(evidence).values():
        broken += [call for call in calls if call.broken]
        if calls[-1].broken and not any(call.sound for call in calls):
            wrong.append(calls[-1])
    return seen(broken, wrong)


def _too_early(evidence: Evidence) -> Seen:
    downloads = list(evidence.of("download"))
    wrong = (c for c in downloads if c.error_code == ErrorCode.EXPORT_STATE and not c.expired)
    return seen(downloads, wrong)


def _too_late(evidence: Evidence) -> Seen:
    downloads = list(evidence.of("download"))
    return seen(downloads, (call for call in downloads if call.refused and call.expired))


def _references(evidence: Evidence) -> Seen:
    downloads = list(evidence.of("download"))
    return seen(downloads, (call for call in downloads if _is_invented(call, evidence)))


def _is_invented(call: Call, evidence: Evidence) -> bool:
    known = evidence.exports.get(call.export or -1)
    unknown = call.error_code == ErrorCode.NOT_FOUND and not call.faulted
    return unknown and known is not None and call.file not in known.files


def _rows(evidence: Evidence) -> Seen:
    wrong = [truth for truth in evidence.truths if truth.difference]
    why = "; ".join(f"export {truth.export}: {truth.difference}" for truth in wrong)
    calls = [
        call for truth in wrong for call in evidence.by_export("download").get(truth.export, ())
    ]
    return Seen(bool(evidence.truths), tuple(calls), why, failed=bool(wrong))


RESULT_RULES = (
    Rule(
        "downloads-every-file",
        Axis.COMPLETENESS,
        Level.MUST,
        "Every file of a complete export is downloaded, be it one or many.",
        "fetch every URL of resultRefs: it is a text for one file and a list for several",
        "documented: an export has none, one or several files, and each holds rows of its own",
        _every_file,
    ),
    Rule(
        "downloads-each-file-once",
        Axis.POLITENESS,
        Level.SHOULD,
        "A file that arrived whole is not downloaded again.",
        "keep the file that arrived: every download costs a call of the day",
        "documented: calls of a day are limited; inferred: a download is one of them",
        _each_once,
    ),
    Rule(
        "retries-broken-downloads",
        Axis.COMPLETENESS,
        Level.MUST,
        "A download that broke off is repeated until the file has arrived whole.",
        "compare the bytes that arrived with Content-Length and fetch the file again",
        "inferred: results are kept for 7 days, so a broken transfer can be repeated",
        _broken_repeated,
    ),
    Rule(
        "no-download-before-complete",
        Axis.CORRECTNESS,
        Level.MUST,
        "Nothing is downloaded before the export is Complete.",
        "read the export until it is Complete, then fetch what resultRefs names",
        "documented: code 178 says that the state does not allow it",
        _too_early,
    ),
    Rule(
        "no-download-after-expiry",
        Axis.CORRECTNESS,
        Level.SHOULD,
        "Nothing is downloaded once the results have expired.",
        "fetch results within 7 days of completion, and look at isExpired before",
        "documented: results are kept for 7 days after completion",
        _too_late,
    ),
    Rule(
        "follows-result-refs",
        Axis.CORRECTNESS,
        Level.MUST,
        "Only files that resultRefs named are downloaded.",
        "take the URLs as they come: ids of files follow no pattern",
        "documented: the URLs of the files come with the complete export",
        _references,
    ),
    Rule(
        "ends-with-the-rows-of-the-truth",
        Axis.COMPLETENESS,
        Level.MUST,
        "The client ends with exactly the rows of its exports, in any order.",
        "keep every row of every file once, and take nothing else for a row",
        "documented: rows come in no order, each file with a header of its own",
        _rows,
    ),
)
