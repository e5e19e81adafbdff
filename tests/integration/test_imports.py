"""The Import API on the wire: what is made, what is refused, and when everything happens."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock.domain.errors import ErrorCode
from pardot_mock.newaccount import UserWish
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.integration.conftest import Bench, Caller, err_code

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

IMPORT = "/api/import/version/4/do"
PROSPECT = "/api/prospect/version/4/do"
ASKED = {"operation": "Upsert", "object": "Prospect"}
EMAIL = "email\nnew@example.com\n"


def create(caller: Caller, **changes: Any) -> TestResponse:
    body = {name: value for name, value in {**ASKED, **changes}.items() if value is not ...}
    return caller.client.post(f"{IMPORT}/create?format=json", json=body, headers=caller.headers)


def opened(caller: Caller, **changes: Any) -> int:
    return int(create(caller, **changes).get_json()["id"])


def form(files: list[str], **fields: str) -> dict[str, Any]:
    sent = [(io.BytesIO(text.encode()), f"rows{n}.csv") for n, text in enumerate(files)]
    return {**fields, "importFile": sent}


def with_file(caller: Caller, *files: str, **changes: Any) -> TestResponse:
    return caller.client.post(
        f"{IMPORT}/create?format=json",
        data=form(list(files), importInput=json.dumps({**ASKED, **changes})),
        headers=caller.headers,
    )


def add(caller: Caller, import_id: int, *files: str) -> TestResponse:
    url = f"{IMPORT}/batch/id/{import_id}?format=json"
    return caller.client.post(url, data=form(list(files)), headers=caller.headers)


def submit(caller: Caller, import_id: int, body: Any = None) -> TestResponse:
    url = f"{IMPORT}/update/id/{import_id}?format=json"
    sent = {"state": "Ready"} if body is None else body
    return caller.client.patch(url, json=sent, headers=caller.headers)


def read(caller: Caller, import_id: int) -> dict[str, Any]:
    answer: dict[str, Any] = caller.get(f"{IMPORT}/read/id/{import_id}?format=json").get_json()
    return answer


def after(bench: Bench, **wait: float) -> None:
    """Let time pass; keys that expire meanwhile are the business of other tests."""
    with bench.account.lock:
        account = bench.account
        account.move_clock(lambda clock, real: clock.advance(timedelta(**wait), real))
        for user_id, key in account.sessions.keys.items():
            account.sessions = account.sessions.issue(user_id, key.key, account.now())


def prospects(caller: Caller, email: str) -> list[dict[str, Any]]:
    answer = caller.get(f"{PROSPECT}/read/email/{email}?format=json").get_json()
    found = answer.get("prospect", [])
    return found if isinstance(found, list) else [found]


def imported(bench: Bench, caller: Caller, text: str, **changes: Any) -> dict[str, Any]:
    import_id = with_file(caller, text, state="Ready", **changes).get_json()["id"]
    after(bench, minutes=1)
    return read(caller, import_id)


def test_an_import_goes_from_open_to_complete_and_its_prospects_are_there(
    bench: Bench, caller: Caller
) -> None:
    made = create(caller).get_json()
    import_id = made["id"]
    assert list(made) == ["@attributes", "id", "state", "isExpired", "batchesRef"]
    assert (made["state"], made["isExpired"]) == ("Open", False)
    assert made["batchesRef"] == f"http://localhost{IMPORT}/batch/id/{import_id}"
    answer = add(caller, import_id, "email,first_name\nann@example.com,Ann\n")
    assert (answer.status_code, answer.data) == (204, b"")
    answer = submit(caller, import_id)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "Waiting")
    assert "batchesRef" not in answer.get_json()
    assert prospects(caller, "ann@example.com") == []
    after(bench, seconds=3)
    assert read(caller, import_id)["state"] == "Processing"
    after(bench, seconds=10)
    done = read(caller, import_id)
    assert {k: done[k] for k in list(done)[1:]} == {
        "id": import_id, "state": "Complete", "isExpired": False,
        "createdCount": 1, "updatedCount": 0,
    }  # fmt: skip
    (ann,) = prospects(caller, "ann@example.com")
    # Completed 2 s of waiting and 3 s of working after it was submitted, whoever looked when.
    assert (ann["first_name"], ann["created_at"]) == ("Ann", "2026-03-10 12:00:05")
    assert ann["recent_interaction"] == "Never active."


def test_imported_prospects_are_in_later_exports_and_not_in_earlier_ones(
    bench: Bench, caller: Caller
) -> None:
    asked = {
        "object": "prospect",
        "fields": ["email", "updated_at"],
        "procedure": {
            "name": "filter_by_updated_at",
            "arguments": {"updated_after": "2026-03-10 11:59:59", "updated_before": "2026-03-11"},
        },
    }
    first = int(caller.create(asked).get_json()["export"]["id"])
    after(bench, seconds=10)
    imported(bench, caller, "email\nann@example.com\nbob@example.com\n")
    second = int(caller.create(asked).get_json()["export"]["id"])
    after(bench, minutes=1)
    assert "resultRefs" not in caller.read(first)
    url = caller.read(second)["resultRefs"].removeprefix("http://localhost")
    rows = list(csv.reader(io.StringIO(caller.get(url).text)))
    assert sorted(rows[1:]) == [
        ["ann@example.com", "2026-03-10 12:00:15"],
        ["bob@example.com", "2026-03-10 12:00:15"],
    ]


def test_an_import_changes_who_is_there_as_its_columns_say(bench: Bench, caller: Caller) -> None:
    row = "email,first_name,last_name,city,phone\nAnn@example.com,{}\n"
    imported(bench, caller, row.format("Ann,Old,Rome,"))
    columns = [
        {"field": "email"},
        {"field": "first_name"},
        {"field": "last_name", "overwrite": False},
        {"field": "city", "nullOverwrite": False},
        {"field": "phone", "overwrite": False},
    ]
    done = imported(bench, caller, row.format(",New,,1"), columns=columns)
    assert (done["createdCount"], done["updatedCount"]) == (0, 1)
    (ann,) = prospects(caller, "ann@example.com")
    values = [ann[name] for name in ("first_name", "last_name", "city", "phone")]
    assert values == [None, "Old", "Rome", "1"]


def test_bad_rows_are_left_out_and_told_of(bench: Bench, caller: Caller) -> None:
    text = (
        "email,score,campaign_id\nann@example.com,5,\nnobody,1,\nbob@example.com,much,\n"
        "cy@example.com,1,7\n\ndan@example.com\n"
    )
    done = imported(bench, caller, text)
    assert (done["createdCount"], done["errorCount"]) == (1, 4)
    answer = caller.get(done["errorsRef"].removeprefix("http://localhost"))
    assert answer.content_type == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["email", "score", "campaign_id", "error"],
        ["nobody", "1", "", "Invalid prospect email address"],
        ["bob@example.com", "much", "", "Invalid value specified for score"],
        ["cy@example.com", "1", "7", "Invalid campaign ID"],
        ["dan@example.com", "The file is not in a valid CSV format"],
    ]
    assert prospects(caller, "bob@example.com") == []
    after(bench, days=7)
    gone = caller.get(f"{IMPORT}/downloadErrors/id/{done['id']}?format=json")
    assert err_code(gone) == 161
    expired = caller.get(f"{IMPORT}/read/id/{done['id']}?format=json")
    assert (expired.status_code, err_code(expired)) == (400, 161)


def test_an_import_is_complete_even_where_the_disk_has_no_room_for_its_errors(
    bench: Bench, tmp_path: Path
) -> None:
    # Room for the batch, but not for it and the rows that are no use.
    world = World(tmp_path / "small", disk_quota=5_000)
    account = world.create(bench.fresh().account.options)
    small = Bench(world, account, create_app(world).test_client(), tmp_path / "small")
    caller = small.caller()
    rows = [f"nobody{number}" for number in range(200)]
    text = "\n".join(["email", "first@example.com", *rows, "last@example.com", ""])
    done = imported(small, caller, text)
    assert (done["state"], done["createdCount"], done["errorCount"]) == ("Complete", 2, 200)
    assert prospects(caller, "last@example.com") != []
    errors = caller.get(f"{IMPORT}/downloadErrors/id/{done['id']}?format=json")
    assert err_code(errors) == ErrorCode.NOT_FOUND
    assert world.vault.used_bytes == 0
    world.close()


def test_an_archived_prospect_comes_back_only_where_that_is_asked_for(
    bench: Bench, caller: Caller
) -> None:
    imported(bench, caller, EMAIL)
    (there,) = prospects(caller, "new@example.com")
    account = bench.account
    row = account.results.dataset.find("prospect", there["id"])
    assert row is not None
    account.write([("prospect", {**row, "is_deleted": True})])
    assert imported(bench, caller, EMAIL)["errorCount"] == 1
    assert prospects(caller, "new@example.com") == []
    assert imported(bench, caller, EMAIL, restoreDeleted=True)["updatedCount"] == 1
    assert [each["id"] for each in prospects(caller, "new@example.com")] == [there["id"]]


BAD_BODIES = [
    ({"operation": ...}, 153), ({"object": ...}, 153), ({"operation": "Insert"}, 154),
    ({"object": "List"}, 154), ({"color": 1}, 154), ({"restoreDeleted": "true"}, 154),
    ({"state": "Done"}, 154), ({"columns": []}, 165), ({"columns": [{"overwrite": True}]}, 165),
    ({"columns": [{"field": "email", "overwrite": 1}]}, 165), ({"state": "Ready"}, 156),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), BAD_BODIES)
def test_a_bad_create_is_refused_and_opens_nothing(
    caller: Caller, changes: dict[str, Any], code: int
) -> None:
    answer = create(caller, **changes)
    assert (answer.status_code, err_code(answer)) == (400, code)
    assert total(caller) == 0


def total(caller: Caller, parameters: str = "") -> int:
    answer = caller.get(f"{IMPORT}/query?format=json{parameters}")
    return int(answer.get_json()["result"]["total_results"])


BAD_FILES = [
    ("email,shoe_size\na@example.com,44\n", 130), ("email,email\na,b\n", 130),
    ("first_name\nAnn\n", 197), ("email,city\na@example.com,Rome\n", 226), ("", 226),
    ('email,first_name\n"a"b,c\n', 159), ("email,first_name\n\udcff,c\n", 159),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), BAD_FILES, ids=range(len(BAD_FILES)))
def test_a_bad_file_is_refused_and_leaves_nothing_in_the_vault(
    bench: Bench, caller: Caller, text: str, code: int
) -> None:
    columns = [{"field": "email"}, {"field": "first_name"}]
    raw = text.encode("utf-8", "surrogateescape")
    body = {**ASKED, **({} if code in (130, 197) else {"columns": columns})}
    data = {"importInput": json.dumps(body), "importFile": (io.BytesIO(raw), "rows.csv")}
    answer = caller.client.post(f"{IMPORT}/create?format=json", data=data, headers=caller.headers)
    assert err_code(answer) == code
    assert total(caller) == bench.world.vault.used_bytes == 0


def test_the_older_code_for_other_columns_is_a_quirk(bench: Bench) -> None:
    caller = bench.fresh(quirks={"import_columns_code": 165}).caller()
    assert err_code(with_file(caller, EMAIL, columns=[{"field": "city"}])) == 165


def test_uploads_that_hold_no_file_or_too_many_are_refused(bench: Bench, caller: Caller) -> None:
    import_id = opened(caller)
    url = f"{IMPORT}/batch/id/{import_id}?format=json"
    fields = {"importInput": "{}", "other": (io.BytesIO(b"x"), "other.csv")}
    none = caller.client.post(url, data=fields, headers=caller.headers)
    assert err_code(none) == 162
    assert err_code(add(caller, import_id, EMAIL, EMAIL)) == 163
    for content_type, body, code in (
        ("application/json", b"{}", 151),
        ("multipart/form-data", b"x", 158),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disp", 158),
    ):
        answer = caller.client.post(
            url, data=body, content_type=content_type, headers=caller.headers
        )
        assert err_code(answer) == code
    head = b'--b\r\nContent-Disposition: form-data; name="importFile"; filename="x"\r\n\r\n'
    large = head + b"email\n" + b"a" * 9_999_995 + b"\r\n--b--\r\n"
    kind = "multipart/form-data; boundary=b"
    answer = caller.client.post(url, data=large, content_type=kind, headers=caller.headers)
    assert (answer.status_code, err_code(answer)) == (413, 204)
    assert err_code(submit(caller, import_id)) == 156
    assert bench.world.vault.used_bytes == 0


def test_only_an_open_import_takes_batches_and_can_be_submitted(
    bench: Bench, caller: Caller
) -> None:
    import_id = opened(caller)
    for _ in range(10):
        assert add(caller, import_id, EMAIL).status_code == 204
    assert err_code(add(caller, import_id, EMAIL)) == 160
    assert err_code(submit(caller, import_id, {"state": "Complete"})) == 154
    assert err_code(submit(caller, import_id, {"speed": 1})) == 154
    assert err_code(submit(caller, import_id, {})) == 153
    assert submit(caller, import_id).status_code == 200
    assert err_code(submit(caller, import_id)) == 155
    assert err_code(add(caller, import_id, EMAIL)) == 161
    after(bench, minutes=1)
    done = read(caller, import_id)
    assert (done["createdCount"], done["updatedCount"]) == (1, 9)
    assert bench.world.vault.used_bytes == 0


def test_an_import_left_open_expires_after_a_day(bench: Bench, caller: Caller) -> None:
    import_id = opened(caller)
    add(caller, import_id, EMAIL)
    after(bench, hours=23, minutes=59, seconds=59)
    assert read(caller, import_id)["state"] == "Open"
    after(bench, seconds=1)
    assert err_code(caller.get(f"{IMPORT}/read/id/{import_id}?format=json")) == 161
    assert err_code(submit(caller, import_id)) == 155
    assert bench.world.vault.used_bytes == 0
    shown = bench.fresh(quirks={"expired_import_read": "show"}).caller()
    import_id = opened(shown)
    after(bench, days=1)
    assert read(shown, import_id)["isExpired"] is True


def test_a_day_has_a_thousand_batches(bench: Bench, caller: Caller) -> None:
    account = bench.account
    now = account.settle()
    used = account.importing.batches.on(now, account.info.zone)
    for _ in range(999):
        used = used.charged("batch")
    account.importing.batches = used
    assert add(caller, opened(caller), EMAIL).status_code == 204
    assert err_code(add(caller, opened(caller), EMAIL)) == 164
    assert err_code(with_file(caller, EMAIL)) == 164
    after(bench, hours=12)
    assert add(bench.caller(), opened(bench.caller()), EMAIL).status_code == 204


def test_imports_are_listed_newest_first_and_filtered(bench: Bench, caller: Caller) -> None:
    assert caller.get(f"{IMPORT}/query?format=json").get_json()["result"] == {"total_results": 0}
    first = opened(caller)
    after(bench, seconds=1)
    second = with_file(caller, EMAIL, state="Ready").get_json()["id"]
    found = caller.get(f"{IMPORT}/query?format=json").get_json()["result"]["import"]
    assert [each["id"] for each in found] == [second, first]
    assert found[1] == {
        "id": first, "state": "Open", "origin": "API", "isExpired": False,
        "createdAt": "2026-03-10 12:00:00", "updatedAt": "2026-03-10 12:00:00",
    }  # fmt: skip
    for parameters, expected in (
        ("&status=Open", 1), ("&origin=ui", 0), ("&origin=all", 2), ("&limit=1", 2),
        ("&created_after=2026-03-10 12:00:00", 1),
    ):  # fmt: skip
        assert total(caller, parameters) == expected
    for parameters, code in (("status=Odd", 51), ("origin=x", 188), ("limit=0", 23)):
        assert err_code(caller.get(f"{IMPORT}/query?format=json&{parameters}")) == code


def test_methods_and_strangers_are_refused(bench: Bench, caller: Caller) -> None:
    import_id = opened(caller)
    headers = caller.headers
    assert err_code(caller.get(f"{IMPORT}/create?format=json")) == 60
    post = caller.client.post(f"{IMPORT}/update/id/{import_id}?format=json", headers=headers)
    assert err_code(post) == 60
    for bad_id, code in (("x", 16), ("7", 109)):
        assert err_code(caller.get(f"{IMPORT}/read/id/{bad_id}?format=json")) == code
    bench.fresh(UserWish("mark@example.com", role="Marketing"))
    import_id = opened(bench.caller())
    mark = bench.caller("mark@example.com")
    for path in (f"read/id/{import_id}", "query"):
        answer = mark.get(f"{IMPORT}/{path}?format=json")
        assert (answer.status_code, err_code(answer)) == (403, 46)


def test_a_rule_for_imports_gives_them_their_plan_and_calendar(
    bench: Bench, caller: Caller
) -> None:
    plan = f"/_mock/accounts/{bench.account.id}/plan"
    body = {"kind": "failing", "work": "1h", "wait": "0s", "match": {"object": "import", "nth": 1}}
    assert bench.client.post(plan, json=body).status_code == 200
    polls = {"kind": "polls", "n": 2, "match": {"object": "import"}}
    assert bench.client.post(plan, json=polls).status_code == 400
    import_id = with_file(caller, EMAIL, state="Ready").get_json()["id"]
    assert read(caller, import_id)["state"] == "Processing"
    due = [event for event in bench.account.due() if event.kind.startswith("import")]
    assert [(str(event.kind), event.subject) for event in due] == [("import_finishes", import_id)]
    after(bench, hours=1)
    failed = read(caller, import_id)
    assert (failed["state"], "createdCount" in failed) == ("Failed", False)
    assert prospects(caller, "new@example.com") == []
    assert bench.world.vault.used_bytes == 0


def test_xml_shows_the_same_facts_and_a_quirk_wraps_them(bench: Bench, caller: Caller) -> None:
    import_id = opened(caller)
    text = caller.get(f"{IMPORT}/read/id/{import_id}").text
    assert f"<id>{import_id}</id>\n   <state>Open</state>" in text
    wrapped = bench.fresh(quirks={"import_wrapper": "wrapped"}).caller()
    assert set(create(wrapped).get_json()) == {"@attributes", "import"}


def test_calls_of_the_import_api_have_names_of_their_own_in_journal_and_budget(
    bench: Bench, caller: Caller
) -> None:
    import_id = opened(caller)
    add(caller, import_id, EMAIL)
    submit(caller, import_id)
    read(caller, import_id)
    total(caller)
    ops = [entry.op for entry in bench.account.journal.entries()][1:]
    assert ops == [f"import.{op}" for op in ("create", "batch", "update", "read", "query")]
    assert bench.account.usage.used == 5


def test_an_import_that_is_stuck_is_cancelled_after_seven_days_and_frees_the_queue(
    bench: Bench, caller: Caller
) -> None:
    bench.control("plan", {"kind": "stuck", "match": {"object": "import", "nth": 1}})
    stuck = with_file(caller, EMAIL, state="Ready").get_json()["id"]
    behind = with_file(caller, EMAIL, state="Ready").get_json()["id"]
    after(bench, days=7, seconds=-1)
    assert [read(caller, one)["state"] for one in (stuck, behind)] == ["Processing", "Waiting"]
    after(bench, seconds=1)
    imports = bench.account.importing.desk.by_id
    assert (imports[stuck].state, imports[stuck].is_expired) == ("Failed", True)
    assert prospects(caller, "new@example.com") == []


def test_an_import_waits_from_the_instant_it_was_submitted_not_from_its_creation(
    bench: Bench, caller: Caller
) -> None:
    plan = {"kind": "timed", "wait": "1m", "work": "1h", "match": {"object": "import"}}
    bench.control("plan", plan)
    import_id = opened(caller)
    add(caller, import_id, EMAIL)
    after(bench, minutes=10)
    submit(caller, import_id)
    after(bench, seconds=59)
    assert read(caller, import_id)["state"] == "Waiting"
    after(bench, seconds=1)
    assert read(caller, import_id)["state"] == "Processing"
