"""Read: the same representation as create, and the three shapes of `resultRefs`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pardot_contracts.suite.steps import (
    activities,
    assert_refused,
    complete,
    create,
    nothing,
    read,
    stamp,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

ONE_FILE = 1_000_000
SEVERAL_FILES = 100


@pytest.mark.requirement("EXP-READ-001", "EXP-READ-002")
def test_a_read_shows_what_create_showed(driver: Driver, account: Account) -> None:
    created = create(driver, activities(account))
    assert read(driver, created.id) == created


@pytest.mark.requirement("EXP-READ-001", "EXP-READ-013")
def test_a_read_has_the_keys_of_create_and_gives_back_the_request(
    raw: RawDriver, account: Account
) -> None:
    reply = raw.create_reply(activities(account))
    created = reply.envelope(raw.form).payload["export"]
    shown = raw.read_reply(created["id"]).envelope(raw.form).payload["export"]
    assert list(shown) == list(created)
    assert [shown[key] for key in ("object", "fields", "procedure")] == [
        created[key] for key in ("object", "fields", "procedure")
    ]


@pytest.mark.requirement("EXP-READ-002")
@pytest.mark.form("json")
def test_the_id_of_a_read_is_an_integer(raw: RawDriver, account: Account) -> None:
    created = create(raw, activities(account))
    shown = raw.read_reply(created.id).json()["export"]
    assert type(shown["id"]) is int
    assert shown["id"] == created.id


@pytest.mark.requirement("EXP-READ-003")
@pytest.mark.needs("time_travel")
def test_an_unfinished_export_has_no_results(driver: Driver, account: Account) -> None:
    waiting = create(driver, activities(account))
    assert read(driver, waiting.id).refs == ()
    processing = until(driver, account, waiting.id, "Processing")
    assert processing.refs == ()


@pytest.mark.requirement("EXP-READ-004")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_several_result_files_are_an_array_of_strings(raw: RawDriver, account: Account) -> None:
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES)
    export = complete(raw, account, activities(account))
    refs = raw.read_reply(export.id).json()["export"]["resultRefs"]
    assert isinstance(refs, list)
    assert len(refs) > 1
    assert all(isinstance(ref, str) for ref in refs)


@pytest.mark.requirement("EXP-READ-005")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_one_result_file_is_a_plain_string(raw: RawDriver, account: Account) -> None:
    account.plan(kind="instant", rows_per_file=ONE_FILE)
    export = complete(raw, account, activities(account))
    assert isinstance(raw.read_reply(export.id).json()["export"]["resultRefs"], str)


@pytest.mark.requirement("EXP-READ-006")
@pytest.mark.needs("time_travel")
@pytest.mark.form("json")
def test_without_matching_data_there_is_no_result_key(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, nothing(account))
    assert "resultRefs" not in raw.read_reply(export.id).json()["export"]


@pytest.mark.requirement("EXP-READ-006", "EXP-READ-007")
@pytest.mark.needs("time_travel")
@pytest.mark.form("xml")
def test_without_matching_data_there_is_no_result_element(raw: RawDriver, account: Account) -> None:
    export = complete(raw, account, nothing(account))
    assert raw.read_reply(export.id).xml().findall(".//resultRefs") == []


@pytest.mark.requirement("EXP-READ-007")
@pytest.mark.needs("control")
@pytest.mark.form("xml")
@pytest.mark.parametrize("rows_per_file", [SEVERAL_FILES, ONE_FILE])
def test_every_result_file_is_one_xml_element(
    raw: RawDriver, account: Account, rows_per_file: int
) -> None:
    account.plan(kind="instant", rows_per_file=rows_per_file)
    export = complete(raw, account, activities(account))
    elements = raw.read_reply(export.id).xml().findall("export/resultRefs")
    assert [element.text for element in elements] == list(export.refs)
    assert (len(elements) > 1) == (rows_per_file == SEVERAL_FILES)


@pytest.mark.requirement("EXP-READ-004", "EXP-READ-005", "EXP-READ-006")
@pytest.mark.needs("control")
@pytest.mark.parametrize("shape", ["none", "one", "several"])
def test_a_caller_copes_with_every_number_of_files(
    driver: Driver, account: Account, shape: str
) -> None:
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES if shape == "several" else ONE_FILE)
    wanted = nothing(account) if shape == "none" else activities(account)
    number = len(complete(driver, account, wanted).refs)
    assert min(number, 2) == {"none": 0, "one": 1, "several": 2}[shape]


@pytest.mark.requirement("EXP-READ-008")
@pytest.mark.needs("time_travel")
def test_a_result_reference_is_an_absolute_url_of_the_documented_path(
    raw: RawDriver, account: Account
) -> None:
    export = complete(raw, account, activities(account))
    path = rf"/api/export/version/{raw.version}/do/downloadResults/id/{export.id}/file/\d+"
    assert export.refs
    for ref in export.refs:
        parts = urlsplit(ref)
        assert parts.scheme in ("http", "https")
        assert parts.netloc
        assert re.fullmatch(path, parts.path)


@pytest.mark.requirement("EXP-READ-009")
@pytest.mark.needs("control")
def test_result_references_stand_on_the_address_that_the_caller_used(
    raw: RawDriver, account: Account
) -> None:
    export = complete(raw, account, activities(account))
    headers = {"X-Forwarded-Proto": "https", "Host": "pardot.example.com"}
    shown = raw.call("GET", f"read/id/{export.id}", headers=headers).answer(raw.form).export
    assert shown is not None
    assert {ref.partition("/api/")[0] for ref in shown.refs} == {"https://pardot.example.com"}
    assert {ref.partition("/api/")[0] for ref in export.refs} == {raw.base_url}


@pytest.mark.requirement("EXP-READ-010")
def test_an_unknown_export_is_not_found(driver: Driver) -> None:
    assert_refused(driver.read(999_999_999), 109)


@pytest.mark.requirement("EXP-READ-011")
@pytest.mark.parametrize("export_id", ["abc", "12x", "1.5"])
def test_an_id_that_is_not_an_integer_is_refused(raw: RawDriver, export_id: str) -> None:
    assert_refused(raw.read_reply(export_id).answer(raw.form), 16)


@pytest.mark.requirement("EXP-READ-012")
def test_an_export_of_another_account_is_not_found(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    mine, theirs = make_account(), make_account()
    owner = connect(mine.credentials)
    exports = [create(owner, activities(mine)) for _ in range(2)]
    assert_refused(connect(theirs.credentials).read(exports[-1].id), 109)


@pytest.mark.requirement("EXP-READ-014")
def test_updated_at_follows_the_state_and_created_at_does_not(
    raw: RawDriver, account: Account
) -> None:
    account.plan(kind="timed", wait="1m", work="5m")
    created = create(raw, activities(account))
    begun = account.now()
    account.advance(timedelta(minutes=1))
    processing = read(raw, created.id)
    account.advance(timedelta(hours=3))
    done = read(raw, created.id)
    assert [e.state for e in (created, processing, done)] == ["Waiting", "Processing", "Complete"]
    assert {e.created_at for e in (created, processing, done)} == {stamp(begun)}
    assert processing.updated_at == stamp(begun + timedelta(minutes=1))
    assert done.updated_at == stamp(begun + timedelta(minutes=6))


@pytest.mark.requirement("EXP-READ-015")
@pytest.mark.needs("control")
def test_reading_an_export_changes_nothing(driver: Driver, account: Account) -> None:
    waiting = create(driver, activities(account))
    assert {read(driver, waiting.id).state for _ in range(5)} == {"Waiting"}
    until(driver, account, waiting.id, "Processing")
    assert len({str(read(driver, waiting.id)) for _ in range(5)}) == 1


@pytest.mark.requirement("EXP-READ-015")
@pytest.mark.needs("control")
def test_looking_often_or_once_shows_the_same_timestamps(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    shown = []
    for looks in (1, 20):
        account = make_account()
        account.plan(kind="timed", wait="1m", work="5m")
        looker = connect_raw(account.credentials)
        export = create(looker, activities(account))
        for _ in range(looks):
            account.advance(timedelta(hours=1) / looks)
            latest = read(looker, export.id)
        shown.append((latest.state, latest.created_at, latest.updated_at))
    assert shown[0] == shown[1]


@pytest.mark.requirement("EXP-READ-016")
@pytest.mark.needs("control")
def test_repeated_reads_give_the_same_references(driver: Driver, account: Account) -> None:
    account.plan(kind="instant", rows_per_file=SEVERAL_FILES)
    export = complete(driver, account, activities(account))
    account.advance(timedelta(days=2))
    again = read(driver, export.id)
    assert sorted(again.refs) == sorted(export.refs)
    assert len(set(again.refs)) == len(again.refs)
