"""The command `pardot-mock grade`: how the client of an account kept the rules of conduct.

Exit codes: 0 no rule of the level of `--fail-on` was broken, 1 one was, 2 wrong usage, 4 no
emulator answers, 5 nothing was journaled, so there is nothing to grade.
"""

from __future__ import annotations

import json
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from pardot_mock.controlcli import aligned, targeted
from pardot_mock.reports import WRITERS, Report, Result
from pardot_mock.reports.model import COUNTED, FAIL
from pardot_mock.tables import markdown_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.controlcli import Target
    from pardot_mock.controltypes import GradeFacts, RuleFacts

BROKEN = 1
NOTHING_RAN = 5


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "sarif", "markdown", "html"]),
    default="text",
    show_default=True,
    help="How to print the grade.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(COUNTED)),
    default="must",
    show_default=True,
    help="Lowest level of a broken rule that ends with 1.",
)
@targeted
def grade(target: Target, form: str, fail_on: str) -> None:
    """Grade the client of an account by what it sent."""
    facts = target.client.grade(target.account)
    target.show(facts, _FORMS[form](facts).splitlines())
    sys.exit(exit_code(facts, fail_on))


def exit_code(facts: GradeFacts, fail_on: str) -> int:
    """Give the exit code of a grade; a journal that lost entries is never an empty one."""
    summary = facts["summary"]
    if summary["calls"] == 0 and summary["dropped"] == 0:
        return NOTHING_RAN
    counted = COUNTED[fail_on]
    return BROKEN if any(rule["level"] in counted for rule in _broken(facts)) else 0


def _broken(facts: GradeFacts) -> list[RuleFacts]:
    return [rule for rule in facts["rules"] if rule["status"] == FAIL]


def _summed(facts: GradeFacts) -> str:
    summary = facts["summary"]
    kept, broken, rest = (summary[name] for name in ("pass", "fail", "not_exercised"))
    return f"{summary['calls']} calls: {kept} rules kept, {broken} broken, {rest} not exercised"


def as_text(facts: GradeFacts) -> str:
    """Give a grade as lines for a terminal: all rules, the broken ones with what to change."""
    rows = [
        [rule["status"], rule["level"], rule["axis"], rule["id"], _advice(rule)]
        for rule in facts["rules"]
    ]
    return "\n".join([*aligned(rows), _summed(facts)])


def _advice(rule: RuleFacts) -> str:
    if rule["status"] != FAIL:
        return ""
    calls = f" [{', '.join(rule['entries'])}]" if rule["entries"] else ""
    return " / ".join(rule["message"].splitlines()) + calls


def as_json(facts: GradeFacts) -> str:
    """Give a grade as the control plane answers it."""
    return json.dumps(facts, indent=2, ensure_ascii=False)


def as_markdown(facts: GradeFacts) -> str:
    """Give a grade as Markdown for a pull request: the broken rules, then the sum."""
    rows = [
        {
            "rule": rule["id"],
            "level": rule["level"],
            "axis": rule["axis"],
            "what to change": rule["message"],
            "calls": ", ".join(rule["entries"]),
        }
        for rule in _broken(facts)
    ]
    table = f"{markdown_table(rows)}\n\n" if rows else ""
    return f"## Conduct\n\n{table}{_summed(facts)}"


def as_junit(facts: GradeFacts) -> str:
    """Give a grade as a JUnit report: a case for each rule, skipped where not exercised."""
    return WRITERS["junit"](as_report(facts))


def as_report(facts: GradeFacts) -> Report:
    """Give a grade as a report, for the forms that every report has."""
    results = tuple(
        Result(
            rule["id"],
            rule["axis"],
            rule["level"],
            rule["status"],
            rule["message"],
            source=rule["source"],
            calls=tuple(rule["entries"]),
        )
        for rule in facts["rules"]
    )
    return Report("conduct", "the client of an account", results)


_FORMS: Mapping[str, Callable[[GradeFacts], str]] = MappingProxyType(
    {
        "text": as_text,
        "json": as_json,
        "junit": as_junit,
        "sarif": lambda facts: WRITERS["sarif"](as_report(facts)),
        "markdown": as_markdown,
        "html": lambda facts: WRITERS["html"](as_report(facts)),
    }
)
