"""Every scenario shows what its file says it shows, and any of it can be set otherwise."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from urllib3.exceptions import ProtocolError

from pardot_mock import MockPardot
from pardot_mock.scenarios.catalogue import named, names
from tests.integration.conftest import EXPORT, START, activity_export, err_code
from tests.readers import READERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.integration.conftest import Bench, Caller

LAST_YEAR = {"created_after": "2025-03-11", "created_before": "2026-03-10"}


@pytest.fixture
def enter(bench: Bench) -> Callable[..., Caller]:
    """Makes an account in a scenario, with a clock that stands still, and logs in."""

    def make(scenario: Any, **settings: Any) -> Caller:
        known = {"now": START.isoformat(), "rate": 0, "scenario": scenario}
        answer = bench.client.post("/_mock/accounts", json={**known, **settings})
        assert answer.status_code == 201, answer.get_json()
        bench.account = bench.world.get(answer.get_json()["id"])
        return bench.caller()

    return make


def last_year(caller: Caller) -> int:
    return caller.new_export(procedure=activity_export(**LAST_YEAR)["procedure"])


def rows_of(caller: Caller, url: str) -> list[list[str]]:
    answer = caller.get(url.removeprefix("http://localhost"))
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text)))


def exports_below(caller: Caller, version: int) -> TestResponse:
    return caller.get(f"/api/export/version/{version}/do/query?format=json")


def true_bytes(mock: MockPardot) -> int:
    """The size of the one file of export 1001 of the default account."""
    path = "/_mock/accounts/default/exports/1001/truth"
    (file,) = requests.get(f"{mock.url}{path}", timeout=10).json()["files"]
    return int(file["bytes"])


def test_default_serves_both_versions_and_finishes_in_five_seconds(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("default")
    assert [exports_below(caller, version).status_code for version in (3, 4)] == [200, 200]
    export_id = caller.new_export()
    bench.advance("4s")
    assert caller.read(export_id)["state"] == "Processing"
    bench.advance("1s")
    assert caller.read(export_id)["resultRefs"]


@pytest.mark.parametrize("name", ["visitorActivity", "prospect", "visitor", "listMembership"])
def test_in_empty_every_export_completes_without_a_file(
    bench: Bench, enter: Callable[..., Caller], name: str
) -> None:
    caller = enter("empty")
    procedure = {"name": "filter_by_updated_at", "arguments": {"updated_after": "-300 days"}}
    export_id = caller.new_export(object=name, fields=["id"], procedure=procedure)
    bench.advance("5s")
    export = caller.read(export_id)
    assert export["state"] == "Complete"
    assert "resultRefs" not in export


def test_in_single_file_the_reference_is_a_text(enter: Callable[..., Caller]) -> None:
    caller = enter("single-file")
    refs = caller.read(last_year(caller))["resultRefs"]
    assert isinstance(refs, str)
    assert len(rows_of(caller, refs)) > 500


def test_in_many_files_all_rows_come_in_pieces_with_a_header_each(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("many-files")
    export_id = last_year(caller)
    refs = caller.read(export_id)["resultRefs"]
    assert len(refs) > 24
    files = [rows_of(caller, url) for url in refs]
    assert {tuple(rows[0]) for rows in files} == {("id", "created_at")}
    assert len({len(rows) for rows in files}) > 1
    truth = f"/_mock/accounts/{bench.account.id}/exports/{export_id}/truth"
    assert sum(len(rows) - 1 for rows in files) == bench.client.get(truth).get_json()["rows"]


def test_in_no_match_the_export_is_complete_without_files_though_there_are_rows(
    enter: Callable[..., Caller], bench: Bench
) -> None:
    caller = enter("no-match")
    export = caller.read(1001)
    assert (export["state"], export["isExpired"]) == ("Complete", False)
    assert "resultRefs" not in export
    export_id = last_year(caller)
    bench.advance("5s")
    assert caller.read(export_id)["resultRefs"]


def test_in_slow_a_million_rows_take_over_an_hour(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("slow")
    export_id = last_year(caller)
    bench.advance("60m")
    assert err_code(caller.get(f"{EXPORT}/read/id/{export_id}")) == 1
    assert caller.log_in().read(export_id)["state"] == "Processing"
    bench.advance("10m")
    assert caller.read(export_id)["state"] == "Complete"


def test_in_queue_of_five_one_works_and_a_new_one_waits_for_all(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("queue-of-five")
    states = [caller.read(number)["state"] for number in range(1001, 1006)]
    assert states == ["Processing", *["Waiting"] * 4]
    mine = caller.new_export()
    bench.advance("50m")
    assert caller.read(1005)["state"] == "Complete"
    assert caller.read(mine)["state"] == "Processing"


def test_in_stuck_an_export_is_cancelled_after_seven_days_and_not_a_second_before(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("stuck")
    first, second = caller.new_export(), caller.new_export()
    bench.advance("6d23h59m59s")
    assert caller.log_in().read(first)["state"] == "Processing"
    assert caller.read(second)["state"] == "Waiting"
    bench.advance("1s")
    assert caller.read(first)["state"] == "Failed"


def test_in_failing_an_export_fails_and_has_no_results(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("failing")
    export_id = caller.new_export()
    bench.advance("10s")
    export = caller.read(export_id)
    assert export["state"] == "Failed"
    assert "resultRefs" not in export


def test_in_expiring_soon_results_are_there_for_exactly_five_minutes(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("expiring-soon")
    url = caller.read(1001)["resultRefs"].removeprefix("http://localhost")
    bench.advance("4m59s")
    assert caller.get(url).mimetype == "text/csv"
    bench.advance("1s")
    assert err_code(caller.get(url)) == 178
    assert caller.read(1001)["isExpired"] is True


def test_in_expired_results_are_gone_but_the_export_is_complete(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("expired")
    export = caller.read(1001)
    assert (export["state"], export["isExpired"]) == ("Complete", True)
    assert "resultRefs" not in export
    assert err_code(caller.get(f"{EXPORT}/downloadResults/id/1001/file/1")) == 178
    facts = bench.account.queue.by_id[1001]
    assert facts.created_at == START - timedelta(days=8)
    assert facts.expired_at == START - timedelta(days=1)


def test_in_key_expires_mid_poll_a_new_login_goes_on_with_the_same_export(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("key-expires-mid-poll")
    export_id = caller.new_export()
    read = f"{EXPORT}/read/id/{export_id}?format=json"
    refused = []
    for minute in range(10, 100, 10):
        bench.advance("10m")
        if "err" in (answer := caller.get(read)).get_json():
            refused.append((minute, err_code(answer)))
            caller.log_in()
    assert refused == [(60, 1)]
    bench.advance("10m")
    assert caller.read(export_id)["state"] == "Complete"
    assert caller.count() == 1


def test_in_quota_nearly_gone_three_calls_are_left_until_midnight(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("quota-nearly-gone")
    answers = [exports_below(caller, 4) for _ in range(4)]
    assert ["err" in answer.get_json() for answer in answers] == [False, False, False, True]
    assert err_code(answers[3]) == 122
    bench.advance("12h")
    assert caller.log_in().count() == 0


def test_in_quota_zero_a_login_works_and_nothing_else_today_or_tomorrow(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("quota-zero")
    assert caller.key
    assert err_code(exports_below(caller, 4)) == 122
    bench.advance("1d")
    assert err_code(exports_below(caller.log_in(), 4)) == 122


def test_in_huge_one_export_has_ten_million_rows_in_forty_files(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("huge")
    export_id = last_year(caller)
    bench.advance("5s")
    assert 38 <= len(caller.read(export_id)["resultRefs"]) <= 48
    path = f"/_mock/accounts/{bench.account.id}/exports/{export_id}"
    assert bench.client.get(path).get_json()["rows"] > 10_000_000


def test_in_dst_edge_an_hour_shows_as_two_and_results_live_168_hours(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("dst-edge", now=None, rate=None)
    first = caller.new_export()
    bench.advance("1h")
    second = caller.log_in().new_export()
    shown = [caller.read(number)["createdAt"] for number in (first, second)]
    assert [str(text)[11:16] for text in shown] == ["01:30", "03:30"]
    calendar = f"/_mock/accounts/{bench.account.id}/calendar"
    due = {e["subject"]: e["at"] for e in bench.client.get(calendar).get_json()["events"]}
    # Ten minutes before 01:30 in winter, seven days later: 02:20 in summer.
    assert due[1001] == "2026-03-15T06:20:00+00:00"
    night = datetime.fromisoformat(due["2026-03-09"])
    assert night - datetime.fromisoformat("2026-03-08T05:00:00+00:00") == timedelta(hours=23)


def test_in_v3_only_calls_of_version_4_are_refused(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("v3-only")
    form = {name: caller.credentials[name] for name in ("email", "password", "user_key")}
    assert "version" not in bench.client.post("/api/login/?format=json", data=form).get_json()
    assert exports_below(caller, 3).get_json()["result"]["total_results"] == 0
    assert err_code(exports_below(caller, 4)) == 89


def test_in_v4_only_calls_of_version_3_are_refused(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("v4-only")
    form = {name: caller.credentials[name] for name in ("email", "password", "user_key")}
    login = bench.client.post("/api/login/version/3?format=json", data=form).get_json()
    assert login["version"] == 4
    assert caller.count() == 0
    assert err_code(exports_below(caller, 3)) == 88


def test_in_oauth_only_a_password_is_refused_and_a_token_is_served(bench: Bench) -> None:
    made = bench.client.post("/_mock/accounts", json={"scenario": "oauth-only"}).get_json()
    known = made["credentials"]
    form = {name: known[name] for name in ("email", "password", "user_key")}
    assert "err" in bench.client.post("/api/login/version/4?format=json", data=form).get_json()
    names = ("client_id", "client_secret", "refresh_token")
    grant = {"grant_type": "refresh_token", **{name: known[name] for name in names}}
    token = bench.client.post("/services/oauth2/token", data=grant).get_json()["access_token"]
    unit = known["business_unit_id"]
    headers = {"Authorization": f"Bearer {token}", "Pardot-Business-Unit-Id": unit}
    answer = bench.client.get(f"{EXPORT}/query?format=json", headers=headers)
    assert answer.get_json()["result"]["total_results"] == 0


def test_in_colleague_in_front_an_export_waits_for_an_hour(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("colleague-in-front")
    mine = caller.new_export()
    listed = f"/_mock/accounts/{bench.account.id}/exports"
    *others, own = bench.client.get(listed).get_json()["exports"]
    assert len(others) == 3
    assert {each["created_by"] for each in others}.isdisjoint({own["created_by"]})
    bench.advance("59m")
    assert caller.read(mine)["state"] == "Waiting"
    bench.advance("2m")
    assert caller.log_in().read(mine)["state"] == "Complete"


def test_in_concurrency_one_nothing_else_is_served_during_a_download(
    enter: Callable[..., Caller],
) -> None:
    caller = enter("concurrency-one")
    url = caller.read(1001)["resultRefs"].removeprefix("http://localhost")
    download = caller.get(url)
    chunks = download.iter_encoded()
    assert next(iter(chunks))
    assert err_code(exports_below(caller, 4)) == 66
    download.close()
    assert caller.count() == 1


def test_in_flaky_network_every_failure_comes_once_and_a_retry_succeeds() -> None:
    with MockPardot(scenario="flaky-network", rate=0) as mock, requests.Session() as http:
        account, failures = mock.default, []
        api = f"{mock.url}{EXPORT}"

        def retried(method: str, url: str, **options: Any) -> requests.Response:
            for _ in range(3):
                try:
                    answer = http.request(method, url, timeout=10, **options)
                    good = answer.ok and (b"err" not in answer.content[:200])
                    if good and ("csv" in answer.headers["Content-Type"] or answer.json()):
                        return answer
                    failures.append(str(answer.status_code))
                except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                    failures.append("lost")
                except ValueError:
                    failures.append("garbage")
            raise AssertionError(failures)

        known = account.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        login = retried("POST", f"{mock.url}/api/login/version/4?format=json", data=form)
        key = f"Pardot api_key={login.json()['api_key']}, user_key={known['user_key']}"
        http.headers["Authorization"] = key
        retried("POST", f"{api}/create?format=json", json=activity_export())
        account.clock.advance(seconds=10)
        for _ in range(3):
            export = retried("GET", f"{api}/read/id/1001?format=json").json()["export"]
        url = export["resultRefs"]
        text = retried("GET", url).content
        assert len(text) == true_bytes(mock) > 2000
        assert failures == ["503", "lost", "lost", "garbage", "lost"]
        # The first create was carried out, only its answer was lost.
        assert [each["id"] for each in account.exports()] == [1001, 1002]
        verdict = account.faults.verdict()
        assert (verdict["planned"], verdict["consumed"], verdict["unused"]) == (5, 5, [])


def test_in_truncated_download_the_second_try_gives_what_the_first_lost() -> None:
    with MockPardot(scenario="truncated-download", rate=0) as mock, requests.Session() as http:
        account = mock.default
        known = account.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        login = http.post(f"{mock.url}/api/login/version/4?format=json", data=form, timeout=10)
        key = f"Pardot api_key={login.json()['api_key']}, user_key={known['user_key']}"
        http.headers["Authorization"] = key
        read = http.get(f"{mock.url}{EXPORT}/read/id/1001?format=json", timeout=10)
        url = read.json()["export"]["resultRefs"]
        with http.get(url, timeout=10, stream=True) as cut:
            assert int(cut.headers["Content-Length"]) == true_bytes(mock)
            assert len(cut.raw.read(decode_content=False, amt=2000)) == 2000
            with pytest.raises(ProtocolError):
                cut.raw.read(1)
        assert len(http.get(url, timeout=10).content) == true_bytes(mock)


def test_every_scenario_has_a_test_here() -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    for name in names():
        stem = name.replace("-", "_")
        assert any(test.startswith((f"test_in_{stem}_", f"test_{stem}_")) for test in tests), name


@pytest.mark.parametrize("name", names())
def test_a_reset_brings_the_start_of_a_scenario_back(
    bench: Bench, enter: Callable[..., Caller], name: str
) -> None:
    body = {"scenario": name, "rate": 0, "now": START.isoformat()}
    made = bench.client.post("/_mock/accounts", json=body).get_json()
    path = f"/_mock/accounts/{made['id']}"

    def state() -> Any:
        return bench.client.get("/_mock/state").get_json()["accounts"][made["id"]]

    start = state()
    bench.account = bench.world.get(made["id"])
    assert start["scenario"] == name
    bench.control("plan", {"kind": "stuck"})
    bench.control("queue", {"exports": 2})
    bench.advance("9d")
    assert state() != start
    bench.client.post(f"{path}/reset")
    assert state() == start
    rules = bench.account.options.opening.plan_rules
    assert bench.account.plan_rules == rules


def test_a_scenario_can_be_sent_as_an_object(enter: Callable[..., Caller]) -> None:
    failing = {"exports": [{"kind": "failing", "age": "1h", "object": "Prospect"}]}
    caller = enter({**failing, "account": {"edition": "plus"}, "used": {"read": 9}})
    assert caller.read(1001)["state"] == "Failed"
    assert caller.read(1001)["object"] == "prospect"


def test_a_plan_that_counts_reads_is_done_at_the_nth_and_not_by_time(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter({"plan": [{"kind": "polls", "n": 3}]})
    first, second = caller.new_export(), caller.new_export()
    bench.advance("30m")
    bench.client.get("/_mock/state")
    assert caller.count() == 2
    assert [caller.read(first)["state"] for _ in range(4)] == [
        *("Processing", "Processing", "Complete", "Complete")
    ]
    assert [caller.read(second)["state"] for _ in range(3)][1:] == ["Processing", "Complete"]
    path = f"/_mock/accounts/{bench.account.id}"
    bench.client.post(f"{path}/reset")
    caller = bench.caller()
    assert caller.read(caller.new_export())["state"] == "Processing"


def test_the_scenarios_are_listed_with_their_texts(bench: Bench) -> None:
    listed = bench.client.get("/_mock/scenarios").get_json()["scenarios"]
    assert [each["name"] for each in listed] == list(names())
    assert all(set(each) == {"name", "title", "shows", "try"} for each in listed)


def test_awkward_characters_come_through_every_reader_as_they_were_written(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    caller = enter("awkward-characters")
    bench.control("plan", {"kind": "instant"})
    fields = ["id", "email", "comments", "first_name", "last_name", "company", "phone", "zip"]
    export_id = caller.new_export(
        object="prospect",
        fields=fields,
        procedure={"name": "filter_by_updated_at", "arguments": {"updated_after": "-30 days"}},
    )
    url = caller.read(export_id)["resultRefs"]
    raw = caller.get(url.removeprefix("http://localhost")).data
    written = {
        str(row["id"]): [row.get(name) or "" for name in fields[1:]]
        for row in named("awkward-characters").data[0]["rows"]
    }
    assert len(written) == 30
    for reader in READERS.values():
        header, *rows = reader(raw)
        assert header == fields
        assert {row[0]: row[1:] for row in rows} == written


def test_rows_of_a_scenario_are_there_again_after_a_reset_and_a_bad_one_is_refused(
    bench: Bench, enter: Callable[..., Caller]
) -> None:
    rows = [{"id": 7, "email": "ann@example.com"}]
    enter({"account": {"rows": 0}, "data": [{"object": "prospect", "rows": rows}]})
    bench.control("reset", {})
    loaded = bench.client.get(f"/_mock/accounts/{bench.account.id}/data").get_json()["objects"]
    assert {each["object"]: each["loaded"] for each in loaded}["prospect"] == 1
    bad = {"data": [{"object": "prospect", "rows": [{"emial": "ann@example.com"}]}]}
    answer = bench.client.post("/_mock/accounts", json={"scenario": bad})
    assert (answer.status_code, answer.get_json()["field"]) == (400, "scenario")
    assert "emial" in answer.get_json()["error"]["message"]
    early = [{"id": 7, "updated_at": "2020-01-01T00:00:00Z"}]
    body = {"scenario": {"data": [{"object": "prospect", "rows": early}]}}
    said = bench.client.post("/_mock/accounts", json=body).get_json()["error"]["message"]
    assert "which was not given and is taken as the day before the start, " in said
