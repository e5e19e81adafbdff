"""The command line as a user runs it: a process, a ready line, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pardot_mock.dropin.hosts import HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "pardot_mock"]


def run(*arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


Served = tuple[subprocess.Popen[str], str, Path]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    data, ready = tmp_path / "data", tmp_path / "ready"
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--clock", "frozen", "--now", "2026-03-10T12:00:00Z",
         "--rows", "3000", "--data-dir", str(data), "--ready-file", str(ready), "--quiet",
         "--tls", "--tls-port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready http://127.0.0.1:")
    yield process, line.split()[1], tmp_path
    process.kill()
    process.wait()
    process.stdout.close()


def call(method: str, url: str, **options: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, timeout=20, **options)


def test_serving_prints_the_ready_line_and_ends_cleanly_on_sigterm(
    served: Served,
) -> None:
    process, url, folder = served
    assert call("GET", f"{url}/_mock/health").json()["status"] == "ok"
    assert (folder / "ready").read_text() == f"{url}\n"
    clock = call("GET", f"{url}/_mock/accounts/default/clock").json()
    assert (clock["now"], clock["rate"]) == ("2026-03-10T12:00:00+00:00", 0.0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_the_hosts_of_the_service_are_served_over_tls(served: Served) -> None:
    process, url, folder = served
    assert process.stdout is not None
    word, tls_url = process.stdout.readline().split()
    assert word == "tls"
    certificate = call("GET", f"{url}/_mock/ca.pem").content
    assert certificate == (folder / "data" / "tls" / "ca.pem").read_bytes()
    port = int(tls_url.rpartition(":")[2])
    context = ssl.create_default_context(cadata=certificate.decode())
    for host in HOSTS:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as raw,
            context.wrap_socket(raw, server_hostname=host) as secure,
        ):
            secure.sendall(f"GET /_mock/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert secure.recv(15) == b"HTTP/1.1 200 OK"


def login(url: str) -> dict[str, str]:
    user_key = "0" * 31 + "1"
    form = {"email": "demo@example.com", "password": "demo-password", "user_key": user_key}
    key = call("POST", f"{url}/api/login/version/4?format=json", data=form).json()["api_key"]
    return {"Authorization": f"Pardot api_key={key}, user_key={user_key}"}


def test_a_killed_process_leaves_no_readable_result_and_the_next_one_cleans_up(
    served: Served,
) -> None:
    process, url, folder = served
    headers = login(url)
    call("POST", f"{url}/_mock/accounts/default/plan", json={"kind": "instant"})
    procedure = {"name": "filter_by_created_at", "arguments": {"created_after": "-30 days"}}
    body = {"object": "visitorActivity", "procedure": procedure}
    export = f"{url}/api/export/version/4/do"
    call("POST", f"{export}/create", json=body, headers=headers)
    ref = call("GET", f"{export}/read/id/1001?format=json", headers=headers).json()
    text = call("GET", ref["export"]["resultRefs"], headers=headers).content
    assert text.count(b"\n") > 1
    process.kill()
    process.wait()
    left = [path for path in (folder / "data" / "vault").rglob("*") if path.is_file()]
    assert left
    assert not any(b"created_at" in path.read_bytes() for path in left)
    arguments = ["serve", "--port", "0", "--data-dir", str(folder / "data"), "--quiet"]
    again = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    assert again.stdout is not None
    again.stdout.readline()
    kept = {path for path in (folder / "data" / "vault").rglob("*") if path.is_file()}
    again.terminate()
    again.wait(timeout=20)
    again.stdout.close()
    assert not kept & set(left)


def test_chunked_bodies_and_expect_continue_are_read(
    served: Served,
) -> None:
    _, url, _ = served
    form = f"email=demo%40example.com&password=demo-password&user_key={'0' * 31}1"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Expect": "100-continue"}
    answer = call("POST", f"{url}/api/login/version/3/", data=iter([form.encode()]),
                  headers=headers, allow_redirects=False)  # fmt: skip
    assert answer.status_code == 200
    assert "<api_key>" in answer.text


def test_a_port_that_is_taken_is_said_and_exits_2(
    served: Served,
) -> None:
    _, url, _ = served
    done = run("serve", "--port", url.rsplit(":", 1)[1])
    assert done.returncode == 2
    assert "cannot serve" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--clock", "backwards"),
        ("serve", "--now", "soon"),
        ("serve", "--quirk", "unheard_of=1"),
        ("serve", "--quirk", "auth_era"),
        ("serve", "--api-version", "5"),
        ("serve", "--surprise"),
        ("serve", "--workers", "0"),
        ("serve", "--database-url", "sqlite:///accounts.db"),
        ("serve", "--public-url", "pi.pardot.com"),
        ("dance",),
    ],
)
def test_wrong_usage_exits_2_and_says_why(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Error" in done.stderr


def test_an_unknown_key_in_the_settings_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pardot-mock.toml").write_text('sed = 7\nport = "0"\n')
    done = run("serve", cwd=tmp_path)
    assert done.returncode == 2
    assert "unknown key 'sed'" in done.stderr


def test_options_count_more_than_the_environment_and_that_more_than_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pardot-mock]\nclock = "fast"\n')
    assert "'fast'" in run("serve", cwd=tmp_path).stderr
    environment = {"PARDOT_MOCK_CLOCK": "slow"}
    assert "'slow'" in run("serve", cwd=tmp_path, **environment).stderr
    assert "'odd'" in run("serve", "--clock", "odd", cwd=tmp_path, **environment).stderr


def test_the_demo_walks_to_the_expiry_and_prints_rows() -> None:
    done = run("demo")
    assert done.returncode == 0, done.stderr
    for word in ("Waiting", "Processing", "Complete", "isExpired true", "refused with 178"):
        assert word in done.stdout


@pytest.mark.parametrize("table", ["quirks", "errors", "objects"])
def test_tables_are_printed_as_json(table: str) -> None:
    rows = json.loads(run(table, "--json").stdout)
    assert len(rows) > 20
