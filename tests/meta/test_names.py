"""The names people import are pinned: added here on purpose, never lost by accident."""

from __future__ import annotations

import ast
import importlib
from typing import TYPE_CHECKING, Final

import pytest

from .source import Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXPORTS: Final = {
    "pardot_mock": "MockPardot __version__",
    "pardot_mock.testing": "AccountHandle ClockHandle MockPardot create_app intercept",
    "pardot_client": (
        "Answer AuthenticationFailed BudgetExceeded Clock CreateUncertain DailyLimitReached "
        "Export ExportExpired ExportFailed ExportTimedOut ExportUnavailable ExportUnfinished "
        "Exports GarbledAnswer InvalidRequest MemoryReply NotFound Pardot PardotError "
        "PermissionMissing Polling Progress RateLimited Reply Request RequestsTransport Retrying "
        "Run ServerFailed SystemClock TooManyConcurrentCalls TransferBroken Transport "
        "TransportFailed VersionMismatch Wanted hosts"
    ),
    "pardot_contracts": "",
    "pardot_fixtures": "PardotProvider",
}


def listed(module: Module) -> list[str] | None:
    """The names of a module's literal `__all__`; None where it has none."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def bound(module: Module) -> Iterator[str]:
    """Every name a module binds at its top, whatever the block."""
    for node in _statements(module.tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (ast.unparse(target) for target in targets)


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _statements([*node.body, *node.orelse])


def lost(module: Module) -> list[str]:
    """The names in `__all__` that the module does not bind."""
    return sorted(set(listed(module) or ()) - set(bound(module)))


@pytest.mark.parametrize("package", EXPORTS)
def test_a_package_exports_exactly_the_pinned_names(package: str) -> None:
    module = importlib.import_module(package)
    assert sorted(getattr(module, "__all__", [])) == sorted(EXPORTS[package].split())


@pytest.mark.parametrize("package", EXPORTS)
def test_every_exported_name_is_there(package: str) -> None:
    module = importlib.import_module(package)
    missing = [name for name in EXPORTS[package].split() if not hasattr(module, name)]
    assert missing == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_lists_only_names_it_binds_and_each_once(module: Module) -> None:
    names = listed(module) or []
    assert lost(module) == []
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("__all__ = ['a', 'b']\na = 1", ["b"]),
        ("__all__ = ['a']\ndef f() -> None:\n    a = 1", ["a"]),
        (
            "__all__ = ['a', 'B', 'c', 'd']\nfrom x import a\nclass B: ...\nc: int = 1\nimport d.e",
            [],
        ),
        ("__all__ = ['a']\nif TYPE_CHECKING:\n    from x import a", []),
        ("a = 1", []),
    ],
)
def test_a_name_that_is_listed_but_not_bound_is_found(text: str, missing: list[str]) -> None:
    assert lost(Module("sample", text)) == missing
