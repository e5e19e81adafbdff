"""Which combinations a case is run in: every pair of values, in as few runs as that takes."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_contracts.combinations import VERSIONS, Way, every_way, pairwise
from pardot_contracts.facts import AUTHS
from pardot_contracts.reply import FORMATS

some = st.lists(st.sampled_from(every_way()), min_size=1, unique=True)


def pairs_of(ways: list[Way]) -> set[tuple[str, str]]:
    """Give the pairs of values, written out by hand."""
    return {
        pair for way in ways for pair in combinations((f"v{way.version}", way.form, way.auth), 2)
    }


@settings(max_examples=60)
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
