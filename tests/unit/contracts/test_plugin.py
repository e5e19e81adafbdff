"""The pytest plugin: light to load, isolated accounts, silent in projects that do not use it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.elsewhere import run_pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("requests", "pardot_mock", "pardot_client", "hypothesis", "defusedxml", "http.client")


def run_file(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests in a process of its own, as a project that knows nothing of this one."""
    folder.joinpath("test_it.py").write_text(text)
    folder.joinpath("pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    return run_pytest(*options, folder=folder)


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    program = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import pardot_contracts.plugin\n"
        "new = set(sys.modules) - before\n"
        f"print([name for name in {HEAVY!r} if name in new])\n"
        "print(sorted(name for name in new if name.startswith('pardot')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "['pardot_contracts', 'pardot_contracts.plugin']"]


def test_a_project_that_does_not_use_the_plugin_notices_nothing(tmp_path: Path) -> None:
    done = run_file(tmp_path, "def test_one(): pass\n", "-W", "error")
    assert done.returncode == 0, done.stdout
    assert "contract" not in done.stdout


FIXTURES = """
import pytest

seen = []


def test_the_client_speaks_to_the_account_of_the_test(pardot, pardot_client):
    job = pardot_client.exports.create("visitorActivity", created_after="yesterday")
    assert [export["id"] for export in pardot.exports()] == [job.id]


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_an_account_of_its_own(pardot, pardot_server, turn):
    assert pardot.exports() == []
    assert pardot.id not in seen
    seen.append(pardot.id)
    assert pardot.url == pardot_server.url


@pytest.mark.pardot(now="2024-02-29T12:00:00Z", seed=3)
def test_the_clock_starts_where_the_marker_says_and_moves_when_told(pardot_clock):
    assert pardot_clock.now().isoformat() == "2024-02-29T12:00:00+00:00"
    pardot_clock.advance(days=7)
    assert pardot_clock.now().isoformat() == "2024-03-07T12:00:00+00:00"


@pytest.mark.pardot(now="2024-02-29T12:00:00Z")
class TestNested:
    @pytest.mark.pardot(now="2025-01-01T00:00:00Z", quirks={"id_step": 5})
    def test_the_nearest_marker_counts_most(self, pardot, pardot_client):
        assert pardot.clock.now().year == 2025
        ids = [
            pardot_client.exports.create("visitorActivity", created_after="yesterday").id
            for _ in range(2)
        ]
        assert ids[1] - ids[0] == 5
"""


def test_the_fixtures_give_isolated_accounts_shaped_by_the_marker(tmp_path: Path) -> None:
    done = run_file(tmp_path, FIXTURES, "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("", "no requirement"),
        ('@pytest.mark.requirement("NO-SUCH-1")', "unknown requirement 'NO-SUCH-1'"),
        (
            '@pytest.mark.requirement("LOGIN-001")\n@pytest.mark.needs("magic")',
            "unknown need 'magic'",
        ),
    ],
)
def test_a_case_with_a_wrong_marker_is_an_error_and_never_a_pass(mark: str, why: str) -> None:
    program = (
        "import sys, types, pytest\n"
        "from pathlib import Path\n"
        "from pardot_contracts import harness\n"
        "from pardot_contracts.targets import UrlTarget\n"
        "from pardot_contracts.facts import Credentials\n"
        "from pardot_contracts.meter import Meter\n"
        "import tempfile\n"
        "folder = Path(tempfile.mkdtemp())\n"
        "harness.SUITE = folder\n"
        "harness.open_target = lambda *a, **k: UrlTarget(\n"
        "    'http://x', Credentials('a', 'b', 'c'), allow_writes=True, meter=Meter())\n"
        "(folder / 'conftest.py').write_text(\n"
        "    'import pytest\\nfrom pardot_contracts.harness import harness_of\\n'\n"
        "    'def pytest_configure(config): harness_of(config)\\n'\n"
        "    '@pytest.fixture(autouse=True)\\n'\n"
        "    'def needs(request): harness_of(request.config).check_needs(request.node)\\n')\n"
        f"case = 'import pytest\\n' + {mark!r} + '\\ndef test_case(): pass\\n'\n"
        "(folder / 'test_case.py').write_text(case)\n"
        "sys.exit(pytest.main([str(folder), '-q', '-p', 'no:cacheprovider']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode not in (0, 5), done.stdout
    assert why in done.stdout + done.stderr
