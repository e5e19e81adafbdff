"""The page about continuous integration, the action, the hooks: read, and run where they can be."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pardot_mock.cli import main as command_line
from pardot_mock.dropin.hosts import HOSTS
from tests.docs.test_pages import ROOT, blocks

RECIPES: list[dict[str, Any]] = [
    yaml.safe_load(text) for text in blocks(ROOT / "docs/ci.md", "yaml")
]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
BIN = Path(sys.executable).parent
KEPT = ("HOME", "LANG", "TMPDIR")


def shell(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    known = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True, text=True, check=False, timeout=60,
        cwd=cwd, env={**known, "PATH": path, **env}, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def shell_lines() -> list[str]:
    lines = []
    for recipe in RECIPES:
        for job in recipe.get("jobs", {}).values():
            lines += [step["run"] for step in job["steps"] if "run" in step]
        lines += recipe.get("test", {}).get("script", [])
    return lines + [step["run"] for step in ACTION["runs"]["steps"]]


def test_every_recipe_is_one_of_its_kind() -> None:
    kinds = [next(iter(recipe)) for recipe in RECIPES]
    assert kinds == ["jobs", "jobs", "jobs", "test", "repos"]


@pytest.mark.parametrize("line", shell_lines(), ids=range(len(shell_lines())))
def test_a_shell_understands_every_line_and_finds_every_example(line: str) -> None:
    subprocess.run(["bash", "-n", "-c", line], check=True)
    words = shlex.split(line.splitlines()[0])
    for script in (word for word in words if word.startswith("examples/")):
        assert (ROOT / script).is_file()


def test_the_line_with_exec_completes_an_export(tmp_path: Path) -> None:
    (line,) = (line for line in shell_lines() if line.startswith("pardot-mock exec"))
    shell(line.replace("examples/", f"{ROOT}/examples/"), tmp_path)
    assert len(list((tmp_path / "out").glob("*.csv"))) > 1


def test_the_action_starts_an_emulator_for_the_steps_that_follow(tmp_path: Path) -> None:
    _, start = ACTION["runs"]["steps"]
    files = {name: tmp_path / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH")}
    recipe = RECIPES[1]["jobs"]["test"]["steps"]
    options = recipe[1]["with"]["options"]
    given = {name: str(path) for name, path in files.items()}
    # What runs on must end with the test.
    (tmp_path / "temp").mkdir()
    script = start["run"].replace("server=$!", 'server=$!; echo "$server" > "$RUNNER_TEMP/pid"')
    shell(script, tmp_path, PORT="0", OPTIONS=options, RUNNER_TEMP=str(tmp_path / "temp"), **given)
    try:
        read = {
            name: dict(line.split("=", 1) for line in path.read_text().splitlines())
            for name, path in files.items()
            if path.exists()
        }
        told = read["GITHUB_ENV"]
        assert told["PARDOT_MOCK_URL"] == told["PARDOT_BASE_URL"] == read["GITHUB_OUTPUT"]["url"]
        assert "BEGIN CERTIFICATE" in Path(read["GITHUB_OUTPUT"]["ca"]).read_text()
        done = shell(f"{recipe[2]['run']} --json", tmp_path, **told)
        assert json.loads(done.stdout)["rate"] == 0
    finally:
        os.kill(int((tmp_path / "temp" / "pid").read_text()), signal.SIGTERM)


def test_containers_are_told_what_serve_understands() -> None:
    options = {parameter.name for parameter in command_line.commands["serve"].params}
    told: dict[str, str] = RECIPES[2]["jobs"]["test"]["services"]["pardot-mock"]["env"]
    (gitlab,) = RECIPES[3]["test"]["services"]
    assert gitlab["variables"] == told
    assert {name.removeprefix("PARDOT_MOCK_").lower() for name in told} <= options
    aliases = set(gitlab["alias"].split(",")) - {"pardot-mock"}
    assert aliases <= set(HOSTS)
    flags = RECIPES[2]["jobs"]["test"]["services"]["pardot-mock"]["options"].split()
    assert {flags[n + 1] for n, f in enumerate(flags) if f == "--network-alias"} == aliases


def test_the_hooks_are_commands_with_options_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {
        hook["id"] for hook in RECIPES[4]["repos"][0]["hooks"]
    }
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert (BIN / program).exists()
        assert all(word in command_line.list_commands(None) for word in words)  # type: ignore[arg-type]
