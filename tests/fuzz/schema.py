"""Lets schemathesis try a served emulator by our own OpenAPI document; run by `make fuzz`.

Schemathesis is no dependency of the suite: as a pytest plugin it would slow every start.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

from pardot_mock import MockPardot


def main(arguments: list[str]) -> int:
    """Run and give the exit code of schemathesis."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.schema")
    parser.add_argument("--examples", type=int, default=100)
    examples: int = parser.parse_args(arguments).examples
    quirks = {"lock_after_failed_logins": "off"}
    with MockPardot(rows=300, rate=0, quirks=quirks) as mock, tempfile.TemporaryDirectory() as to:
        known = mock.default.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        login = requests.post(f"{mock.url}/api/login/version/4?format=json", data=form, timeout=30)
        key = login.json()["api_key"]
        path = Path(to) / "openapi.json"
        path.write_text(json.dumps(_document(mock.url)), "utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(path)),
                *("--url", mock.url, "--max-examples", str(examples), "--seed", "1"),
                *("--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing"),
                *("--header", f"Authorization: Pardot api_key={key}, user_key={known['user_key']}"),
            ],
            check=False,
        )
    return done.returncode


def _document(url: str) -> object:
    return requests.get(f"{url}/_mock/openapi.json", timeout=30).json()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
