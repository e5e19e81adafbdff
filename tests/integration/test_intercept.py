"""`intercept()`: programs with the service's hosts in them, answered without a socket."""

from __future__ import annotations

import asyncio
import re
import unittest
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pardot_mock import MockPardot
from pardot_mock.testing import AccountHandle, intercept
from pardot_mock.web.control.bodies import BadFieldError
from tests.elsewhere import run_pytest
from tests.readers import by_csv

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LOGIN = "https://pi.pardot.com/api/login/version/4?format=json"
EXPORT = "https://pi.pardot.com/api/export/version/4/do"
BODY = {
    "object": "visitorActivity",
    "procedure": {"name": "filter_by_created_at", "arguments": {"created_after": "-90 days"}},
}


def log_in(account: AccountHandle, url: str = LOGIN) -> dict[str, str]:
    known = account.credentials
    form = {name: known[name] for name in ("email", "password", "user_key")}
    key = requests.post(url, data=form, timeout=5).json()["api_key"]
    return {"Authorization": f"Pardot api_key={key}, user_key={known['user_key']}"}


def finished_export(account: AccountHandle, headers: dict[str, str]) -> str:
    """The URL of the one result file of a fresh export."""
    made = requests.post(f"{EXPORT}/create?format=json", json=BODY, headers=headers, timeout=5)
    account.clock.advance(minutes=10)
    export_id = made.json()["export"]["id"]
    url = f"{EXPORT}/read/id/{export_id}?format=json"
    refs = requests.get(url, headers=headers, timeout=5).json()["export"]["resultRefs"]
    return str(refs)


def test_a_program_with_hard_coded_hosts_gets_every_row_without_a_socket(
    socket_disabled: None,
) -> None:
    with intercept(now=NOW, rate=0, rows=3000) as account:
        headers = log_in(account)
        ref = finished_export(account, headers)
        assert ref.startswith("https://pi.pardot.com/api/export/version/4/do/downloadResults/")
        _, *rows = by_csv(requests.get(ref, headers=headers, timeout=5).content)
        assert len(rows) == account.truth(1001).rows > 0
        assert [entry.op for entry in account.journal()] == ["login", "create", "read", "download"]


@pytest.mark.parametrize(
    "host",
    ["pi.pardot.com", "pi.demo.pardot.com", "www.pardot.com", "PI.Pardot.com"],
)
def test_every_api_host_is_answered(host: str) -> None:
    with intercept() as account:
        assert log_in(account, LOGIN.replace("pi.pardot.com", host))


@pytest.mark.parametrize(
    "host", ["login.salesforce.com", "test.salesforce.com", "acme.my.salesforce.com"]
)
def test_every_login_host_issues_tokens(host: str) -> None:
    with intercept() as account:
        names = ("client_id", "client_secret", "refresh_token")
        form = {name: account.credentials[name] for name in names}
        answer = requests.post(
            f"https://{host}/services/oauth2/token",
            data={"grant_type": "refresh_token", **form},
            timeout=5,
        )
        assert answer.json()["token_type"] == "Bearer"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "https://pi.pardot.com.example.com/",
        "http://127.0.0.1:1/",
        "https://notpi.pardot.com/",
    ],
)
def test_another_host_is_refused_and_named(url: str) -> None:
    with intercept(), pytest.raises(requests.ConnectionError, match="lets nothing out") as error:
        requests.get(url, timeout=5)
    assert url in str(error.value)


def test_an_allowed_host_is_really_reached() -> None:
    with MockPardot(rows=10) as other, intercept(allow="127.0.0.1"):
        health = requests.get(f"{other.url}/_mock/health", timeout=5)
    assert health.json()["status"] == "ok"


def test_a_host_of_the_service_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match="cannot be opened"), intercept(allow=["pi.pardot.com"]):
        pass


def test_after_the_block_nothing_is_intercepted() -> None:
    interception = intercept(rows=10)
    with interception:
        pass
    with MockPardot(rows=10) as live:
        assert requests.get(f"{live.url}/_mock/health", timeout=5).ok
    with pytest.raises(RuntimeError, match="nothing is intercepted"):
        _ = interception.default


def test_two_uses_one_after_the_other_share_nothing() -> None:
    interception = intercept(now=NOW, rate=0, rows=100)
    with interception as account:
        finished_export(account, log_in(account))
        assert account.clock.now() > NOW
    with interception as account:
        assert account.clock.now() == NOW
        assert account.exports() == []
        assert account.journal() == []
        with pytest.raises(RuntimeError, match="in use"):
            interception.__enter__()


def test_one_use_inside_another_answers_for_itself() -> None:
    with intercept() as outer:
        with intercept() as inner:
            log_in(inner)
        log_in(outer)
        assert len(outer.journal()) == len(inner.journal()) == 1


def test_a_fresh_account_lives_beside_the_default_one() -> None:
    interception = intercept(rows=100)
    with interception as account:
        other = interception.account()
        log_in(other)
        assert (len(other.journal()), len(account.journal())) == (1, 0)
        other.delete()
        known = other.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        assert "api_key" not in requests.post(LOGIN, data=form, timeout=5).json()


def test_a_bad_setting_is_refused_by_name_and_leaves_nothing_intercepted() -> None:
    with pytest.raises(BadFieldError, match="rows"), intercept(rows=-1):
        pass
    with MockPardot(rows=10) as live:
        assert requests.get(f"{live.url}/_mock/health", timeout=5).ok


def test_a_download_is_streamed_and_keeps_its_length() -> None:
    with intercept(now=NOW, rate=0, rows=200_000) as account:
        headers = log_in(account)
        ref = finished_export(account, headers)
        truth = account.truth(1001)
        with requests.get(ref, headers=headers, stream=True, timeout=5) as answer:
            whole = int(answer.headers["Content-Length"])
            first = next(answer.iter_content(1000))
            entry = account.journal("download")[0]
            # What the journal counts is what the application has handed out so far.
            assert len(first) == 1000
            assert entry.bytes < whole
            rest = b"".join(answer.iter_content(65536))
        assert len(first) + len(rest) == whole
        assert account.journal("download")[0].bytes == whole
        assert len(by_csv(first + rest)) - 1 == truth.rows


def test_a_download_that_is_given_up_is_closed() -> None:
    with intercept(now=NOW, rate=0, rows=200_000) as account:
        headers = log_in(account)
        ref = finished_export(account, headers)
        with requests.get(ref, headers=headers, stream=True, timeout=5) as answer:
            next(answer.iter_content(1000))
            whole = int(answer.headers["Content-Length"])
        assert 0 < account.journal("download")[0].bytes < whole


def test_redirects_are_followed() -> None:
    with intercept() as account:
        query = {
            "response_type": "code",
            "client_id": account.credentials["client_id"],
            "redirect_uri": "https://pi.pardot.com/_mock/health",
        }
        url = "https://login.salesforce.com/services/oauth2/authorize"
        answer = requests.post(url, params=query, data={"decision": "allow"}, timeout=5)
        assert [step.status_code for step in answer.history] == [302]
        assert answer.url.startswith("https://pi.pardot.com/_mock/health?code=")


@pytest.mark.parametrize("sent", [iter([b"email=a", b"%40b"]), "email=a%40b", b"email=a%40b"])
def test_a_body_of_any_kind_arrives(sent: Any) -> None:
    with intercept():
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = requests.post(LOGIN, data=sent, headers=kind, timeout=5)
        assert answer.json()["@attributes"]["err_code"] == 15


def test_a_head_request_has_a_length_and_no_body() -> None:
    with intercept():
        answer = requests.head(LOGIN, timeout=5)
        assert int(answer.headers["Content-Length"]) > 0
        assert answer.content == b""


def test_an_answer_has_the_headers_it_has_over_a_socket() -> None:
    with MockPardot(rows=10) as live:
        real = requests.get(f"{live.url}/api/export/version/4/do/query", timeout=5)
    with intercept():
        made = requests.get(f"{EXPORT}/query", timeout=5)
    assert made.content == real.content
    volatile = ("Date", "Connection")
    mine, theirs = (
        {name: value for name, value in answer.headers.items() if name not in volatile}
        for answer in (made, real)
    )
    assert mine == theirs


def test_a_session_retries_as_over_a_socket() -> None:
    with intercept(rate=0) as account, requests.Session() as session:
        account.faults.add("status", op="query", status=503, times=2)
        retry = requests.adapters.Retry(total=3, backoff_factor=0, status_forcelist=[503])
        session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
        answer = session.get(f"{EXPORT}/query", headers=log_in(account), timeout=5)
        assert answer.status_code == 200
        assert [entry.status for entry in account.journal("query")] == [503, 503, 200]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "reset"}, requests.ConnectionError),
        ({"kind": "latency", "seconds": 3600}, requests.ReadTimeout),
        ({"kind": "truncate", "after_bytes": 10}, requests.exceptions.ChunkedEncodingError),
        ({"kind": "stall", "after_bytes": 10, "seconds": 3600}, requests.ConnectionError),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_broken_connection_raises_what_a_socket_raises(
    fault: dict[str, Any], error: type[Exception]
) -> None:
    with intercept(rate=0) as account:
        headers = log_in(account)
        account.faults.add(**fault)
        with pytest.raises(error):
            requests.get(f"{EXPORT}/query", headers=headers, timeout=(1, 5))


@intercept
def test_a_bare_decorator_gives_the_account_by_its_name(account: AccountHandle) -> None:
    assert log_in(account)


@intercept(now=NOW, rate=0)
def test_a_decorator_leaves_fixtures_to_the_test_runner(
    tmp_path: Path, account: AccountHandle
) -> None:
    assert tmp_path.is_dir()
    assert account.clock.now() == NOW


def test_a_decorated_function_gets_the_account_first_only_if_it_takes_one() -> None:
    taking = intercept(lambda mock, more=2: (mock.id, more))
    plain: Callable[[int], int] = intercept(lambda number: number)
    assert taking() == ("default", 2)
    assert taking(more=3) == ("default", 3)
    assert plain(7) == 7


def test_a_coroutine_function_is_intercepted_while_it_runs() -> None:
    @intercept()
    async def calling(account: AccountHandle) -> int:
        await asyncio.sleep(0)
        log_in(account)
        return len(account.journal())

    assert asyncio.run(calling()) == 1


def test_a_class_cannot_be_decorated() -> None:
    with pytest.raises(TypeError, match="functions"):
        intercept()(dict)


class InterceptInUnittest(unittest.TestCase):
    @intercept(rows=100)
    def test_a_method_gets_the_account_after_self(self, account: AccountHandle) -> None:
        log_in(account)
        assert len(account.journal()) == 1

    @intercept()
    def test_a_method_may_do_without_the_account(self) -> None:
        assert "@attributes" in requests.get(LOGIN, timeout=5).json()

    def test_a_context_may_be_entered_for_a_test(self) -> None:
        account = self.enterContext(intercept())
        log_in(account)
        assert len(account.journal()) == 1


def test_the_examples_of_the_guide_pass(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "drop-in.md").read_text()
    examples = re.findall(r"^```python\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example)
    done = run_pytest(folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
