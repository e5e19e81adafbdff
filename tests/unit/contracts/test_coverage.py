"""Every requirement has a case or a reason, every case a requirement; else the pages fail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pardot_contracts import coverage as module
from pardot_contracts.coverage import Coverage, UnreadableMarkError, cases_in, coverage
from pardot_contracts.evidence import by_evidence, by_prefix, requirement_rows
from pardot_contracts.requirements import EVIDENCE, parse
from pardot_mock import pages
from pardot_mock.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """
[[requirement]]
id = "{0}"
text = "It holds."
versions = {1}
evidence = "chosen"
source = "here"
needs = ["writes", "control"]
"""
CATALOGUE = parse(
    ENTRY.format("A-001", ["3"]) + ENTRY.format("A-002", ["4", "5"]) + ENTRY.format("V5-001", ["5"])
)
SOUND = Coverage(CATALOGUE, {"test_a.py::test_it": ("A-001",)}, {"A-002": "nobody can know"})


def test_the_suite_covers_the_catalogue() -> None:
    assert coverage().faults() == []


def test_a_sound_suite_has_no_faults() -> None:
    assert SOUND.faults() == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"reasons": {}}, "A-002 has neither a case nor a reason"),
        ({"reasons": {**SOUND.reasons, "A-001": "no"}}, "A-001 has a case or need not have one"),
        ({"reasons": {**SOUND.reasons, "V5-001": "no"}}, "V5-001 has a case or need not"),
        ({"reasons": {**SOUND.reasons, "B-001": "no"}}, "B-001 has a case or need not have one"),
        ({"cases": {**SOUND.cases, "x.py::test_x": ()}}, "x.py::test_x names no requirement"),
        ({"cases": {**SOUND.cases, "x.py::test_x": ("B-9",)}}, "there is no requirement B-9"),
    ],
)
def test_what_breaks_a_rule_is_named(changes: dict[str, object], fault: str) -> None:
    (found,) = replace(SOUND, **changes).faults()  # type: ignore[arg-type]
    assert fault in found


def test_the_cases_of_a_module_are_found_with_all_their_marks() -> None:
    text = """
@pytest.mark.requirement("A-001", "A-002")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.requirement("A-003"))])
@pytest.mark.requirement("A-001")
def test_one(x): ...
def helper(): ...
def test_two(): ...
"""
    assert cases_in(text, "m.py") == {
        "m.py::test_one": ("A-001", "A-002", "A-003"),
        "m.py::test_two": (),
    }


def test_an_id_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(UnreadableMarkError, match=r"m\.py:1"):
        cases_in("@pytest.mark.requirement(*IDS)\ndef test_one(): ...", "m.py")


def test_the_rows_say_by_what_a_requirement_is_shown_or_why_by_nothing() -> None:
    rows = requirement_rows(SOUND)
    assert [row["shown by"] for row in rows] == [
        "it",
        "no case: nobody can know",
        "no case: version 5 is not emulated",
    ]
    assert rows[0]["needs"] == "control writes"


def test_the_numbers_add_up() -> None:
    found = coverage()
    due = [r for r in found.catalogue.values() if {"3", "4"} & set(r.versions)]
    for rows in (by_evidence(found), by_prefix(found)):
        *parts, whole = rows
        assert whole["requirements"] == str(len(due))
        for column in ("requirements", "with a case"):
            assert int(whole[column]) == sum(int(row[column]) for row in parts)
    names = [row["evidence"] for row in by_evidence(found)]
    assert names == [name for name in (*EVIDENCE, "all") if name in names]


def test_the_pages_are_not_written_while_a_requirement_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "coverage", lambda: replace(SOUND, reasons={}))
    for arguments in ([str(tmp_path)], [str(tmp_path), "--check"]):
        assert pages.main(arguments) == 1
        assert "A-002 has neither a case nor a reason" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_lists_every_requirement() -> None:
    done = CliRunner().invoke(main, ["requirements", "--json"])
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [row["id"] for row in rows] == list(coverage().catalogue)
    assert all(row["shown by"] for row in rows)
