"""The container files fit the project: what they copy exists, what they start is understood."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from typing import Any

import yaml

from pardot_mock.cli import main as command_line

from .source import PACKAGES, ROOT


def instructions(kind: str) -> list[str]:
    """The arguments of every instruction of a kind, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{kind}\s+(.*)$", text, re.MULTILINE)


def health_check() -> list[str]:
    (argument,) = instructions("HEALTHCHECK")
    return list(json.loads(argument.partition("CMD")[2]))


def service() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["pardot-mock"]
    assert isinstance(found, dict)
    return found


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    copied = [name for line in instructions("COPY") for name in line.split()[:-1]]
    names = [name for name in copied if not name.startswith(("--from", "/opt"))]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {package.partition("/")[0] for package in PACKAGES} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert [name for name in names if f"!{name}" not in ignored] == []


def test_the_image_runs_as_a_user_without_rights() -> None:
    (user,) = instructions("USER")
    assert user == "mock"
    assert (
        f"--uid 10001 --home-dir /var/lib/pardot-mock --shell /usr/sbin/nologin {user}"
        in (instructions("RUN")[-1])
    )


def test_the_image_starts_a_command_with_options_that_exist() -> None:
    (argument,) = instructions("CMD")
    program, command, *options = json.loads(argument)
    assert (program, options) == ("pardot-mock", ["--host", "0.0.0.0"])  # noqa: S104
    context = command_line.commands[command].make_context(command, options)
    assert context.params["host"] == "0.0.0.0"  # noqa: S104
    assert instructions("EXPOSE") == [str(context.params["port"])]


def test_variables_of_image_and_service_are_options_of_serve() -> None:
    options = {parameter.name for parameter in command_line.commands["serve"].params}
    names = re.findall(r"PARDOT_MOCK_(\w+)=", (ROOT / "Dockerfile").read_text("utf-8"))
    names += [name.removeprefix("PARDOT_MOCK_") for name in service()["environment"]]
    assert names == ["DATA_DIR", "CONTROL_TOKEN"]
    assert {name.lower() for name in names} <= options


def test_the_service_is_published_on_loopback_only_and_checked_like_the_image() -> None:
    assert service()["ports"] == ["127.0.0.1:8000:8000"]
    assert service()["healthcheck"]["test"] == ["CMD", *health_check()]
    assert service()["build"] == "."


def run_health_check(port: int) -> int:
    program, *arguments = health_check()
    assert program == "python"
    environment = {**os.environ, "PARDOT_MOCK_PORT": str(port)}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, check=False, stderr=subprocess.DEVNULL
    )
    return done.returncode


def test_the_health_check_passes_on_a_running_emulator() -> None:
    from pardot_mock import MockPardot

    with MockPardot() as mock:
        assert run_health_check(int(mock.url.rpartition(":")[2])) == 0


def test_the_health_check_fails_where_nothing_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert run_health_check(closed.getsockname()[1]) != 0
