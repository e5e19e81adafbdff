"""The example of fixtures/README.md runs as it stands there."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

from tests.docs.test_pages import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path


def test_the_example_of_the_provider_runs(tmp_path: Path) -> None:
    (program,) = blocks(ROOT / "fixtures" / "README.md", "python")
    (tmp_path / "example.py").write_text(program)
    runpy.run_path(str(tmp_path / "example.py"))
