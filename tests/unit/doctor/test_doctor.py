"""What the doctor finds, and that it is calm where all is well."""

from __future__ import annotations

import json
import socket
from importlib import metadata
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from click.testing import CliRunner

from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.doctor import files, installation, network
from pardot_mock.dropin.authorityfile import kept_authority
from pardot_mock.settings import WHOLE_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pardot_mock.doctor import Finding


def levels(found: Iterable[Finding]) -> list[str]:
    return [finding.level.value for finding in found]


def only(found: Iterable[Finding]) -> tuple[str, str]:
    (finding,) = found
    assert (finding.todo == "") is (finding.level.value == "ok"), finding
    return finding.level.value, finding.message


def test_an_old_python_is_a_problem() -> None:
    assert only(installation.python((3, 10, 2))) == ("problem", "Python 3.10.2 is too old")
    assert levels(installation.python((3, 11, 0))) == ["ok"]


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ("2.31", ""), ("2.31.0", ""), ("10.0", ""), ("2.31rc1", ""),
        ("2.30.9", "requests 2.30.9 is older than 2.31"), (None, "requests is not installed"),
    ],
)  # fmt: skip
def test_a_package_that_is_missing_or_old_is_a_problem(there: str | None, message: str) -> None:
    def version_of(name: str) -> str:
        if there is None:
            raise metadata.PackageNotFoundError(name)
        return there

    required = ["requests>=2.31", 'pytest>=8.2; extra == "contracts"']
    expected = ("problem", message) if message else ("ok", "all 1 packages are there")
    assert only(installation.packages(required, version_of)) == expected


def test_this_installation_is_complete() -> None:
    assert levels(installation.packages()) == ["ok"]
    assert levels(installation.zones()) == ["ok"]


def test_missing_and_wrong_zones_are_a_problem() -> None:
    def missing(name: str) -> ZoneInfo:
        raise ZoneInfoNotFoundError(name)

    assert levels(installation.zones(missing)) == ["problem"]
    assert levels(installation.zones(lambda _: ZoneInfo("UTC"))) == ["problem"]


@pytest.fixture
def stranger() -> Iterator[int]:
    """Give a port at which somebody accepts and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        port: int = listening.getsockname()[1]
        yield port


def test_a_port_is_free_ours_or_taken(monkeypatch: pytest.MonkeyPatch, stranger: int) -> None:
    with MockPardot() as mock:
        number = int(mock.url.rpartition(":")[2])
        level, message = only(network.port("port", "127.0.0.1", number))
        assert (level, message[:12]) == ("ok", "an emulator,")
    assert only(network.port("port", "127.0.0.1", number)) == ("ok", "free for --port")
    monkeypatch.setattr(network, "_PATIENCE", 0.05)
    (found,) = network.port("tls-port", "127.0.0.1", stranger)
    assert (found.level.value, found.todo) == ("problem", "choose another one with --tls-port")


@pytest.mark.parametrize(
    ("base", "level"),
    [
        ({}, "ok"),
        ({"HTTPS_PROXY": "http://p:1"}, "warning"),
        ({"http_proxy": "http://p:1", "no_proxy": "localhost"}, "warning"),
        ({"http_proxy": "http://p:1", "no_proxy": "localhost, 127.0.0.1"}, "ok"),
        ({"http_proxy": "http://p:1", "NO_PROXY": "*"}, "ok"),
        ({"http_proxy": "http://p:1", "PARDOT_MOCK_DROPIN": "{}"}, "ok"),
    ],
)
def test_a_proxy_that_takes_loopback_calls_is_a_warning(base: dict[str, str], level: str) -> None:
    assert only(network.proxies(base))[0] == level


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("127.0.0.1 localhost\n# 127.0.0.1 pi.pardot.com\n\n", "ok", "are not led anywhere"),
        ("127.0.0.1 a PI.pardot.com # ours\n", "warning", "leads pi.pardot.com to 127.0.0.1"),
        ("::1 login.salesforce.com\n", "warning", "leads login.salesforce.com to ::1"),
    ],
)
def test_the_hosts_file_is_read(text: str, level: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(text)
    found, said = only(network.hosts_file(tmp_path / "hosts"))
    assert found == level
    assert said.endswith(message)
    assert list(network.hosts_file(tmp_path / "none")) == []


def test_an_emulator_that_should_run_and_does_not_is_a_problem() -> None:
    assert list(network.running({})) == []
    assert levels(network.running({"PARDOT_MOCK_URL": "http://127.0.0.1:1"})) == ["problem"]
    assert levels(network.running({"PARDOT_MOCK_URL": "nonsense"})) == ["problem"]


def test_the_kept_authority_is_looked_at_and_none_is_made(tmp_path: Path) -> None:
    assert only(files.authority(tmp_path))[1].startswith("none yet")
    assert list(tmp_path.iterdir()) == []
    kept_authority(tmp_path)
    assert "is valid until" in only(files.authority(tmp_path))[1]
    (tmp_path / "tls" / "authority.pem").write_text("x")
    assert levels(files.authority(tmp_path)) == ["problem"]


def test_files_to_trust_must_hold_certificates(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pem", tmp_path / "bad.pem"
    good.write_bytes(kept_authority(tmp_path).certificate)
    bad.write_text("nothing")
    base = {
        "SSL_CERT_FILE": str(good), "CURL_CA_BUNDLE": str(bad),
        "REQUESTS_CA_BUNDLE": str(tmp_path), "NODE_EXTRA_CA_CERTS": str(tmp_path / "none"),
    }  # fmt: skip
    found = {finding.subject: finding.message for finding in files.trust(base)}
    assert set(found) == {"CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
    assert found["CURL_CA_BUNDLE"].endswith("holds no certificate")


def test_settings_and_disk_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"port": WHOLE_NUMBER}
    assert levels(files.settings(tmp_path, known)) == ["ok"]
    (tmp_path / "pardot-mock.toml").write_text("prot = 1\n")
    assert levels(files.settings(tmp_path, known)) == ["problem"]
    (tmp_path / "pardot-mock.toml").write_text("port = 1.5\n")
    assert "port: 1.5 is a decimal number" in only(files.settings(tmp_path, known))[1]
    assert levels(files.disk(tmp_path / "not" / "yet")) == ["ok"]
    assert levels(files.disk(tmp_path / "pardot-mock.toml" / "below")) == ["problem"]
    monkeypatch.setattr(files, "_ENOUGH", 2**80)
    assert levels(files.disk(tmp_path)) == ["warning"]


def doctor(*arguments: str, **env: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner(env=env).invoke(main, ["doctor", "--json", *arguments])
    return done.exit_code, json.loads(done.stdout)


def test_only_a_problem_makes_it_exit_1(tmp_path: Path) -> None:
    with MockPardot() as mock:
        own = ("--port", mock.url.rpartition(":")[2], "--data-dir", str(tmp_path))
        code, said = doctor(*own, HTTP_PROXY="http://p:1", NO_PROXY="", no_proxy="")
        assert (code, said["worst"]) == (0, "warning")
        code, said = doctor(*own, SSL_CERT_FILE=str(tmp_path / "none"))
        assert (code, said["worst"]) == (1, "problem")
    (trust,) = (each for each in said["findings"] if each["subject"] == "SSL_CERT_FILE")
    assert trust["todo"] == "unset SSL_CERT_FILE"
    done = CliRunner(env={"SSL_CERT_FILE": str(tmp_path / "none")}).invoke(main, ["doctor"])
    assert "-> unset SSL_CERT_FILE\n" in done.stdout
