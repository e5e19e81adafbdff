"""The control plane: what it answers, and what it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock.web.app import create_app

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

DEFAULT = "/_mock/accounts/default"


def test_health_says_what_is_there(bench: Bench) -> None:
    health = bench.client.get("/_mock/health").get_json()
    assert health["status"] == "ok"
    assert {"accounts", "clock", "calendar", "exports"} <= set(health["capabilities"])


def test_the_default_account_has_the_published_credentials(bench: Bench) -> None:
    assert bench.client.get(DEFAULT).get_json()["credentials"] == {
        "email": "demo@example.com",
        "password": "demo-password",
        "user_key": "00000000000000000000000000000001",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "refresh_token": "demo-refresh-token",
        "username": "demo@example.com",
        "business_unit_id": "0Uv000000000001AAA",
    }


def test_a_fresh_account_can_be_made_used_reset_and_deleted(bench: Bench) -> None:
    body = {
        "id": "mine",
        "name": "Mine",
        "timezone": "Europe/Berlin",
        "api_version": 4,
        "edition": "Pro",
        "seed": 7,
        "rows": 100,
        "now": "2026-01-31T10:00:00+01:00",
        "rate": 0,
        "quirks": {"echo_request": False},
        "users": [{"email": "m@example.com", "role": "Marketing", "timezone": "Asia/Tokyo"}],
    }
    answer = bench.client.post("/_mock/accounts", json=body)
    made = answer.get_json()
    assert answer.status_code == 201
    assert made["id"] == "mine"
    assert made["quirks"] == {"echo_request": "off"}
    assert made["users"][0]["timezone"] == "Asia/Tokyo"
    assert made["users"][0]["credentials"]["user_key"] == made["users"][0]["user_key"]
    path = "/_mock/accounts/mine"
    bench.client.post(f"{path}/clock", json={"advance": "2h"})
    assert bench.client.get(f"{path}/clock").get_json()["now"] == "2026-01-31T11:00:00+00:00"
    bench.client.post(f"{path}/reset")
    assert bench.client.get(f"{path}/clock").get_json()["now"] == "2026-01-31T09:00:00+00:00"
    assert bench.client.delete(path).status_code == 204
    assert bench.client.get(path).status_code == 404


def test_two_accounts_made_with_nothing_share_no_credential(bench: Bench) -> None:
    made = [bench.client.post("/_mock/accounts").get_json() for _ in range(2)]
    values = [value for each in made for value in each["credentials"].values()]
    assert len(set(values)) == len(values) - 2  # the user name is the e-mail


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("body", b"{not json"),
        ("body", b"[1]"),
        ("surprise", {"surprise": 1}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("api_version", {"api_version": 5}),
        ("edition", {"edition": "gold"}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": True}),
        ("rows", {"rows": 10**12}),
        ("now", {"now": "yesterday"}),
        ("rate", {"rate": -1}),
        ("rate", {"rate": "fast"}),
        ("quirks", {"quirks": {"unheard_of": 1}}),
        ("quirks", {"quirks": {"auth_era": "stone"}}),
        ("quirks", {"quirks": []}),
        ("users", {"users": {}}),
        ("users.email", {"users": [{"role": "Marketing"}]}),
        ("users.role", {"users": [{"email": "a@b", "role": "King"}]}),
        ("users.abilities", {"users": [{"email": "a@b", "abilities": ["Fly"]}]}),
        ("users", {"users": [{"email": "a@b"}, {"email": "A@B"}]}),
        ("id", {"id": "../up"}),
        ("scenario", {"scenario": "unheard-of"}),
    ],
)
def test_a_bad_account_is_refused_naming_the_field(bench: Bench, field: str, body: Any) -> None:
    before = len(bench.world.accounts())
    sent = {"data": body} if isinstance(body, bytes) else {"json": body}
    answer = bench.client.post("/_mock/accounts", **sent)
    assert answer.status_code == 400
    assert answer.get_json()["field"] == field
    assert set(answer.get_json()["error"]) == {"code", "message"}
    assert len(bench.world.accounts()) == before


def test_an_account_that_exists_is_not_made_again(bench: Bench) -> None:
    assert bench.client.post("/_mock/accounts", json={"id": "default"}).status_code == 409


def test_the_default_account_cannot_be_deleted(bench: Bench) -> None:
    assert bench.client.delete(DEFAULT).status_code == 409


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, {"advance": "-1d"}),
        (409, {"set": "2020-01-01T00:00:00Z"}),
        (400, {}),
        (400, {"advance": "1d", "rate": 1}),
        (400, {"advance": "soon"}),
        (400, {"advance": True}),
        (400, {"set": "tomorrow"}),
        (400, {"to": "yesterday"}),
        (400, {"rate": -2}),
        (400, {"advance": "364000d"}),
        (400, {"advance": "1d", "surprise": 1}),
    ],
)
def test_a_bad_movement_of_the_clock_is_refused_and_moves_nothing(
    bench: Bench, status: int, body: dict[str, Any]
) -> None:
    before = bench.client.get(f"{DEFAULT}/clock").get_json()
    assert bench.client.post(f"{DEFAULT}/clock", json=body).status_code == status
    assert bench.client.get(f"{DEFAULT}/clock").get_json() == before


def test_next_goes_to_each_due_event_in_turn(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "timed", "wait": "10s", "work": "5m"})
    first, second = caller.new_export(), caller.new_export()
    seen = []
    while not any(kind == "export_expires" for _, kind in seen):
        answer = bench.control("clock", {"to": "next"})
        assert {event["at"] for event in answer["events"]} == {answer["now"]}
        seen += [(event["subject"], event["kind"]) for event in answer["events"]]
    assert [event for event in seen if event[1] != "quota_resets"] == [
        (first, "export_starts"),
        (first, "export_finishes"),
        (second, "export_starts"),
        (second, "export_finishes"),
        ("demo@example.com", "key_expires"),
        (first, "export_expires"),
    ]


def test_the_calendar_foretells_exactly_what_then_happens(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "stuck", "match": {"nth": 2}})
    for _ in range(3):
        caller.new_export()
    foretold = bench.client.get(f"{DEFAULT}/calendar").get_json()["events"]
    happened = bench.advance("20d")["events"]
    quota = "quota_resets"
    assert [e for e in happened if e["kind"] != quota] == [
        e for e in foretold if e["kind"] != quota
    ]
    assert foretold[-1]["kind"] == "export_expires"
    assert "export_cancelled" in {event["kind"] for event in foretold}


def test_a_plan_for_one_object_or_the_nth_export_leaves_the_others_alone(
    bench: Bench, caller: Caller
) -> None:
    bench.control("plan", {"kind": "failing", "match": {"object": "prospect"}})
    bench.control("plan", {"kind": "stuck", "match": {"nth": 2}})
    kinds = [caller.new_export(), caller.new_export(), caller.new_export()]
    plans = [bench.account.queue.by_id[number].plan.kind for number in kinds]
    assert plans == ["timed", "stuck", "timed"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "magic"},
        {"wait": "-5s"},
        {"rows_per_file": 0},
        {"match": {"object": "unicorn"}},
        {"match": {"surprise": 1}},
        {"surprise": 1},
    ],
)
def test_a_bad_plan_is_refused(bench: Bench, body: dict[str, Any]) -> None:
    assert bench.client.post(f"{DEFAULT}/plan", json=body).status_code == 400
    assert bench.account.plan_rules == ()


def test_exports_of_a_colleague_stand_in_front(bench: Bench, caller: Caller) -> None:
    bench.control("queue", {"exports": 3, "work": "20m"})
    mine = caller.new_export()
    bench.advance("59m")
    assert caller.read(mine)["state"] == "Waiting"
    bench.advance("1m1s")
    assert caller.log_in().read(mine)["state"] == "Processing"


@pytest.mark.parametrize("state", ["Complete", "Failed"])
def test_an_unfinished_export_can_be_forced_to_an_end_once(
    bench: Bench, caller: Caller, state: str
) -> None:
    export_id = caller.new_export()
    path = f"{DEFAULT}/exports/{export_id}/force"
    assert bench.client.post(path, json={"state": state}).get_json()["state"] == state
    assert caller.read(export_id)["state"] == state
    assert bench.client.post(path, json={"state": state}).status_code == 409
    assert bench.client.post(path, json={"state": "Waiting"}).status_code == 400
    assert bench.client.post(f"{DEFAULT}/exports/5/force", json={"state": state}).status_code == 404


def test_unknown_accounts_and_places_are_404_in_json(bench: Bench) -> None:
    for path in ("/_mock/accounts/nobody", "/_mock/nowhere", "/nowhere", f"{DEFAULT}/exports/1"):
        answer = bench.client.get(path)
        assert answer.status_code == 404
        assert set(answer.get_json()["error"]) == {"code", "message"}


def test_a_wrong_method_is_405_in_json(bench: Bench) -> None:
    answer = bench.client.put(f"{DEFAULT}/clock", json={})
    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == "method_not_allowed"


def test_with_a_token_only_health_is_open(bench: Bench) -> None:
    client = create_app(bench.world, control_token="s3cret").test_client()
    assert client.get("/_mock/health").status_code == 200
    assert client.get("/_mock/state").status_code == 401
    good = {"Authorization": "Bearer s3cret"}
    assert client.get("/_mock/state", headers=good).status_code == 200


def test_the_state_shows_everything(bench: Bench, caller: Caller) -> None:
    caller.new_export()
    state = bench.client.get("/_mock/state").get_json()["accounts"]["default"]
    assert state["clock"] == {"now": "2026-03-10T12:00:00+00:00", "rate": 0.0}
    assert [export["state"] for export in state["exports"]] == ["Waiting"]
    assert state["usage"]["by_op"] == {"create": 1}
    assert state["calendar"]


def test_control_calls_are_never_counted(bench: Bench, caller: Caller) -> None:
    for _ in range(5):
        bench.client.get("/_mock/state")
    caller.get("/api/export/version/4/do/query")
    assert bench.account.usage.used == 1
