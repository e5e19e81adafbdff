"""The seed of a world has one limit, whichever way it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.domain.worlds import MAX_ROWS, MAX_SEED
from pardot_mock.testing import create_app, intercept
from pardot_mock.web.control.bodies import BadFieldError
from tests.integration.test_control_cli import served
from tests.unit.contracts.test_plugin import run_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Bench

ABOVE = MAX_SEED + 1
HUGE = 99999999999999999999
NOWHERE = "192.0.2.1"
"""An address nobody can bind, so that a start that should be refused ends all the same."""


@pytest.mark.parametrize("seed", [ABOVE, HUGE, -1])
@pytest.mark.parametrize("way", ["option", "environment", "pardot-mock.toml", "pyproject.toml"])
@pytest.mark.parametrize("command", ["serve", "exec"])
def test_a_seed_out_of_range_is_wrong_usage(
    tmp_path: Path, seed: int, way: str, command: str
) -> None:
    words, env = ["--settings-dir", str(tmp_path), "--host", NOWHERE], {}
    if way == "option":
        words += ["--seed", str(seed)]
    elif way == "environment":
        env["PARDOT_MOCK_SEED"] = str(seed)
    else:
        table = "[tool.pardot-mock]\n" if way == "pyproject.toml" else ""
        (tmp_path / way).write_text(f"{table}seed = {seed}\n")
    after = ["--", "true"] if command == "exec" else []
    done = CliRunner(env=env).invoke(main, [command, *words, *after])
    assert done.exit_code == 2
    assert f"'--seed': {seed} is not in the range 0<=x<={MAX_SEED}" in done.stderr


@pytest.mark.parametrize(("option", "most"), [("--seed", MAX_SEED), ("--rows", MAX_ROWS)])
def test_a_fresh_account_from_a_shell_knows_the_same_limits(option: str, most: int) -> None:
    nobody = "http://127.0.0.1:1"
    done = CliRunner().invoke(main, ["accounts", "create", option, str(most + 1), "--url", nobody])
    assert done.exit_code == 2
    assert f"'{option}': {most + 1} is not in the range 0<=x<={most}" in done.stderr
    unanswered = CliRunner().invoke(
        main, ["accounts", "create", option, str(most), "--url", nobody]
    )
    assert unanswered.exit_code == 4


def test_the_control_plane_refuses_it_by_name_in_an_account_and_in_a_scenario(
    bench: Bench,
) -> None:
    for body, field in (
        ({"seed": ABOVE}, "seed"),
        ({"scenario": {"account": {"seed": ABOVE}}}, "scenario"),
    ):
        answer = bench.client.post("/_mock/accounts", json=body)
        assert (answer.status_code, answer.get_json()["field"]) == (400, field)
        says = f"seed: {ABOVE} is not a whole number from 0 to {MAX_SEED}"
        assert answer.get_json()["error"]["message"].endswith(says)


def test_a_scenario_file_with_it_ends_serving_with_2(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"[account]\nseed = {HUGE}\n")
    done = CliRunner().invoke(main, ["serve", "--host", NOWHERE, "--scenario", str(file)])
    assert done.exit_code == 2
    assert f"own.toml: account.seed: {HUGE} is not a whole number" in done.stderr


@pytest.mark.parametrize("seed", [ABOVE, HUGE, -1, 1.5, True, "7"])
def test_python_names_the_field_of_a_bad_seed(seed: object) -> None:
    says = rf"^seed: {seed!r} is not a whole number from 0 to {MAX_SEED}$"
    with pytest.raises(BadFieldError, match=says):
        MockPardot(seed=seed).start()
    with pytest.raises(BadFieldError, match=says):
        create_app(seed=seed)
    with pytest.raises(BadFieldError, match=says), intercept(seed=seed):
        pass
    with create_app(rows=0) as app, pytest.raises(BadFieldError, match=says):
        app.account(seed=seed)


def test_the_marker_of_pytest_names_it_too(tmp_path: Path) -> None:
    text = f"import pytest\n\n\n@pytest.mark.pardot(seed={ABOVE})\ndef test_it(pardot):\n    pass\n"
    done = run_file(tmp_path, text)
    assert "1 error" in done.stdout
    assert f"BadFieldError: seed: {ABOVE} is not a whole number from 0 to" in done.stdout


def test_the_highest_seed_is_a_world_like_any_other(bench: Bench) -> None:
    assert served("--seed", str(MAX_SEED)).account.seed == MAX_SEED
    sent = {"id": "highest", "seed": MAX_SEED}
    assert bench.client.post("/_mock/accounts", json=sent).get_json()["seed"] == MAX_SEED
    highest = bench.fresh(seed=MAX_SEED)
    highest.control("plan", {"kind": "instant"})
    caller = highest.caller()
    urls = caller.read(caller.new_export())["resultRefs"]
    assert caller.get(urls).data.count(b"\n") > 10
