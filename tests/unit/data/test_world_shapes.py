"""The shape of a world: what a program that was written for real data expects to meet."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

from pardot_fixtures.catalog import ACTIVITY_KINDS, OBJECTS
from tests.unit.data.worlds import EXPORTED, START, column, data_rows, query, world

ROWS = 20_000


@pytest.fixture(scope="module")
def activities() -> list[dict[str, Any]]:
    return list(world(7, ROWS).rows("visitorActivity"))


def test_every_kind_of_activity_occurs_with_its_own_id_and_no_other(
    activities: list[dict[str, Any]],
) -> None:
    own = {(kind.type, kind.type_name): kind.id_field for kind in ACTIVITY_KINDS}
    of_assets = {kind.id_field for kind in ACTIVITY_KINDS} - {None}
    for row in activities:
        filled = {name for name in of_assets if row[str(name)] is not None}
        expected = own[row["type"], row["type_name"]]
        assert filled == ({expected} if expected else set())
    assert {(row["type"], row["type_name"]) for row in activities} == set(own)


def test_details_name_the_asset(activities: list[dict[str, Any]]) -> None:
    subjects = {row["id"]: row["name"] for row in world(7, ROWS).rows("email")}
    forms = {row["id"]: row["name"] for row in world(7, ROWS).rows("form")}
    for row in activities:
        if row["type_name"] == "Email":
            assert row["details"] == subjects[row["email_id"]]
        if row["type_name"] == "Form":
            assert row["details"] == forms[row["form_id"]]
        if row["opportunity_id"] is not None:
            assert row["details"] is None
        if row["type_name"] in ("Email Tracker", "Landing Page Tracker", "Custom Redirect"):
            assert row["details"].startswith("https://")


def test_mail_is_sent_to_prospects_and_strangers_only_browse(
    activities: list[dict[str, Any]],
) -> None:
    for row in activities:
        assert row["prospect_id"] is not None or row["visitor_id"] is not None
        if row["email_id"] is not None:
            assert row["prospect_id"] is not None
        if row["type_name"] in ("Visit", "Page View"):
            assert row["visitor_id"] is not None
    anonymous = column(activities, "prospect_id").count(None)
    assert 0.05 < anonymous / len(activities) < 0.3


def test_the_prospect_of_an_activity_is_the_prospect_of_its_visitor(
    activities: list[dict[str, Any]],
) -> None:
    owner = {row["id"]: row["prospect_id"] for row in world(7, ROWS).rows("visitor")}
    for row in activities:
        if row["visitor_id"] is not None:
            assert row["prospect_id"] == owner[row["visitor_id"]]


def test_a_few_prospects_do_most_of_it(activities: list[dict[str, Any]]) -> None:
    counts = sorted(Counter(filter(None, column(activities, "prospect_id"))).values())
    top_fifth = sum(counts[-len(counts) // 5 :])
    assert top_fifth > sum(counts) / 2


def test_working_hours_are_busy_and_nights_and_weekends_quiet(
    activities: list[dict[str, Any]],
) -> None:
    days = Counter(row["created_at"].weekday() for row in activities)
    assert min(days[day] for day in range(5)) > 2 * max(days[5], days[6])
    hours = Counter(row["created_at"].hour for row in activities)
    assert hours[14] > 4 * hours[3]


@pytest.mark.parametrize("name", EXPORTED)
def test_ids_ascend_with_creation_and_updates_follow_it(name: str) -> None:
    rows = list(world(7, ROWS).rows(name))
    ids, created = column(rows, "id"), column(rows, "created_at")
    assert all(a < b for a, b in itertools.pairwise(ids))
    assert created == sorted(created)
    assert all(row["created_at"] <= row["updated_at"] <= START for row in rows)
    assert any(row["created_at"] < row["updated_at"] for row in rows)
    assert any(row["created_at"] == row["updated_at"] for row in rows)


def test_some_prospects_and_memberships_are_deleted_but_few() -> None:
    archived = column(world(7, ROWS).rows("prospect"), "is_archived")
    assert 0 < archived.count(True) < len(archived) / 10


def test_a_prospect_is_in_a_list_at_most_once() -> None:
    pairs = [(row["list_id"], row["prospect_id"]) for row in world(7, ROWS).rows("listMembership")]
    assert len(pairs) == len(set(pairs))


def test_addresses_are_unique_and_lead_nowhere() -> None:
    prospects = list(world(7, ROWS).rows("prospect"))
    emails = column(prospects, "email")
    assert len(emails) == len(set(emails))
    assert all(email.isascii() and email.endswith(".example") for email in emails)
    assert not all(str(name).isascii() for name in column(prospects, "first_name"))


def test_companies_have_different_names_also_beyond_the_vocabulary() -> None:
    names = column(world(8, 200_000).rows("prospectAccount", None, ("name",)), "name")
    assert len(names) == len(set(names)) == 1000
    assert any(name.endswith(" 2") for name in names)


def test_no_text_is_empty_so_that_an_empty_cell_means_no_value() -> None:
    for name in OBJECTS:
        for row in world(7, 2000).rows(name):
            assert "" not in row.values()


def test_a_prospect_that_was_never_active_says_so() -> None:
    for row in world(7, ROWS).rows("prospect"):
        assert (row["last_activity_at"] is None) == (row["recent_interaction"] == "Never active.")


def test_a_prospect_was_active_last_when_its_latest_activity_was_made(
    activities: list[dict[str, Any]],
) -> None:
    # Activities come in the order of their creation.
    latest = {row["prospect_id"]: row["created_at"] for row in activities}
    prospects = list(world(7, ROWS).rows("prospect"))
    found = {row["id"]: row["last_activity_at"] for row in prospects}
    assert found == {row["id"]: latest.get(row["id"]) for row in prospects}
    assert 0 < list(found.values()).count(None) < len(prospects) / 10


def test_a_deal_is_told_to_be_won_or_lost_only_if_it_is(activities: list[dict[str, Any]]) -> None:
    status = {row["id"]: row["status"] for row in world(7, ROWS).rows("opportunity")}
    told = {
        (row["type_name"], status[row["opportunity_id"]])
        for row in activities
        if row["type_name"] in ("Opportunity Won", "Opportunity Lost")
    }
    assert told == {("Opportunity Won", "Won"), ("Opportunity Lost", "Lost")}


def test_details_hold_what_a_careless_reader_trips_over(
    activities: list[dict[str, Any]],
) -> None:
    details = [row["details"] for row in activities if row["details"]]
    joined = "".join(details)
    for awkward in (",", '"', "\n", "\r\n", "é", "「", "🎤"):
        assert awkward in joined
    assert any(text != text.strip() for text in details)


def test_custom_fields_are_described_once_each() -> None:
    described = column(world(7, ROWS).rows("customField"), "field_id")
    assert described == [field.name for field in OBJECTS["prospect"].fields if field.custom]


@pytest.mark.parametrize("name", OBJECTS)
def test_every_field_of_the_catalogue_has_a_column(name: str) -> None:
    dataset = world(7, 2000)
    rows = list(dataset.rows(name))
    assert list(rows[0]) == [field.name for field in OBJECTS[name].fields]
    if name != "customField":
        seldom = {"password"}
        missing = {key for key in rows[0] if all(row[key] is None for row in rows)}
        assert missing <= seldom


@pytest.mark.parametrize("name", ["prospect", "listMembership"])
def test_living_and_deleted_rows_together_are_all(name: str) -> None:
    found = {
        deleted: [
            row[0] for row in data_rows(world(), query(name, fields=("id",), deleted=deleted))
        ]
        for deleted in ("false", "true", "all")
    }
    assert sorted(found["false"] + found["true"]) == sorted(found["all"])
    assert 0 < len(found["true"]) < len(found["false"])


@pytest.mark.parametrize("name", ["visitorActivity", "visitor", "prospectAccount"])
def test_nothing_is_deleted_of_the_other_objects(name: str) -> None:
    assert world().slices(query(name, deleted="true"), 100) == ()
    assert world().slices(query(name, deleted="false"), 100) == world().slices(query(name), 100)
