"""The pytest plugin: light to load, and silent in projects that do not use it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("requests", "pardot_mock", "pardot_client", "hypothesis", "defusedxml", "http.client")


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    program = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import pardot_contracts.plugin\n"
        f"print([name for name in {HEAVY!r} if name in set(sys.modules) - before])\n"
        "print(len([n for n in set(sys.modules) - before if n.startswith('pardot_contracts')]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "2"]
