"""Leftovers of dead processes go; whatever belongs to a living vault, or to the user, stays."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from pardot_mock.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

CRASH = """
import os, pathlib, signal, sys
from pardot_mock.vault import Vault

def killed_half_way():
    yield bytes(1 << 20)
    os.kill(os.getpid(), signal.SIGKILL)

vault = Vault(pathlib.Path(sys.argv[1]))
vault.seal("default/1", "1", [b"left behind"])
vault.seal("default/1", "2", killed_half_way())
"""


def test_what_a_killed_process_left_is_removed_by_the_next_vault(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    left = {path.name for path in tmp_path.rglob("*")}
    assert sum(name.endswith(".sealed") for name in left) == 2
    vault = Vault(tmp_path)
    assert left.isdisjoint({path.name for path in tmp_path.rglob("*")})
    vault.close()


def test_a_vault_that_is_alive_in_the_same_directory_is_left_alone(tmp_path: Path) -> None:
    first = Vault(tmp_path)
    first.seal("default/1", "1", [b"alive"])
    second = Vault(tmp_path)
    assert b"".join(first.open("default/1", "1")) == b"alive"
    first.close()
    second.seal("default/1", "1", [b"second"])
    assert b"".join(second.open("default/1", "1")) == b"second"
    second.close()


def test_a_directory_whose_lock_is_lost_is_swept_and_foreign_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "run-dead").mkdir()
    (tmp_path / "run-dead" / "x.part").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "running").mkdir()
    vault = Vault(tmp_path)
    vault.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "running"]
