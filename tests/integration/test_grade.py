"""The grade of a client: over the wire, from Python, and on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
import requests
from click.testing import CliRunner

from pardot_client import Pardot
from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.conduct import RULES, Level
from pardot_mock.grading import grade
from pardot_mock.journal import Journal
from pardot_mock.truth import UnknownExportError
from tests.integration.conftest import EXPORT, START, activity_export
from tests.readers import by_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pardot_mock.testing.live import AccountHandle
    from tests.integration.conftest import Bench, Caller

GRADE = "/_mock/accounts/default/grade"


def completed(bench: Bench, caller: Caller, files: int = 1) -> tuple[int, list[str]]:
    """Create an export, wait for it as advised, and give its id and the URLs of its files."""
    rows = None if files == 1 else 30
    bench.control(
        "plan", {"kind": "timed", "work": "40s", **({"rows_per_file": rows} if rows else {})}
    )
    export_id = caller.new_export()
    bench.advance("60s")
    found = caller.read(export_id)["resultRefs"]
    return export_id, [found] if isinstance(found, str) else found


def download(caller: Caller, url: str) -> None:
    caller.get(f"{url}?format=json").get_data()


def fetches_everything(bench: Bench, caller: Caller) -> None:
    _, urls = completed(bench, caller, files=3)
    assert len(urls) > 1
    for url in urls:
        download(caller, url)


def leaves_a_file_out(bench: Bench, caller: Caller) -> None:
    _, urls = completed(bench, caller, files=3)
    for url in urls[1:]:
        download(caller, url)


def polls_every_ten_seconds(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "timed", "work": "40s"})
    export_id = caller.new_export()
    bench.advance("30s")
    while caller.read(export_id)["state"] != "Complete":
        bench.advance("10s")
    download(caller, caller.read(export_id)["resultRefs"])


def looks_at_once(bench: Bench, caller: Caller) -> None:
    export_id = caller.new_export()
    caller.read(export_id)
    bench.advance("60s")
    download(caller, caller.read(export_id)["resultRefs"])


def polls_on_after_the_end(bench: Bench, caller: Caller) -> None:
    export_id, (url,) = completed(bench, caller)
    bench.advance("60s")
    caller.read(export_id)
    bench.advance("60s")
    caller.read(export_id)
    download(caller, url)


def logs_in_for_every_call(bench: Bench, caller: Caller) -> None:
    caller.log_in()
    download(caller, completed(bench, caller)[1][0])


def puts_its_key_into_the_url(bench: Bench, caller: Caller) -> None:
    key = caller.credentials["user_key"]
    caller.client.get(f"{EXPORT}/query?format=json&api_key={caller.key}&user_key={key}")
    download(caller, completed(bench, caller)[1][0])


def accepts_half_a_file(bench: Bench, caller: Caller) -> None:
    _, (url,) = completed(bench, caller)
    bench.control(
        "faults", {"match": {"op": "download"}, "effect": {"kind": "truncate", "after_bytes": 50}}
    )
    with pytest.raises(ConnectionError):
        download(caller, url)


def downloads_too_early(bench: Bench, caller: Caller) -> None:
    export_id = caller.new_export()
    caller.get(f"{EXPORT}/downloadResults/id/{export_id}/file/1?format=json")
    bench.advance("60s")
    download(caller, caller.read(export_id)["resultRefs"])


def comes_too_late(bench: Bench, caller: Caller) -> None:
    _, (url,) = completed(bench, caller)
    download(caller, url)
    bench.advance("8d")
    caller.log_in()
    download(caller, url)


def asks_for_two_years(bench: Bench, caller: Caller) -> None:
    caller.create(activity_export(created_after="2024-01-01"))
    download(caller, completed(bench, caller)[1][0])


def creates_twice(bench: Bench, caller: Caller) -> None:
    caller.new_export()
    download(caller, completed(bench, caller)[1][0])


def lets_the_key_die(bench: Bench, caller: Caller) -> None:
    export_id = caller.new_export()
    bench.advance("2h")
    caller.get(f"{EXPORT}/read/id/{export_id}?format=json")


def forgets_the_format(bench: Bench, caller: Caller) -> None:
    caller.get(f"{EXPORT}/query")
    download(caller, completed(bench, caller)[1][0])


def reads_an_export_that_was_refused(bench: Bench, caller: Caller) -> None:
    caller.create(object="nonsense")
    caller.get(f"{EXPORT}/read/id/None?format=json")
    download(caller, completed(bench, caller)[1][0])


CLIENTS: dict[Callable[[Bench, Caller], None], set[str]] = {
    fetches_everything: set(),
    leaves_a_file_out: {"downloads-every-file"},
    polls_every_ten_seconds: {"polls-no-faster-than-documented"},
    looks_at_once: {"first-poll-not-at-once"},
    polls_on_after_the_end: {"stops-at-a-terminal-state"},
    logs_in_for_every_call: {"login-once-per-key"},
    puts_its_key_into_the_url: {"no-credentials-in-urls"},
    accepts_half_a_file: {"retries-broken-downloads"},
    downloads_too_early: {"no-download-before-complete"},
    comes_too_late: {"no-download-after-expiry"},
    asks_for_two_years: {"splits-long-ranges"},
    creates_twice: {"creates-an-export-once"},
    lets_the_key_die: {"renews-and-repeats"},
    forgets_the_format: {"keeps-to-one-format"},
    reads_an_export_that_was_refused: {"notices-errors"},
}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_a_client_over_the_wire_breaks_exactly_its_rule(
    client: Callable[[Bench, Caller], None], bench: Bench, caller: Caller
) -> None:
    client(bench, caller)
    answer = bench.client.get(GRADE).get_json()
    failed = {rule["id"] for rule in answer["rules"] if rule["status"] == "fail"}
    assert failed == CLIENTS[client], answer["rules"]
    kept = {entry.id for entry in bench.account.journal.entries()}
    named = {entry for rule in answer["rules"] for entry in rule["entries"]}
    assert named <= kept
    assert bool(named) == bool(failed)


def test_the_grade_counts_by_status_and_axis_and_names_every_rule(bench: Bench) -> None:
    polls_every_ten_seconds(bench, bench.caller())
    answer = bench.client.get(GRADE).get_json()
    assert [rule["id"] for rule in answer["rules"]] == [rule.id for rule in RULES]
    assert set(answer["rules"][0]) == {
        "id", "axis", "level", "status", "message", "entries", "source",
    }  # fmt: skip
    summary = answer["summary"]
    assert summary["pass"] + summary["fail"] + summary["not_exercised"] == len(RULES)
    assert (summary["fail"], summary["dropped"]) == (1, 0)
    assert summary["by_axis"]["politeness"]["fail"] == 1
    assert sum(counts["pass"] for counts in summary["by_axis"].values()) == summary["pass"]
    assert bench.client.get(GRADE).get_json() == answer
    assert bench.client.get("/_mock/accounts/nobody/grade").status_code == 404
    assert "grade" in bench.client.get("/_mock/health").get_json()["capabilities"]


def test_a_journal_that_lost_calls_fails_the_grade(bench: Bench) -> None:
    bench.account.journal = Journal(2000)
    fetches_everything(bench, bench.caller())
    assert bench.account.journal.dropped > 0
    failed = {finding.rule.id: finding for finding in grade(bench.account).failed}
    assert "older calls had to make room" in failed["journal-complete"].message


def test_a_bearer_call_without_its_business_unit_is_held_against_the_client(bench: Bench) -> None:
    account, client = bench.account, bench.client
    known = bench.caller().credentials
    account.journal.clear()
    form = {"grant_type": "refresh_token", "refresh_token": known["refresh_token"]}
    application = {name: known[name] for name in ("client_id", "client_secret")}
    token = client.post("/services/oauth2/token", data=form | application).get_json()[
        "access_token"
    ]
    right = {
        "Authorization": f"Bearer {token}",
        "Pardot-Business-Unit-Id": known["business_unit_id"],
    }
    client.get(f"{EXPORT}/query?format=json", headers=right)
    assert grade(account).ok(Level.SHOULD)
    client.get(f"{EXPORT}/query?format=json", headers={"Authorization": f"Bearer {token}"})
    (finding,) = grade(account).failed
    assert finding.rule.id == "sends-the-business-unit"
    assert finding.entries == (account.journal.entries()[-1].id,)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPardot]:
    with MockPardot(rate=0, now=START, rows=3000) as running:
        yield running


def reference_client(account: AccountHandle) -> Pardot:
    known = account.credentials

    def sleep(seconds: float) -> None:
        account.clock.advance(seconds=seconds)

    return Pardot(
        email=known["email"],
        password=known["password"],
        user_key=known["user_key"],
        base_url=account.url,
        sleep=sleep,
    )


def rows_of(paths: list[Path]) -> list[dict[str, Any]]:
    tables = (by_csv(path.read_bytes()) for path in paths)
    return [dict(zip(header, row, strict=True)) for header, *rows in tables for row in rows]


def test_the_reference_client_breaks_no_rule(mock: MockPardot, tmp_path: Path) -> None:
    account = mock.account()
    account.plan("timed", work="5h", rows_per_file=30)
    account.faults.add("truncate", op="download", nth=2, after_bytes=100)
    account.faults.add("error", op="read", nth=3, code=66)
    account.faults.add("status", op="read", nth=5, status=502)
    with reference_client(account) as pardot:
        job = pardot.exports.create(
            "visitorActivity", created_after="2026-01-01", created_before="2026-02-01"
        )
        paths = job.wait().download(tmp_path)
    assert len(paths) > 1
    assert account.faults.verdict()["unused"] == []
    found = account.grade(rows={job.id: rows_of(paths)})
    assert str(found) == "no rule of conduct was broken"
    kept = {finding.rule.id for finding in found.findings if finding.status == "pass"}
    assert kept >= {
        "downloads-every-file",
        "ends-with-the-rows-of-the-truth",
        "polls-less-and-less-often",
        "retries-broken-downloads",
    }


def test_rows_that_are_not_the_true_ones_fail_the_completeness(
    mock: MockPardot, tmp_path: Path
) -> None:
    account = mock.account()
    with reference_client(account) as pardot:
        job = pardot.exports.create("visitor", updated_after="2026-01-01").wait()
        rows = rows_of(job.download(tmp_path))
    (finding,) = account.grade(rows={job.id: rows[1:]}).failed
    assert finding.rule.id == "ends-with-the-rows-of-the-truth"
    assert "1 lost" in finding.message
    with pytest.raises(UnknownExportError):
        account.grade(rows={5: rows})


def test_the_command_says_with_its_exit_code_how_it_went(mock: MockPardot) -> None:
    account = mock.account()
    run = ("grade", "--url", mock.url, "--account", account.id)
    shell = CliRunner()
    assert shell.invoke(main, run).exit_code == 5
    with reference_client(account) as pardot:
        export_id = pardot.exports.create("visitor", updated_after="2026-01-01").wait().id
    good = shell.invoke(main, run)
    # It never fetched the file, and nothing else is wrong with it.
    assert (good.exit_code, good.output.count("\nfail ")) == (1, 1)
    assert f"export {export_id} lacks 1 of its files" in good.output
    assert shell.invoke(main, [*run, "--fail-on", "never"]).exit_code == 0
    facts = json.loads(shell.invoke(main, [*run, "--format", "json"]).output)
    assert facts == requests.get(f"{mock.url}/_mock/accounts/{account.id}/grade", timeout=9).json()
    report = shell.invoke(main, [*run, "--format", "junit"]).output
    suite = ElementTree.fromstring(report)  # noqa: S314 - our own
    assert suite.attrib["tests"] == str(len(RULES))
    assert len(suite.findall("testsuite/testcase/failure")) == int(suite.attrib["failures"]) == 1
    assert len(suite.findall("testsuite/testcase/skipped")) == int(suite.attrib["skipped"])
    assert "| downloads-every-file |" in shell.invoke(main, [*run, "--format", "markdown"]).output
    assert shell.invoke(main, [*run, "--format", "pdf"]).exit_code == 2
    sarif = json.loads(shell.invoke(main, [*run, "--format", "sarif"]).output)
    failed = [each["ruleId"] for each in sarif["runs"][0]["results"] if each["kind"] == "fail"]
    assert failed == ["downloads-every-file"]
    assert shell.invoke(main, ["grade", "--url", "http://127.0.0.1:9"]).exit_code == 4


def test_a_should_counts_only_where_it_was_asked_for(mock: MockPardot) -> None:
    account = mock.account()
    run = ("grade", "--url", mock.url, "--account", account.id)
    known = account.credentials
    form = {name: known[name] for name in ("email", "password", "user_key")}
    key = requests.post(f"{account.url}/api/login/version/4?format=json", form, timeout=9).json()
    header = f"Pardot api_key={key['api_key']}, user_key={known['user_key']}"
    requests.get(f"{account.url}{EXPORT}/query", headers={"Authorization": header}, timeout=9)
    assert CliRunner().invoke(main, run).exit_code == 0
    assert CliRunner().invoke(main, [*run, "--fail-on", "should"]).exit_code == 1
