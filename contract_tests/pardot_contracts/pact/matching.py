"""The matching rules of Pact: equality where nothing else is said, and what the rules loosen.

A rule holds for its place and for everything below it; of several the longest path counts, then the
one with the fewest wildcards. An answer may have keys that the consumer does not know of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Step = str | int
Path = tuple[Step, ...]
ANY = "*"
_STEPS = re.compile(r"\.([^.\[\]]+)|\[['\"]([^'\"]+)['\"]\]|\[(\d+|\*)\]")
_TIMES = ("date", "time", "timestamp", "datetime")
_TYPES = ("type", "min", "max", "integer", "decimal", "number", "boolean")


@dataclass(frozen=True, slots=True)
class Rule:
    """The matchers of one place; all of them must hold, or one, as `any_of` says."""

    path: Path
    matchers: tuple[Mapping[str, Any], ...]
    any_of: bool = False

    def covers(self, path: Path) -> bool:
        """Whether the rule speaks of `path`, or of a place above it."""
        if len(self.path) > len(path):
            return False
        return all(mine in (ANY, step) for mine, step in zip(self.path, path, strict=False))

    @property
    def weight(self) -> tuple[int, int]:
        """The more, the closer the rule is to the places it covers."""
        return len(self.path), -self.path.count(ANY)


def rules_of(given: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Read the rules of a body; raise `ValueError` for a path or a matcher that is not known."""
    rules = []
    for path, rule in given.items():
        matchers = tuple(_checked(matcher) for matcher in rule["matchers"])
        rules.append(Rule(_path(path), matchers, rule.get("combine") == "OR"))
    return tuple(rules)


def _checked(matcher: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = matcher.get("match", "type" if {"min", "max"} & matcher.keys() else "equality")
    if kind not in ("equality", "regex", "include", "null", *_TYPES, *_TIMES):
        raise ValueError(f"the matcher {kind!r} is not known")
    return {**matcher, "match": kind}


def _path(text: str) -> Path:
    if not text.startswith("$") or _STEPS.sub("", text[1:]):
        raise ValueError(f"the path {text!r} cannot be read")
    steps = (a or b or c for a, b, c in _STEPS.findall(text[1:]))
    return tuple(int(step) if step.isdecimal() else step for step in steps)


def mismatches(
    expected: Any,  # noqa: ANN401 - JSON
    actual: Any,  # noqa: ANN401 - JSON
    rules: Sequence[Rule],
    path: Path = (),
) -> Iterator[str]:
    """Say in a line each where `actual` is not what `expected` and the rules call for."""
    rule = max((r for r in rules if r.covers(path)), key=lambda r: r.weight, default=None)
    if rule is None:
        yield from _equal(expected, actual, rules, path)
        return
    found = [list(_by(matcher, expected, actual, path)) for matcher in rule.matchers]
    if rule.any_of and any(not problems for problems in found):
        found = []
    problems = [problem for each in found for problem in each]
    yield from problems
    if not problems:
        loose = any(matcher["match"] in _TYPES for matcher in rule.matchers)
        yield from _below(expected, actual, rules, path, loose=loose)


def _equal(expected: Any, actual: Any, rules: Sequence[Rule], path: Path) -> Iterator[str]:  # noqa: ANN401
    if isinstance(expected, Mapping | list):
        if _kind(expected) != _kind(actual):
            yield f"{_shown(path)}: {_kind(actual)} instead of {_kind(expected)}"
        else:
            yield from _below(expected, actual, rules, path, loose=False)
    elif expected != actual or _kind(expected) != _kind(actual):
        yield f"{_shown(path)}: {actual!r} instead of {expected!r}"


def _below(
    expected: Any,  # noqa: ANN401
    actual: Any,  # noqa: ANN401
    rules: Sequence[Rule],
    path: Path,
    *,
    loose: bool,
) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            if name in actual:
                yield from mismatches(value, actual[name], rules, (*path, name))
            else:
                yield f"{_shown((*path, name))}: is missing"
    elif isinstance(expected, list) and isinstance(actual, list):
        if not loose and len(expected) != len(actual):
            yield f"{_shown(path)}: {len(actual)} items instead of {len(expected)}"
        elif expected:
            for place, item in enumerate(actual):
                # A loose list gives an example of its items, or one for each.
                example = expected[min(place, len(expected) - 1)]
                yield from mismatches(example, item, rules, (*path, place))


def _by(matcher: Mapping[str, Any], expected: Any, actual: Any, path: Path) -> Iterator[str]:  # noqa: ANN401
    kind, where = matcher["match"], _shown(path)
    if kind == "regex" and not re.search(matcher["regex"], _text(actual)):
        yield f"{where}: {actual!r} does not match {matcher['regex']}"
    elif kind == "include" and str(matcher["value"]) not in _text(actual):
        yield f"{where}: {actual!r} does not include {matcher['value']!r}"
    elif kind == "equality" and not isinstance(expected, Mapping | list) and expected != actual:
        yield f"{where}: {actual!r} instead of {expected!r}"
    elif kind == "null" and actual is not None:
        yield f"{where}: {actual!r} instead of null"
    elif kind in _TIMES and not (isinstance(actual, str) and actual):
        yield f"{where}: {actual!r} is no {kind}"
    elif kind in _TYPES:
        yield from _by_type(matcher, expected, actual, where)


def _by_type(matcher: Mapping[str, Any], expected: Any, actual: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    wanted = {"integer": "integer", "decimal": "decimal", "boolean": "boolean"}
    kind = wanted.get(matcher["match"], "number" if matcher["match"] == "number" else "")
    if kind == "number":
        if _kind(actual) not in ("integer", "decimal"):
            yield f"{where}: {_kind(actual)} instead of number"
        return
    kind = kind or _kind(expected)
    if _kind(actual) != kind:
        yield f"{where}: {_kind(actual)} instead of {kind}"
    elif isinstance(actual, list):
        least, most = matcher.get("min", 0), matcher.get("max", len(actual))
        if not least <= len(actual) <= most:
            yield f"{where}: {len(actual)} items, not {least} to {most}"


def _kind(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "decimal"), (str, "text")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, Mapping) else "array"


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _shown(path: Path) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
