"""Proves a built wheel: `python -m tests.meta.wheel dist`, run by `make wheel`.

Two halves: what the archive holds, read without installing it, and whether it works in a clean
environment outside the repository. Only the second one needs a package index.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from .proofs import FIXTURE, FIXTURE_FILE, proofs
from .source import FIRST_PARTY, PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GENERIC_NAMES: Final = frozenset(Path(package).parts[0] for package in PACKAGES)
COMMANDS: Final = ("pardot-mock", "pardot-export", "pardot-contracts")


def project() -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def expected_files() -> set[str]:
    """Archive names of every file of the four packages: code, data and the typing marker."""
    files = set()
    for package in PACKAGES:
        base = (ROOT / package).parent
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files.add(path.relative_to(base).as_posix())
    return files


def problems(wheel: Path) -> Iterator[str]:
    """What is wrong with the archive, one line each; nothing where it is right."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        info = {name.partition("/")[0] for name in names if ".dist-info/" in name}
        if len(info) != 1:
            yield f"it has {len(info)} metadata folders"
            return
        folder = info.pop()
        read = {
            part: archive.read(f"{folder}/{part}").decode() if f"{folder}/{part}" in names else ""
            for part in ("METADATA", "entry_points.txt")
        }
    content = {name for name in names if not name.startswith(f"{folder}/")}
    yield from _content_problems(content)
    yield from _metadata_problems(read["METADATA"])
    yield from _entry_problems(read["entry_points.txt"])


def _content_problems(content: set[str]) -> Iterator[str]:
    top = {name.partition("/")[0] for name in content}
    for name in sorted(top - FIRST_PARTY):
        why = "a generic name" if name in GENERIC_NAMES else "not one of the packages"
        yield f"it holds {name} at the top, {why}"
    expected = expected_files() | {f"{name}/py.typed" for name in FIRST_PARTY}
    for name in sorted(expected - content):
        yield f"it lacks {name}"
    for name in sorted(content - expected):
        if name.partition("/")[0] in FIRST_PARTY:
            yield f"it holds {name}, which the source does not"


def _metadata_problems(text: str) -> Iterator[str]:
    metadata, declared = Parser().parsestr(text), project()["project"]
    for field, wanted in (
        ("Name", declared["name"]),
        ("Requires-Python", declared["requires-python"]),
    ):
        if metadata[field] != wanted:
            yield f"its {field} is {metadata[field]!r} instead of {wanted!r}"


def _entry_problems(text: str) -> Iterator[str]:
    found = ConfigParser(delimiters=("=",))
    found.read_string(text)
    declared = project()["project"]
    groups = {"console_scripts": declared["scripts"], **declared["entry-points"]}
    for group, entries in groups.items():
        held = dict(found[group]) if found.has_section(group) else {}
        if held != entries:
            yield f"its {group} are {held} instead of {entries}"


class Installs(Protocol):
    """Where a wheel is installed and used."""

    folder: Path
    python: str

    def run(self, command: str, *arguments: str) -> str: ...

    def install(self, *wanted: str) -> None: ...


class Environment:
    """A clean virtual environment in `folder`, blind to the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        self.python = str(self._bin / "python")
        venv.create(folder / "env", with_pip=True)

    def run(self, command: str, *arguments: str) -> str:
        """The output of a command of the environment; raises CalledProcessError if it fails."""
        blind = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        blind["PATH"] = os.pathsep.join((str(self._bin), os.environ.get("PATH", "")))
        return subprocess.run(
            [str(self._bin / command), *arguments],
            cwd=self.folder, env=blind, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    def install(self, *wanted: str) -> None:
        options = ("--quiet", "--disable-pip-version-check")
        self.run("python", "-m", "pip", "install", *options, *wanted)


def prove_installed(wheel: Path, environment: Installs) -> Iterator[str]:
    """Install the wheel and use it; yields what does not work."""
    environment.install("--no-deps", str(wheel))
    environment.install("--no-warn-conflicts", "requests")
    # Nothing but requests is there yet, so this is the client alone.
    place = environment.run("python", "-c", "import pardot_client; print(pardot_client.__file__)")
    if not Path(place.strip()).is_relative_to(environment.folder):
        yield f"pardot_client was imported from {place.strip()}"
    environment.install(str(wheel))
    version, answered = wheel.name.split("-")[1], environment.run("pardot-mock", "version").strip()
    if answered != version:
        yield f"pardot-mock version answers {answered!r} instead of {version!r}"
    for command in COMMANDS:
        if command not in environment.run(command, "--help"):
            yield f"{command} --help does not name it"
    for package in sorted(FIRST_PARTY):
        environment.run("python", "-W", "error", "-c", f"import {package}")
    yield from _unproved(wheel, environment)


def _unproved(wheel: Path, environment: Installs) -> Iterator[str]:
    """Let the installation do what it is for."""
    environment.install(f"{wheel}[contracts]")
    (environment.folder / FIXTURE_FILE).write_text(FIXTURE, "utf-8")
    for proof in proofs(environment.python):
        try:
            said = environment.run(*proof.command)
        except subprocess.CalledProcessError as error:
            yield f"{proof.what} does not work: exit code {error.returncode}, {error.stdout!r}"
            continue
        missing = [text for text in proof.says if text not in said]
        if missing:
            yield f"{proof.what} does not say {missing}: {said!r}"


def main(arguments: Sequence[str]) -> int:
    """Check the one wheel in the folder named by `arguments`; 0 where nothing is wrong."""
    if len(arguments) != 1:
        print("usage: python -m tests.meta.wheel DIST", file=sys.stderr)
        return 2
    wheels = sorted(Path(arguments[0]).resolve().glob("*.whl"))
    if len(wheels) != 1:
        print(f"{arguments[0]} holds {len(wheels)} wheels instead of one", file=sys.stderr)
        return 2
    wrong = list(problems(wheels[0]))
    if not wrong:
        with tempfile.TemporaryDirectory(prefix="pardot-wheel-") as folder:
            wrong = list(prove_installed(wheels[0], Environment(Path(folder).resolve())))
    for line in wrong:
        print(f"{wheels[0].name}: {line}", file=sys.stderr)
    if not wrong:
        print(f"{wheels[0].name} holds what it should and works in a clean environment")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
