"""Docs that can fail: generated pages are fresh, blocks run, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pardot_mock import MockPardot
from pardot_mock.pages import pages
from tests.elsewhere import run_pytest

ROOT = Path(__file__).parents[2]
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")])


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == pages()[name]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_curl_walk_of_the_readme_works_as_printed(tmp_path: Path) -> None:
    (script,) = blocks(ROOT / "README.md", "bash")
    with MockPardot(rate=0, rows=5000) as mock:
        done = subprocess.run(
            ["bash", "-euc", script.replace("http://127.0.0.1:8000", mock.url)],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
    assert '"state":"Complete","isExpired":false,"resultRefs":' in done.stdout
    assert "id,prospect_id,type_name,created_at\n" in done.stdout
    assert '"state":"Complete","isExpired":true,"createdAt"' in done.stdout
    assert '<err code="178">' in done.stdout


def test_the_pytest_example_of_the_readme_passes(tmp_path: Path) -> None:
    (example,) = blocks(ROOT / "README.md", "python")
    (tmp_path / "test_example.py").write_text(example)
    done = run_pytest("test_example.py", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
