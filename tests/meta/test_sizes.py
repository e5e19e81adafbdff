"""No file grows beyond what one can read in a sitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from .source import PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MOST_LINES: Final = 500
KINDS: Final = frozenset({".py", ".js", ".css", ".html"})


def too_long(paths: Iterable[Path]) -> Iterator[str]:
    """A line for each source file of more than 500 lines."""
    for path in paths:
        lines = len(path.read_text("utf-8").splitlines())
        if lines > MOST_LINES:
            yield f"{path.name} has {lines} lines, {MOST_LINES} are allowed"


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_no_file_has_more_than_500_lines(folder: str) -> None:
    assert sources(folder)
    assert list(too_long(sources(folder))) == []


def test_a_file_of_501_lines_is_found(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text("pass\n" * 500)
    (tmp_path / "long.py").write_text("pass\n" * 501)
    found = list(too_long(sorted(tmp_path.iterdir())))
    assert found == ["long.py has 501 lines, 500 are allowed"]
