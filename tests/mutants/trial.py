"""Runs contract cases against one wrong emulator, in a process that has not loaded it yet."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants.source import become

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mutants.source import Mutant

NOT_FOUND, FOUND = 0, 1
# What every trial needs and no mutant is in: loaded once, before the trials part ways.
SHARED = (
    *("pytest", "_pytest.terminal", "_pytest.junitxml", "xdist.plugin", "requests", "flask"),
    *("waitress", "cryptography.hazmat.primitives.ciphers.aead", "defusedxml.ElementTree"),
    *("pardot_contracts.harness", "pardot_contracts.raw", "pardot_contracts.suite.steps"),
    *("zoneinfo", "hypothesis", "pardot_fixtures.catalog", "numpy"),
)


class First:
    """Remembers the case that failed first."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: object) -> None:
        if getattr(report, "failed", False) and not self.failed:
            self.failed = str(report.nodeid)  # type: ignore[attr-defined]


def prepare() -> None:
    """Load what trials share."""
    for name in SHARED:
        import_module(name)
    loaded = [name for name in sys.modules if name.partition(".")[0] == "pardot_mock"]
    assert loaded == [], loaded


def run_cases(mutant: Mutant | None, cases: Sequence[str]) -> tuple[int, str]:
    """Run `cases` (all if there are none) against the emulator with the mutant's line.

    Gives 1 and the case that failed first, or 0 if every case passed. Anything else means that the
    trial itself broke, which proves nothing. Call it once in a process.
    """
    if mutant is not None:
        become(mutant)
    import pytest

    from pardot_mock.instance import Config, Instance
    from pardot_mock.testing.live import default_wish

    instance = Instance(Config(account=default_wish({"rate": 0})))
    instance.start()
    suite = resources.files("pardot_contracts.suite")
    first = First()
    arguments = [
        *(str(suite / case) for case in cases or ["."]),
        f"-c{suite / 'pytest.ini'}",
        *("-p", "pardot", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-x", "-q"),
        "--pardot-driver=raw",
        f"--pardot-target={instance.url}",
    ]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        code = pytest.main(arguments, plugins=[first])
    return int(code), first.failed
