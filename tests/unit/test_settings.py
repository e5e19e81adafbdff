"""The settings file: a value of the wrong type is named with its key, never taken for another."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.cli import main, serve
from pardot_mock.execcli import exec_command
from pardot_mock.serveoptions import config_of, known_settings
from pardot_mock.settings import SettingsError, read_settings

if TYPE_CHECKING:
    import click

    from pardot_mock.instance import Config

BY_TYPE: dict[type, Any] = {
    bool: st.booleans(),
    int: st.integers(0, 10**25),
    float: st.floats(0, 1e9),
    str: st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    list: st.lists(st.integers(0, 9)),
    dict: st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)),
    date: st.dates(date(1971, 1, 1)),
    datetime: st.datetimes(datetime(1971, 1, 1), timezones=st.none()),  # noqa: DTZ001
    time: st.times(),
}
KNOWN = known_settings()


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value)


def read(text: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        Path(folder, "pardot-mock.toml").write_text(text)
        return read_settings(Path(folder), KNOWN)


@given(key=st.sampled_from(sorted(KNOWN)), kind=st.sampled_from(list(BY_TYPE)), data=st.data())
def test_every_key_takes_its_own_types_and_names_itself_for_any_other(
    key: str, kind: type, data: st.DataObject
) -> None:
    value = data.draw(BY_TYPE[kind])
    line = f"{key.replace('_', '-')} = {toml(value)}"
    wanted = KNOWN[key]
    if not wanted.several and kind in wanted.types:
        (read_back,) = read(line).items()
        shown = value.isoformat() if isinstance(value, date) else value
        assert read_back == (key, shown)
    elif wanted.several and value == []:
        assert read(line) == {key: []}
    else:
        with pytest.raises(SettingsError) as caught:
            read(line)
        assert f": {key.replace('_', '-')}: " in str(caught.value)
        assert str(caught.value).endswith(f"; {wanted.words} is wanted")


def test_what_every_key_takes_is_pinned() -> None:
    words = {key: wanted.words for key, wanted in KNOWN.items()}
    numbers = dict.fromkeys(("port", "seed", "rows", "tls_port", "workers"), "a whole number")
    flags = dict.fromkeys(("tls", "quiet", "couple_sleep"), "true or false")
    texts = ("host", "scenario", "data_dir", "database_url", "public_url", "control_token")
    assert words == {
        **numbers,
        **flags,
        **dict.fromkeys((*texts, "ready_file"), "a text"),
        **dict.fromkeys(("quirk", "allow"), "a list of texts"),
        "now": "an instant such as 2026-01-31T10:00:00Z",
        "clock": "a number, real or frozen",
        "api_version": "3 or 4",
        "disk_quota": "a size such as 500MB or 10GB",
    }


@pytest.mark.parametrize("file", ["pardot-mock.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("rows = 1.5", "rows: 1.5 is a decimal number; a whole number is wanted"),
        ("rows = true", "rows: true is a boolean; a whole number is wanted"),
        ("workers = inf", "workers: inf is a decimal number; a whole number is wanted"),
        ("tls = 1", "tls: 1 is a whole number; true or false is wanted"),
        ("quiet = 'yes'", "quiet: 'yes' is a text; true or false is wanted"),
        ("host = 5", "host: 5 is a whole number; a text is wanted"),
        ("data_dir = true", "data_dir: true is a boolean; a text is wanted"),
        ("quirk = 'csv_bom=on'", "quirk: 'csv_bom=on' is a text; a list of texts is wanted"),
        ("quirk = ['csv_bom=on', 3]", "quirk: 3 is a whole number; a list of texts is wanted"),
        ("allow = 'x'", "allow: 'x' is a text; a list of texts is wanted"),
        ("api-version = 4.0", "api-version: 4.0 is a decimal number; 3 or 4 is wanted"),
        ("clock = false", "clock: false is a boolean; a number, real or frozen is wanted"),
        ("now = 10:00:00", "now: 10:00:00 is a time of day; an instant such as"),
        ("disk-quota = {a = 1}", "disk-quota: {'a': 1} is a table; a size such as 500MB"),
        ("api-version = 3\napi_version = 4", "api_version: said twice"),
    ],
)
def test_a_value_of_the_wrong_type_ends_the_start_with_2_naming_key_value_and_what_is_wanted(
    tmp_path: Path, file: str, line: str, says: str
) -> None:
    table = "[tool.pardot-mock]\n" if file == "pyproject.toml" else ""
    (tmp_path / file).write_text(f"{table}{line}\n")
    for command in (["serve"], ["exec"]):
        after = ["--", "true"] if command == ["exec"] else []
        # An address nobody can bind, so that a start that is not refused ends all the same.
        where = ["--settings-dir", str(tmp_path), "--host", "192.0.2.1"]
        done = CliRunner().invoke(main, [*command, *where, *after])
        assert done.exit_code == 2
        assert f"{file}: {says}" in done.stderr.replace("\n", " ")


def started(folder: Path, command: click.Command, *words: str) -> Config:
    with command.make_context("it", ["--settings-dir", str(folder), *words]) as context:
        return config_of(dict(context.params))


def test_right_types_are_taken_and_a_whole_number_may_be_a_text(tmp_path: Path) -> None:
    (tmp_path / "pardot-mock.toml").write_text(
        'rows = "7"\nseed = 9\nclock = 2\napi-version = 4\nquirk = ["csv_bom=on"]\n'
        "now = 2026-01-31T10:00:00+01:00\ndisk-quota = 20000000\ntls-port = 0\nquiet = true\n"
        'allow = ["example.com"]\ncouple-sleep = true\n'
    )
    for command, words in ((serve, ()), (exec_command, ("--", "true"))):
        config = started(tmp_path, command, *words)
        wish = config.account
        assert (wish.rows, wish.seed, wish.rate, wish.api_version) == (7, 9, 2, 4)
        assert wish.now is not None
        assert wish.now.isoformat() == "2026-01-31T09:00:00+00:00"
        assert (config.disk_quota, wish.quirks) == (20_000_000, {"csv_bom": "on"})


def test_a_date_of_the_file_is_its_midnight(tmp_path: Path) -> None:
    (tmp_path / "pardot-mock.toml").write_text("now = 2026-01-31\n")
    now = started(tmp_path, serve).account.now
    assert now is not None
    assert now.isoformat() == "2026-01-31T00:00:00+00:00"


def test_a_file_whose_tools_are_no_table_says_nothing_about_the_emulator(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 5\n")
    assert read_settings(tmp_path, KNOWN) == {}
