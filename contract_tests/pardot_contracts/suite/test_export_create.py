"""Create: what is accepted, what the answer says, and that a refused request leaves no trace."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pardot_contracts.suite.steps import (
    STAMP,
    activities,
    assert_refused,
    complete,
    create,
    known,
    memberships,
    prospects,
    request_for,
    rows_of,
    stamp,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.facts import Answer
    from pardot_contracts.raw import RawDriver

BY_CREATED = "filter_by_created_at"
BY_UPDATED = "filter_by_updated_at"
PROCEDURES = [
    ("visitorActivity", BY_CREATED, "created"),
    ("visitorActivity", BY_UPDATED, "updated"),
    ("listMembership", BY_CREATED, "created"),
    ("listMembership", BY_UPDATED, "updated"),
    ("prospect", BY_UPDATED, "updated"),
    ("visitor", BY_UPDATED, "updated"),
    ("prospectAccount", "filter_by_prospect_updated_at", "prospect_updated"),
]
every_procedure = pytest.mark.parametrize(("export_object", "procedure", "stem"), PROCEDURES)


def days_ago(account: Account, days: int) -> str:
    """Write the instant `days` before the account's present."""
    return stamp(account.now() - timedelta(days=days))


def with_arguments(account: Account, **arguments: object) -> dict[str, Any]:
    """Ask for visitor activities with exactly these arguments beside a lower bound."""
    bounds = {"created_after": days_ago(account, 30)}
    return request_for("visitorActivity", BY_CREATED, bounds | arguments)


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
@every_procedure
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
@every_procedure
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


# What is refused


def refused(driver: Driver, request: dict[str, Any]) -> Answer:
    """Send a create that must be refused, and see that it left nothing behind."""
    answer = driver.create(request)
    assert known(driver) == []
    return answer


@pytest.mark.requirement("EXP-CREATE-017", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("name", ["unicorn", "visitorActivities"])
def test_an_unknown_object_is_refused(driver: Driver, account: Account, name: str) -> None:
    assert_refused(refused(driver, {**activities(account), "object": name}), 154)


@pytest.mark.requirement("EXP-CREATE-018", "EXP-CREATE-019", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("key", ["object", "procedure"])
def test_a_request_without_object_or_procedure_is_refused(
    raw: RawDriver, account: Account, key: str
) -> None:
    request = {name: value for name, value in activities(account).items() if name != key}
    assert_refused(refused(raw, request), 153)


@pytest.mark.requirement("EXP-CREATE-019")
@pytest.mark.needs("control")
def test_a_procedure_without_a_name_is_refused(raw: RawDriver, account: Account) -> None:
    procedure = {"arguments": {"created_after": days_ago(account, 30)}}
    assert_refused(refused(raw, {**activities(account), "procedure": procedure}), 153)


@pytest.mark.requirement("EXP-CREATE-020", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize(
    ("export_object", "procedure"),
    [("visitorActivity", "filter_by_colour"), ("prospect", BY_CREATED)],
)
def test_an_unknown_procedure_or_one_of_another_object_is_refused(
    driver: Driver, account: Account, export_object: str, procedure: str
) -> None:
    bounds = {"created_after": days_ago(account, 30)}
    assert_refused(refused(driver, request_for(export_object, procedure, bounds)), 174)


@pytest.mark.requirement("EXP-CREATE-021", "EXP-CREATE-045")
@pytest.mark.needs("control")
@every_procedure
@pytest.mark.form("json")
def test_an_unknown_argument_is_refused(
    raw: RawDriver, account: Account, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": days_ago(account, 30), "colour": "green"}
    assert_refused(refused(raw, request_for(export_object, procedure, bounds)), 175)


@pytest.mark.requirement("EXP-CREATE-029", "EXP-CREATE-032")
@pytest.mark.needs("control")
@pytest.mark.parametrize("argument", ["prospect_only", "deleted", "updated_after"])
@pytest.mark.form("json")
def test_arguments_of_other_calls_are_unknown_to_visitor_activities(
    raw: RawDriver, account: Account, argument: str
) -> None:
    assert_refused(refused(raw, with_arguments(account, **{argument: "all"})), 175)


@pytest.mark.requirement("EXP-CREATE-022", "EXP-CREATE-045")
@pytest.mark.needs("control")
@every_procedure
@pytest.mark.form("json")
def test_a_missing_lower_bound_is_refused(
    raw: RawDriver, account: Account, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_before": days_ago(account, 1)}
    assert_refused(refused(raw, request_for(export_object, procedure, bounds)), 176)


@pytest.mark.requirement("EXP-CREATE-023", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize(
    "value", ["soonish", "2024-13-01", "2024-01-01 25:00:00", ["2024-01-01"], True]
)
@pytest.mark.form("json")
def test_an_argument_that_is_no_date_is_refused(
    raw: RawDriver, account: Account, value: object
) -> None:
    assert_refused(refused(raw, with_arguments(account, created_after=value)), 177)


@pytest.mark.requirement("EXP-CREATE-024", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("later_by", [timedelta(0), timedelta(seconds=-1), timedelta(days=-30)])
@pytest.mark.form("json")
def test_an_upper_bound_that_is_not_later_is_refused(
    raw: RawDriver, account: Account, later_by: timedelta
) -> None:
    lower = account.now() - timedelta(days=40)
    bounds = {"created_after": stamp(lower), "created_before": stamp(lower + later_by)}
    assert_refused(refused(raw, with_arguments(account, **bounds)), 177)


@pytest.mark.requirement("EXP-CREATE-025", "EXP-CREATE-045")
@pytest.mark.needs("control")
@every_procedure
@pytest.mark.form("json")
def test_a_range_above_one_year_is_refused_for_every_procedure(
    raw: RawDriver, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": "2021-01-01 00:00:00", f"{stem}_before": "2022-01-04 00:00:00"}
    assert_refused(refused(raw, request_for(export_object, procedure, bounds)), 177)


@pytest.mark.requirement("EXP-CREATE-027")
@pytest.mark.needs("control")
@every_procedure
@pytest.mark.form("json")
def test_a_lower_bound_over_a_year_ago_needs_an_upper_bound(
    raw: RawDriver, account: Account, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": days_ago(account, 370)}
    assert_refused(refused(raw, request_for(export_object, procedure, bounds)), 177)


@pytest.mark.requirement("EXP-CREATE-031", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("value", [True, False, "false", "some"])
@pytest.mark.form("json")
def test_deleted_of_prospects_takes_no_other_value_than_all(
    raw: RawDriver, account: Account, value: object
) -> None:
    assert_refused(refused(raw, prospects(account, deleted=value)), 177)


@pytest.mark.requirement("EXP-CREATE-034", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("name", ["colour", "first_name", ""])
@pytest.mark.form("json")
def test_an_unknown_field_is_refused(raw: RawDriver, account: Account, name: str) -> None:
    assert_refused(refused(raw, activities(account, fields=["id", name])), 180)


@pytest.mark.requirement("EXP-CREATE-035")
@pytest.mark.needs("control")
@pytest.mark.parametrize("name", ["grade", "notes"])
def test_prospect_fields_that_cannot_be_exported_are_refused(
    driver: Driver, account: Account, name: str
) -> None:
    assert_refused(refused(driver, prospects(account, fields=["id", name])), 180)


@pytest.mark.requirement("EXP-CREATE-036")
@pytest.mark.needs("control")
def test_more_than_150_fields_are_refused(raw: RawDriver, account: Account) -> None:
    assert_refused(refused(raw, activities(account, fields=["id"] * 151)), 180)


@pytest.mark.requirement("EXP-CREATE-042")
@pytest.mark.needs("control")
@pytest.mark.parametrize("fields", ["id,created_at", [1], ["id", None], {"id": 1}])
@pytest.mark.form("json")
def test_fields_that_are_no_array_of_strings_are_refused(
    raw: RawDriver, account: Account, fields: object
) -> None:
    assert_refused(refused(raw, {**activities(account), "fields": fields}), 154)


@pytest.mark.requirement("EXP-CREATE-037", "EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data", None],
)
@pytest.mark.form("json")
def test_another_content_type_than_json_is_refused(
    raw: RawDriver, account: Account, content_type: str | None
) -> None:
    body = json.dumps(activities(account)).encode()
    headers = {"Content-Type": content_type} if content_type else {}
    reply = raw.call("POST", "create", data=body, headers=headers)
    assert_refused(reply.answer(raw.form), 151)
    assert known(raw) == []


@pytest.mark.requirement("EXP-CREATE-043")
@pytest.mark.needs("control")
def test_json_text_posted_as_a_form_key_is_refused_and_creates_nothing(
    raw: RawDriver, account: Account
) -> None:
    body = quote(json.dumps(activities(account))) + "="
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = raw.call("POST", "create", data=body, headers=headers)
    assert_refused(reply.answer(raw.form), 151)
    assert known(raw) == []


@pytest.mark.requirement("EXP-CREATE-039")
@pytest.mark.needs("control")
def test_an_empty_body_is_refused(raw: RawDriver) -> None:
    headers = {"Content-Type": "application/json"}
    reply = raw.call("POST", "create", data=b"", headers=headers)
    assert_refused(reply.answer(raw.form), 152)
    assert known(raw) == []


@pytest.mark.requirement("EXP-CREATE-040")
@pytest.mark.needs("control")
@pytest.mark.parametrize(
    "body",
    ["{", "[1,2]", '"text"', "17", "null", "<export/>", "object=x", "{'object':'x'}", "\xff"],
)
@pytest.mark.form("json")
def test_a_body_that_is_no_json_object_is_refused(raw: RawDriver, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    reply = raw.call("POST", "create", data=body.encode("latin-1"), headers=headers)
    assert_refused(reply.answer(raw.form), 150)
    assert known(raw) == []


@pytest.mark.requirement("EXP-CREATE-041")
def test_a_create_by_get_is_refused(raw: RawDriver) -> None:
    assert_refused(raw.call("GET", "create").answer(raw.form), 60)


@pytest.mark.requirement("EXP-CREATE-046", "EXP-READ-010", "EXP-READ-011")
@pytest.mark.needs("control")
def test_refusals_about_body_procedure_id_and_state_are_4xx(
    raw: RawDriver, account: Account
) -> None:
    waiting = create(raw, activities(account))
    replies = [
        raw.create_reply({"object": "unicorn"}),
        raw.create_reply(request_for("visitorActivity", "filter_by_colour", {})),
        raw.create_reply(with_arguments(account, created_after="soonish")),
        raw.call("POST", "create", data=b"{", headers={"Content-Type": "application/json"}),
        raw.call("POST", "create", data=b"{}", headers={"Content-Type": "text/plain"}),
        raw.read_reply(999_999_999),
        raw.read_reply("abc"),
        raw.call("GET", f"downloadResults/id/{waiting.id}/file/1"),
    ]
    assert [reply.status for reply in replies if not 400 <= reply.status < 500] == []
    assert all(reply.answer(raw.form).code for reply in replies)


@pytest.mark.requirement("EXP-CREATE-026")
@pytest.mark.needs("control")
def test_a_lower_bound_exactly_one_year_ago_is_accepted(driver: Driver, account: Account) -> None:
    now = account.now()
    a_year_ago = datetime(now.year - 1, now.month, now.day, now.hour, tzinfo=now.tzinfo)
    request = with_arguments(account, created_after=stamp(a_year_ago))
    assert driver.create(request).ok
