"""The certificate to trust: from the control plane, and from the command."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pardot_mock.cli import main
from pardot_mock.dropin.authority import Authority
from pardot_mock.dropin.trusthints import HINTS, trust_hints
from pardot_mock.instance import Config, Unserved

if TYPE_CHECKING:
    from pathlib import Path


def test_the_certificate_is_given_to_everybody_and_the_key_to_nobody() -> None:
    authority = Authority()
    emulator = Unserved(Config(host="0.0.0.0", authority=authority))  # noqa: S104
    client = emulator.app.test_client()
    assert client.get("/_mock/state").status_code == 401
    answer = client.get("/_mock/ca.pem")
    assert (answer.data, answer.mimetype) == (authority.certificate, "application/x-pem-file")
    emulator.close()


def test_without_tls_there_is_none_and_it_is_said() -> None:
    emulator = Unserved(Config())
    answer = emulator.app.test_client().get("/_mock/ca.pem")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "no_tls"
    emulator.close()


def ca(*arguments: str, **env: str | None) -> str:
    done = CliRunner(env={"PARDOT_MOCK_CA": None, **env}).invoke(main, ["ca", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_makes_the_authority_once(tmp_path: Path) -> None:
    first = ca(XDG_DATA_HOME=str(tmp_path))
    path = tmp_path / "pardot-mock" / "tls" / "ca.pem"
    assert ca(XDG_DATA_HOME=str(tmp_path)) == first == path.read_text()
    assert ca("--path", XDG_DATA_HOME=str(tmp_path)) == f"{path}\n"
    assert ca("--data-dir", str(tmp_path / "other")) != first


def test_inside_exec_it_is_that_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("of this run\n")
    assert ca(PARDOT_MOCK_CA=str(tmp_path / "ca.pem")) == "of this run\n"
    done = CliRunner(env={"PARDOT_MOCK_CA": str(tmp_path / "none")}).invoke(main, ["ca"])
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize("language", sorted(HINTS))
def test_a_hint_is_a_line_that_a_shell_understands(language: str, tmp_path: Path) -> None:
    path = tmp_path / "it's here" / "ca.pem"
    line = HINTS[language].format(ca=shlex.quote(str(path)))
    assert str(path) in " ".join(shlex.split(line))
    assert line in trust_hints(shlex.quote(str(path)))
    subprocess.run(["bash", "-nc", line], check=True)
