"""Create: what is refused, with which code, and that nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.suite.steps import (
    BY_CREATED,
    PROCEDURE,
    PROCEDURES,
    activities,
    assert_refused,
    days_ago,
    known,
    prospects,
    request_for,
    stamp,
    with_arguments,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.facts import Answer
    from pardot_contracts.raw import RawDriver


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


@pytest.mark.requirement("EXP-CREATE-045")
@pytest.mark.needs("control")
@pytest.mark.parametrize("key", ["colour", "Fields"])
@pytest.mark.form("json")
def test_a_property_that_no_request_has_is_refused(
    raw: RawDriver, account: Account, key: str
) -> None:
    assert_refused(refused(raw, {**activities(account), key: "green"}), 154)


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
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
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
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
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
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
@pytest.mark.form("json")
def test_a_range_above_one_year_is_refused_for_every_procedure(
    raw: RawDriver, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": "2021-01-01 00:00:00", f"{stem}_before": "2022-01-04 00:00:00"}
    assert_refused(refused(raw, request_for(export_object, procedure, bounds)), 177)


@pytest.mark.requirement("EXP-CREATE-027")
@pytest.mark.needs("control")
@pytest.mark.parametrize(PROCEDURE, PROCEDURES)
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
