"""Who may do what: keys, users, abilities, versions, limits, and accounts that never meet."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_mock.domain.accounts import Ability
from pardot_mock.newaccount import UserWish
from tests.integration.conftest import EXPORT, err_code

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

QUERY = f"{EXPORT}/query?format=json"
MARKETER = UserWish("marketer@example.com", "Marketing")


def test_a_key_works_one_second_before_sixty_minutes_and_not_at_the_second(
    bench: Bench, caller: Caller
) -> None:
    bench.advance("3599s")
    assert caller.get(QUERY).status_code == 200
    assert b'"stat":"ok"' in caller.get(QUERY).data
    bench.advance("1s")
    assert err_code(caller.get(QUERY)) == 1


def test_a_second_login_gives_the_same_key_and_does_not_prolong_it(
    bench: Bench, caller: Caller
) -> None:
    first = caller.key
    bench.advance("30m")
    assert caller.log_in().key == first
    bench.advance("30m")
    assert err_code(caller.get(QUERY)) == 1
    assert caller.log_in().key != first


def test_a_sliding_key_lives_on_while_it_is_used(bench: Bench) -> None:
    caller = bench.fresh(quirks={"sliding_api_key": "on"}).caller()
    for _ in range(5):
        bench.advance("59m")
        assert b'"stat":"ok"' in caller.get(QUERY).data
    bench.advance("60m")
    assert err_code(caller.get(QUERY)) == 1


def test_a_key_is_worthless_with_the_user_key_of_somebody_else(bench: Bench) -> None:
    owner = bench.fresh(MARKETER).caller()
    other = bench.caller(MARKETER.email)
    header = f"Pardot api_key={owner.key}, user_key={other.credentials['user_key']}"
    answer = bench.client.get(QUERY, headers={"Authorization": header})
    assert err_code(answer) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Pardot api_key={k}, user_key={u}",
        "Pardot user_key={u},api_key={k}",
        'Pardot api_key="{k}", user_key="{u}"',
        "pardot  user_key = {u} , api_key = {k}",
        "Pardot user_key={U}, api_key={k}",
    ],
)
def test_every_spelling_of_the_header_authenticates(caller: Caller, header: str) -> None:
    keys = {"k": caller.key, "u": caller.credentials["user_key"]}
    text = header.format(**keys, U=keys["u"].upper())
    answer = caller.client.get(QUERY, headers={"Authorization": text})
    assert b'"stat":"ok"' in answer.data


@pytest.mark.parametrize(
    ("code", "header"),
    [
        (49, "Basic abc"),
        (49, "Digest abc"),
        (49, ""),
        (1, "Pardot"),
        (1, "Pardot nonsense"),
        (1, "Pardot api_key=,user_key="),
    ],
)
def test_a_header_without_a_valid_pair_is_refused(caller: Caller, code: int, header: str) -> None:
    assert err_code(caller.client.get(QUERY, headers={"Authorization": header})) == code


@pytest.mark.parametrize("code", [1, 15, 182])
def test_a_call_that_belongs_to_nobody_follows_the_quirks_of_the_default_account(
    bench: Bench, code: int
) -> None:
    quirks = {"quirks": {"missing_credentials_code": code}}
    bench.client.patch("/_mock/accounts/default", json=quirks)
    assert err_code(bench.client.get(QUERY)) == code


def test_keys_in_a_form_authenticate_until_the_oauth_era(bench: Bench, caller: Caller) -> None:
    form = {"api_key": caller.key, "user_key": caller.credentials["user_key"], "format": "json"}
    assert b'"stat":"ok"' in caller.client.post(f"{EXPORT}/query", data=form).data
    bench.client.patch("/_mock/accounts/default", json={"quirks": {"auth_era": "oauth"}})
    answer = caller.client.post(f"{EXPORT}/query", data=form)
    assert (err_code(answer), answer.status_code) == (199, 401)


def test_only_the_creator_and_who_may_view_exports_can_see_one(bench: Bench) -> None:
    helper = UserWish("helper@example.com", "Marketing")
    owner = bench.fresh(MARKETER, helper).caller()
    marketer, other = bench.caller(MARKETER.email), bench.caller(helper.email)
    export_id = marketer.new_export()
    path = f"{EXPORT}/read/id/{export_id}?format=json"
    assert marketer.get(path).status_code == 200
    assert owner.get(path).status_code == 200
    refused = other.get(path)
    assert (err_code(refused), refused.status_code) == (46, 403)
    bench.advance("10m")
    file_id = marketer.read(export_id)["resultRefs"].rsplit("/", 1)[1]
    download = f"{EXPORT}/downloadResults/id/{export_id}/file/{file_id}"
    assert err_code(other.get(download)) == 46
    assert marketer.get(download).status_code == 200
    assert err_code(marketer.get(QUERY)) == 46


def test_creating_needs_the_abilities_of_the_object(bench: Bench) -> None:
    nobody = UserWish("nobody@example.com", abilities=frozenset())
    viewer = UserWish("viewer@example.com", abilities=frozenset({Ability.VISITORS_VIEW}))
    bench.fresh(nobody, viewer)
    assert err_code(bench.caller(nobody.email).create()) == 46
    caller = bench.caller(viewer.email)
    assert caller.create().status_code == 200
    memberships = {
        "object": "listMembership",
        "procedure": {
            "name": "filter_by_created_at",
            "arguments": {"created_after": "2026-01-01"},
        },
    }
    assert err_code(caller.create(memberships)) == 46


def test_a_user_below_marketing_cannot_log_in(bench: Bench) -> None:
    bench.fresh(UserWish("seller@example.com", "Sales"))
    with pytest.raises(KeyError):
        bench.caller("seller@example.com")


@pytest.mark.parametrize(("bound", "called", "code"), [(4, 3, 88), (3, 4, 89)])
def test_a_bound_account_refuses_the_other_version_inside_http_200(
    bench: Bench, bound: int, called: int, code: int
) -> None:
    caller = bench.fresh(api_version=bound).caller()
    answer = caller.get(f"/api/export/version/{called}/do/query")
    assert (err_code(answer), answer.status_code) == (code, 200)
    assert caller.get(f"/api/export/version/{bound}/do/query").status_code == 200


def test_switching_the_version_ends_the_current_keys(bench: Bench) -> None:
    caller = bench.fresh(api_version=3).caller()
    path = f"/_mock/accounts/{bench.account.id}"
    assert bench.client.patch(path, json={"api_version": 4}).get_json()["api_version"] == 4
    assert err_code(caller.get(QUERY)) == 1


def test_the_daily_allowance_ends_calls_and_comes_back_at_the_midnight_of_the_account(
    bench: Bench,
) -> None:
    caller = bench.fresh(timezone="America/New_York").caller()
    limit = bench.account.info.daily_limit
    bench.account.usage = bench.account.usage.on(bench.account.now(), bench.account.info.zone)
    for _ in range(3):
        caller.get(QUERY)
    used = bench.account.usage
    assert used.by_op == {"query": 3}
    bench.account.usage = type(used)(used.day, {"query": limit})
    answer = caller.get(QUERY)
    assert (err_code(answer), answer.status_code) == (122, 200)
    bench.control("clock", {"set": "2026-03-11T03:59:59Z"})
    assert err_code(caller.log_in().get(QUERY)) == 122
    bench.advance("1s")
    assert b'"stat":"ok"' in caller.get(QUERY).data


def test_an_account_without_entitlement_has_every_call_refused(bench: Bench) -> None:
    caller = bench.fresh(edition="none").caller()
    assert err_code(caller.get(QUERY)) == 122


def large_file(bench: Bench, caller: Caller) -> str:
    """Give the URL of a result file that is sent in several pieces."""
    bench.control("plan", {"kind": "instant", "rows_per_file": 100_000})
    arguments = {"created_after": "2025-04-01", "created_before": "2026-03-01"}
    procedure = {"name": "filter_by_created_at", "arguments": arguments}
    export_id = caller.new_export(fields=None, procedure=procedure)
    return str(caller.read(export_id)["resultRefs"])


def test_the_sixth_call_at_a_time_is_refused_and_five_are_served(bench: Bench) -> None:
    caller = bench.fresh(rows=20_000).caller()
    url = large_file(bench, caller)
    held = [caller.get(url) for _ in range(5)]
    assert [answer.status_code for answer in held] == [200] * 5
    answer = caller.get(QUERY)
    assert (err_code(answer), answer.status_code) == (66, 200)
    assert b"limit.  Please wait, before trying again" in answer.data
    held[0].get_data()
    assert b'"stat":"ok"' in caller.get(QUERY).data
    for other in held[1:]:
        other.close()


def test_the_place_of_a_download_is_free_once_its_last_byte_is_out(bench: Bench) -> None:
    caller = bench.fresh(rows=20_000).caller()
    answer = caller.get(large_file(bench, caller))
    chunks, left = answer.iter_encoded(), answer.content_length or 0
    assert bench.account.calls_under_way == 1
    while left:
        left -= len(next(chunks))
    assert bench.account.calls_under_way == 0
    answer.close()
    assert bench.account.calls_under_way == 0


def test_the_usage_header_is_sent_only_when_it_is_asked_for(caller: Caller) -> None:
    assert "x-api-usage" not in caller.get(QUERY).headers
    headers = {**caller.headers, "X-Return-Api-Usage": "1"}
    assert caller.client.get(QUERY, headers=headers).headers["x-api-usage"] == "2/100000"


def test_the_date_of_an_answer_is_that_of_the_account(bench: Bench, caller: Caller) -> None:
    assert caller.get(QUERY).headers["Date"] == "Tue, 10 Mar 2026 12:00:00 GMT"
    bench.advance("7d")
    assert caller.get(QUERY).headers["Date"] == "Tue, 17 Mar 2026 12:00:00 GMT"


def test_accounts_never_meet(bench: Bench, caller: Caller) -> None:
    export_id = caller.new_export()
    stranger = bench.fresh().caller()
    assert err_code(stranger.get(f"{EXPORT}/read/id/{export_id}")) == 109
    bench.advance("7d")
    assert bench.world.get("default").now() == datetime.fromisoformat("2026-03-10T12:00:00Z")
    assert caller.count() == 1


def test_a_date_is_read_and_written_in_the_timezone_of_the_user(bench: Bench) -> None:
    bench.fresh(UserWish("kiritimati@example.com", "Marketing", "Pacific/Kiritimati"))
    caller = bench.caller("kiritimati@example.com")
    export_id = caller.new_export()
    assert caller.read(export_id)["createdAt"] == "2026-03-11 02:00:00"
    request = bench.account.queue.by_id[export_id].request
    assert request.query.after == datetime.fromisoformat("2025-12-31T10:00:00Z")
    assert request.query.timezone == "Pacific/Kiritimati"


def test_many_threads_creating_at_once_lose_and_double_no_export(bench: Bench) -> None:
    caller = bench.fresh().caller()
    made: list[int] = []
    barrier = threading.Barrier(5)

    def work() -> None:
        barrier.wait()
        made.extend([caller.new_export() for _ in range(20)])

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == list(range(1001, 1101))
    bench.account.move_clock(lambda clock, real: clock.advance(timedelta(seconds=4), real))
    states = [export.state for export in bench.account.queue]
    assert states.count("Processing") == 1
