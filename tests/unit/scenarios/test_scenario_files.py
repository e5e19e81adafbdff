"""Scenario files: their shape, how they are found, and what is said of a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.scenarios.catalogue import catalogue, find, from_file, is_file_name, named, names
from pardot_mock.scenarios.scenario import LISTS, TABLES, TEXTS, ScenarioError, scenario_of

if TYPE_CHECKING:
    from pathlib import Path

WANTED = {
    *(
        "awkward-characters",
        "default",
        "empty",
        "single-file",
        "many-files",
        "no-match",
        "slow",
        "queue-of-five",
    ),
    *("stuck", "failing", "expiring-soon", "expired", "key-expires-mid-poll", "huge"),
    *("quota-nearly-gone", "quota-zero", "concurrency-one", "dst-edge", "v3-only", "v4-only"),
    *("oauth-only", "flaky-network", "truncated-download", "colleague-in-front"),
}
plain = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
tables = st.dictionaries(st.text(max_size=5), plain, max_size=3)
words = st.lists(st.text("abcxyz.,", min_size=1, max_size=6), max_size=4).map(" ".join)
shapes = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TEXTS, words),
        **dict.fromkeys(TABLES, tables),
        **dict.fromkeys(LISTS, st.lists(tables, max_size=2)),
    },
)


@given(shapes)
def test_a_scenario_written_as_an_object_reads_as_itself(values: dict[str, Any]) -> None:
    once = scenario_of(values, "a", "b")
    assert scenario_of(once.as_object(), "a", "b") == once
    said = {key: value for key, value in once.as_object().items() if value}
    assert said == {key: value for key, value in values.items() if value}


@given(shapes, st.text(max_size=8))
def test_a_key_that_nobody_knows_is_an_error_naming_source_and_key(
    values: dict[str, Any], key: str
) -> None:
    if key in (*TEXTS, *TABLES, *LISTS):
        return
    with pytest.raises(ScenarioError) as error:
        scenario_of({**values, key: 1}, "own", "own.toml")
    assert str(error.value).startswith(f"own.toml: unknown key {key!r}")


@given(st.sampled_from((*TEXTS, *TABLES, *LISTS)), st.integers())
def test_a_value_of_the_wrong_shape_is_an_error_naming_the_key(key: str, value: int) -> None:
    with pytest.raises(ScenarioError, match=rf"^own.toml: {key}: {value} is not a"):
        scenario_of({key: value}, "own", "own.toml")


def test_every_wanted_scenario_comes_along_and_default_is_first() -> None:
    assert set(names()) == WANTED
    assert names()[0] == "default"
    assert list(names()[1:]) == sorted(names()[1:])


@pytest.mark.parametrize("scenario", catalogue(), ids=lambda each: each.name)
def test_a_scenario_that_comes_along_says_what_it_is_in_few_words(scenario: Any) -> None:
    assert 10 < len(scenario.title) < 50
    assert not scenario.title.endswith(".")
    assert 40 < len(scenario.shows) < 300
    assert 20 < len(scenario.attempt) < 120
    for text in (scenario.shows, scenario.attempt):
        assert text.endswith(".")
        assert "\n" not in text


def test_a_name_is_found_whatever_its_case_and_a_path_is_a_file(tmp_path: Path) -> None:
    assert named("Quota-Zero") == find("quota-zero")
    own = tmp_path / "mine.toml"
    own.write_text('title = "Mine"\n')
    assert (find(str(own)).name, find(str(own)).title) == ("mine", "Mine")
    assert [is_file_name(text) for text in ("stuck", "stuck.toml", "a/stuck")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("name", ["", "nope", "default.toml", "../files/default", "/etc/passwd"])
def test_a_name_that_nobody_knows_is_an_error_that_lists_the_known(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"there is no scenario .* known are default, "):
        named(name)


def test_dates_of_a_file_become_the_texts_a_call_would_send(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[account]\nnow = 2026-03-08T06:30:00Z\n")
    assert from_file(own).account == {"now": "2026-03-08T06:30:00+00:00"}


def test_a_file_that_cannot_be_read_is_an_error_naming_it(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"missing\.toml: No such file"):
        find(str(tmp_path / "missing.toml"))
    with pytest.raises(ScenarioError, match="directory"):
        from_file(tmp_path)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ScenarioError, match="more than 1048576 bytes"):
        find(str(large))
    deep = tmp_path / "deep.toml"
    deep.write_text("title = " + "[" * 5000)
    with pytest.raises(ScenarioError, match=r"deep\.toml: "):
        find(str(deep))
