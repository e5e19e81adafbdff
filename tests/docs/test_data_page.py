"""Every block of docs/data.md does what the page says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pardot_mock import MockPardot
from pardot_mock.web.control.dataroutes import loadable
from tests.docs.test_pages import ROOT, blocks
from tests.integration.test_load import exported

PAGE = ROOT / "docs" / "data.md"
COLUMNS = "id,details\n"


def shell(script: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    bin_folder = str(Path(sys.executable).parent)
    env = {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PARDOT_MOCK_URL": url,
    }
    command = ["bash", "-euc", script.replace("http://127.0.0.1:8000", url)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=env)


def test_the_python_blocks_run(tmp_path: Path) -> None:
    first, second = blocks(PAGE, "python")
    subprocess.run([sys.executable, "-c", f"{first}\n{second}"], check=True, cwd=tmp_path)


def test_the_shell_blocks_load_rows_and_find_what_is_lost(tmp_path: Path) -> None:
    load, check = blocks(PAGE, "bash")
    with MockPardot(rate=0, rows=0, now="2026-03-10T12:00:00+00:00") as mock:
        done = shell(load, mock.url, tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 rows loaded into prospect, version 1\n")
        assert '{"object":"prospect","synthetic":0,"loaded":2}' in done.stdout
        row = {"id": 1, "details": "a", "created_at": "2026-01-01"}
        mock.default.load("visitorActivity", [row, {**row, "id": 2}])
        assert exported(mock.default) == 1001
        (tmp_path / "downloads").mkdir()
        (tmp_path / "downloads" / "1.csv").write_text(COLUMNS + "2,a\n1,a\n")
        whole = shell(check, mock.url, tmp_path)
        assert whole.returncode == 0, whole.stderr
        assert whole.stdout.endswith("\nexactly the 2 rows of the truth\n")
        (tmp_path / "downloads" / "1.csv").write_text(COLUMNS + "1,a\n")
        short = shell(check, mock.url, tmp_path)
    assert short.returncode == 1
    assert short.stdout.endswith("\n1 lost:\n  2,a\n")


def test_the_page_names_exactly_the_objects_that_take_rows() -> None:
    text = " ".join(PAGE.read_text().split())
    listed = text.partition("every object that can be exported: ")[2].partition(".")[0]
    named = listed.replace(" and ", ", ").split(", ")
    assert sorted(named) == sorted(f"`{name}`" for name in loadable())
