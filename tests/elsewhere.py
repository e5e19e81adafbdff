"""Runs pytest in a process of its own, as the project of somebody else would."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def run_pytest(
    *options: str, folder: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest with `options` in `folder`, with every installed plugin but the one of faker.

    That one takes a second to import, and none of these projects uses it.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:faker"]
    return subprocess.run(
        [*command, *options], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
