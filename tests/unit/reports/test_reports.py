"""Reports say the same in every form, and each form is what its readers expect."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.reports import WRITERS, Place, Report, Result
from pardot_mock.reports.model import STATUSES

BROKEN = Result(
    "polls-no-faster",
    "politeness",
    "must",
    "fail",
    "3 times: wait <30> seconds | or more",
    source="documented",
    says="Look rarely.",
    scenario="one-file",
    calls=("a1", "a2"),
    places=(Place("src/poll it.py", 12, "sleep(1)"), Place("/abs/tool.sh")),
)
KEPT = Result("stops", "politeness", "should", "pass", "It stops.", scenario="one-file")
UNTOUCHED = Result("renews", "safety", "must", "not_exercised", "nothing shows", scenario="other")
REPORT = Report(
    "Conduct",
    "python x.py",
    (BROKEN, KEPT, UNTOUCHED),
    {"seed": "7"},
    {"one-file": {"calls": "login 1"}},
)


def sarif(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WRITERS["sarif"](report))
    return found


def test_sarif_has_what_version_2_1_0_requires() -> None:
    log = sarif(REPORT)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids) == 3
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        # 3.27.10: a result that is no failure has no level.
        assert (result["kind"] == "fail") == (result["level"] in ("error", "warning"))
        assert result["kind"] in ("pass", "fail", "notApplicable")
        for location in result.get("locations", ()):
            physical = location["physicalLocation"]
            assert re.fullmatch(r"(file:///)?[^ ]+", physical["artifactLocation"]["uri"])
            assert physical.get("region", {"startLine": 1})["startLine"] >= 1
    assert all(invocation["executionSuccessful"] for invocation in run["invocations"])


def test_sarif_places_are_relative_to_where_the_run_was_started() -> None:
    first, second = sarif(REPORT)["runs"][0]["results"][0]["locations"]
    where = first["physicalLocation"]
    assert where["artifactLocation"] == {"uri": "src/poll%20it.py", "uriBaseId": "SRCROOT"}
    assert where["region"] == {"startLine": 12, "snippet": {"text": "sleep(1)"}}
    assert second["physicalLocation"] == {"artifactLocation": {"uri": "file:///abs/tool.sh"}}


def test_junit_counts_cases_and_gives_file_and_line() -> None:
    suites = ElementTree.fromstring(WRITERS["junit"](REPORT))  # noqa: S314 - our own
    assert [suites.attrib[name] for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert [suite.attrib["name"] for suite in suites] == ["one-file", "other"]
    case = suites[0][0]
    assert (case.attrib["file"], case.attrib["line"]) == ("src/poll it.py", "12")
    assert case[0].attrib["type"] == "must"


def test_markdown_names_rule_place_and_advice_in_one_row() -> None:
    text = WRITERS["markdown"](REPORT)
    (row,) = [line for line in text.splitlines() if line.startswith("| polls-no-faster")]
    assert "`src/poll it.py:12: sleep(1)`" in row
    assert "wait &lt;30> seconds \\| or more" in row


def test_text_tells_a_rule_once_whatever_the_number_of_scenarios() -> None:
    twice = Report(
        "t", "s", (BROKEN, Result("polls-no-faster", "p", "must", "fail", "x", scenario="b"))
    )
    text = WRITERS["text"](twice)
    assert text.count("FAIL polls-no-faster") == 1
    assert "in one-file, b" in text
    assert "change src/poll it.py:12: sleep(1)" in text


class Reader(HTMLParser):
    """Collects what a page would load, and whether its elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page.removeprefix("<!doctype html>"))
    assert reader.open == []
    return reader


def test_a_page_needs_nothing_else() -> None:
    page = WRITERS["html"](REPORT)
    assert read(page).loads == []
    assert "@import" not in page
    assert "url(" not in page


texts = st.text(max_size=30)
results = st.builds(
    Result,
    rule=texts.filter(bool),
    axis=texts,
    level=st.sampled_from(["must", "should"]),
    status=st.sampled_from(STATUSES),
    message=texts,
    scenario=texts,
    calls=st.lists(texts, max_size=2).map(tuple),
    places=st.lists(st.builds(Place, texts.filter(bool), st.integers(0, 9), texts), max_size=2).map(
        tuple
    ),
)


@settings(max_examples=30)
@given(st.lists(results, max_size=4).map(tuple))
def test_no_text_breaks_a_form(found: tuple[Result, ...]) -> None:
    report = Report("t", "s", found)
    ElementTree.fromstring(WRITERS["junit"](report))  # noqa: S314 - our own
    assert len(sarif(report)["runs"][0]["results"]) == len(found)
    assert json.loads(WRITERS["json"](report))["summary"] == report.counts()
    told = "".join(read(WRITERS["html"](report)).texts)
    assert report.summary() in told
    assert report.summary() in WRITERS["text"](report)
    assert report.summary() in WRITERS["markdown"](report)


@pytest.mark.parametrize(
    ("level", "fail_on", "fails"),
    [
        ("must", "must", True),
        ("must", "should", True),
        ("should", "must", False),
        ("should", "should", True),
        ("must", "never", False),
    ],
)
def test_fail_on_names_the_lowest_level_that_counts(
    level: str, fail_on: str, *, fails: bool
) -> None:
    report = Report("t", "s", (Result("r", "a", level, "fail", "m"),))
    assert report.failed(fail_on) is fails
