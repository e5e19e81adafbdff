"""What users rely on: names, types, and that the client stands alone."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pardot_client
from pardot_client import Export, Exports, Pardot, PardotError, Run, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

SURFACE = Path(__file__).with_name("surface.txt")
NAMES = """
Answer AuthenticationFailed BudgetExceeded Clock CreateUncertain DailyLimitReached Export
ExportExpired ExportFailed ExportTimedOut ExportUnavailable ExportUnfinished Exports
GarbledAnswer InvalidRequest MemoryReply NotFound Pardot PardotError PermissionMissing Polling
Progress RateLimited Reply Request RequestsTransport Retrying Run ServerFailed SystemClock
TooManyConcurrentCalls TransferBroken Transport TransportFailed VersionMismatch Wanted hosts
"""
METHODS = {
    Pardot: "account base_url calls close export exports log_in now version zone",
    Exports: "create query read request resume",
    Export: """again created_at done download facts fields files id is_expired object refresh
        refs request require_results rows state step to_arrow to_pandas to_polars updated_at
        wait""",
    Run: "download fields jobs requests rows to_arrow to_pandas to_polars",
}
BLOCKED = ("rich", "polars", "pandas", "pyarrow", "defusedxml", "click", "numpy")
SIBLINGS = ("pardot_mock", "pardot_contracts", "pardot_fixtures")


def test_the_public_names_are_these() -> None:
    assert sorted(pardot_client.__all__) == sorted(NAMES.split())


@pytest.mark.parametrize("kind", METHODS)
def test_the_public_methods_are_these(kind: type) -> None:
    # What is set on instances only is part of the surface as well.
    set_in_init = {"exports", "id", "request", "jobs", "requests"}
    known = set(METHODS[kind].split())
    assert {name for name in dir(kind) if not name.startswith("_")} == known - (
        set_in_init - set(dir(kind))
    )


def public_functions() -> list[object]:
    found: list[object] = []
    for name in pardot_client.__all__:
        thing = getattr(pardot_client, name)
        kinds = thing.__mro__ if inspect.isclass(thing) else ()
        ours = [kind for kind in kinds if kind.__module__.startswith("pardot_client")]
        for member in (member for kind in ours for member in vars(kind).values()):
            function = member.fget if isinstance(member, property) else member
            if inspect.isfunction(function) and not function.__name__.startswith("_"):
                found.append(function)
    return found


def test_every_public_function_is_annotated() -> None:
    assert len(public_functions()) > 50
    for function in public_functions():
        signature = inspect.signature(function)  # type: ignore[arg-type]
        assert signature.return_annotation is not signature.empty, function
        for parameter in list(signature.parameters.values()):
            if parameter.name not in {"self", "_"}:
                assert parameter.annotation is not parameter.empty, (function, parameter)


def signatures() -> list[str]:
    """One line for every public function, method, property and field, with its types."""
    found = set()
    for name in pardot_client.__all__:
        thing = getattr(pardot_client, name)
        if not inspect.isclass(thing):
            continue
        ours = [kind for kind in thing.__mro__ if kind.__module__.startswith("pardot_client")]
        found |= {f"{name}.{field}: {kind}" for field, kind in fields_of(ours)}
        for member, value in ((key, value) for kind in ours for key, value in vars(kind).items()):
            function = value.fget if isinstance(value, property) else value
            public = not member.startswith("_") or member == "__init__"
            if public and inspect.isfunction(function):
                word = "property " if isinstance(value, property) else ""
                signature = re.sub(r" at 0x\w+", "", str(inspect.signature(function)))
                found.add(f"{word}{name}.{member}{signature}")
    return sorted(found)


def fields_of(kinds: list[type]) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        for field, annotation in vars(kind).get("__annotations__", {}).items():
            if not field.startswith("_"):
                yield field, str(annotation)


def test_the_typed_surface_is_the_pinned_one() -> None:
    """A change here is a change for users: make it on purpose, with a line in the changelog.

    `python -m tests.unit.client.test_surface` writes the file anew.
    """
    assert signatures() == SURFACE.read_text("utf-8").splitlines()


def test_every_attribute_says_its_type() -> None:
    """Checkers may infer the type of a bare assignment differently."""
    classes = 0
    for path in Path(pardot_client.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes += 1
                assert bare_attributes(node) == set(), (path.name, node.name)
    assert classes > 50


def bare_attributes(node: ast.ClassDef) -> set[str]:
    """Public attributes that are assigned and annotated nowhere in the class."""
    bare, annotated = set(), set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.AnnAssign):
            target = inner.target
            annotated.add(target.attr if isinstance(target, ast.Attribute) else ast.unparse(target))
        elif isinstance(inner, ast.Assign):
            for target in inner.targets:
                # What a parameter gives it has the type of the parameter.
                inferred = not isinstance(inner.value, ast.Name)
                if inferred and ast.unparse(target).startswith("self."):
                    bare.add(ast.unparse(target).removeprefix("self."))
    # A dot leads into another object, which annotates its own.
    return {name for name in bare - annotated if not name.startswith("_") and "." not in name}


def test_every_error_tells_what_to_do_next() -> None:
    groups = {
        errors.TransportFailed,
        errors.AuthenticationFailed,
        errors.RateLimited,
        errors.InvalidRequest,
        errors.ExportUnavailable,
    }
    for thing in vars(errors).values():
        if inspect.isclass(thing) and issubclass(thing, PardotError) and thing is not PardotError:
            assert groups & set(thing.__mro__), thing
            assert thing.__doc__


def test_the_client_stands_alone_with_requests() -> None:
    script = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {BLOCKED + SIBLINGS!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
import pardot_client, pardot_client.cli, pardot_client.frames
own = {{name.split('.')[0] for name in sys.modules}} - set(sys.stdlib_module_names)
print(*sorted(own))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    third_party = set(done.stdout.split())
    assert "pardot_client" in third_party
    assert not third_party & {*BLOCKED, *SIBLINGS}
    assert "requests" in third_party


if __name__ == "__main__":
    SURFACE.write_text("\n".join([*signatures(), ""]), "utf-8")
