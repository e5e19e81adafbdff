"""The page about time runs as printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.test_pages import ROOT, blocks
from tests.elsewhere import run_pytest

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "time.md"
FILES = {
    found[1]: text for text in blocks(PAGE, "python") if (found := re.match(r"# (\w+\.py)", text))
}
PROGRAMS = [text for text in blocks(PAGE, "python") if not text.startswith("# ")]


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_page_works_as_printed(program: str) -> None:
    exec(compile(program, str(PAGE), "exec"), {})  # noqa: S102 - our own page


def test_the_client_of_the_page_is_tested_as_printed(tmp_path: Path) -> None:
    assert sorted(FILES) == ["my_client.py", "test_my_client.py"]
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    done = run_pytest("-W", "error", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
