"""Finds what remembers: values at module or class level that could change while a program runs.

A value passes where it cannot change: literals, names, types, tuples of such, comprehensions
inside `frozenset`, `tuple` or `MappingProxyType`, calls of the listed makers, and calls of the
project's own frozen classes, enumerations or functions annotated to return something fixed. An
array passes if the module locks it with `NAME.setflags(write=False)`. Everything else, a display
of a dict, list or set first of all, is reported.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .source import Module

LISTS_BY_CUSTOM: Final = frozenset(
    {"__all__", "__path__", "__slots__", "pytest_plugins", "pytestmark"}
)
# What a wrapper is given may be a display, because nobody else holds it.
WRAPPERS: Final = frozenset({"MappingProxyType", "frozenset", "tuple", "bytes"})
MAKERS: Final = frozenset(
    {
        *("NewType", "ParamSpec", "TypeVar", "TypeVarTuple", "cast", "object"),
        *("bool", "float", "int", "len", "max", "min", "range", "str", "sum"),
        *("date", "datetime", "fromisoformat", "time", "timedelta", "timezone", "ZoneInfo"),
        *("Decimal", "Fraction", "Path", "PurePosixPath", "Struct", "UUID", "dtype"),
        *("attrgetter", "compile", "encode", "files", "format", "getLogger", "itemgetter"),
        *("decode", "join", "lower", "methodcaller", "partial", "replace", "resolve", "upper"),
        *("ip_network", "parametrize", "uint64"),
    }
)
FIXED_BASES: Final = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple"})
FIXED_RETURNS: Final = frozenset(
    {"Callable", "Final", "Mapping", "MappingProxyType", "None", "Pattern", "Sequence"}
    | {"bool", "bytes", "datetime", "float", "frozenset", "int", "str", "timedelta", "tuple"}
    | {"Struct", "TypeVar", "date", "type"}
)
# Calls inside a wrapper, whose own result nobody else holds.
PASSING: Final = frozenset(
    {
        "accumulate",
        "chain",
        "dict",
        "enumerate",
        "filter",
        "fromkeys",
        "items",
        "keys",
        "list",
        "map",
    }
    | {"product", "reversed", "set", "sorted", "split", "values", "zip"}
)
CACHES: Final = frozenset({"cache", "lru_cache"})


@dataclass
class Known:
    """Names of the project whose calls give something fixed: frozen classes and functions."""

    names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, modules: Iterable[Module]) -> Known:
        known = cls()
        for module in modules:
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef) and _frozen(node):
                    known.names.add(node.name)
        for module in modules:
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef) and known.returns_fixed(node):
                    known.names.add(node.name)
        return known

    def returns_fixed(self, node: ast.FunctionDef) -> bool:
        if node.returns is None:
            return False
        outer = {_last(part) for part in _alternatives(node.returns)}
        return outer <= FIXED_RETURNS | self.names


def _frozen(node: ast.ClassDef) -> bool:
    if any(_last(base) in FIXED_BASES for base in node.bases):
        return True
    return any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    else:
        yield node.value if isinstance(node, ast.Subscript) else node


def _last(node: ast.expr) -> str:
    """`MappingProxyType` of `types.MappingProxyType` and of `MappingProxyType[str, int]`."""
    return ast.unparse(node).partition("[")[0].rpartition(".")[2]


def remembered(module: Module, known: Known) -> Iterator[str]:
    """A line for each binding of `module` that could change, and for each `global` statement."""
    excepted = LISTS_BY_CUSTOM | _locked(module.tree)
    for name, node in _bindings(module.tree.body):
        if name not in excepted and not _fixed(node, known):
            yield f"{module.path}:{node.lineno} {name} could change: {ast.unparse(node)[:60]}"
    for statement in ast.walk(module.tree):
        if isinstance(statement, ast.Global):
            yield f"{module.path}:{statement.lineno} rebinds a module's name with `global`"
    for function in module.tree.body:
        if isinstance(function, ast.FunctionDef) and _grows(function):
            yield f"{module.path}:{function.lineno} {function.name} is cached without a bound"


def _locked(tree: ast.Module) -> frozenset[str]:
    """The names of arrays that statements at module level make read-only."""
    suffix = ".setflags(write=False)"
    lines = (ast.unparse(node) for node in tree.body if isinstance(node, ast.Expr))
    return frozenset(line.removesuffix(suffix) for line in lines if line.endswith(suffix))


def _bindings(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield ", ".join(ast.unparse(target) for target in node.targets), node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            if node.value is not None:
                yield ast.unparse(node.target), node.value
        elif isinstance(node, ast.ClassDef):
            yield from _class_bindings(node)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For):
            yield from _bindings(_blocks(node))


def _blocks(node: ast.If | ast.Try | ast.With | ast.For) -> Iterator[ast.stmt]:
    yield from node.body
    yield from getattr(node, "orelse", ())
    yield from getattr(node, "finalbody", ())
    for handler in getattr(node, "handlers", ()):
        yield from handler.body


def _class_bindings(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Only displays: fields, descriptors and enumeration members are the class's own affair."""
    for name, value in _bindings(node.body):
        if isinstance(value, ast.Dict | ast.List | ast.Set | ast.ListComp | ast.DictComp):
            yield f"{node.name}.{name}", value


def _fixed(node: ast.expr, known: Known) -> bool:
    if isinstance(node, ast.Tuple):
        return all(_fixed(part, known) for part in node.elts)
    if isinstance(node, ast.Starred):
        return _fixed_within_wrapper(node.value, known)
    if isinstance(node, ast.Call):
        return _fixed_call(node, known)
    if isinstance(node, ast.IfExp):
        return _fixed(node.body, known) and _fixed(node.orelse, known)
    if isinstance(node, ast.BinOp):
        return _fixed(node.left, known) and _fixed(node.right, known)
    shapes = (
        *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.UnaryOp, ast.JoinedStr),
        *(ast.Compare, ast.BoolOp, ast.Lambda),
    )
    return isinstance(node, shapes)


def _fixed_call(node: ast.Call, known: Known) -> bool:
    name = _last(node.func)
    if name in WRAPPERS:
        return all(_fixed_within_wrapper(argument, known) for argument in node.args)
    return name in MAKERS or name in known.names


def _fixed_within_wrapper(node: ast.expr, known: Known) -> bool:
    """What a wrapper holds has to be fixed as well: the outer display is its own, no other."""
    if isinstance(node, ast.List | ast.Set):
        return all(_fixed(part, known) for part in node.elts)
    if isinstance(node, ast.Dict):
        return all(_fixed(value, known) for value in node.values)
    if isinstance(node, ast.DictComp):
        return _fixed(node.value, known)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return _fixed(node.elt, known)
    if isinstance(node, ast.Call):
        return _last(node.func) in PASSING or _fixed_call(node, known)
    return _fixed(node, known)


def _grows(node: ast.FunctionDef) -> bool:
    """A cache that keeps every argument it ever saw; without parameters it is a lazy constant."""
    takes = node.args.posonlyargs or node.args.args or node.args.kwonlyargs or node.args.vararg
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        bounded = _last(called) == "lru_cache" and "None" not in ast.unparse(decorator)
        if takes and _last(called) in CACHES and not bounded:
            return True
    return False
