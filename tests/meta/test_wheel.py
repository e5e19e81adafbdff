"""What is published: four packages, three commands, one plugin. The wheel itself is proved by
`make wheel`; here its configuration is, and the proof is shown to notice what is wrong."""

from __future__ import annotations

import importlib
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from .proofs import proofs
from .source import FIRST_PARTY, PACKAGES, ROOT
from .wheel import COMMANDS, GENERIC_NAMES, expected_files, main, problems, project, prove_installed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INFO = "pardot_mock-0.1.0.dist-info"
Files = dict[str, str]


def test_the_build_takes_exactly_the_four_packages() -> None:
    target = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(target["packages"]) == sorted(PACKAGES)
    assert set(target) == {"packages"}


def test_the_folders_around_the_packages_are_no_packages_themselves() -> None:
    assert {"mock_server", "client", "contract_tests", "fixtures"} == GENERIC_NAMES
    assert [name for name in GENERIC_NAMES if (ROOT / name / "__init__.py").exists()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_the_three_commands_and_the_plugin_are_declared() -> None:
    declared = project()["project"]
    assert tuple(declared["scripts"]) == COMMANDS
    assert declared["entry-points"] == {"pytest11": {"pardot": "pardot_contracts.plugin"}}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_leads_to_something_callable(command: str) -> None:
    module, _, function = project()["project"]["scripts"][command].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_the_version_of_the_package_is_the_one_published() -> None:
    version = project()["tool"]["hatch"]["version"]["path"]
    assert (ROOT / version).is_file()
    assert project()["project"]["dynamic"] == ["version"]


def right_files() -> Files:
    scripts = "\n".join(f"{k} = {v}" for k, v in project()["project"]["scripts"].items())
    return {
        **dict.fromkeys(expected_files(), ""),
        f"{INFO}/METADATA": "Name: pardot-mock\nRequires-Python: >=3.11\n",
        f"{INFO}/entry_points.txt": f"[console_scripts]\n{scripts}\n\n"
        "[pytest11]\npardot = pardot_contracts.plugin\n",
    }


def wheel_of(files: Files, folder: Path) -> Path:
    wheel = folder / "pardot_mock-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def test_a_wheel_with_everything_in_it_passes(tmp_path: Path) -> None:
    assert list(problems(wheel_of(right_files(), tmp_path))) == []


def drop(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


def put(name: str, text: str = "") -> Callable[[Files], None]:
    return lambda files: files.__setitem__(name, text)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (put("client/__init__.py"), "it holds client at the top, a generic name"),
        (put("fixtures/a.py"), "it holds fixtures at the top, a generic name"),
        (put("tests/a.py"), "it holds tests at the top, not one of the packages"),
        (put("pardot_mock/old.py"), "it holds pardot_mock/old.py, which the source does not"),
        *((drop(f"{name}/py.typed"), f"it lacks {name}/py.typed") for name in sorted(FIRST_PARTY)),
        (drop("pardot_mock/cli.py"), "it lacks pardot_mock/cli.py"),
        (put("other-1.dist-info/METADATA"), "it has 2 metadata folders"),
        (put(f"{INFO}/METADATA", "Name: pardot\nRequires-Python: >=3.11"), "its Name is 'pardot'"),
        (put(f"{INFO}/METADATA", "Name: pardot-mock"), "its Requires-Python is None"),
    ],
)
def test_a_spoiled_wheel_is_noticed(
    spoil: Callable[[Files], None], problem: str, tmp_path: Path
) -> None:
    files = right_files()
    spoil(files)
    found = list(problems(wheel_of(files, tmp_path)))
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_missing_commands_and_a_missing_plugin_are_noticed(tmp_path: Path) -> None:
    files = right_files()
    del files[f"{INFO}/entry_points.txt"]
    found = list(problems(wheel_of(files, tmp_path)))
    assert [line.partition(" are ")[0] for line in found] == [
        "its console_scripts",
        "its pytest11",
    ]


def test_a_folder_without_exactly_one_wheel_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 2
    assert main([str(tmp_path)]) == 2
    assert "holds 0 wheels instead of one" in capsys.readouterr().err


def test_a_wrong_wheel_is_reported_before_anything_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel_of({**right_files(), "client/__init__.py": ""}, tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "it holds client at the top" in capsys.readouterr().err


class RecordingEnvironment:
    """Answers as a sound installation would, except where `answers` says otherwise."""

    def __init__(self, folder: Path, **answers: str) -> None:
        self.folder = folder
        self.python = "python"
        self.installed: list[str] = []
        self.answers = answers

    def install(self, *wanted: str) -> None:
        self.installed.append(" ".join(wanted))

    def run(self, command: str, *arguments: str) -> str:
        if "pardot_client.__file__" in arguments[-1]:
            # At this moment the client has to do with requests.
            assert self.installed[1:] == ["--no-warn-conflicts requests"]
            return self.answers.get("place", str(self.folder / "env" / "pardot_client.py"))
        if arguments == ("version",):
            return self.answers.get("version", "0.1.0\n")
        if arguments == ("--help",):
            return self.answers.get(command.replace("-", "_"), f"Usage: {command}")
        known = {proof.command: proof for proof in proofs(self.python)}
        proof = known.get((command, *arguments))
        if proof is None:
            return ""
        if proof.what == self.answers.get("broken"):
            raise subprocess.CalledProcessError(3, command, "what it said")
        return "" if proof.what == self.answers.get("silent") else " ".join(proof.says)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, ""),
        ({"place": "/repository/client"}, "pardot_client was imported from /repository/client"),
        ({"version": "0.2.0"}, "pardot-mock version answers '0.2.0' instead of '0.1.0'"),
        ({"pardot_export": "Usage: ?"}, "pardot-export --help does not name it"),
        ({"broken": "exec"}, "exec does not work: exit code 3, 'what it said'"),
        ({"silent": "intercept"}, "intercept does not say [\"['login']\"]: ''"),
    ],
)
def test_an_installation_that_does_not_work_is_noticed(
    answers: dict[str, str], problem: str, tmp_path: Path
) -> None:
    environment = RecordingEnvironment(tmp_path, **answers)
    found = list(prove_installed(wheel_of(right_files(), tmp_path), environment))
    assert found == ([problem] if problem else [])
    assert environment.installed[0].startswith("--no-deps ")
    assert environment.installed[-1].endswith("[contracts]")
