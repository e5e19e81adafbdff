"""Queries of synchronous objects: pages, totals, order, bounds and how they combine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.records import Page, element_of, number, query, query_reply
from pardot_contracts.suite.steps import ROWS, assert_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.records import Record

PAGE = 200
ACTIVITIES = "visitorActivity"
SORTED = (ACTIVITIES, "prospect", "visitor", "list", "tag")
STAMPED = (ACTIVITIES, "prospect", "list")
BEYOND_EVERY_ID = 2**40


def some(reader: RawDriver, name: str, least: int = 3) -> Page:
    """Give the first page of an object; skip the case if the account holds too little."""
    page = query(reader, name, sort_by="id", sort_order="ascending")
    if len(page.records) < least:
        pytest.skip(f"the account holds fewer than {least} records of {name}")
    return page


def ids_where(page: Page, holds: Callable[[Record], bool]) -> list[int]:
    """Give the ids of the records of a page for which something holds."""
    return sorted(number(record["id"]) for record in page.records if holds(record))


@pytest.mark.requirement("SYNC-001")
def test_a_query_answers_a_total_and_the_records(reader: RawDriver) -> None:
    reply = query_reply(reader, ACTIVITIES)
    assert reply.status == 200
    payload = reply.envelope(reader.form).payload
    assert list(payload) == ["result"]
    assert list(payload["result"]) == ["total_results", "visitor_activity"]
    assert number(payload["result"]["total_results"]) >= len(some(reader, ACTIVITIES).records)


@pytest.mark.requirement("SYNC-001", "SYNC-002")
@pytest.mark.parametrize("name", [ACTIVITIES, "prospect", "prospectAccount", "listMembership"])
def test_the_records_stand_under_the_name_of_their_object(reader: RawDriver, name: str) -> None:
    some(reader, name, 1)
    payload = query_reply(reader, name, limit=1).envelope(reader.form).payload
    assert set(payload["result"]) == {"total_results", element_of(name)}


@pytest.mark.requirement("SYNC-002")
@pytest.mark.form("json")
@pytest.mark.parametrize("name", [ACTIVITIES, "prospect", "campaign"])
def test_one_record_is_an_object_several_are_an_array_and_none_has_no_key(
    reader: RawDriver, name: str
) -> None:
    some(reader, name)
    assert isinstance(query(reader, name, limit=1).raw, dict)
    assert isinstance(query(reader, name, limit=2).raw, list)
    nothing = query_reply(reader, name, id_greater_than=BEYOND_EVERY_ID)
    assert nothing.json()["result"] == {"total_results": 0}


@pytest.mark.requirement("SYNC-002")
@pytest.mark.form("xml")
def test_xml_repeats_the_element_of_a_record(reader: RawDriver) -> None:
    some(reader, ACTIVITIES)
    found = [
        len(query_reply(reader, ACTIVITIES, **filters).xml().findall("result/visitor_activity"))
        for filters in ({"limit": 1}, {"limit": 3}, {"id_greater_than": BEYOND_EVERY_ID})
    ]
    assert found == [1, 3, 0]


@pytest.mark.requirement("SYNC-003", "SYNC-004")
@pytest.mark.form("json")
def test_the_second_page_of_201_records_holds_an_object(reader: RawDriver) -> None:
    order = {"sort_by": "id", "sort_order": "ascending"}
    beyond = query(reader, ACTIVITIES, **order, offset=PAGE + 1, limit=1).ids[0]
    second = query(reader, ACTIVITIES, **order, id_less_than=beyond, offset=PAGE)
    assert second.total == PAGE + 1
    assert isinstance(second.raw, dict)


@pytest.mark.requirement("SYNC-004")
def test_the_total_counts_all_matches_before_limit_and_offset(reader: RawDriver) -> None:
    page = some(reader, "list", 6)
    marked = page.ids[1]
    rest = query(reader, "list", sort_by="id", id_greater_than=marked, limit=2, offset=1)
    assert rest.total == (page.total or 0) - 2
    assert rest.ids == page.ids[3:5]


@pytest.mark.requirement("SYNC-005")
@pytest.mark.parametrize("limits", [{}, {"limit": PAGE}, {"limit": PAGE + 1}, {"limit": 10_000}])
def test_a_page_holds_200_records_whatever_larger_limit_is_asked_for(
    reader: RawDriver, limits: dict[str, int]
) -> None:
    page = query(reader, ACTIVITIES, **limits)
    assert len(page.records) == PAGE
    assert (page.total or 0) > PAGE


@pytest.mark.requirement("SYNC-006")
@pytest.mark.parametrize("limit", ["0", "-1", "ten"])
def test_a_limit_that_is_no_positive_number_is_refused(reader: RawDriver, limit: str) -> None:
    assert_refused(query_reply(reader, ACTIVITIES, limit=limit).answer(reader.form), 23)


@pytest.mark.requirement("SYNC-007")
@pytest.mark.parametrize("offset", ["-1", "ten"])
def test_an_offset_that_is_no_number_from_0_is_refused(reader: RawDriver, offset: str) -> None:
    assert_refused(query_reply(reader, ACTIVITIES, offset=offset).answer(reader.form), 21)


@pytest.mark.requirement("SYNC-008")
@pytest.mark.parametrize("name", [*SORTED, "campaign", "listMembership"])
def test_without_a_sort_column_ids_ascend(reader: RawDriver, name: str) -> None:
    some(reader, name)
    found = query(reader, name).ids
    assert len(found) > 1
    assert found == sorted(found)


@pytest.mark.requirement("SYNC-009")
@pytest.mark.parametrize("name", SORTED)
@pytest.mark.parametrize(
    ("column", "descending"), [("id", False), ("created_at", True), ("updated_at", True)]
)
def test_each_sort_column_has_its_own_default_order(
    reader: RawDriver, name: str, column: str, descending: bool
) -> None:
    some(reader, name)
    records = query(reader, name, sort_by=column).records
    found: list[Any] = [
        number(record[column]) if column == "id" else record[column] for record in records
    ]
    assert found == sorted(found, reverse=descending)
    assert found[0] != found[-1]


@pytest.mark.requirement("SYNC-009")
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_the_order_that_is_asked_for_counts(reader: RawDriver, order: str) -> None:
    some(reader, ACTIVITIES)
    asked = {"sort_by": "created_at", "sort_order": order}
    found = [record["created_at"] for record in query(reader, ACTIVITIES, **asked).records]
    assert found == sorted(found, reverse=order == "descending")


@pytest.mark.requirement("SYNC-010")
@pytest.mark.parametrize("name", [ACTIVITIES, "prospect"])
def test_an_unknown_sort_column_or_order_is_refused(reader: RawDriver, name: str) -> None:
    column = query_reply(reader, name, sort_by="shoe_size")
    assert_refused(column.answer(reader.form), 19)
    order = query_reply(reader, name, sort_by="id", sort_order="sideways")
    assert_refused(order.answer(reader.form), 20)


@pytest.mark.requirement("SYNC-011")
@pytest.mark.parametrize("name", STAMPED)
def test_the_lower_bounds_are_strict(reader: RawDriver, name: str) -> None:
    page = some(reader, name, 5)
    mark = page.records[len(page.records) // 2]
    last = {"id_less_than": page.ids[-1] + 1}
    above = query(reader, name, id_greater_than=mark["id"], **last)
    assert sorted(above.ids) == ids_where(page, lambda r: number(r["id"]) > number(mark["id"]))
    for column, bound in (("created_at", "created_after"), ("updated_at", "updated_after")):
        later = query(reader, name, **{bound: mark[column]}, **last)
        expected = ids_where(page, lambda r, c=column: r[c] > mark[c])  # type: ignore[misc]
        assert sorted(later.ids) == expected


@pytest.mark.requirement("SYNC-012")
@pytest.mark.parametrize("name", STAMPED)
def test_the_upper_bounds_are_strict(reader: RawDriver, name: str) -> None:
    page = some(reader, name, 5)
    mark = page.records[len(page.records) // 2]
    last = {"id_less_than": page.ids[-1] + 1}
    below = query(reader, name, id_less_than=mark["id"])
    assert sorted(below.ids) == ids_where(page, lambda r: number(r["id"]) < number(mark["id"]))
    for column, bound in (("created_at", "created_before"), ("updated_at", "updated_before")):
        earlier = query(reader, name, **{bound: mark[column]}, **last)
        expected = ids_where(page, lambda r, c=column: r[c] < mark[c])  # type: ignore[misc]
        assert sorted(earlier.ids) == expected


@pytest.mark.requirement("SYNC-013")
def test_several_filters_combine_with_and(reader: RawDriver) -> None:
    page = some(reader, ACTIVITIES, 20)
    low, high = (page.records[len(page.records) * part // 4] for part in (1, 3))
    kind = low["type"]
    found = query(
        reader,
        ACTIVITIES,
        id_greater_than=number(low["id"]) - 1,
        created_before=high["created_at"],
        type=kind,
    )
    expected = ids_where(
        page,
        lambda r: (
            number(r["id"]) >= number(low["id"])
            and r["created_at"] < high["created_at"]
            and r["type"] == kind
        ),
    )
    assert sorted(found.ids) == expected
    assert 0 < len(expected) < len(page.records) // 2


@pytest.mark.requirement("SYNC-030")
def test_paging_by_id_visits_every_record_once(reader: RawDriver) -> None:
    total = query(reader, ACTIVITIES, limit=1).total
    seen: list[int] = []
    while page := query(reader, ACTIVITIES, id_greater_than=seen[-1] if seen else 0).ids:
        seen += page
    assert len(seen) == len(set(seen)) == total


@pytest.mark.requirement("SYNC-032")
def test_a_type_filter_takes_several_types(reader: RawDriver) -> None:
    alone = [query(reader, ACTIVITIES, type=kind).total or 0 for kind in (1, 6)]
    both = query(reader, ACTIVITIES, type="1,6")
    assert both.total == sum(alone)
    assert {number(record["type"]) for record in both.records} == {1, 6}
    assert all(alone)


@pytest.mark.requirement("SYNC-014")
def test_bulk_tells_no_total(reader: RawDriver) -> None:
    whole, bulk = (query(reader, "prospect", output=output) for output in ("full", "bulk"))
    assert whole.total is not None
    assert bulk.total is None
    assert bulk.ids == whole.ids


@pytest.mark.requirement("SYNC-015")
@pytest.mark.form("json")
def test_an_empty_bulk_query_is_null(reader: RawDriver) -> None:
    reply = query_reply(reader, ACTIVITIES, output="bulk", id_greater_than=BEYOND_EVERY_ID)
    assert reply.body == b'{"@attributes":{"stat":"ok","version":1},"result":null}'


@pytest.mark.requirement("SYNC-015")
@pytest.mark.form("xml")
def test_an_empty_bulk_query_is_an_empty_element(reader: RawDriver) -> None:
    reply = query_reply(reader, ACTIVITIES, output="bulk", id_greater_than=BEYOND_EVERY_ID)
    result = reply.xml().find("result")
    assert result is not None
    assert (len(result), (result.text or "").strip()) == (0, "")


@pytest.mark.requirement("SYNC-016")
@pytest.mark.parametrize("name", [ACTIVITIES, "prospect"])
def test_bulk_gives_the_id_of_a_campaign_and_not_the_campaign(reader: RawDriver, name: str) -> None:
    whole, bulk = (
        {number(r["id"]): r for r in query(reader, name, output=output).records}
        for output in ("full", "bulk")
    )
    assert not any("campaign" in record for record in bulk.values())
    told = {id_: record["campaign"]["id"] for id_, record in whole.items() if "campaign" in record}
    assert told
    assert {id_: bulk[id_]["campaign_id"] for id_ in told} == told


@pytest.mark.requirement("SYNC-017")
@pytest.mark.needs("control")
def test_mobile_lifts_the_cap_of_a_page(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    raw = connect_raw(make_account(rows=2 * ROWS).credentials)
    everyone = {"only_identified": "false"}
    total = query(raw, "visitor", limit=1, **everyone).total or 0
    capped = query(raw, "visitor", limit=10 * PAGE, **everyone)
    mobile = query(raw, "visitor", limit=10 * PAGE, output="mobile", **everyone)
    assert len(capped.records) == min(total, PAGE)
    assert len(mobile.records) == total > PAGE


@pytest.mark.requirement("SYNC-018")
def test_the_fields_of_a_prospect_query_are_what_is_asked_for_and_the_id(
    reader: RawDriver,
) -> None:
    records = query(reader, "prospect", fields="email,score").records
    assert records
    assert {frozenset(record) for record in records} == {frozenset({"id", "email", "score"})}
