"""The data behind explanations agrees with the catalogue, the quirks and the error codes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from pardot_contracts.requirements import load
from pardot_mock.domain.errors import ERRORS
from pardot_mock.domain.quirks import QUIRKS
from pardot_mock.explaining import FOLDER, known_statements
from tests.meta.statements import PATH, wanted

RULES: list[dict[str, Any]] = tomllib.loads((FOLDER / "rules.toml").read_text("utf-8"))["rule"]
FACTS = {"op", "method", "outcome", "code", "format", "auth", "state", "expired"}


def named(key: str) -> list[str]:
    return [name for rule in RULES for name in rule.get(key, "").split()]


def test_the_statements_are_those_of_the_catalogue() -> None:
    assert PATH.read_text("utf-8") == wanted()


def test_every_statement_about_login_calls_limits_and_exports_has_a_rule() -> None:
    # Token calls leave no trace in an account; what they ask for is not about an API call.
    ours = {id_ for id_, each in load().items() if {"3", "4"} & set(each.versions)}
    assert set(named("requirements")) <= ours == set(known_statements())
    unnamed = {id_ for id_ in ours if not id_.startswith("OAUTH-")} - set(named("requirements"))
    assert unnamed == set()


def test_every_quirk_has_a_rule() -> None:
    # How a token is answered is no matter of an API call.
    assert set(QUIRKS) - set(named("quirks")) == {"token_expires_in"}
    assert set(named("quirks")) <= set(QUIRKS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.get("when", "always")))
def test_a_rule_asks_for_facts_that_calls_have(rule: dict[str, Any]) -> None:
    when = rule.get("when", {})
    assert set(rule) <= {"when", "requirements", "quirks"}
    assert set(when) <= FACTS
    codes = when.get("code", [])
    assert set(codes if isinstance(codes, list) else [codes]) <= set(ERRORS)
