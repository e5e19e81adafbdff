"""A real `pardot-export` process, a real SIGINT in the middle of a file."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from pardot_client.cli import main
from pardot_mock import MockPardot

if TYPE_CHECKING:
    from pathlib import Path

RANGE = ("--created-after", "-300 days")
STALLED_AT = 600_000


def written(out: Path) -> int:
    """The bytes in files that are not complete."""
    sizes = [0]
    for path in out.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(path.stat().st_size)
    return max(sizes)


@pytest.mark.skipif(os.name == "nt", reason="a console has no SIGINT for one process")
def test_ctrl_c_in_the_middle_of_a_file_leaves_nothing_and_a_resume_gets_every_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with MockPardot(rate=0, rows=60_000) as mock:
        account = mock.account()
        account.plan("instant", rows_per_file=8_000)
        account.faults.add("stall", op="download", times=3, seconds=60, after_bytes=STALLED_AT)
        known = {f"PARDOT_{name.upper()}": text for name, text in account.credentials.items()}
        environment = {**os.environ, **known, "PARDOT_BASE_URL": mock.url}
        words = ["--out", str(out), "--json", "--poll-unit", "0", "--auth", "api-key"]
        command = [sys.executable, "-m", "pardot_client", "visitorActivity", *RANGE, *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as run:
            for _ in range(20_000):
                if written(out) > STALLED_AT // 2:
                    break
                # A call to the server takes the place of a pause.
                requests.get(f"{mock.url}/_mock/health", timeout=5)
                assert run.poll() is None
            run.send_signal(signal.SIGINT)
            told, _ = run.communicate(timeout=30)
        assert run.returncode == 130
        last = json.loads(told.splitlines()[-1])
        assert (last["event"], last["kind"], last["exit"]) == ("error", "Interrupted", 130)
        kept = sorted(path.name for path in out.iterdir())
        assert all(name.endswith(".csv") for name in kept)
        account.faults.clear()
        export_id = last["export_id"]
        assert f"--resume {export_id}" in last["message"]
        again = ["--resume", str(export_id), "--out", str(out), "--quiet", "--auth", "api-key"]
        assert main(again, environment=environment) == 0
        assert capsys.readouterr().out.count("\n") > len(kept)
        rows = []
        for path in out.iterdir():
            with path.open(encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file)
        assert str(account.truth(export_id).check(rows)) == "exactly the rows of the truth"
