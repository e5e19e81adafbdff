"""Create: what is accepted, and what the answer says."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.suite.steps import (
    BY_CREATED,
    PROCEDURE,
    PROCEDURES,
    STAMP,
    activities,
    complete,
    create,
    days_ago,
    memberships,
    prospects,
    request_for,
    rows_of,
    stamp,
    with_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

# The answer


@pytest.mark.requirement("EXP-CREATE-001", "EXP-CREATE-008")
def test_a_create_answers_http_200_in_the_asked_format(raw: RawDriver, account: Account) -> None:
    reply = raw.create_reply(activities(account))
    assert reply.status == 200
    assert reply.answer(raw.form).export is not None


@pytest.mark.requirement("EXP-CREATE-003", "EXP-CREATE-004", "EXP-CREATE-005", "EXP-STATE-001")
def test_a_new_export_is_waiting_unexpired_and_without_results(
    driver: Driver, account: Account
) -> None:
    export = create(driver, activities(account))
    assert export.id > 0
    assert (export.state, export.is_expired, export.refs) == ("Waiting", False, ())


@pytest.mark.requirement("EXP-CREATE-002", "EXP-CREATE-004", "EXP-CREATE-005")
@pytest.mark.form("json")
def test_the_json_answer_is_wrapped_and_typed(raw: RawDriver, account: Account) -> None:
    body = raw.create_reply(activities(account)).json()
    export = body["export"]
    assert "id" not in body
    assert type(export["id"]) is int
    assert export["isExpired"] is False
    assert "resultRefs" not in export


@pytest.mark.requirement("EXP-CREATE-009", "EXP-CREATE-005")
@pytest.mark.form("xml")
def test_the_xml_answer_has_one_export_below_rsp(raw: RawDriver, account: Account) -> None:
    root = raw.create_reply(activities(account)).xml()
    (export,) = root
    assert export.tag == "export"
    assert (export.findtext("id") or "").isdigit()
    assert export.findtext("state") == "Waiting"
    assert export.findtext("isExpired") == "false"
    assert export.find("resultRefs") is None


@pytest.mark.requirement("EXP-CREATE-006")
def test_a_new_export_shows_when_it_was_created(raw: RawDriver, account: Account) -> None:
    export = create(raw, activities(account))
    assert re.fullmatch(STAMP, export.created_at or "")
    assert export.updated_at == export.created_at


@pytest.mark.requirement("EXP-CREATE-006")
@pytest.mark.needs("control")
def test_a_new_export_is_stamped_with_the_present_instant(raw: RawDriver, account: Account) -> None:
    assert create(raw, activities(account)).created_at == stamp(account.now())


@pytest.mark.requirement("EXP-CREATE-007")
@pytest.mark.form("json")
def test_the_answer_gives_back_the_request(raw: RawDriver, account: Account) -> None:
    request = activities(account)
    assert create(raw, request).echo == request


@pytest.mark.requirement("EXP-CREATE-007")
@pytest.mark.form("json")
def test_the_answer_gives_back_no_fields_when_none_were_sent(
    raw: RawDriver, account: Account
) -> None:
    request = with_arguments(account)
    assert create(raw, request).echo == request


@pytest.mark.requirement("EXP-CREATE-007")
@pytest.mark.form("xml")
def test_the_xml_answer_gives_back_object_and_procedure(raw: RawDriver, account: Account) -> None:
    request = activities(account)
    echo = create(raw, request).echo
    assert echo["object"] == "visitorActivity"
    assert echo["procedure"] == request["procedure"]


@pytest.mark.requirement("EXP-CREATE-044")
def test_export_ids_grow_with_every_create(driver: Driver, account: Account) -> None:
    created = [create(driver, activities(account)).id for _ in range(3)]
    assert created == sorted(set(created))


@pytest.mark.requirement("EXP-CREATE-047")
def test_versions_3_and_4_take_the_same_body(
    raw_of: Callable[..., RawDriver], account: Account
) -> None:
    request = activities(account)
    old = create(raw_of("3", account.credentials), request)
    new = create(raw_of("4", account.credentials), request)
    assert (old.state, old.is_expired, old.echo) == (new.state, new.is_expired, new.echo)


# What is accepted


@pytest.mark.requirement(
    "EXP-CREATE-010",
    "EXP-CREATE-011",
    "EXP-CREATE-012",
    "EXP-CREATE-013",
    "EXP-CREATE-014",
    "EXP-CREATE-015",
)
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
def test_every_known_procedure_is_accepted(
    driver: Driver, account: Account, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": days_ago(account, 90), f"{stem}_before": days_ago(account, 1)}
    assert create(driver, request_for(export_object, procedure, bounds)).state == "Waiting"


@pytest.mark.requirement("EXP-CREATE-016")
@pytest.mark.parametrize("name", ["VisitorActivity", "visitoractivity", "VISITORACTIVITY"])
def test_object_names_are_matched_whatever_their_case(
    raw: RawDriver, account: Account, name: str
) -> None:
    assert raw.create({**activities(account), "object": name}).ok


@pytest.mark.requirement("EXP-CREATE-016")
def test_the_object_name_listmembership_is_accepted(raw: RawDriver, account: Account) -> None:
    assert raw.create({**memberships(account), "object": "listmembership"}).ok


@pytest.mark.requirement("EXP-CREATE-026")
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
@pytest.mark.form("json")
def test_a_range_of_a_calendar_year_with_366_days_is_accepted(
    raw: RawDriver, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": "2019-12-25 00:00:00", f"{stem}_before": "2020-12-25 00:00:00"}
    assert raw.create(request_for(export_object, procedure, bounds)).ok


@pytest.mark.requirement("EXP-CREATE-026")
def test_the_documented_example_that_exceeds_a_year_by_hours_is_accepted(
    driver: Driver,
) -> None:
    bounds = {"created_after": "2019-12-25 10:00:00", "created_before": "2020-12-25 24:59:59"}
    assert driver.create(request_for("visitorActivity", BY_CREATED, bounds)).ok


@pytest.mark.requirement("EXP-CREATE-028")
@pytest.mark.parametrize("value", [[1, 2, 6], [6], 6, "6", "1,2,6"])
@pytest.mark.form("json")
def test_activity_types_are_taken_as_array_number_or_list(
    raw: RawDriver, account: Account, value: object
) -> None:
    assert raw.create(with_arguments(account, type=value)).ok


@pytest.mark.requirement("EXP-CREATE-029")
@pytest.mark.parametrize("value", [True, False])
def test_prospect_only_is_taken_in_camel_case(
    driver: Driver, account: Account, value: object
) -> None:
    assert driver.create(with_arguments(account, prospectOnly=value)).ok


@pytest.mark.requirement("EXP-CREATE-030")
@pytest.mark.parametrize("value", [True, False, "all"])
@pytest.mark.form("json")
def test_deleted_of_list_memberships_takes_three_values(
    raw: RawDriver, account: Account, value: object
) -> None:
    assert raw.create(memberships(account, deleted=value)).ok


@pytest.mark.requirement("EXP-CREATE-031")
@pytest.mark.parametrize("arguments", [{}, {"deleted": "all"}])
def test_deleted_of_prospects_may_be_absent_or_all(
    driver: Driver, account: Account, arguments: dict[str, Any]
) -> None:
    assert driver.create(prospects(account, **arguments)).ok


@pytest.mark.requirement("EXP-CREATE-033")
@pytest.mark.needs("time_travel")
def test_without_fields_every_documented_column_is_exported(
    driver: Driver, account: Account
) -> None:
    export = complete(driver, account, with_arguments(account))
    columns = set(rows_of(driver, export)[0])
    documented = {"id", "prospect_id", "visitor_id", "type", "type_name", "details", "created_at"}
    assert documented | {"email_id", "form_id", "landing_page_id", "file_id"} <= columns


@pytest.mark.requirement("EXP-CREATE-038")
@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8"]
)
def test_a_json_content_type_may_carry_a_charset(
    raw: RawDriver, account: Account, content_type: str
) -> None:
    body = json.dumps(activities(account))
    reply = raw.call("POST", "create", data=body, headers={"Content-Type": content_type})
    assert reply.answer(raw.form).ok


@pytest.mark.requirement("EXP-CREATE-026")
@pytest.mark.needs("control")
def test_a_lower_bound_exactly_one_year_ago_is_accepted(driver: Driver, account: Account) -> None:
    now = account.now()
    a_year_ago = datetime(now.year - 1, now.month, now.day, now.hour, tzinfo=now.tzinfo)
    request = with_arguments(account, created_after=stamp(a_year_ago))
    assert driver.create(request).ok
