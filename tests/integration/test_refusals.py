"""Bad input gets the documented code and leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.conftest import EXPORT, Bench, Caller, activity_export, err_code

PROCEDURE = activity_export()["procedure"]


def with_arguments(object_name: str = "visitorActivity", name: str = "filter_by_created_at",
                   **arguments: Any) -> dict[str, Any]:  # fmt: skip
    return {"object": object_name, "procedure": {"name": name, "arguments": arguments}}


BAD_BODIES = [
    (153, {"procedure": PROCEDURE}),
    (153, {"object": "visitorActivity"}),
    (153, {"object": "visitorActivity", "procedure": {"arguments": {}}}),
    (154, {"object": "unicorn", "procedure": PROCEDURE}),
    (154, {"object": 7, "procedure": PROCEDURE}),
    (154, {"object": "campaign", "procedure": PROCEDURE}),
    (154, {**activity_export(), "surprise": 1}),
    (154, {**activity_export(), "fields": "id"}),
    (154, {**activity_export(), "fields": [1]}),
    (154, {**activity_export(), "procedure": "filter_by_created_at"}),
    (180, {**activity_export(), "fields": ["id", "nonsense"]}),
    (180, {**activity_export(), "fields": ["id"] * 151}),
    (180, {**with_arguments("prospect", "filter_by_updated_at", updated_after="today"),
           "fields": ["grade"]}),
    (174, with_arguments(name="filter_by_moon", created_after="2026-01-01")),
    (174, with_arguments("prospect", "filter_by_created_at", created_after="2026-01-01")),
    (175, with_arguments(created_after="2026-01-01", prospect_only=True)),
    (175, with_arguments(created_after="2026-01-01", deleted="all")),
    (176, with_arguments()),
    (176, with_arguments(created_before="2026-01-01")),
    (177, with_arguments(created_after="soon")),
    (177, with_arguments(created_after=5)),
    (177, with_arguments(created_after="2026-02-01", created_before="2026-02-01")),
    (177, with_arguments(created_after="2024-01-01", created_before="2025-01-03")),
    (177, with_arguments(created_after="2025-01-01")),
    (177, with_arguments(created_after="2026-01-01", type=[1, 999])),
    (177, with_arguments(created_after="2026-01-01", type=[])),
    (177, with_arguments(created_after="2026-01-01", prospectOnly="maybe")),
    (177, with_arguments("prospect", "filter_by_updated_at", updated_after="today", deleted=True)),
    (177, with_arguments("listMembership", "filter_by_created_at", created_after="today",
                         deleted="some")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "body"), BAD_BODIES)
def test_a_bad_create_gets_its_code_and_creates_nothing(
    caller: Caller, code: int, body: dict[str, Any]
) -> None:
    answer = caller.create(body)
    assert (err_code(answer), answer.status_code) == (code, 400)
    assert caller.count() == 0


@pytest.mark.parametrize(
    ("code", "kind", "data"),
    [
        (150, "application/json", b"{not json"),
        (150, "application/json", b"[1]"),
        (150, "application/json", b'{"object": NaN}'),
        (150, "application/json", b'{"object": "\xff"}'),
        (150, "application/json", b"[" * 100_000),
        (152, "application/json", b""),
        (152, "application/json; charset=utf-8", b"  \n"),
        (151, "application/x-www-form-urlencoded", b'{"object":"visitorActivity"}'),
        (151, "text/xml", b"<export/>"),
        (151, "", b'{"object":"visitorActivity"}'),
    ],
)
def test_an_unreadable_create_body_gets_its_code(
    caller: Caller, code: int, kind: str, data: bytes
) -> None:
    path = f"{EXPORT}/create?format=json"
    answer = caller.client.post(path, data=data, content_type=kind, headers=caller.headers)
    assert err_code(answer) == code
    assert caller.count() == 0


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (109, f"{EXPORT}/read/id/999999"),
        (16, f"{EXPORT}/read/id/abc"),
        (16, f"{EXPORT}/read"),
        (16, f"{EXPORT}/read/id/-1"),
        (16, f"{EXPORT}/read/id/1001/id/99999999999999999999999"),
        (2, f"{EXPORT}/cancel/id/1"),
        (2, "/api/unicorn/version/4/do/query"),
        (2, "/api/"),
        (2, "/api/prospect/version/4/read/id/1"),
        (94, "/api/export/version/abc/do/query"),
        (94, "/api/export/version/5/do/query"),
        (60, f"{EXPORT}/create"),
        (51, f"{EXPORT}/query?status=Done"),
        (51, f"{EXPORT}/query?object=unicorn"),
        (7, f"{EXPORT}/query?created_after=never"),
        (8, f"{EXPORT}/query?created_after=2026-02-01&created_before=2026-01-01"),
        (19, f"{EXPORT}/query?sort_by=colour"),
        (20, f"{EXPORT}/query?sort_order=sideways"),
        (21, f"{EXPORT}/query?offset=-1"),
        (23, f"{EXPORT}/query?limit=0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_bad_call_gets_its_code_in_the_asked_format(
    caller: Caller, code: int, path: str, form: str
) -> None:
    answer = caller.get(f"{path}{'&' if '?' in path else '?'}format={form}")
    assert (err_code(answer), answer.status_code) == (code, 400)
    assert answer.content_type == (
        "application/json" if form == "json" else "text/xml; charset=utf-8"
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_a_date_with_a_colon_before_its_time_is_read_only_where_it_is_switched_on(
    bench: Bench, *, accepted: bool
) -> None:
    caller = bench.fresh(rows=200, quirks={"malformed_date": "accept"} if accepted else {}).caller()
    written = "2026-01-31:10:00:00"
    created = caller.create(activity_export(created_after=written))
    queried = [
        caller.get(f"/api/{name}/version/4/do/query?format=json&created_after={written}")
        for name in ("visitor", "export", "import")
    ]
    if accepted:
        assert [answer.status_code for answer in (created, *queried)] == [200] * 4
        assert caller.count() == 1
    else:
        assert [err_code(answer) for answer in (created, *queried)] == [177, 7, 7, 7]
        assert caller.count() == 0


# Where it may not stand, and where it may not be missing.
REFUSAL = (177, 176)
ANY_DELETED = {"all": "all", "true": "true", True: "true", "false": "false", "maybe": 177}


@pytest.mark.parametrize(
    ("rule", "object_name", "expected"),
    [
        ("optional", "prospect", {..., "all"}),
        ("required", "prospect", {"all"}),
        ("any", "prospect", {..., *ANY_DELETED}),
        ("required", "listMembership", {..., *ANY_DELETED}),
    ],
)
def test_what_deleted_may_say_is_for_the_object_and_its_quirk_to_decide(
    bench: Bench, rule: str, object_name: str, expected: set[Any]
) -> None:
    caller = bench.fresh(rows=200, quirks={"prospect_deleted": rule}).caller()
    for said in (..., *ANY_DELETED):
        arguments = {"updated_after": "2026-01-01", "deleted": said}
        if said is ...:
            del arguments["deleted"]
        procedure = {"name": "filter_by_updated_at", "arguments": arguments}
        answer = caller.create({"object": object_name, "procedure": procedure})
        meant = ANY_DELETED.get(said, "false") if said in expected else REFUSAL[said is ...]
        if isinstance(meant, int):
            assert err_code(answer) == meant
        else:
            export = bench.account.queue.by_id[answer.get_json()["export"]["id"]]
            assert export.request.query.deleted == meant


def test_a_file_of_another_export_is_not_found(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "instant", "rows_per_file": 50})
    first, second = caller.new_export(), caller.new_export()
    other = caller.read(second)["resultRefs"][0].rsplit("/", 1)[1]
    assert err_code(caller.get(f"{EXPORT}/downloadResults/id/{first}/file/{other}")) == 109


def test_credentials_in_the_query_string_do_not_count(caller: Caller) -> None:
    keys = f"api_key={caller.key}&user_key={caller.credentials['user_key']}"
    assert err_code(caller.client.get(f"{EXPORT}/query?{keys}")) == 49


@pytest.mark.parametrize("wrong", ["email", "password", "user_key"])
@pytest.mark.parametrize("value", ["wrong", None])
def test_a_login_with_something_wrong_or_missing_fails(
    caller: Caller, wrong: str, value: str | None
) -> None:
    form = {name: caller.credentials[name] for name in ("email", "password", "user_key")}
    form = {**form, wrong: value} if value else {k: v for k, v in form.items() if k != wrong}
    answer = caller.client.post("/api/login/version/4", data=form)
    assert (err_code(answer), answer.status_code) == (15, 200)


def test_too_many_failed_logins_lock_the_user_until_a_reset(bench: Bench, caller: Caller) -> None:
    right = {name: caller.credentials[name] for name in ("email", "password", "user_key")}
    wrong = {**right, "password": "guess"}
    codes = [err_code(caller.client.post("/api/login", data=wrong)) for _ in range(11)]
    assert codes == [15] * 10 + [131]
    assert err_code(caller.client.post("/api/login", data=right)) == 131
    bench.control("reset", {})
    assert caller.log_in().key


def test_an_oversized_body_is_refused_and_creates_nothing(caller: Caller) -> None:
    answer = caller.client.post(
        f"{EXPORT}/create?format=json",
        data=b" " * (17 * 1024 * 1024),
        content_type="application/json",
        headers=caller.headers,
    )
    assert (err_code(answer), answer.status_code) == (204, 413)
    assert caller.count() == 0


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=6,
)
pieces = st.sampled_from(["object", "fields", "procedure", "name", "arguments", "created_after"])
bodies = st.one_of(
    json_values,
    st.dictionaries(pieces, json_values),
    st.builds(lambda k, v: {**activity_export(), k: v}, pieces, json_values),
    st.builds(lambda k, v: activity_export(**{k: v}), st.text(), json_values),
    st.builds(lambda v: activity_export(type=v), json_values),
    st.builds(lambda v: activity_export(created_before=v), json_values),
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bodies)
def test_any_json_either_creates_one_export_or_is_refused_without_a_trace(
    caller: Caller, body: Any
) -> None:
    before = caller.count()
    answer = caller.create(body) if body is not None else caller.create({})
    assert answer.status_code in (200, 400), answer.text
    assert caller.count() == before + (answer.status_code == 200)
    assert json.loads(answer.text)["@attributes"]["stat"] == (
        "ok" if answer.status_code == 200 else "fail"
    )
