"""Changes the source of one module while it is imported; nothing on disk is touched."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "mock_server" / "pardot_mock"


@dataclass(frozen=True)
class Mutant:
    """One wrong line of the emulator."""

    id: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]

    @property
    def path(self) -> Path:
        return PACKAGE / self.file

    @property
    def module(self) -> str:
        return ".".join(["pardot_mock", *Path(self.file).with_suffix("").parts])

    def applied(self) -> str:
        """Give the wrong source; raises `ValueError` if the table is stale."""
        return replaced(self.path.read_text(), self.old, self.new, self.id)


def replaced(text: str, old: str, new: str, name: str) -> str:
    found = text.count(old)
    if found != 1:
        raise ValueError(f"{name}: the old text occurs {found} times, not once: {old!r}")
    return text.replace(old, new)


def mutants() -> list[Mutant]:
    table: list[dict[str, Any]] = tomllib.loads((HERE / "emulator.toml").read_text())["mutant"]
    return [Mutant(**{**row, "caught_by": tuple(row["caught_by"].split())}) for row in table]


class _Loader(SourceFileLoader):
    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._text = mutant.applied()

    def get_code(self, fullname: str) -> Any:  # noqa: ARG002 - the protocol
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: Any = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None:
            raise ImportError(fullname)
        spec.loader = _Loader(self._mutant)
        return spec


def become(mutant: Mutant) -> None:
    """Let this process import the emulator with the wrong line; nothing of it may be loaded yet."""
    if mutant.module in sys.modules:
        raise RuntimeError(f"{mutant.module} is loaded already")
    sys.meta_path.insert(0, _Finder(mutant))
