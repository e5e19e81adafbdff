"""Reads a Pact file of version 2, 3 or 4 into interactions of one shape."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from pardot_contracts.pact.matching import Rule, rules_of
from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

ABSENT = object()
"""The body of an answer about which nothing is said."""

_HTTP = "Synchronous/HTTP"


@dataclass(frozen=True, slots=True)
class State:
    """What the provider has to be like, with parameters."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """A call and what must be answered; `path_expression` is a path with `${names}` to fill in."""

    description: str
    states: tuple[State, ...]
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: Any
    status: int
    answer_headers: Mapping[str, str]
    answer_body: Any
    body_rules: tuple[Rule, ...]
    header_rules: Mapping[str, Sequence[Mapping[str, Any]]]
    path_expression: str = ""


def read(path: Path) -> list[Interaction]:
    """Read a file; raise `ConfigurationError` naming what is wrong with it."""
    try:
        found = json.loads(path.read_text("utf-8"))
        version = _version(found)
        return [_interaction(each, version) for each in found["interactions"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} is no pact that can be read: {error!r}") from error


def _version(found: Mapping[str, Any]) -> int:
    said = found.get("metadata", {})
    spec = said.get("pactSpecification") or said.get("pact-specification") or {}
    number = int(str(spec.get("version", "2")).partition(".")[0])
    if number not in (2, 3, 4):
        raise ValueError(f"version {number} of the format is not known")
    return number


def _interaction(given: Mapping[str, Any], version: int) -> Interaction:
    if given.get("type", _HTTP) != _HTTP:
        raise ValueError(f"{given['type']} is not HTTP")
    request, response = given["request"], given["response"]
    rules = response.get("matchingRules") or {}
    known = _rules_of_2(rules) if version == 2 else rules
    return Interaction(
        description=given["description"],
        states=tuple(_states(given)),
        method=str(request.get("method", "GET")).upper(),
        path=str(request.get("path", "/")),
        query=_query(request.get("query")),
        headers=_headers(request.get("headers")),
        body=_body(request, version),
        status=int(response.get("status", 200)),
        answer_headers=_headers(response.get("headers")),
        answer_body=_body(response, version),
        body_rules=rules_of(known.get("body") or {}),
        header_rules={
            name.lower(): rule["matchers"] for name, rule in (known.get("header") or {}).items()
        },
        path_expression=str(
            ((request.get("generators") or {}).get("path") or {}).get("expression", "")
        ),
    )


def _states(given: Mapping[str, Any]) -> Iterator[State]:
    if isinstance(name := given.get("providerState"), str):
        yield State(name)
    for state in given.get("providerStates") or ():
        yield State(state["name"], state.get("params") or {})


def _query(given: Any) -> Mapping[str, Sequence[str]]:  # noqa: ANN401 - JSON
    if isinstance(given, str):
        return parse_qs(given, keep_blank_values=True)
    items = (given or {}).items()
    return {name: [v] if isinstance(v, str) else [str(each) for each in v] for name, v in items}


def _headers(given: Any) -> Mapping[str, str]:  # noqa: ANN401 - JSON
    items = (given or {}).items()
    return {name: v if isinstance(v, str) else ", ".join(map(str, v)) for name, v in items}


def _body(given: Mapping[str, Any], version: int) -> Any:  # noqa: ANN401 - JSON
    if "body" not in given:
        return ABSENT
    body = given["body"]
    if version < 4 or not isinstance(body, dict):
        return body
    if body.get("encoded"):
        raise ValueError("encoded bodies are not read")
    return body.get("content", ABSENT)


def _rules_of_2(rules: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give rules of version 2, which name the part in the path, as version 3 groups them."""
    grouped: dict[str, dict[str, Any]] = {"body": {}, "header": {}}
    for path, rule in rules.items():
        matchers = {"combine": "AND", "matchers": [rule]}
        if path.startswith("$.body"):
            grouped["body"]["$" + path.removeprefix("$.body")] = matchers
        elif path.startswith("$.headers."):
            grouped["header"][path.removeprefix("$.headers.")] = matchers
    return grouped
