"""Query: counting, the absent, object, array rule, filters and order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import (
    activities,
    assert_refused,
    complete,
    create,
    memberships,
    nothing,
    prospects,
    read,
    stamp,
    until,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.wire import Wire

A_FAR_FUTURE = "2099-01-01 00:00:00"


def found(driver: Driver, **filters: str) -> list[int]:
    """Give the ids that a query finds, in the order of the answer."""
    answer = driver.query(filters)
    assert answer.ok, f"refused with code {answer.code}: {answer.message}"
    assert answer.total in (None, len(answer.exports))
    return [export.id for export in answer.exports]


@pytest.mark.requirement("EXP-QUERY-001", "EXP-QUERY-002")
@pytest.mark.form("json")
def test_a_query_without_a_match_counts_zero_and_has_no_export_key(raw: RawDriver) -> None:
    reply = raw.query_reply({"created_after": A_FAR_FUTURE})
    assert reply.status == 200
    assert reply.body == b'{"@attributes":{"stat":"ok","version":1},"result":{"total_results":0}}'


@pytest.mark.requirement("EXP-QUERY-001", "EXP-QUERY-002")
@pytest.mark.form("xml")
def test_an_xml_query_without_a_match_has_only_the_count(raw: RawDriver) -> None:
    root = raw.query_reply({"created_after": A_FAR_FUTURE}).xml()
    (result,) = root
    assert [(child.tag, child.text) for child in result] == [("total_results", "0")]


@pytest.mark.requirement("EXP-QUERY-003")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_one_match_is_an_object(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    result = raw.query_reply({}).json()["result"]
    assert result["total_results"] == 1
    assert isinstance(result["export"], dict)
    assert result["export"]["id"] == export.id


@pytest.mark.requirement("EXP-QUERY-004")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_two_matches_are_an_array(raw: RawDriver, account: Account) -> None:
    created = {create(raw, activities(account)).id for _ in range(2)}
    result = raw.query_reply({}).json()["result"]
    assert type(result["total_results"]) is int
    assert result["total_results"] == 2
    assert isinstance(result["export"], list)
    assert {export["id"] for export in result["export"]} == created


@pytest.mark.requirement("EXP-QUERY-003", "EXP-QUERY-004")
@pytest.mark.needs("control")
@pytest.mark.form("xml")
def test_xml_repeats_the_export_element(raw: RawDriver, account: Account) -> None:
    for number in (1, 2, 3):
        create(raw, activities(account))
        root = raw.query_reply({}).xml()
        assert len(root.findall("result/export")) == number
        assert root.findtext("result/total_results") == str(number)


@pytest.mark.requirement("EXP-QUERY-001", "EXP-QUERY-002", "EXP-QUERY-003", "EXP-QUERY-004")
@pytest.mark.needs("control")
def test_a_caller_copes_with_no_one_and_several_matches(driver: Driver, account: Account) -> None:
    created: list[int] = []
    for _ in range(3):
        assert sorted(found(driver)) == created
        created.append(create(driver, activities(account)).id)
    assert sorted(found(driver)) == created


@pytest.mark.requirement("EXP-QUERY-005")
@pytest.mark.needs("control")
def test_query_items_carry_no_result_references(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    assert export.refs
    reply = raw.query_reply({"status": "Complete"})
    assert b"resultRefs" not in reply.body
    (item,) = reply.answer(raw.form).exports
    assert (item.id, item.state) == (export.id, "Complete")


@pytest.mark.requirement("EXP-QUERY-006")
@pytest.mark.needs("control")
def test_status_picks_the_exports_in_that_state(driver: Driver, account: Account) -> None:
    account.plan(kind="failing", match={"object": "listMembership"})
    account.plan(kind="stuck", match={"object": "prospect"})
    done = complete(driver, account, activities(account)).id
    failed = create(driver, memberships(account)).id
    until(driver, account, failed, "Failed")
    processing = create(driver, prospects(account)).id
    until(driver, account, processing, "Processing")
    waiting = create(driver, activities(account)).id
    by_status = {
        status: found(driver, status=status)
        for status in ("Complete", "Failed", "Processing", "Waiting")
    }
    assert by_status == {
        "Complete": [done],
        "Failed": [failed],
        "Processing": [processing],
        "Waiting": [waiting],
    }


@pytest.mark.requirement("EXP-QUERY-007")
@pytest.mark.needs("control")
def test_object_picks_the_exports_of_that_object(driver: Driver, account: Account) -> None:
    clicks, people = create(driver, activities(account)).id, create(driver, prospects(account)).id
    assert found(driver, object="visitorActivity") == [clicks]
    assert found(driver, object="prospect") == [people]
    assert found(driver, object="listMembership") == []


@pytest.mark.requirement("EXP-QUERY-008")
@pytest.mark.needs("time_travel")
def test_created_after_and_before_pick_by_creation_and_leave_the_bound_out(
    driver: Driver, account: Account
) -> None:
    at_first = account.now()
    first = create(driver, activities(account)).id
    account.advance(timedelta(hours=1))
    second = create(driver, activities(account)).id
    later = stamp(at_first + timedelta(hours=1))
    assert found(driver, created_after=stamp(at_first)) == [second]
    assert found(driver, created_before=later) == [first]
    assert found(driver, created_after=later) == []
    between = {"created_after": "2001-01-01", "created_before": A_FAR_FUTURE}
    assert sorted(found(driver, **between)) == [first, second]


@pytest.mark.requirement("EXP-QUERY-009")
@pytest.mark.needs("control", "time_travel")
def test_updated_after_and_before_pick_by_the_last_change(driver: Driver, account: Account) -> None:
    account.plan(kind="timed", wait="1m", work="2h")
    begun = account.now()
    done = create(driver, activities(account)).id
    account.advance(timedelta(hours=3))
    waiting = create(driver, activities(account)).id
    finished = begun + timedelta(hours=2, minutes=1)
    assert found(driver, updated_after=stamp(finished)) == [waiting]
    assert found(driver, updated_before=stamp(finished + timedelta(seconds=1))) == [done]
    assert found(driver, updated_before=stamp(finished)) == []


@pytest.mark.requirement("EXP-QUERY-010")
@pytest.mark.needs("control")
def test_the_newest_id_comes_first_unless_told_otherwise(driver: Driver, account: Account) -> None:
    created = [create(driver, nothing(account)).id for _ in range(4)]
    assert found(driver) == created[::-1]


@pytest.mark.requirement("EXP-QUERY-011", "EXP-QUERY-012")
@pytest.mark.needs("control", "time_travel")
@pytest.mark.parametrize("key", ["id", "created_at", "updated_at"])
@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.form("json")
def test_exports_come_in_the_asked_order(
    raw: RawDriver, account: Account, key: str, order: str
) -> None:
    account.plan(kind="timed", wait="1m", work="1h")
    for _ in range(3):
        create(raw, nothing(account))
        account.advance(timedelta(minutes=10))
    answer = raw.query({"sort_by": key, "sort_order": order})
    values: list[object] = [getattr(export, key) for export in answer.exports]
    assert len(values) == 3
    assert values == sorted(values, key=str, reverse=order == "descending")


@pytest.mark.requirement("EXP-QUERY-011")
def test_an_unknown_sort_column_is_refused(raw: RawDriver) -> None:
    assert_refused(raw.query({"sort_by": "colour"}), 19)


@pytest.mark.requirement("EXP-QUERY-012")
def test_an_unknown_sort_order_is_refused(raw: RawDriver) -> None:
    assert_refused(raw.query({"sort_by": "id", "sort_order": "sideways"}), 20)


@pytest.mark.requirement("EXP-QUERY-013")
@pytest.mark.parametrize("status", ["Done", "Expired", "Canceled"])
@pytest.mark.form("json")
def test_an_unknown_status_is_refused(raw: RawDriver, status: str) -> None:
    assert_refused(raw.query({"status": status}), 51)


@pytest.mark.requirement("EXP-QUERY-014")
@pytest.mark.parametrize(
    "name", ["created_after", "created_before", "updated_after", "updated_before"]
)
@pytest.mark.form("json")
def test_a_bad_date_in_a_filter_is_refused(raw: RawDriver, name: str) -> None:
    assert_refused(raw.query({name: "2024-99-99"}), 7)


@pytest.mark.requirement("EXP-QUERY-015")
@pytest.mark.needs("control")
def test_limit_and_offset_cut_a_page_out_of_all_matches(driver: Driver, account: Account) -> None:
    created = [create(driver, nothing(account)).id for _ in range(5)]
    answer = driver.query({"limit": "2", "offset": "1", "sort_order": "ascending", "sort_by": "id"})
    assert [export.id for export in answer.exports] == created[1:3]
    assert answer.total in (None, 5)


@pytest.mark.requirement("EXP-QUERY-004")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_a_page_with_one_export_is_an_object_even_if_more_match(
    raw: RawDriver, account: Account
) -> None:
    for _ in range(3):
        create(raw, nothing(account))
    result = raw.query_reply({"limit": "1"}).json()["result"]
    assert result["total_results"] == 3
    assert isinstance(result["export"], dict)


@pytest.mark.requirement("EXP-QUERY-016", "ENV-023", "DATE-001")
@pytest.mark.needs("writes")
@pytest.mark.parametrize("blank", ["%20", "+"])
def test_a_date_with_a_blank_is_understood_in_both_encodings(
    raw: RawDriver, wire: Wire, account: Account, blank: str
) -> None:
    export = create(raw, activities(account))
    suffix = "&format=json" if raw.form == "json" else ""
    for day, wanted in (("2001-02-03", True), ("2099-02-03", False)):
        target = (
            f"/api/export/version/{raw.version}/do/query?created_after={day}{blank}04:05:06{suffix}"
        )
        answer = wire.get(target, raw.authorization()).answer(raw.form)
        assert answer.ok
        assert (export.id in [item.id for item in answer.exports]) == wanted


@pytest.mark.requirement("EXP-QUERY-001")
@pytest.mark.needs("writes")
def test_a_query_item_shows_the_facts_of_a_read(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    (item,) = [each for each in raw.query({}).exports if each.id == export.id]
    shown = read(raw, export.id)
    assert (item.state, item.is_expired) == (shown.state, shown.is_expired)
    assert (item.created_at, item.updated_at) == (shown.created_at, shown.updated_at)
