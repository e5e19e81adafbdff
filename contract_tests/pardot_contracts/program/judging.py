"""Judges one run of a program: what it sent, what it handed over, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pardot_contracts.program.output import Table, UnreadableError, tables_of
from pardot_contracts.program.places import Lines
from pardot_contracts.program.truths import completed, truths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_contracts.program.running import Played
    from pardot_mock.conduct import Evidence, Finding
    from pardot_mock.reports import Place, Result

ROWS_RULE = "ends-with-the-rows-of-the-truth"
LAST_LINES = 5


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule about a program beside those about its calls."""

    id: str
    axis: str
    says: str
    source: str
    level: str = "must"


FINISHES = _Rule(
    "finishes-by-itself",
    "correctness",
    "The program ends by itself.",
    "chosen: a job that never ends blocks the next one",
)
HONEST = _Rule(
    "exit-code-tells-the-truth",
    "correctness",
    "The exit code is 0 if the rows are there, and another one if not.",
    "chosen: schedulers know nothing but the exit code",
)
RECOVERS = _Rule(
    "ends-with-a-complete-export",
    "completeness",
    "Where a second try helps, the program ends with the rows of a complete export.",
    "inferred: results stay for 7 days, and a call that broke can be repeated",
)
SECRETS = _Rule(
    "keeps-credentials-to-itself",
    "safety",
    "Neither passwords nor keys nor tokens are printed.",
    "chosen: output ends up in logs",
)
AT_HOME = _Rule(
    "calls-no-other-host",
    "safety",
    "The program calls the service and nobody else.",
    "chosen: an export holds personal data",
    level="should",
)


def judge_run(played: Played, command: Sequence[str], *, shows_rows: bool) -> list[Result]:
    """Judge a run of `command` by every rule, in a fixed order.

    `shows_rows` says that the program has handed over rows in some scenario, so that their absence
    in this one means something.
    """
    from pardot_mock.conduct import Truth, judge
    from pardot_mock.grading import evidence_of

    evidence = evidence_of(played.account)
    tables, unreadable = handed_over(played)
    found = truths(played.account, evidence, tables) if tables or shows_rows else ()
    if unreadable:
        ids = completed(played.account, evidence)
        found = (*found, Truth(max(ids, default=0), unreadable))
    grade = judge(replace(evidence, truths=found))
    lines = Lines(evidence.calls, played.notes, evidence.dropped, command)
    results = [_result(finding, played, lines) for finding in grade.findings]
    if not found and not evidence.truths:
        results = [_hinted(each, completed(played.account, evidence)) for each in results]
    has_rows = bool(found) and not any(truth.difference for truth in found)
    return [*results, *_of_the_program(played, evidence, has_rows=has_rows, knows=bool(found))]


def handed_over(played: Played) -> tuple[list[Table], str]:
    """Give what the program handed over, and what is wrong with it if it cannot be read."""
    try:
        return tables_of(played.folder, played.ended.stdout), ""
    except UnreadableError as error:
        return [], str(error)


def _result(finding: Finding, played: Played, lines: Lines) -> Result:
    from pardot_mock.reports import Result

    rule = finding.rule
    places: tuple[Place, ...] = ()
    if finding.entries:
        places = lines.of(rule.id, finding.entries)
    return Result(
        rule.id,
        str(rule.axis),
        str(rule.level),
        str(finding.status),
        finding.message,
        source=rule.source,
        says=rule.says,
        scenario=played.scenario.name,
        calls=finding.entries,
        places=places,
    )


def _hinted(result: Result, complete: Sequence[int]) -> Result:
    if result.rule != ROWS_RULE or not complete:
        return result
    hint = "no rows were handed over: write them to the folder PARDOT_OUT, or print them as CSV"
    return replace(result, message=hint)


def _of_the_program(
    played: Played, evidence: Evidence, *, has_rows: bool, knows: bool
) -> Iterator[Result]:
    yield _said(played, FINISHES, _endless(played))
    complete = completed(played.account, evidence)
    done = bool(complete) and (has_rows or not knows)
    yield _said(played, HONEST, _dishonest(played, done=done))
    if played.scenario.recovers:
        missing = "" if done else f"it ended with {_code(played)} and without every row"
        yield _said(played, RECOVERS, missing and f"{missing}: {_last_words(played)}")
    yield _said(played, SECRETS, _leaks(played))
    yield _said(played, AT_HOME, _strangers(played))


def _said(played: Played, rule: _Rule, problem: str) -> Result:
    from pardot_mock.reports import Result

    return Result(
        rule.id,
        rule.axis,
        rule.level,
        "fail" if problem else "pass",
        problem or rule.says,
        source=rule.source,
        says=rule.says,
        scenario=played.scenario.name,
    )


def _endless(played: Played) -> str:
    if played.ended.code is not None:
        return ""
    return (
        f"it was ended after {played.ended.seconds:.0f} s of real time: end every loop, let waits "
        "be coupled (see docs/contracts.md), or give it longer with --timeout"
    )


def _dishonest(played: Played, *, done: bool) -> str:
    code = played.ended.code
    if code == 0 and not done:
        return "it ended with 0 without every row: end with another code when something is missing"
    if code not in (0, None) and done:
        return f"it ended with {_code(played)} although every row is there: {_last_words(played)}"
    return ""


def _code(played: Played) -> str:
    code = played.ended.code
    if code is None:
        return "no exit code"
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _last_words(played: Played) -> str:
    said = (played.ended.stderr.strip() or played.ended.stdout.strip()).splitlines()
    return "\n".join(said[-LAST_LINES:]) or "it said nothing"


def _leaks(played: Played) -> str:
    from pardot_mock.credentials import credentials

    known = credentials(played.account.info, played.account.owner)
    secrets = [(name, known[name]) for name in _SECRET if known.get(name)]
    secrets += [("api_key", key.key) for key in played.account.sessions.keys.values()]
    printed = played.ended.stdout + played.ended.stderr
    leaked = sorted({name for name, value in secrets if value in printed})
    return f"it printed {', '.join(leaked)}: leave them out of what you print" if leaked else ""


_SECRET = ("password", "user_key", "client_secret", "refresh_token")


def _strangers(played: Played) -> str:
    hosts = ", ".join(sorted(played.refused))
    return f"it called {hosts}, which the harness refused" if hosts else ""
