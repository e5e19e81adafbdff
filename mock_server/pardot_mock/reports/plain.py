"""Reports as text, JSON, JUnit and Markdown."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pardot_mock.reports.model import FAIL, NOT_EXERCISED
from pardot_mock.tables import markdown_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_mock.reports.model import Report, Result


def as_text(report: Report) -> str:
    """Write for a terminal: how each scenario went, what was broken and which lines to change."""
    lines = [f"{report.title}: {report.subject}", *_facts(report.facts)]
    for name, _ in report.scenarios():
        if name:
            told = _facts(_of(report, name))
            lines += ["", f"scenario {name}", *(f"  {line}" for line in told)]
    for rule in dict.fromkeys(result.rule for result in report.broken):
        same = [result for result in report.broken if result.rule == rule]
        lines += ["", *_broken(same)]
    return "\n".join([*lines, "", report.summary()])


def _of(report: Report, scenario: str) -> Mapping[str, str]:
    return report.sections.get(scenario, {})


def _facts(facts: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in facts.items()]


def _broken(same: Sequence[Result]) -> list[str]:
    """Tell of a rule once: by the first scenario that shows it, with the lines of all."""
    first = same[0]
    names = ", ".join(result.scenario for result in same if result.scenario)
    places = dict.fromkeys(place for result in same for place in result.places)
    return [
        f"FAIL {first.rule} ({first.level}, {first.axis}){f' in {names}' if names else ''}",
        *(f"     {line}" for line in first.message.splitlines()),
        *(f"     change {place}" for place in places),
    ]


def as_json(report: Report) -> str:
    """Write everything as JSON."""
    facts = {
        "title": report.title,
        "subject": report.subject,
        "facts": dict(report.facts),
        "summary": report.counts(),
        "scenarios": {name: dict(_of(report, name)) for name, _ in report.scenarios()},
        "results": [asdict(result) for result in report.results],
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def as_markdown(report: Report) -> str:
    """Write for a pull request: what was broken and what to change, then the sum."""
    named = any(result.scenario for result in report.broken)
    rows = [
        {
            "rule": result.rule,
            "level": result.level,
            **({"scenario": result.scenario} if named else {}),
            "what to change": result.message,
            "where": "; ".join(f"`{place}`" for place in result.places),
        }
        for result in report.broken
    ]
    table = [markdown_table(rows), ""] if rows else []
    facts = [f"- {line}" for line in _facts(report.facts)]
    head = [f"### {report.title}: {report.summary()}", "", f"`{report.subject}`", ""]
    return "\n".join([*head, *facts, *([""] if facts else []), *table]).rstrip() + "\n"


def as_junit(report: Report) -> str:
    """Write as JUnit: a suite for each scenario, a case for each rule, skipped where untouched."""
    about = {"name": report.title, **_counts(report.results)}
    suites = ElementTree.Element("testsuites", about)
    for name, results in report.scenarios():
        about = {"name": name or report.title, **_counts(results)}
        suite = ElementTree.SubElement(suites, "testsuite", about)
        for result in results:
            _case(suite, result)
    return _printable(ElementTree.tostring(suites, encoding="unicode", xml_declaration=True))


def _printable(text: str) -> str:
    """Leave out what XML cannot hold: a program may print anything."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _counts(results: Sequence[Result]) -> dict[str, str]:
    statuses = [result.status for result in results]
    failed, skipped = statuses.count(FAIL), statuses.count(NOT_EXERCISED)
    counts = {"tests": len(results), "failures": failed, "errors": 0, "skipped": skipped}
    return {name: str(number) for name, number in counts.items()}


def _case(suite: ElementTree.Element, result: Result) -> None:
    prefix = f"{result.scenario}." if result.scenario else ""
    names = {"classname": f"{prefix}conduct.{result.axis}", "name": result.rule}
    if result.places:
        names |= {"file": result.places[0].file, "line": str(result.places[0].line)}
    case = ElementTree.SubElement(suite, "testcase", names)
    if result.status == FAIL:
        about = {"type": result.level, "message": result.message}
        failure = ElementTree.SubElement(case, "failure", about)
        told = [*(str(place) for place in result.places), f"source: {result.source}"]
        failure.text = "\n".join(
            [*told, *([f"calls: {', '.join(result.calls)}"] * bool(result.calls))]
        )
    elif result.status == NOT_EXERCISED:
        ElementTree.SubElement(case, "skipped", {"message": result.message})
