"""Query of the synchronous objects: filters, order, pages, outputs, and the codes of bad values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.newaccount import UserWish

from .conftest import err_code

if TYPE_CHECKING:
    from .conftest import Bench, Caller

QUERIED = [name for name, found in SYNC_OBJECTS.items() if "query" in found.operations]
SORTED = [(name, column) for name, found in SYNC_OBJECTS.items() for column in found.sorts]
UNSHOWN_SORTS = {"campaign", "user", "lifecycleStage"}


def result(reader: Caller, name: str, query: str = "") -> dict[str, Any]:
    answer = reader.get(f"/api/{name}/version/4/do/query?format=json&{query}")
    assert answer.status_code == 200, answer.data
    found: dict[str, Any] = answer.get_json()["result"]
    return found


def records(reader: Caller, name: str, query: str = "") -> list[dict[str, Any]]:
    found = result(reader, name, query).get(SYNC_OBJECTS[name].element, [])
    return found if isinstance(found, list) else [found]


def someone(reader: Caller) -> int:
    return int(records(reader, "prospect", "limit=1")[0]["id"])


def criteria(reader: Caller, name: str) -> str:
    """What a query needs at least."""
    return f"prospect_ids={someone(reader)}" if name == "visit" else ""


def sort_key(value: Any) -> tuple[str, float]:
    """A missing value comes first; texts regardless of their case."""
    text = isinstance(value, str)
    return (value.casefold() if text else "", -1 if value is None else 0 if text else value)


@pytest.mark.parametrize("name", QUERIED)
def test_a_query_of_every_object_counts_all_and_shows_one_page(reader: Caller, name: str) -> None:
    needed = criteria(reader, name)
    found = result(reader, name, needed)
    element = SYNC_OBJECTS[name].element
    assert list(found) == ["total_results", element]
    assert len(found[element]) == min(200, found["total_results"]) > 1
    ids = [each["id"] for each in found[element]]
    assert ids == sorted(ids)


@pytest.mark.parametrize("name", QUERIED)
def test_a_page_of_one_record_holds_an_object_and_an_empty_one_no_key(
    reader: Caller, name: str
) -> None:
    needed = criteria(reader, name)
    element = SYNC_OBJECTS[name].element
    one = result(reader, name, f"{needed}&limit=1")
    assert isinstance(one[element], dict)
    assert one["total_results"] > 1
    nobody = "ids=1" if name == "visit" else "id_greater_than=999999999999"
    assert result(reader, name, nobody) == {"total_results": 0}
    bulk = reader.get(f"/api/{name}/version/4/do/query?format=json&output=bulk&{nobody}")
    assert bulk.data == b'{"@attributes":{"stat":"ok","version":1},"result":null}'


def test_page_two_of_201_records_is_an_object(bench: Bench) -> None:
    caller = bench.fresh(rows=201).caller()
    second = result(caller, "visitorActivity", "offset=200")
    assert second["total_results"] == 201
    assert isinstance(second["visitor_activity"], dict)


def test_the_limit_is_clamped_to_200_unless_the_output_is_mobile(reader: Caller) -> None:
    assert len(records(reader, "visitor", "limit=500&only_identified=false")) == 200
    total = result(reader, "visitor", "only_identified=false&limit=1")["total_results"]
    mobile = records(reader, "visitor", "limit=500&only_identified=false&output=mobile")
    assert len(mobile) == min(500, total) > 200
    assert set(mobile[0]) == {
        *("id", "prospect_id", "page_view_count", "ip_address", "hostname"),
        *("created_at", "updated_at"),
    }
    # Activities are not among the objects of which mobile lifts the cap.
    assert len(records(reader, "visitorActivity", "limit=500&output=mobile")) == 200


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        ("visitorActivity", "limit=0", 23),
        ("visitorActivity", "limit=-1", 23),
        ("visitorActivity", "limit=many", 23),
        ("visitorActivity", "offset=-1", 21),
        ("visitorActivity", "offset=x", 21),
        ("visitorActivity", "sort_by=details", 19),
        ("visitorActivity", "sort_by=id&sort_order=up", 20),
        ("visitorActivity", "sort_by=created_at,id,updated_at", 133),
        ("visitorActivity", "sort_by=created_at,id&sort_order=ascending,ascending,ascending", 134),
        ("visitorActivity", "sort_by=created_at,updated_at", 135),
        ("visitorActivity", "created_after=not-a-date", 7),
        ("visitorActivity", "created_after=last_30_days", 6),
        ("visitorActivity", "created_after=2026-02-01&created_before=2026-01-01", 8),
        ("visitorActivity", "id_greater_than=x", 16),
        ("visitorActivity", "id_greater_than=9&id_less_than=5", 17),
        ("visitorActivity", "prospect_only=True", 50),
        ("visitorActivity", "type=click", 51),
        ("visitorActivity", "campaign_id=x", 38),
        ("visitorActivity", "prospect_id=1,x", 3),
        ("visitorActivity", "visitor_id=x", 24),
        ("visitorActivity", "form_id=x", 16),
        ("visitorActivity", "email_only=true&form_only=true", 5),
        ("prospect", "is_starred=1", 25),
        ("prospect", "assigned=yes", 26),
        ("prospect", "deleted=all", 27),
        ("prospect", "new=maybe", 28),
        ("prospect", "score_equal_to=high", 29),
        ("prospect", "score_greater_than=9&score_less_than=5", 30),
        ("prospect", "score_equal_to=9&score_less_than=5", 31),
        ("prospect", "grade_equal_to=E", 32),
        ("prospect", "grade_greater_than=A&grade_less_than=B", 33),
        ("prospect", "grade_equal_to=A&grade_less_than=B", 34),
        ("prospect", "list_id=x", 55),
        ("prospect", "assigned_to_user=x", 10),
        ("prospect", "last_activity_never=no", 50),
        ("visitor", "prospect_ids=x", 3),
        ("visit", "", 5),
        ("visit", "ids=1&visitor_ids=2", 5),
        ("visit", "ids=x", 48),
        ("visit", "visitor_ids=x", 24),
        ("listMembership", "list_id=x", 55),
        ("opportunity", "probability_equal_to=likely", 40),
        ("opportunity", "probability_greater_than=9&probability_less_than=5", 41),
        ("opportunity", "value_less_than=x", 42),
        ("opportunity", "value_greater_than=9&value_less_than=5", 43),
        ("opportunity", "prospect_id=x", 3),
        ("opportunity", "prospect_email=x", 4),
        ("tagObject", "object_id=5", 5),
    ],
)
def test_a_bad_value_has_its_own_code(reader: Caller, name: str, query: str, code: int) -> None:
    answer = reader.get(f"/api/{name}/version/4/do/query?format=json&{query}")
    assert err_code(answer) == code
    assert answer.status_code == 400


@pytest.mark.parametrize(("name", "column"), SORTED)
def test_each_column_sorts_both_ways_and_has_its_default(
    reader: Caller, name: str, column: str
) -> None:
    def ids(query: str) -> list[int]:
        return [each["id"] for each in records(reader, name, f"sort_by={column}&{query}")]

    up = records(reader, name, f"sort_by={column}&sort_order=ascending&limit=20")
    if column in up[0] or name not in UNSHOWN_SORTS:
        keys = [sort_key(each.get(column)) for each in up]
        assert keys == sorted(keys)
    down = ids("sort_order=descending&limit=20")
    total = result(reader, name, "limit=1")["total_results"]
    last = ids(f"sort_order=ascending&limit=20&offset={max(0, total - 20)}")
    assert down == last[::-1]
    assert ids("limit=20") == (down if SYNC_OBJECTS[name].sorts[column] else [e["id"] for e in up])


def test_the_second_column_orders_what_the_first_leaves_equal(reader: Caller) -> None:
    query = "sort_by=prospect_id,id&sort_order=ascending,descending&prospect_only=true&limit=100"
    pairs = [(e["prospect_id"], -e["id"]) for e in records(reader, "visitorActivity", query)]
    assert pairs == sorted(pairs)
    assert len({prospect for prospect, _ in pairs}) < len(pairs)


def test_filters_combine_with_and(reader: Caller) -> None:
    query = "created_after=2025-06-01&created_before=2025-12-01&type=1,21&prospect_only=true"
    found = records(reader, "visitorActivity", query)
    assert found
    for each in found:
        assert "2025-06-01" < each["created_at"] < "2025-12-01"
        assert each["type"] in (1, 21)
        assert each["prospect_id"]


@pytest.mark.parametrize(
    ("filter_name", "column"),
    [
        ("custom_url_only", "custom_redirect_id"),
        ("email_only", "email_id"),
        ("file_only", "file_id"),
        ("form_only", "form_id"),
        ("form_handler_only", "form_handler_id"),
        ("landing_page_only", "landing_page_id"),
    ],
)
def test_a_filter_for_one_kind_of_asset_leaves_only_that_kind(
    reader: Caller, filter_name: str, column: str
) -> None:
    found = records(reader, "visitorActivity", f"{filter_name}=true")
    assert found
    assert all(each[column] for each in found)
    name = "custom_url_id" if column == "custom_redirect_id" else column
    one = found[0][column]
    same = records(reader, "visitorActivity", f"{name}={one}")
    assert {each[column] for each in same} == {one}
    everything = result(reader, "visitorActivity", f"{filter_name}=false&limit=1")
    assert everything["total_results"] == 3000


def test_deleted_prospects_are_found_only_when_asked_for(reader: Caller) -> None:
    living = result(reader, "prospect", "limit=1")["total_results"]
    deleted = result(reader, "prospect", "limit=1&deleted=true")["total_results"]
    assert deleted > 0
    assert living + deleted == 120
    members = result(reader, "listMembership", "limit=1")["total_results"]
    gone = result(reader, "listMembership", "limit=1&deleted=true")["total_results"]
    assert members + gone == 360


def test_visitors_are_identified_ones_by_default(reader: Caller) -> None:
    default = records(reader, "visitor")
    assert all(each["prospect_id"] for each in default)
    every = result(reader, "visitor", "only_identified=false&limit=1")["total_results"]
    assert every == 360 > result(reader, "visitor", "limit=1")["total_results"]


def test_new_overrides_assigned_and_a_user_overrides_assigned(reader: Caller) -> None:
    new = result(reader, "prospect", "new=true&limit=1")
    assert result(reader, "prospect", "new=true&assigned=false&limit=1") == new
    assigned = records(reader, "prospect", "assigned=true")
    user = assigned[0]["assigned_to"]["user"]
    by_id = records(reader, "prospect", f"assigned_to_user={user['id']}&assigned=false")
    assert by_id == records(reader, "prospect", f"assigned_to_user={quote(user['email'])}")
    assert {each["assigned_to"]["user"]["id"] for each in by_id} == {user["id"]}


def test_prospects_of_a_list_are_its_living_members(reader: Caller) -> None:
    list_id = records(reader, "list", "limit=1")[0]["id"]
    members = {e["prospect_id"] for e in records(reader, "listMembership", f"list_id={list_id}")}
    found = {each["id"] for each in records(reader, "prospect", f"list_id={list_id}")}
    deleted = {each["id"] for each in records(reader, "prospect", "deleted=true")}
    assert found == members - deleted != set()


def test_scores_grades_and_activity_narrow_prospects(reader: Caller) -> None:
    scored = records(reader, "prospect", "score_greater_than=100&score_less_than=150")
    assert scored
    assert all(100 < each["score"] < 150 for each in scored)
    better = {each["grade"] for each in records(reader, "prospect", "grade_greater_than=B")}
    assert better == {"A+", "A", "A-", "B+"}
    never = records(reader, "prospect", "last_activity_never=true")
    assert never
    assert all(e["last_activity_at"] is None and "last_activity" not in e for e in never)
    since = records(reader, "prospect", "last_activity_after=2026-01-01")
    assert all(each["last_activity_at"] > "2026-01-01" for each in since)


def test_opportunities_are_found_by_prospect_and_value(reader: Caller) -> None:
    deal = records(reader, "opportunity", "limit=1")[0]
    people = deal["prospects"]["prospect"]
    for who in (f"prospect_id={people[0]['id']}", f"prospect_email={quote(people[0]['email'])}"):
        assert [each["id"] for each in records(reader, "opportunity", who)] == [deal["id"]]
    rich = records(reader, "opportunity", "value_greater_than=400000.5&probability_less_than=90")
    assert rich
    assert all(each["value"] > 400000.5 and each["probability"] < 90 for each in rich)


def test_fields_limit_a_query_and_always_bring_the_id(reader: Caller) -> None:
    first = records(reader, "prospect", "fields=email,campaign,Region,nonsense&limit=3")[0]
    assert set(first) <= {"id", "email", "campaign", "Region"}
    assert list(first)[:2] == ["id", "email"]
    bulk = records(reader, "prospect", "fields=score&output=bulk&limit=3")[0]
    assert list(bulk) == ["id", "score"]
    # Where fields is no parameter, it changes nothing.
    assert "name" in records(reader, "campaign", "fields=cost&limit=2")[0]


def test_bulk_shows_own_fields_and_no_total(reader: Caller) -> None:
    found = result(reader, "visitorActivity", "output=bulk&limit=50")
    assert list(found) == ["visitor_activity"]
    assert all("campaign" not in each for each in found["visitor_activity"])
    assert any(each.get("campaign_id") for each in found["visitor_activity"])
    prospect = records(reader, "prospect", "output=bulk&limit=2")[0]
    assert not {"campaign", "assigned_to", "last_activity"} & set(prospect)
    assert prospect["campaign_id"]


def test_an_unknown_output_is_the_full_one(reader: Caller) -> None:
    assert records(reader, "prospect", "output=huge") == records(reader, "prospect")


def test_email_clicks_know_neither_offset_nor_order(reader: Caller) -> None:
    assert records(reader, "emailClick", "offset=5&sort_by=url") == records(reader, "emailClick")
    some = next(e for e in records(reader, "emailClick") if "list_email_id" in e)
    assert "email_template_id" not in some
    same = records(reader, "emailClick", f"list_email_id={some['list_email_id']}")
    assert {each["list_email_id"] for each in same} == {some["list_email_id"]}


def test_times_are_read_and_shown_in_the_timezone_of_the_user(bench: Bench) -> None:
    tokyo = UserWish("t@example.com", timezone="Asia/Tokyo")
    bench.fresh(tokyo)
    here, there = bench.caller(), bench.caller("t@example.com")
    row = records(here, "visitorActivity", "limit=1&offset=100")[0]
    same = records(there, "visitorActivity", "limit=1&offset=100")[0]
    assert row["created_at"] != same["created_at"]
    moment = same["created_at"].replace(" ", "%20")
    assert records(there, "visitorActivity", f"created_after={moment}&limit=1")[0]["id"] > row["id"]
    before = result(there, "visitorActivity", f"created_before={moment}&limit=1")
    assert before["total_results"] == 100


def test_only_an_administrator_sees_other_users(bench: Bench) -> None:
    bench.fresh(UserWish("m@example.com", role="Marketing"))
    assert len(records(bench.caller(), "user")) == 8
    (own,) = records(bench.caller("m@example.com"), "user")
    assert own["email"] == "m@example.com"
    other = bench.caller("m@example.com").get("/api/user/version/4/do/read/id/1?format=json")
    assert err_code(other) == 10


def test_get_and_post_and_parameters_anywhere_give_the_same(reader: Caller) -> None:
    expected = records(reader, "campaign", "limit=3&sort_by=name")
    posted = reader.client.post(
        "/api/campaign/do/query/version/4/sort_by/name?format=json",
        data={"limit": "3"},
        headers=reader.headers,
    )
    assert posted.get_json()["result"]["campaign"] == expected


def test_calls_are_named_by_object_and_operation_everywhere(bench: Bench, caller: Caller) -> None:
    records(caller, "visitorActivity", "limit=1")
    caller.get(f"/api/prospect/version/4/do/read/id/{someone(caller)}")
    ops = [entry.op for entry in bench.account.journal.entries()]
    assert ops[-3:] == ["visitorActivity.query", "prospect.query", "prospect.read"]
    assert bench.account.journal.entries()[-1].export is None
    assert bench.account.usage.by_op["visitorActivity.query"] == 1
    effect = {"kind": "error", "code": 66}
    bench.control("faults", {"match": {"op": "prospect.query"}, "effect": effect})
    assert records(caller, "visitorActivity", "limit=1")
    assert err_code(caller.get("/api/prospect/version/4/do/query")) == 66
    bench.control("faults", {"match": {"op": "*"}, "effect": effect})
    assert err_code(caller.get("/api/tag/version/4/do/query")) == 66
