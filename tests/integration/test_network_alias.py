"""A machine on which the service's names lead to the emulator, as an alias or a hosts file does it.

The machine is made of namespaces: a network with nothing but loopback, and a hosts file of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pardot_mock.dropin.hosts import HOSTS

ROOT = Path(__file__).parents[2]
OWN_MACHINE = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--map-root-user")
MACHINE = r"""
mount --bind "$PWD/hosts" /etc/hosts
ip link set lo up
coproc serve { exec "$PYTHON" -m pardot_mock serve --quiet --tls --tls-port 443 --data-dir data; }
read -r ready <&"${serve[0]}"
read -r tls <&"${serve[0]}"
echo "$ready, $tls"
export REQUESTS_CA_BUNDLE=$PWD/data/tls/ca.pem
"$PYTHON" "$PROGRAM" out
"$PYTHON" -c 'import requests; requests.get("https://example.com/", timeout=9)' && exit 9
kill "$serve_PID"
wait "$serve_PID"
"""


def test_an_unmodified_program_finds_the_emulator_under_the_names_of_the_service(
    tmp_path: Path,
) -> None:
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("unshare and ip are not installed here")
    if subprocess.run([*OWN_MACHINE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives a process no namespaces of its own")
    lines = ["127.0.0.1 localhost", *(f"127.0.0.1 {host}" for host in HOSTS)]
    (tmp_path / "hosts").write_text("\n".join(lines) + "\n")
    known = {
        "PARDOT_EMAIL": "demo@example.com",
        "PARDOT_PASSWORD": "demo-password",
        "PARDOT_USER_KEY": "0" * 31 + "1",
        "PARDOT_MOCK_SCENARIO": "many-files",
        "POLL_SECONDS": "0",
        "PYTHON": sys.executable,
        "PROGRAM": str(ROOT / "examples" / "export_requests.py"),
    }
    done = subprocess.run(
        [*OWN_MACHINE, "bash", "-euc", MACHINE],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={**known, "PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("ready http://127.0.0.1:8000, tls https://127.0.0.1:443\n")
    files = list((tmp_path / "out").glob("*.csv"))
    assert len(files) > 1
    assert all(len(file.read_text().splitlines()) > 1 for file in files)
