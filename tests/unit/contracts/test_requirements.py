"""The catalogue: complete, unambiguous, and refused when it is not."""

from __future__ import annotations

import pytest

from pardot_contracts.requirements import (
    CAPABILITIES,
    EVIDENCE,
    CatalogueError,
    load,
    needs_of,
    parse,
)

ENTRY = """
[[requirement]]
id = "{id}"
text = "It works."
versions = ["4"]
evidence = "{evidence}"
source = "a source"
needs = [{needs}]
"""


def entry(id_: str = "AREA-001", evidence: str = "documented", needs: str = "") -> str:
    return ENTRY.format(id=id_, evidence=evidence, needs=needs)


def test_the_catalogue_that_ships_covers_every_area_of_versions_3_and_4() -> None:
    catalogue = load()
    topics = {requirement.topic for requirement in catalogue.values()}
    assert {"LOGIN", "AUTH", "ENV", "RESULT", "DATE", "PERM", "ERR", "LIMIT"} <= topics
    exports = {topic for topic in topics if topic.startswith("EXP-")}
    assert exports == {f"EXP-{n}" for n in ("CREATE", "READ", "QUERY", "STATE", "EXPIRY", "QUEUE")}


def test_every_requirement_is_complete() -> None:
    for id_, requirement in load().items():
        assert requirement.id == id_
        assert requirement.text.endswith((".", "`."))
        assert set(requirement.versions) <= {"3", "4", "5"}
        assert requirement.versions
        assert requirement.evidence in EVIDENCE
        assert requirement.needs <= set(CAPABILITIES)


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(CatalogueError, match="AREA-001 occurs twice"):
        parse(entry() + entry())


def test_an_unknown_need_is_refused() -> None:
    with pytest.raises(CatalogueError, match="AREA-001: unknown need"):
        parse(entry(needs='"magic"'))


def test_an_unknown_evidence_is_refused() -> None:
    with pytest.raises(CatalogueError, match="unknown evidence 'rumour'"):
        parse(entry(evidence="rumour"))


def test_an_incomplete_entry_is_refused() -> None:
    with pytest.raises(CatalogueError, match="keys must be"):
        parse('[[requirement]]\nid = "AREA-001"\n')


def test_an_empty_catalogue_is_refused() -> None:
    with pytest.raises(CatalogueError, match="empty"):
        parse("")


def test_the_needs_of_several_requirements_add_up() -> None:
    text = entry(needs='"writes"') + entry("AREA-002", needs='"control", "writes"')
    assert needs_of(parse(text).values()) == {"writes", "control"}
    assert needs_of([]) == frozenset()
