"""What stands in front of the API: closed accounts, long URIs, long calls, unknown paths."""

from __future__ import annotations

from typing import Any

import pytest

from pardot_mock.domain.limits import LONGEST_URI
from tests.integration.conftest import EXPORT, Bench, Caller, activity_export, err_code

CREDENTIALS = ("email", "password", "user_key")


def login(caller: Caller, **changes: str) -> Any:
    form = {name: caller.credentials[name] for name in CREDENTIALS}
    return caller.client.post("/api/login/version/4", data={**form, **changes})


def change(bench: Bench, **fields: Any) -> Any:
    return bench.client.patch(f"/_mock/accounts/{bench.account.id}", json=fields)


@pytest.mark.parametrize(("access", "code"), [("api_disabled", 76), ("ip_not_activated", 53)])
def test_a_closed_account_refuses_logins_and_calls_until_it_is_opened(
    bench: Bench, caller: Caller, access: str, code: int
) -> None:
    """LOGIN-023, LOGIN-024."""
    assert change(bench, access=access).get_json()["access"] == access
    for answer in (login(caller), caller.get(f"{EXPORT}/query"), caller.create()):
        assert (err_code(answer), answer.status_code) == (code, 200)
    assert err_code(login(caller, password="wrong")) == 15
    change(bench, access="open")
    assert caller.count() == 0


def test_a_disabled_account_answers_a_page_that_says_so(bench: Bench, caller: Caller) -> None:
    change(bench, access="account_disabled")
    for answer in (login(caller), caller.get(f"{EXPORT}/query?format=json"), caller.create()):
        assert answer.status_code == 200
        assert answer.content_type == "text/html; charset=utf-8"
        assert "Your account has been disabled" in answer.text
    last = bench.account.journal.entries()[-1]
    assert (last.detail, last.charged) == ("the access to account default is account_disabled",
                                           False)  # fmt: skip
    assert len(bench.account.queue) == 0


def test_an_account_can_be_made_closed_and_a_reset_brings_that_back(bench: Bench) -> None:
    made = bench.client.post("/_mock/accounts", json={"access": "api_disabled"}).get_json()
    bench.account = bench.world.get(made["id"])
    change(bench, access="open")
    reset = bench.client.post(f"/_mock/accounts/{made['id']}/reset", json={}).get_json()
    assert (made["access"], reset["access"]) == ("api_disabled", "api_disabled")
    assert change(bench, access="ajar").get_json()["field"] == "access"


def path_of_length(length: int) -> str:
    start = f"{EXPORT}/query?format=json&note="
    return start + "x" * (length - len(start))


def test_a_get_with_a_uri_beyond_the_limit_is_too_long_and_any_other_is_served(
    bench: Bench, caller: Caller
) -> None:
    assert caller.get(path_of_length(LONGEST_URI)).status_code == 200
    long = path_of_length(LONGEST_URI + 1)
    refused = caller.get(long)
    assert (refused.status_code, refused.mimetype) == (414, "text/plain")
    entry = bench.account.journal.entries()[-1]
    assert (entry.status, entry.charged) == (414, False)
    assert "6201 characters, more than 6200" in entry.detail
    assert caller.client.post(long, headers=caller.headers).status_code == 200
    change(bench, quirks={"long_uri": "serve"})
    assert caller.get(long).status_code == 200


@pytest.mark.parametrize("path", ["/api/unicorn/version/4/do/query", f"{EXPORT}/cancel/id/1"])
@pytest.mark.parametrize(
    ("quirks", "code", "status"),
    [
        ({}, 2, 400),
        ({"auth_era": "oauth"}, 198, 404),
        ({"unknown_path": 198}, 198, 404),
        ({"unknown_path": 2, "auth_era": "oauth"}, 2, 400),
    ],
)
def test_an_unknown_path_is_refused_as_the_era_or_the_quirk_says_and_journaled(
    bench: Bench, path: str, quirks: dict[str, Any], code: int, status: int
) -> None:
    """ENV-014, ERR-008."""
    caller = bench.fresh().caller()
    change(bench, quirks=quirks)
    answer = caller.get(path)
    assert (err_code(answer), answer.status_code) == (code, status)
    entry = bench.account.journal.entries()[-1]
    assert (entry.op, entry.error_code, entry.charged) == ("unknown", code, False)


def test_an_unknown_path_is_attributed_to_the_bearer_of_a_token(
    bench: Bench, caller: Caller
) -> None:
    unit = caller.credentials["business_unit_id"]
    headers = {"Authorization": "Bearer nothing", "Pardot-Business-Unit-Id": unit}
    caller.client.get("/api/unicorn", headers=headers)
    assert bench.account.journal.entries()[-1].path == "/api/unicorn"


@pytest.mark.parametrize(
    ("rule", "error"), [("close", ConnectionAbortedError), ("reset", ConnectionResetError)]
)
def test_a_call_that_takes_too_long_is_cut_though_it_was_done(
    bench: Bench, rule: str, error: type[Exception]
) -> None:
    caller = bench.fresh(quirks={"long_call": rule}).caller()
    bench.control("faults", {"match": {"op": "create"}, "effect": {"kind": "overtime"}})
    before = bench.account.now()
    with pytest.raises(error):
        caller.create()
    assert (bench.account.now() - before).total_seconds() == 120
    assert [e.status for e in bench.account.journal.entries("create")] == [0]
    assert (caller.count(), bench.account.calls_under_way) == (1, 0)


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [(504, 504, None), (214, 400, 214), (202, 400, 202), ("serve", 200, None)],
)
def test_the_quirk_says_how_a_long_call_is_answered(
    bench: Bench, rule: str, status: int, code: int | None
) -> None:
    caller = bench.fresh(quirks={"long_call": rule}).caller()
    bench.control("faults", {"effect": {"kind": "overtime"}})
    answer = caller.create(activity_export())
    assert answer.status_code == status
    assert (err_code(answer) if code else None) == code
    entry = bench.account.journal.entries("create")[-1]
    assert (entry.status, entry.error_code, entry.faulted) == (status, code, True)
    assert caller.count() == 1


def test_downloads_count_unless_the_quirk_says_no(bench: Bench) -> None:
    for rule, counted in (("on", 1), ("off", 0)):
        caller = bench.fresh(quirks={"count_downloads": rule}).caller()
        bench.control("plan", {"kind": "instant"})
        url = caller.read(caller.new_export())["resultRefs"]
        assert caller.get(url).status_code == 200
        assert bench.account.usage.by_op.get("download", 0) == counted
        assert bench.account.calls_under_way == 0


@pytest.mark.parametrize(("count_login", "used"), [("off", 0), ("on", 1)])
def test_refused_logins_count_where_logins_count_and_all_refused_calls_do(
    bench: Bench, count_login: str, used: int
) -> None:
    caller = bench.fresh(quirks={"count_failed_calls": "all", "count_login": count_login}).caller()
    before = bench.account.usage.used
    assert err_code(login(caller, password="wrong")) == 15
    assert bench.account.usage.used - before == used


def test_a_call_without_credentials_is_182_with_401_where_only_tokens_count(
    bench: Bench,
) -> None:
    """AUTH-012, and the newer era's answer to callers without a token."""
    answer = bench.client.get(f"{EXPORT}/query")
    assert (err_code(answer), answer.status_code) == (49, 200)
    change(bench, quirks={"auth_era": "oauth"})
    answer = bench.client.get(f"{EXPORT}/query")
    assert (err_code(answer), answer.status_code) == (182, 401)
    headers = {"Authorization": "Bearer x", "Pardot-Business-Unit-Id": "nonsense"}
    answer = bench.client.get(f"{EXPORT}/query", headers=headers)
    assert (err_code(answer), answer.status_code) == (182, 400)
    change(bench, quirks={"missing_credentials_code": 49})
    assert err_code(bench.client.get(f"{EXPORT}/query")) == 49


def test_a_live_token_of_another_organisation_has_no_access_to_the_unit(bench: Bench) -> None:
    mine = bench.caller().credentials
    theirs = bench.fresh().caller().credentials
    form = {name: theirs[name] for name in ("client_id", "client_secret", "username", "password")}
    token = bench.client.post(
        "/services/oauth2/token", data={**form, "grant_type": "password"}
    ).get_json()["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Pardot-Business-Unit-Id": mine["business_unit_id"],
    }
    answer = bench.client.get(f"{EXPORT}/query", headers=headers)
    assert (err_code(answer), answer.status_code) == (201, 403)
    bench.advance("3h")
    assert err_code(bench.client.get(f"{EXPORT}/query", headers=headers)) == 184


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/services/oauth2/token", 405), ("POST", "/services/oauth2/unknown", 404)],
)
def test_oauth_errors_are_json_of_their_own_shape(
    bench: Bench, method: str, path: str, status: int
) -> None:
    """OAUTH-018."""
    answer = bench.client.open(path, method=method)
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error", "error_description"}
