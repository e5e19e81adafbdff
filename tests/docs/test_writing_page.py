"""Every block of docs/writing-and-importing.md does what the page says."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import pytest

from tests.docs.test_pages import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "writing-and-importing.md"


@pytest.mark.parametrize("number", range(3))
def test_the_python_blocks_run(number: int, tmp_path: Path) -> None:
    programs = blocks(PAGE, "python")
    assert len(programs) == 3
    program = tmp_path / "block.py"
    program.write_text(programs[number])
    runpy.run_path(str(program))
