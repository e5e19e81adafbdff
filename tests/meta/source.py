"""The project's own source, as the meta tests read it: modules and the imports they make."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = (
    "mock_server/pardot_mock",
    "client/pardot_client",
    "contract_tests/pardot_contracts",
    "fixtures/pardot_fixtures",
)
FIRST_PARTY: Final = frozenset(package.rpartition("/")[2] for package in PACKAGES)


@dataclass(frozen=True)
class Import:
    """One imported name in full: `target` is dotted and absolute.

    `from a.b import c` is `a.b.c`, whether c is a module or a name in one. `lazy` says that it
    happens inside a function, `typing` that only a type checker sees it.
    """

    target: str
    line: int
    lazy: bool
    typing: bool

    @property
    def top(self) -> str:
        return self.target.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """A module by its dotted name; a package's own module carries the package's name."""

    name: str
    text: str
    is_package: bool = False
    path: str = "snippet.py"

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        finder = _ImportFinder(self)
        finder.visit(self.tree)
        return tuple(finder.found)


class _ImportFinder(ast.NodeVisitor):
    """Collects imports, including those spelled as calls with a literal name."""

    def __init__(self, module: Module) -> None:
        self.found: list[Import] = []
        self._package = module.name if module.is_package else module.name.rpartition(".")[0]
        self._lazy = 0
        self._typing = 0

    def _add(self, node: ast.AST, *targets: str) -> None:
        line = getattr(node, "lineno", 0)
        for target in targets:
            self.found.append(Import(target, line, self._lazy > 0, self._typing > 0))

    def visit_Import(self, node: ast.Import) -> None:
        self._add(node, *(alias.name for alias in node.names))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            kept = self._package.split(".")[: len(self._package.split(".")) - node.level + 1]
            base = ".".join([*kept, *([node.module] if node.module else [])])
        self._add(node, *(f"{base}.{alias.name}" for alias in node.names))

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).rpartition(".")[2]
        first = node.args[0] if node.args else None
        if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
            self._add(node, str(first.value))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        typing = ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        self._typing += typing
        for child in node.body:
            self.visit(child)
        self._typing -= typing
        for child in node.orelse:
            self.visit(child)

    def _visit_function(self, node: ast.AST) -> None:
        self._lazy += 1
        self.generic_visit(node)
        self._lazy -= 1

    visit_FunctionDef = _visit_function  # noqa: N815 - the visitor's protocol
    visit_AsyncFunctionDef = _visit_function  # noqa: N815
    visit_Lambda = _visit_function  # noqa: N815


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the four packages, package by package in order of path."""
    return tuple(_modules())


def _modules() -> Iterator[Module]:
    for package in PACKAGES:
        base = (ROOT / package).parent
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            yield Module(name, path.read_text("utf-8"), is_package, str(path.relative_to(ROOT)))


def within(name: str, *owners: str) -> bool:
    """Is `name` one of `owners` or something below one of them?"""
    return any(name == owner or name.startswith(owner + ".") for owner in owners)
