"""Which cases name which requirement, read from the text of the suite without running anything.

Rules: every requirement of versions 3 and 4 has a case, or a line in `uncovered.toml` that says why
not, and not both; every case names requirements, and only such as exist.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from pardot_contracts.matrix import COVERED_VERSIONS
from pardot_contracts.requirements import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pardot_contracts.requirements import Requirement

MARK = "pytest.mark.requirement"


class UnreadableMarkError(ValueError):
    """A mark whose ids are not plain texts."""


@dataclass(frozen=True)
class Coverage:
    """The catalogue, the requirements that each case names, and why some have no case."""

    catalogue: Mapping[str, Requirement]
    cases: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]

    def cases_of(self, id_: str) -> list[str]:
        """List the cases of a requirement, in the order of the suite."""
        return [case for case, ids in self.cases.items() if id_ in ids]

    def faults(self) -> list[str]:
        """Say in a line each what breaks a rule."""
        named = {id_ for ids in self.cases.values() for id_ in ids}
        due = [r.id for r in self.catalogue.values() if COVERED_VERSIONS & set(r.versions)]
        return [
            *(f"{case} names no requirement" for case, ids in self.cases.items() if not ids),
            *(f"there is no requirement {id_}" for id_ in named - set(self.catalogue)),
            *(
                f"{id_} has neither a case nor a reason"
                for id_ in due
                if id_ not in named and id_ not in self.reasons
            ),
            *(
                f"uncovered.toml: {id_} has a case or need not have one"
                for id_ in self.reasons
                if id_ in named or id_ not in due
            ),
        ]


def coverage() -> Coverage:
    """Read the suite that ships with the package."""
    folder = resources.files("pardot_contracts.suite")
    modules = sorted(f.name for f in folder.iterdir() if f.name.startswith("test_"))
    cases: dict[str, tuple[str, ...]] = {}
    for module in modules:
        text = folder.joinpath(module).read_text("utf-8")
        cases |= cases_in(text, module)
    reasons = resources.files(__package__).joinpath("uncovered.toml").read_text("utf-8")
    return Coverage(load(), cases, tomllib.loads(reasons))


def cases_in(text: str, module: str) -> dict[str, tuple[str, ...]]:
    """Give the ids that each case of a module names, by `module::case`.

    Raises `UnreadableMarkError` for a mark whose ids are not written out: nobody could look for
    them.
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {
        f"{module}::{node.name}": tuple(dict.fromkeys(_ids(node.decorator_list, module)))
        for node in functions
        if node.name.startswith("test_")
    }


def _ids(decorators: Sequence[ast.expr], module: str) -> Iterator[str]:
    for node in (node for decorator in decorators for node in ast.walk(decorator)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != MARK:
            continue
        for argument in node.args:
            value = getattr(argument, "value", None)
            if not isinstance(value, str):
                raise UnreadableMarkError(f"{module}:{node.lineno}: write the ids out as texts")
            yield value
