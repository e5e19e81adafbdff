"""The container files fit the project: what they copy exists, what they start is understood.

No container engine is needed: files are read, and what they run is run here.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from pardot_mock._version import __version__
from pardot_mock.cli import main as command_line
from pardot_mock.dropin.hosts import HOSTS

from .source import PACKAGES, ROOT

INSTRUCTIONS = frozenset(
    {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN"}
    | {"STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
STATE = "/var/lib/pardot-mock"


@dataclass(frozen=True)
class Step:
    """One instruction of a stage, its continuation lines joined."""

    kind: str
    argument: str


def stages() -> dict[str, list[Step]]:
    """The steps of each stage by its name, those of the stage it starts from included."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, list[Step]] = {}
    name = ""
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        kind, _, argument = line.partition(" ")
        assert kind in INSTRUCTIONS, line
        if kind == "FROM":
            image, _, name = argument.partition(" AS ")
            found[name] = list(found.get(image, [Step("FROM", image)]))
        else:
            found[name].append(Step(kind, " ".join(argument.split())))
    return found


def arguments(stage: str, kind: str) -> list[str]:
    return [step.argument for step in stages()[stage] if step.kind == kind]


def words_of(argument: str) -> list[str]:
    """What an instruction in the form of a list runs; the other form would ask for a shell."""
    words = json.loads(argument)
    assert all(isinstance(word, str) for word in words)
    return list(words)


def health_check() -> list[str]:
    (argument,) = arguments("serve", "HEALTHCHECK")
    return words_of(argument.partition("CMD ")[2])


def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def service(name: str = "pardot-mock") -> dict[str, Any]:
    found = compose()["services"][name]
    assert isinstance(found, dict)
    return found


def test_the_last_stage_is_the_emulator_and_starts_from_a_slim_image() -> None:
    assert list(stages()) == ["source", "build", "build-contracts", "base", "contracts", "serve"]
    for steps in stages().values():
        assert steps[0] == Step("FROM", "python:3.12-slim")


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    names = [name for line in arguments("source", "COPY") for name in line.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {package.partition("/")[0] for package in PACKAGES} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert [name for name in names if f"!{name}" not in ignored] == []


@pytest.mark.parametrize("stage", ["serve", "contracts"])
def test_an_image_holds_the_installation_only_and_runs_without_rights(stage: str) -> None:
    (copied,) = arguments(stage, "COPY")
    source = copied.split()[0].removeprefix("--from=")
    assert copied.split()[1:] == ["/opt/pardot-mock", "/opt/pardot-mock"]
    assert "pip install --no-cache-dir" in arguments(source, "RUN")[-1]
    assert arguments(stage, "USER") == ["10001:10001"]
    (run,) = arguments(stage, "RUN")
    assert "groupadd --system --gid 10001 mock && useradd --system --uid 10001 --gid mock " in run
    assert run.endswith(f"install -d -o mock -g mock -m 0755 {STATE}")
    kinds = [step.kind for step in stages()[stage]]
    # Nothing is made by root after the user has been changed.
    assert "RUN" not in kinds[kinds.index("USER") :]


@pytest.mark.parametrize(("stage", "title"), [("serve", "mock"), ("contracts", "contracts")])
def test_an_image_says_what_it_is(stage: str, title: str) -> None:
    text = " ".join(arguments(stage, "LABEL"))
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', text))
    assert labels.keys() == {"title", "description", "version", "licenses"}
    assert labels["title"] == f"pardot-{title}"
    assert labels["version"] == __version__


def test_there_is_one_volume_and_everything_that_is_written_lies_in_it() -> None:
    assert arguments("serve", "VOLUME") == [STATE]
    assert f"PARDOT_MOCK_DATA_DIR={STATE}" in " ".join(arguments("serve", "ENV"))
    assert service()["volumes"] == [f"data:{STATE}"]
    assert list(compose()["volumes"]) == ["data"]


def test_the_image_starts_a_command_with_options_that_exist() -> None:
    (argument,) = arguments("serve", "CMD")
    program, command, *options = words_of(argument)
    assert (program, options) == ("pardot-mock", ["--host", "0.0.0.0"])  # noqa: S104
    context = command_line.commands[command].make_context(command, options)
    assert context.params["host"] == "0.0.0.0"  # noqa: S104
    ports = f"{context.params['port']} {context.params['tls_port']}"
    assert arguments("serve", "EXPOSE") == [ports]
    assert words_of(*arguments("contracts", "ENTRYPOINT")) == ["pardot-contracts"]


def test_variables_of_image_and_services_are_options_of_serve() -> None:
    options = {parameter.name for parameter in command_line.commands["serve"].params}
    names = re.findall(r"PARDOT_MOCK_(\w+)=", (ROOT / "Dockerfile").read_text("utf-8"))
    for each in compose()["services"].values():
        told = each.get("environment", {})
        names += [n.removeprefix("PARDOT_MOCK_") for n in told if n.startswith("PARDOT_MOCK_")]
    assert set(names) == {"DATA_DIR", "CONTROL_TOKEN", "TLS", "TLS_PORT"}
    assert {name.lower() for name in names} <= options


@pytest.mark.parametrize("name", ["pardot-mock", "example", "contracts"])
def test_a_service_can_write_to_its_places_only(name: str) -> None:
    assert service(name)["read_only"] is True
    assert service(name)["tmpfs"] == ["/tmp"]  # noqa: S108


def test_the_emulator_is_published_on_loopback_only_and_has_no_rights() -> None:
    assert service()["ports"] == ["127.0.0.1:8000:8000"]
    assert service()["cap_drop"] == ["ALL"]
    assert service()["security_opt"] == ["no-new-privileges:true"]


def test_a_program_beside_it_finds_the_hosts_of_the_service_and_nothing_else() -> None:
    # Only what is written without a port is looked for at 443.
    assert service()["environment"]["PARDOT_MOCK_TLS_PORT"] == "443"
    assert service()["sysctls"] == {"net.ipv4.ip_unprivileged_port_start": 0}
    assert service()["networks"]["service"]["aliases"] == list(HOSTS)
    assert compose()["networks"]["service"] == {"internal": True}
    for name in ("example", "contracts"):
        assert service(name)["networks"] == ["service"]
        assert service(name)["depends_on"]["pardot-mock"] == {"condition": "service_healthy"}


def test_the_example_is_a_program_as_it_is_that_trusts_the_certificate_of_the_volume() -> None:
    program, script, _ = service("example")["command"]
    assert program == "python"
    assert (ROOT / script.removeprefix("/")).is_file()
    volumes = service("example")["volumes"]
    assert volumes == ["./examples:/examples:ro", "data:/pardot-mock:ro"]
    told = service("example")["environment"]
    bundles = {name: value for name, value in told.items() if not name.startswith("P")}
    assert set(bundles.values()) == {"/pardot-mock/tls/ca.pem"}
    assert told["PARDOT_EMAIL"] == "demo@example.com"


def run_health_check(port: int) -> int:
    program, *words = health_check()
    assert program == "python"
    environment = {**os.environ, "PARDOT_MOCK_PORT": str(port)}
    done = subprocess.run(
        [sys.executable, *words], env=environment, check=False, stderr=subprocess.DEVNULL
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
