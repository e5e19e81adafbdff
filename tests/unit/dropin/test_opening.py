"""What a program is given, and that nothing of it is left afterwards."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.dropin.authority import Authority
from pardot_mock.dropin.environment import BUNDLES, export_lines, is_ours
from pardot_mock.dropin.opening import DropIn
from pardot_mock.dropin.summary import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

names = st.from_regex(r"[A-Z_]{1,9}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def drop_in(allowed: Sequence[str] = ()) -> DropIn:
    return DropIn(("127.0.0.1", 1), Authority(), allowed)


def test_every_variable_set_is_known_as_ours() -> None:
    with drop_in() as dropin:
        given_to_child = dropin.variables({})
    assert [name for name in given_to_child if not is_ours(name)] == []
    assert not is_ours("PATH")
    assert not is_ours("PARDOT_MOCK_PORT")


def test_trust_files_are_there_during_the_block_only() -> None:
    with drop_in() as dropin:
        variables = dropin.variables({})
        bundles = {Path(variables[name]) for name in BUNDLES}
        assert [path.read_text().count("BEGIN CERTIFICATE") for path in bundles] == [1]
        assert len(list(bundles.copy().pop().parent.iterdir())) == 3
    assert not any(path.parent.exists() for path in bundles)


def test_no_two_runs_share_an_authority() -> None:
    with drop_in() as one, drop_in() as other:
        first, second = (
            Path(each.variables({})["SSL_CERT_FILE"]).read_bytes() for each in (one, other)
        )
    assert first != second


def test_what_the_machine_trusts_is_added_only_when_a_host_is_opened(tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    own.write_text("of this machine\n")
    for allowed, added in (([], False), (["example.com"], True)):
        with drop_in(allowed) as dropin:
            bundle = Path(dropin.variables({"SSL_CERT_FILE": str(own)})["SSL_CERT_FILE"])
            assert ("of this machine" in bundle.read_text()) is added


def test_options_that_were_there_stay() -> None:
    with drop_in() as dropin:
        base = {"NODE_OPTIONS": "--a", "JAVA_TOOL_OPTIONS": "-Db=c", "PHP_INI_SCAN_DIR": "/d"}
        variables = dropin.variables(base)
    assert variables["NODE_OPTIONS"].startswith("--a --require ")
    assert Path(shlex.split(variables["NODE_OPTIONS"])[2]).is_file()
    assert variables["JAVA_TOOL_OPTIONS"].startswith("-Db=c -Dhttp.proxyHost=127.0.0.1 ")
    assert variables["PHP_INI_SCAN_DIR"].startswith(f"/d{os.pathsep}/")
    assert json.loads(variables["PARDOT_MOCK_DROPIN"])["allowed"] == []


def test_a_host_of_the_service_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match="cannot be opened"):
        drop_in(["PI.pardot.com"])


@given(st.dictionaries(names, values, max_size=3))
def test_a_shell_reads_back_what_was_exported(variables: dict[str, str]) -> None:
    words = shlex.split(export_lines(variables))
    assert words == [w for n, v in variables.items() for w in ("export", f"{n}={v}")]


def test_bash_reads_back_a_value_with_everything_in_it() -> None:
    value = "a 'b' \"c\" $d `e` \\f\n!g"
    script = export_lines({"VALUE": value}) + 'printf %s "$VALUE"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == value


def test_the_summary_counts_calls_it_has_forgotten_too() -> None:
    assert summary([], 0, {}) == "no API call with the credentials of the account"
    assert summary([], 3, {"b": 1, "a": 2}) == "3 API calls (forgotten 3); refused hosts: a 2, b 1"
