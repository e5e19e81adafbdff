"""Matching rules of Pact: strict where nothing is said, loose where the consumer says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_contracts.pact.matching import mismatches, rules_of
from pardot_contracts.pact.reading import ABSENT, read
from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def found(expected: Any, actual: Any, **rules: Any) -> list[str]:
    given = {path.replace("_", "$", 1): {"matchers": [rule]} for path, rule in rules.items()}
    return list(mismatches(expected, actual, rules_of(given)))


@settings(max_examples=60)
@given(trees, trees)
def test_without_rules_only_equal_values_match_but_for_keys_more(one: Any, other: Any) -> None:
    assert found(one, one) == []
    assert found({"a": one}, {"a": one, "b": other}) == []
    if json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True):
        # A key more is fine below as well, so the two may only match one way round.
        assert found([one], [other]) or found([other], [one])


@settings(max_examples=60)
@given(trees)
def test_a_value_has_its_own_type(one: Any) -> None:
    assert found(one, one, _={"match": "type"}) == []


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ({"match": "type"}, [1, 99], ["1", None, 1.5, True]),
        ({"match": "regex", "regex": "^[0-9]+$"}, ["12", 7], ["x", None]),
        ({"match": "include", "value": "ell"}, ["hello"], ["help", 5]),
        ({"match": "integer"}, [3], [3.5, "3", True]),
        ({"match": "decimal"}, [3.5], [3, "3"]),
        ({"match": "number"}, [3, 3.5], ["3", True]),
        ({"match": "boolean"}, [True], [1, "true"]),
        ({"match": "null"}, [None], [0, ""]),
        ({"match": "datetime"}, ["2026-01-01 00:00:00"], ["", 5]),
        ({"match": "equality"}, [1], [2]),
    ],
)
def test_each_matcher_takes_what_it_is_for(
    rule: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert found({"a": 1}, {"a": value}, **{"_.a": rule}) == [], value
    for value in bad:
        assert found({"a": 1}, {"a": value}, **{"_.a": rule}), value


def test_a_loose_list_is_an_example_and_a_strict_one_is_counted() -> None:
    assert found([1], [1, 2, 3], _={"match": "type"}) == []
    assert found([1], [1, "2"], _={"match": "type"}) == ["$[1]: text instead of integer"]
    assert found([1], [], _={"match": "type", "min": 1}) == ["$: 0 items, not 1 to 0"]
    assert found([1, 2], [1]) == ["$: 1 items instead of 2"]


def test_the_nearest_rule_counts() -> None:
    rules = {"_": {"match": "type"}, "_.a[*].b": {"match": "equality"}}
    assert found({"a": [{"b": 1, "c": 1}]}, {"a": [{"b": 1, "c": 9}]}, **rules) == []
    assert found({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, **rules) == ["$.a[0].b: 2 instead of 1"]


@pytest.mark.parametrize(
    "rules", [{"$": {"matchers": [{"match": "magic"}]}}, {"a.b": {"matchers": []}}]
)
def test_what_cannot_be_understood_is_an_error_and_no_match(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not known|cannot be read"):
        rules_of(rules)


def write(path: Path, version: str, interaction: dict[str, Any]) -> Path:
    given = {"description": "d", "request": {}, "response": {}, **interaction}
    metadata = {"pactSpecification": {"version": version}}
    path.write_text(json.dumps({"interactions": [given], "metadata": metadata}))
    return path


def test_every_version_is_read_into_one_shape(tmp_path: Path) -> None:
    rule = {"matchers": [{"match": "type"}]}
    old = {
        "providerState": "s",
        "request": {"method": "get", "path": "/p", "query": "a=1&a=2"},
        "response": {"body": {"x": 1}, "matchingRules": {"$.body.x": {"match": "type"}}},
    }
    three = {
        "providerStates": [{"name": "s"}],
        "request": {"method": "GET", "path": "/p", "query": {"a": ["1", "2"]}},
        "response": {"body": {"x": 1}, "matchingRules": {"body": {"$.x": rule}}},
    }
    four = {
        **three,
        "type": "Synchronous/HTTP",
        "response": {"body": {"content": {"x": 1}}, "matchingRules": {"body": {"$.x": rule}}},
    }
    read_ones = [
        read(write(tmp_path / f"{version}.json", version, each))[0]
        for version, each in (("2.0.0", old), ("3.0.0", three), ("4.0", four))
    ]
    assert read_ones[0] == read_ones[1] == read_ones[2]
    assert read(write(tmp_path / "e.json", "3.0.0", {}))[0].answer_body is ABSENT


@pytest.mark.parametrize(
    ("version", "interaction"),
    [("9.0.0", {}), ("4.0", {"type": "Asynchronous/Messages"}), ("3.0.0", {"request": None})],
)
def test_a_file_that_is_none_of_ours_is_refused(
    tmp_path: Path, version: str, interaction: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match="no pact that can be read"):
        read(write(tmp_path / "x.json", version, interaction))
