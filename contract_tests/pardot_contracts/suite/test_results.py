"""Result files: who gets them, what they look like, and that they hold every row exactly once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from pardot_contracts.suite.steps import (
    FIELDS,
    SECOND,
    STAMP,
    activities,
    as_set,
    assert_refused,
    between,
    complete,
    create,
    files_of,
    ids,
    memberships,
    prospects,
    read,
    request_for,
    result,
    rows_of,
    stamp,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

pytestmark = pytest.mark.needs("control", "time_travel")

SEVERAL_FILES = 100
NEW_YORK = "America/New_York"


def moment(text: str) -> datetime:
    """Read a timestamp of a row in UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


# Downloading


@pytest.mark.requirement("RESULT-001", "RESULT-014")
def test_a_download_answers_http_200_with_csv(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    reply = raw.download_reply(export.refs[0])
    assert reply.status == 200
    assert reply.content_type.startswith("text/csv")
    assert reply.file().rows


@pytest.mark.requirement("RESULT-002")
def test_a_download_without_credentials_is_refused(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    answer = raw.send("GET", export.refs[0]).answer(raw.form)
    assert_refused(answer, 49)


@pytest.mark.requirement("RESULT-002")
def test_a_download_with_a_dead_key_is_refused(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    header = {"Authorization": f"Pardot api_key={'0' * 32}, user_key={raw.credentials.user_key}"}
    assert_refused(raw.send("GET", export.refs[0], headers=header).answer(raw.form), 1)


@pytest.mark.requirement("RESULT-013", "RESULT-014")
def test_a_download_is_csv_whatever_format_is_asked(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    replies = [
        raw.download_reply(export.refs[0], params={"format": value})
        for value in ("json", "xml", "simple")
    ]
    assert {reply.body for reply in replies} == {raw.download_reply(export.refs[0]).body}
    assert not any(reply.content_type.startswith("application/json") for reply in replies)


@pytest.mark.requirement("RESULT-028")
def test_a_download_that_claims_a_json_body_but_has_none_is_served(
    raw: RawDriver, account: Account
) -> None:
    export = complete(raw, account, activities(account))
    headers = {"Content-Type": "application/json"}
    reply = raw.download_reply(export.refs[0], headers=headers)
    assert reply.status == 200
    assert reply.file().rows


@pytest.mark.requirement("RESULT-016")
@pytest.mark.parametrize("state", ["Waiting", "Processing"])
def test_nothing_can_be_downloaded_from_an_unfinished_export(
    raw: RawDriver, account: Account, state: str
) -> None:
    export = until(raw, account, create(raw, activities(account)).id, state)
    reply = raw.call("GET", f"downloadResults/id/{export.id}/file/1")
    assert_refused(reply.answer(raw.form), 178)


@pytest.mark.requirement("RESULT-017")
def test_an_unknown_file_is_not_found(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, activities(account))
    ref = re.sub(r"/file/\d+", "/file/999999999", export.refs[0])
    assert_refused(raw.download_reply(ref).answer(raw.form), 109)


@pytest.mark.requirement("RESULT-018")
def test_a_file_of_another_export_is_not_found(raw: RawDriver, account: Account) -> None:
    one = complete(raw, account, activities(account))
    other = complete(raw, account, memberships(account))
    ref = one.refs[0].replace(f"/id/{one.id}/", f"/id/{other.id}/")
    assert_refused(raw.download_reply(ref).answer(raw.form), 109)


@pytest.mark.requirement("RESULT-019")
def test_the_same_file_can_be_downloaded_several_times(driver: Driver, account: Account) -> None:
    export = complete(driver, account, activities(account))
    first = as_set(rows_of(driver, export))
    account.advance(timedelta(days=3))
    assert as_set(rows_of(driver, export)) == first


@pytest.mark.requirement("EXP-CREATE-047", "RESULT-001")
def test_versions_3_and_4_deliver_the_same_rows(
    raw_of: Callable[..., RawDriver], account: Account
) -> None:
    request = activities(account)
    old = result(raw_of("3", account.credentials), account, request)
    new = result(raw_of("4", account.credentials), account, request)
    assert as_set(old) == as_set(new)


# The shape of a file


@pytest.mark.requirement("RESULT-003", "RESULT-004", "RESULT-027")
@pytest.mark.parametrize(
    "fields", [["id", "created_at"], ["created_at", "type", "id"], ["type_name"]]
)
def test_the_columns_are_the_asked_fields_in_the_asked_order(
    driver: Driver, account: Account, fields: list[str]
) -> None:
    export = complete(driver, account, activities(account, fields=fields))
    for file in files_of(driver, export):
        assert list(file.columns) == fields
        assert file.rows


@pytest.mark.requirement("RESULT-003", "RESULT-015")
def test_every_file_starts_with_the_header_row(driver: Driver, account: Account) -> None:
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES)
    export = complete(driver, account, activities(account))
    files = files_of(driver, export)
    assert len(files) > 1
    assert {file.columns for file in files} == {tuple(FIELDS)}


@pytest.mark.requirement("RESULT-005", "RESULT-006", "RESULT-020")
def test_many_files_hold_the_rows_of_one_file_each_exactly_once(
    driver: Driver, account: Account
) -> None:
    account.plan(kind="instant", rows_per_file=1_000_000)
    whole = complete(driver, account, activities(account))
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES)
    split = complete(driver, account, activities(account))
    rows = rows_of(driver, split)
    assert len(split.refs) > len(whole.refs)
    assert len(set(ids(rows))) == len(rows) > SEVERAL_FILES
    assert as_set(rows) == as_set(rows_of(driver, whole))


@pytest.mark.requirement("RESULT-005")
@pytest.mark.matrix("full")
def test_the_number_of_rows_is_what_the_truth_oracle_says(driver: Driver, account: Account) -> None:
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES)
    export = complete(driver, account, activities(account))
    assert len(rows_of(driver, export)) == account.truth(export.id)["rows"]


@pytest.mark.requirement("RESULT-005", "RESULT-023")
def test_two_halves_of_a_range_hold_the_rows_of_the_whole(driver: Driver, account: Account) -> None:
    end = account.now()
    start, middle = end - timedelta(days=200), end - timedelta(days=100)
    whole = result(driver, account, between(start, end))
    # Both bounds are exclusive, so the halves overlap by a second and share no row twice but there.
    first = result(driver, account, between(start, middle + SECOND))
    second = result(driver, account, between(middle, end))
    edge = [row for row in first if moment(row["created_at"]) > middle]
    assert edge == []
    assert as_set([*first, *second]) == as_set(whole)


@pytest.mark.requirement("RESULT-007", "RESULT-022")
def test_an_activity_without_a_prospect_has_an_empty_cell(driver: Driver, account: Account) -> None:
    rows = result(driver, account, activities(account))
    assert {row["prospect_id"].isdigit() for row in rows} == {True, False}
    assert {row["prospect_id"] for row in rows if not row["prospect_id"].isdigit()} == {""}


@pytest.mark.requirement("RESULT-008")
def test_timestamps_are_local_times_without_an_offset(driver: Driver, account: Account) -> None:
    rows = result(driver, account, activities(account))
    assert [row["created_at"] for row in rows if not re.fullmatch(STAMP, row["created_at"])] == []


@pytest.mark.requirement("RESULT-008")
def test_timestamps_stand_in_the_timezone_of_the_creating_user(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    abroad = {"email": "ann@example.com", "role": "Administrator", "timezone": NEW_YORK}
    account = make_account(users=[abroad])
    here, there = connect(account.credentials), connect(account.users[0].credentials)
    asked = {"created_after": "2023-09-01T00:00:00Z", "created_before": "2024-03-01T00:00:00Z"}
    request = request_for("visitorActivity", "filter_by_created_at", asked, ["id", "created_at"])
    utc = {row["id"]: row["created_at"] for row in result(here, account, request)}
    local = {row["id"]: row["created_at"] for row in result(there, account, request)}
    zone = ZoneInfo(NEW_YORK)
    assert local == {id_: stamp(moment(at).astimezone(zone)) for id_, at in utc.items()}
    assert local != utc


@pytest.mark.requirement("RESULT-009")
def test_an_old_export_keeps_the_timezone_of_its_creation(driver: Driver, account: Account) -> None:
    export = complete(driver, account, activities(account))
    before = as_set(rows_of(driver, export))
    mine = {"email": account.credentials.email, "timezone": NEW_YORK}
    account.change(users=[mine])
    assert as_set(rows_of(driver, read(driver, export.id))) == before


@pytest.mark.requirement("RESULT-010")
def test_files_are_utf_8_without_a_byte_order_mark(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, prospects(account))
    for ref in export.refs:
        reply = raw.download_reply(ref)
        assert not reply.body.startswith(b"\xef\xbb\xbf")
        # Reading the file decodes it.
        assert "id" in reply.file().columns


@pytest.mark.requirement("RESULT-011")
def test_every_row_of_every_object_can_be_read_by_a_csv_parser(
    raw: RawDriver, account: Account
) -> None:
    # The reader refuses a row whose cells do not fit the header.
    for request in (prospects(account), memberships(account), activities(account)):
        request.pop("fields", None)
        rows = result(raw, account, request)
        assert rows
        assert all(row["id"].isdigit() for row in rows)


@pytest.mark.requirement("RESULT-012")
def test_related_objects_appear_as_ids_only(driver: Driver, account: Account) -> None:
    request = activities(account)
    del request["fields"]
    rows = result(driver, account, request)
    related = [name for name in rows[0] if name.endswith("_id")]
    assert "campaign_id" in related
    assert "campaign" not in rows[0]
    assert all(row[name] == "" or row[name].isdigit() for row in rows for name in related)


# Which rows


@pytest.mark.requirement("RESULT-021")
@pytest.mark.parametrize("types", [[1], [2, 6]])
def test_type_keeps_the_activities_of_these_types_only(
    driver: Driver, account: Account, types: list[int]
) -> None:
    everything = result(driver, account, activities(account))
    chosen = result(driver, account, activities(account, type=types))
    wanted = [row for row in everything if int(row["type"]) in types]
    assert wanted
    assert as_set(chosen) == as_set(wanted)


@pytest.mark.requirement("RESULT-022")
def test_prospect_only_keeps_the_activities_of_known_prospects(
    driver: Driver, account: Account
) -> None:
    everything = result(driver, account, activities(account))
    chosen = result(driver, account, activities(account, prospectOnly=True))
    wanted = [row for row in everything if row["prospect_id"]]
    assert 0 < len(wanted) < len(everything)
    assert as_set(chosen) == as_set(wanted)


@pytest.mark.requirement("RESULT-022")
def test_prospect_only_false_keeps_every_activity(driver: Driver, account: Account) -> None:
    everything = result(driver, account, activities(account))
    assert as_set(result(driver, account, activities(account, prospectOnly=False))) == as_set(
        everything
    )


@pytest.mark.requirement("RESULT-023")
def test_rows_exactly_on_a_bound_are_left_out(driver: Driver, account: Account) -> None:
    rows = result(driver, account, activities(account))
    row = rows[len(rows) // 2]
    on = moment(row["created_at"])
    hour = timedelta(hours=1)
    just_around = ids(result(driver, account, between(on - SECOND, on + SECOND)))
    from_it = ids(result(driver, account, between(on, on + hour)))
    up_to_it = ids(result(driver, account, between(on - hour, on)))
    assert row["id"] in just_around
    assert row["id"] not in from_it
    assert row["id"] not in up_to_it


@pytest.mark.requirement("RESULT-023")
def test_all_rows_lie_strictly_between_the_bounds(driver: Driver, account: Account) -> None:
    end = account.now() - timedelta(days=20)
    start = end - timedelta(days=100)
    stamps = [moment(row["created_at"]) for row in result(driver, account, between(start, end))]
    assert stamps
    assert start < min(stamps) <= max(stamps) < end


@pytest.mark.requirement("EXP-CREATE-011", "RESULT-023")
def test_filtering_by_update_keeps_rows_updated_in_the_range(
    driver: Driver, account: Account
) -> None:
    start, end = account.now() - timedelta(days=120), account.now() - timedelta(days=20)
    bounds = {"updated_after": stamp(start), "updated_before": stamp(end)}
    fields = ["id", "updated_at"]
    request = request_for("visitorActivity", "filter_by_updated_at", bounds, fields)
    stamps = [moment(row["updated_at"]) for row in result(driver, account, request)]
    assert stamps
    assert start < min(stamps) <= max(stamps) < end


@pytest.mark.requirement("RESULT-024")
def test_a_prospect_export_with_deleted_all_includes_deleted_prospects(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    account = make_account(rows=10_000)
    driver = connect(account.credentials)
    fields = ["id", "is_archived"]
    rows = result(driver, account, prospects(account, deleted="all", fields=fields))
    archived = {row["id"] for row in rows if row["is_archived"] not in ("", "0", "false")}
    assert 0 < len(archived) < len(rows)


@pytest.mark.requirement("RESULT-025", "EXP-CREATE-030")
def test_a_membership_export_leaves_deleted_memberships_out_unless_asked(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    # A larger world, so that some of its memberships are deleted.
    account = make_account(rows=10_000)
    driver = connect(account.credentials)

    def ask(**arguments: object) -> set[str]:
        return set(ids(result(driver, account, memberships(account, **arguments))))

    unasked, living, deleted, everything = (
        ask(),
        ask(deleted=False),
        ask(deleted=True),
        ask(deleted="all"),
    )
    assert living
    assert deleted
    assert living.isdisjoint(deleted)
    assert everything == living | deleted
    assert unasked == living


@pytest.mark.requirement("EXP-CREATE-012", "EXP-CREATE-013", "EXP-CREATE-014", "EXP-CREATE-015")
@pytest.mark.parametrize(
    ("export_object", "procedure", "stem"),
    [
        ("listMembership", "filter_by_updated_at", "updated"),
        ("prospect", "filter_by_updated_at", "updated"),
        ("visitor", "filter_by_updated_at", "updated"),
        ("prospectAccount", "filter_by_prospect_updated_at", "prospect_updated"),
    ],
)
@pytest.mark.form("json")
def test_every_object_delivers_rows_with_unique_ids(
    raw: RawDriver, account: Account, export_object: str, procedure: str, stem: str
) -> None:
    bounds = {f"{stem}_after": stamp(account.now() - timedelta(days=365))}
    rows = result(raw, account, request_for(export_object, procedure, bounds))
    assert rows
    assert len(set(ids(rows))) == len(rows)
