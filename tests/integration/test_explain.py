"""Refused calls say what was nearest, ignored parameters are noted, answers can be explained."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock import MockPardot
from pardot_mock.cli import main
from pardot_mock.domain.advice import ADVICE
from pardot_mock.domain.nearest import nearest, suggestion
from pardot_mock.journal import MOST_RECENT
from pardot_mock.testing import intercept
from tests.integration.conftest import EXPORT, Bench, Caller, activity_export

if TYPE_CHECKING:
    from pardot_mock.journal import Entry

PROCEDURE = activity_export()["procedure"]


def last(bench: Bench) -> Entry:
    return bench.account.journal.entries()[-1]


def explained(bench: Bench, request_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = bench.client.get(f"/_mock/explain/{request_id}").get_json()
    return answer


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("creted_after=2026-01-01", ("unknown parameter 'creted_after' in the query was ignored:"
         " did you mean created_after?")),
        ("zzz=1", "unknown parameter 'zzz' in the query was ignored"),
        ("format=simple", "format 'simple' is unknown: the answer is xml"),
        ("output=huge", "output 'huge' is unknown and was taken for full"),
    ],
)  # fmt: skip
def test_what_is_ignored_is_noted_in_the_journal(
    bench: Bench, caller: Caller, query: str, warning: str
) -> None:
    assert caller.get(f"{EXPORT}/query?{query}").status_code == 200
    assert last(bench).warnings == (warning,)


def test_ignored_parts_of_path_form_and_body_are_noted_too(bench: Bench, caller: Caller) -> None:
    caller.get(f"{EXPORT}/read/5")
    assert "an id is written as a pair, id/5" in last(bench).warnings[0]
    caller.client.post(f"{EXPORT}/query", data={"sort-by": "id"}, headers=caller.headers)
    assert "in the form was ignored: did you mean sort_by?" in last(bench).warnings[0]
    caller.client.post(f"{EXPORT}/query", json={"status": "Done"}, headers=caller.headers)
    assert last(bench).warnings == ("the body was not read: its type is 'application/json'",)


def test_what_clients_send_with_every_call_is_not_noted(bench: Bench, caller: Caller) -> None:
    surplus = {"output": "simple", "email": "a", "password": "b", "api_key": caller.key,
               "offset": "0", "created_after": "yesterday"}  # fmt: skip
    caller.client.post(f"{EXPORT}/query", data=surplus, headers=caller.headers)
    caller.create()
    assert [entry.warnings for entry in bench.account.journal.entries()] == [()] * 3


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/api/exports/version/4/do/query", "did you mean /api/export/version/4/do/query?"),
        (f"{EXPORT}/querry", "did you mean /api/export/version/4/do/query?"),
        ("/api/logn", "did you mean /api/login/version/4?"),
        (f"{EXPORT}/query?sort_by=create_at", "did you mean created_at?"),
        (f"{EXPORT}/query?sort_order=asc", "known are ascending, descending"),
        (f"{EXPORT}/query?status=complete", "did you mean Complete?"),
        (f"{EXPORT}/query?object=visitorActivities", "did you mean visitorActivity?"),
        (f"{EXPORT}/create", "send it by POST"),
        ("/api/export/version/five/do/query", "write /version/4 or /version/3 into the path"),
        (f"{EXPORT}/read/id/77", "ask do/query for what there is"),
    ],
)
def test_a_refused_call_says_what_the_nearest_valid_one_is(
    bench: Bench, caller: Caller, path: str, hint: str
) -> None:
    assert caller.get(path).status_code == 400
    assert last(bench).hint == hint


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({**activity_export(), "object": "visitor_activity"}, "did you mean visitorActivity?"),
        ({**activity_export(), "feilds": []}, "did you mean fields?"),
        ({**activity_export(), "fields": ["creatd_at"]}, "did you mean created_at?"),
        (activity_export(create_before="today"), "did you mean created_before?"),
        ({"object": "prospect", "procedure": PROCEDURE}, "did you mean filter_by_updated_at?"),
    ],
)
def test_a_refused_create_says_which_name_was_probably_meant(
    bench: Bench, caller: Caller, body: dict[str, Any], hint: str
) -> None:
    assert caller.create(body).status_code == 400
    assert last(bench).hint == hint


def test_a_planned_error_gives_no_advice(bench: Bench, caller: Caller) -> None:
    bench.control("faults", {"effect": {"kind": "error", "code": 109}})
    caller.get(f"{EXPORT}/query")
    assert (last(bench).error_code, last(bench).hint) == (109, "")


@given(st.text(), st.sets(st.text(min_size=1)))
def test_a_suggestion_names_only_what_is_known(name: str, known: set[str]) -> None:
    assert nearest(name, known) in {None, *known}
    assert bool(suggestion(name, known)) == bool(known)
    for each in known:
        assert nearest(each, [each]) == each or not each.replace("_", "")


def test_advice_is_about_what_to_do() -> None:
    assert all(text and text[0].islower() and text[-1] != "." for text in ADVICE.values())


def test_an_answer_is_explained_with_statements_and_quirks(bench: Bench) -> None:
    caller = bench.fresh(quirks={"single_result_ref": "always_array"}).caller()
    bench.control("plan", {"kind": "instant"})
    export_id = caller.new_export()
    request_id = caller.get(f"{EXPORT}/read/id/{export_id}").headers["X-Pardot-Mock-Request-Id"]
    found = explained(bench, request_id)
    assert (found["account"], found["said"]) == (bench.account.id, "answered with HTTP 200")
    statements = {each["id"]: each for each in found["requirements"]}
    assert {"ENV-001", "AUTH-001", "EXP-READ-005"} <= set(statements)
    assert not {"ENV-002", "AUTH-014", "EXP-READ-003", "EXP-EXPIRY-001"} & set(statements)
    assert statements["EXP-READ-005"]["evidence"] == "documented"
    assert "plain string" in statements["EXP-READ-005"]["text"]
    switch = next(each for each in found["quirks"] if each["name"] == "single_result_ref")
    assert (switch["value"], switch["default"]) == ("always_array", "string")
    assert switch["alternatives"] == "string | always_array"


def test_an_explanation_tells_the_quirks_of_its_call_not_of_today(
    bench: Bench, caller: Caller
) -> None:
    request_id = caller.get(f"{EXPORT}/cancel").headers["X-Pardot-Mock-Request-Id"]
    bench.client.patch("/_mock/accounts/default", json={"quirks": {"unknown_path": 198}})
    found = explained(bench, request_id)
    assert found["said"] == "refused with code 2 in HTTP 400: Invalid action"
    assert (found["why"], found["nearest"]) == (
        "there is no operation 'cancel' of 'export'",
        (
            "operations of export are create, downloadResults, query, read: "
            "/api/export/version/4/do/..."
        ),
    )
    switch = next(each for each in found["quirks"] if each["name"] == "unknown_path")
    assert switch["value"] == "era"


def test_calls_of_nobody_and_lost_answers_are_explained(bench: Bench, caller: Caller) -> None:
    stranger = bench.client.get(f"{EXPORT}/query").headers["X-Pardot-Mock-Request-Id"]
    found = explained(bench, stranger)
    assert (found["account"], found["call"]["error_code"]) == (None, 49)
    bench.control("faults", {"effect": {"kind": "reset"}})
    with pytest.raises(ConnectionResetError):
        caller.get(f"{EXPORT}/query")
    assert explained(bench, last(bench).id)["said"] == "no answer: the connection was ended"


def test_an_unknown_or_forgotten_call_is_not_explained(bench: Bench, caller: Caller) -> None:
    first = caller.get(f"{EXPORT}/query").headers["X-Pardot-Mock-Request-Id"]
    for _ in range(MOST_RECENT):
        caller.get(f"{EXPORT}/read/id/1")
    for request_id in (first, "ffffffff", "nonsense"):
        answer = bench.client.get(f"/_mock/explain/{request_id}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown_call")


def test_an_answer_is_explained_on_the_command_line_and_in_python() -> None:
    with MockPardot(rows=10, rate=0) as mock:
        form = {**mock.default.credentials, "password": "wrong"}
        import requests

        answer = requests.post(f"{mock.url}/api/login/version/4", data=form, timeout=5)
        request_id = answer.headers["X-Pardot-Mock-Request-Id"]
        done = CliRunner().invoke(main, ["explain", request_id, "--url", mock.url])
        assert done.exit_code == 0, done.output
        for text in ("code 15", "LOGIN-009", "lock_after_failed_logins", "why      password is"):
            assert text in done.output
        as_json = CliRunner().invoke(main, ["explain", request_id, "--url", mock.url, "--json"])
        assert json.loads(as_json.output)["nearest"] == ADVICE[15]  # type: ignore[index]
        assert CliRunner().invoke(main, ["explain", "nobody", "--url", mock.url]).exit_code == 1
        journal = CliRunner().invoke(main, ["journal", "--url", mock.url])
        assert "    post email, password and user_key" in journal.output
        text = str(mock.default.explain(request_id))
        assert "LOGIN-009 (documented)" in text


def test_an_account_explains_its_own_calls_only() -> None:
    with intercept(rows=10) as account:
        import requests

        answer = requests.get("https://pi.pardot.com/api/export/version/4/do/query", timeout=5)
        with pytest.raises(LookupError):
            account.explain(answer.headers["X-Pardot-Mock-Request-Id"])
