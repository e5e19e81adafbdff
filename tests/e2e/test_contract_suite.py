"""The contract suite against the emulator, and proof that it does not pass by accident."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from pardot_contracts.emulator import EmulatorProcess
from pardot_contracts.meter import READING
from pardot_mock.testing import create_app
from tests.elsewhere import run_pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pardot_mock.testing.application import App

DEAD = "http://127.0.0.1:9"
THEIRS = {
    "PARDOT_BUSINESS_UNIT_ID": "0Uv000000000001AAA",
    "PARDOT_CLIENT_ID": "demo-client",
    "PARDOT_CLIENT_SECRET": "demo-secret",
    "PARDOT_REFRESH_TOKEN": "demo-refresh-token",
}
MINE = {"PARDOT_EMAIL": "a@example.com", "PARDOT_PASSWORD": "p", "PARDOT_USER_KEY": "0" * 32}
FEWEST_CASES = 120


def environment(**more: str) -> dict[str, str]:
    """Give the environment of a run, without settings that somebody has for their own use."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PARDOT_")} | more


def command(*arguments: str) -> list[str]:
    """Give the command line of the suite."""
    return [sys.executable, "-m", "pardot_contracts.cli", *arguments]


def contracts(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the suite in a process of its own."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        env=environment(**environ),
        check=False,
    )


def pytest_on_the_logins(target: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a module of the package in a process of its own."""
    suite = ("--pyargs", "pardot_contracts.suite.test_login", f"--pardot-target={target}")
    return run_pytest(*suite, *options, env=environment(**MINE))


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Give what a failing run printed, as far as it helps."""
    return f"exit {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-12000:]}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """Give the URL of one emulator for all runs."""
    process = EmulatorProcess()
    try:
        yield process.start()
    finally:
        process.stop()


@pytest.fixture(scope="module", autouse=True)
def whole_runs(
    emulator: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Callable[[], subprocess.CompletedProcess[str]]]]:
    """Start both whole runs at once, so that the short ones below share the wait."""
    folder = tmp_path_factory.mktemp("runs")
    running: dict[str, subprocess.Popen[bytes]] = {}
    for driver in ("raw", "client"):
        started = command("--target", emulator, "--driver", driver, "--report", "json")
        files = [folder.joinpath(f"{driver}.{end}").open("wb") for end in ("out", "err")]
        running[driver] = subprocess.Popen(
            started, stdout=files[0], stderr=files[1], env=environment()
        )
        for file in files:
            file.close()

    def finish(driver: str) -> subprocess.CompletedProcess[str]:
        code = running[driver].wait()
        out, err = (folder.joinpath(f"{driver}.{end}").read_text() for end in ("out", "err"))
        return subprocess.CompletedProcess(driver, code, out, err)

    yield {driver: partial(finish, driver) for driver in running}
    for process in running.values():
        process.kill()
        process.wait()


class Silent(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Nonsense(BaseHTTPRequestHandler):
    """Answers every call with a cheerful page."""

    def do_GET(self) -> None:
        body = b"<html><body>It works!</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET  # noqa: N815 - the names of the standard library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def nonsense() -> Iterator[str]:
    """Give the URL of a server that answers nonsense."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Nonsense)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Plain:
    """An emulator that hides its control plane, and what it was asked."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.calls: list[tuple[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer as a server that knows the API alone."""
        self.calls.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if environ["PATH_INFO"].startswith("/_mock"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        return self._app(environ, start_response)


@pytest.fixture
def plain() -> Iterator[tuple[str, Plain]]:
    """Serve the API of an emulator without its control plane; gives its URL."""
    with create_app(rows=20_000) as app:
        served = Plain(app)
        server = make_server("127.0.0.1", 0, served, handler_class=Silent)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", served
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_server_without_a_control_plane_is_only_read_and_within_the_budget(
    plain: tuple[str, Plain],
) -> None:
    url, served = plain
    done = contracts(
        *("--target", url, "--api-version", "4", "--call-budget", "60", "--report", "json"),
        *("--select", "test_sync or test_login or test_bearer or test_export_create"),
        **THEIRS,
    )
    assert done.returncode == 0, said(done)
    assert f"pardot-contracts: server at {url} (read-only, at most 60 calls)" in done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] >= 20
    reasons = {case["reason"] for case in report["cases"] if case["outcome"] == "skipped"}
    assert {"the target lacks writes", "the budget of 60 calls is spent"} <= reasons
    assert all("-v3-" not in case["id"] for case in report["cases"])
    asked = [path for _, path in served.calls if not path.startswith("/_mock")]
    # The command looks whether anything answers before the run looks again.
    assert len(asked) <= 60 + 1
    assert {path.split("/do/")[1].split("/")[0] for path in asked if "/do/" in path} <= READING


def test_an_empty_selection_is_no_success(emulator: str) -> None:
    done = contracts("--target", emulator, "--select", "no_case_is_called_like_this")
    assert done.returncode == 5, said(done)
    assert "no case was executed" in done.stderr


def test_a_server_that_answers_nonsense_fails(nonsense: str) -> None:
    done = contracts(
        "--target", nonsense, "--select", "test_login and v4", "--report", "json", **MINE
    )
    assert done.returncode == 1, said(done)
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] == 0
    assert report["summary"]["failed"] >= 20
    assert "body is not JSON" in done.stderr


def test_a_dead_target_is_told_apart_from_a_failing_one() -> None:
    done = contracts("--target", DEAD, **MINE)
    assert done.returncode == 4, said(done)
    assert f"{DEAD} does not answer" in done.stderr


def test_a_target_without_credentials_is_a_usage_error(nonsense: str) -> None:
    done = contracts("--target", nonsense)
    assert done.returncode == 2, said(done)
    assert "PARDOT_EMAIL" in done.stderr


@pytest.mark.parametrize("arguments", [["--driver", "curl"], ["--report", "pdf"], ["--targe"]])
def test_a_wrong_option_is_a_usage_error(arguments: list[str]) -> None:
    assert contracts(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("report", "beginning"), [("markdown", "### Contract: "), ("junit", "<?xml")]
)
def test_a_report_for_machines_has_stdout_to_itself(
    emulator: str, report: str, beginning: str
) -> None:
    selection = "test_an_api_key_is_32"
    done = contracts("--target", emulator, "--select", selection, "--report", report)
    assert done.returncode == 0, said(done)
    assert done.stdout.startswith(beginning)
    assert "LOGIN-008" in done.stdout


def test_the_suite_also_runs_as_a_pytest_package(emulator: str) -> None:
    done = pytest_on_the_logins(emulator, "-k", "second_login_within")
    assert done.returncode == 0, said(done)
    assert "LOGIN-012        pass          4      0       0" in done.stdout


def test_a_distributed_run_knows_the_cases_of_its_workers(emulator: str) -> None:
    done = pytest_on_the_logins(emulator, "-k", "second_login_within", "-n", "1")
    assert done.returncode == 0, said(done)
    assert "LOGIN-012        pass          4      0       0" in done.stdout
    uncovered = done.stdout.partition("without a case:")[2]
    assert "\nLOGIN: " not in uncovered
    assert "\nEXP-QUEUE: 001, " in uncovered


def test_pytest_itself_ends_with_4_for_a_dead_target() -> None:
    done = pytest_on_the_logins(DEAD, "-k", "second_login_within")
    assert done.returncode == 4, said(done)
    assert f"{DEAD} does not answer" in done.stdout + done.stderr


def test_pytest_itself_ends_with_5_if_every_case_was_skipped(nonsense: str) -> None:
    done = pytest_on_the_logins(nonsense, "-k", "second_login_within", "--pardot-driver=raw")
    assert done.returncode == 5, said(done)
    assert "the target lacks writes" in done.stdout


@pytest.mark.timeout(240)
@pytest.mark.parametrize("driver", ["raw", "client"])
def test_the_emulator_keeps_the_whole_contract(
    whole_runs: dict[str, Callable[[], subprocess.CompletedProcess[str]]], driver: str
) -> None:
    done = whole_runs[driver]()
    assert done.returncode == 0, said(done)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["summary"]["failed"] == 0
    executed = {
        case["id"].partition("[")[0] for case in report["cases"] if case["outcome"] == "passed"
    }
    assert len(executed) >= (FEWEST_CASES if driver == "raw" else FEWEST_CASES // 2)
    unexpected = [
        case
        for case in report["cases"]
        if case["outcome"] == "skipped" and case["reason"] != "judges raw HTTP, not a client"
    ]
    assert unexpected == []
