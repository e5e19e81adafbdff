"""Which combinations a case is run in: every pair of values, in as few runs as that takes."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_contracts.combinations import VERSIONS, Way, every_way, pairwise
from pardot_contracts.facts import AUTHS
from pardot_contracts.harness import Ways
from pardot_contracts.reply import FORMATS

some = st.lists(st.sampled_from(every_way()), min_size=1, unique=True)


def pairs_of(ways: list[Way]) -> set[tuple[str, str]]:
    """Give the pairs of values, written out by hand."""
    return {
        pair for way in ways for pair in combinations((f"v{way.version}", way.form, way.auth), 2)
    }


@settings(max_examples=60, deadline=None)
@given(some)
def test_every_pair_that_occurs_in_any_combination_is_tried(ways: list[Way]) -> None:
    chosen = pairwise(ways)
    assert pairs_of(chosen) == pairs_of(ways)
    assert [way for way in ways if way in chosen] == chosen


def test_four_runs_try_every_pair_of_version_format_and_authentication() -> None:
    assert len(every_way()) == 8
    assert [way.label for way in pairwise(every_way())] == [
        "v3-xml",
        "v3-json-oauth",
        "v4-xml-oauth",
        "v4-json",
    ]


def test_a_dimension_that_is_fixed_leaves_every_combination_of_the_others() -> None:
    fixed = every_way(auths=AUTHS[:1])
    assert pairwise(fixed) == fixed
    assert [(way.version, way.form) for way in fixed] == list(product(VERSIONS, FORMATS))


def test_a_case_about_one_format_takes_its_share_of_the_pairs() -> None:
    ways = Ways(every_way(), ("xml",), full=False)
    assert [way.label for way in ways.chosen()] == ["v3-xml", "v4-xml-oauth"]


def test_the_full_matrix_runs_every_combination_of_the_formats_asked_for() -> None:
    assert len(Ways(every_way(), FORMATS, full=True).chosen()) == 8
    assert len(Ways(every_way(), ("json",), full=True).chosen()) == 4


def test_a_driver_of_few_ways_is_judged_in_those() -> None:
    known = [Way("3", "json", "api_key"), Way("4", "json", "api_key")]
    assert Ways(every_way(), FORMATS, full=False).chosen(known) == known
    assert Ways(every_way(), ("xml",), full=False).chosen(known) == []


def test_a_server_of_one_version_and_one_authentication_is_asked_in_both_formats() -> None:
    ways = Ways(every_way(["4"], FORMATS, ["oauth"]), FORMATS, full=False)
    assert [way.label for way in ways.chosen()] == ["v4-xml-oauth", "v4-json-oauth"]
    assert ways.versions() == ["4"]
