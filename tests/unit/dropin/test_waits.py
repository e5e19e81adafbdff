"""Waits that programs tell: handed on in order, one at a time, and never made up."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.dropin.coupled.sleep import UNITS, length
from pardot_mock.dropin.waits import ADDRESS, Told, Waits

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = dict(zip(UNITS, (1, 60, 3600, 86_400), strict=True))


def say(address: str, *lines: str) -> bytes:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=9) as connection:
        connection.sendall("".join(f"{line}\n" for line in lines).encode())
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(99), b""))


def test_what_is_told_is_handed_on_before_it_is_answered(tmp_path: Path) -> None:
    told: list[Told] = []
    with Waits(told.append, tmp_path) as waits:
        address = waits.variables({})[ADDRESS]
        assert say(address, "wait 60.5 a b.py:3", "call c.sh:9", "wait 0 ") == b"ok\nok\nok\n"
    assert told == [Told(60.5, "a b.py:3"), Told(None, "c.sh:9"), Told(0.0, "")]


@pytest.mark.parametrize(
    "line", ["wait", "wait x", "wait -1 a", "wait inf a", "wait nan a", "GET /"]
)
def test_nonsense_ends_the_connection_and_moves_nothing(tmp_path: Path, line: str) -> None:
    told: list[Told] = []
    with Waits(told.append, tmp_path) as waits:
        assert say(waits.variables({})[ADDRESS], line, "wait 1 a") == b""
    assert told == []


def test_variables_of_others_are_kept(tmp_path: Path) -> None:
    base = {"PATH": "/bin", "PYTHONPATH": "/lib", "NODE_OPTIONS": "--x", "BASH_ENV": "/etc/b"}
    with Waits(lambda _: None, tmp_path) as waits:
        found = waits.variables(base)
    assert found["PATH"].endswith(f"{os.pathsep}/bin")
    assert found["PYTHONPATH"].endswith(f"{os.pathsep}/lib")
    assert found["NODE_OPTIONS"].startswith("--x --require ")
    assert found["PARDOT_MOCK_BASH_ENV"] == "/etc/b"


def test_a_plain_shell_tells_its_script_and_sleeps_when_nobody_listens(tmp_path: Path) -> None:
    told: list[Told] = []
    script = tmp_path / "wait.sh"
    script.write_text("sleep 1h 30m\nsleep nonsense || echo refused\n")
    with Waits(told.append, tmp_path) as waits:
        environment = waits.variables(os.environ)
        done = subprocess.run(
            ["sh", str(script)], env={**os.environ, **environment}, capture_output=True, check=True
        )
    assert told == [Told(5400.0, f"{script}:0")]
    assert done.stdout == b"refused\n"
    alone = subprocess.run([str(tmp_path / "bin" / "sleep"), "0.01"], check=False)
    assert alone.returncode == 0


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["", *UNITS])), min_size=1))
def test_the_command_adds_up_what_sleep_would(times: list[tuple[int, str]]) -> None:
    words = [f"{number}{unit}" for number, unit in times]
    assert length(words) == sum(number * SECONDS.get(unit, 1) for number, unit in times)


@pytest.mark.parametrize("words", [[], ["-1"], ["one"], ["1w"], ["nan"]])
def test_the_command_refuses_what_sleep_would(words: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is not shown
        length(words)
