"""Records of synchronous objects: how one is found, what is left out, and what is nested in it."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.records import element_of, number, query, query_reply, read, read_reply
from pardot_contracts.suite.steps import assert_refused, prospects, result, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.records import Record
    from pardot_contracts.reply import Reply

OBJECTS = (
    *("visitorActivity", "prospect", "visitor", "list", "listMembership", "campaign", "user"),
    *("customField", "prospectAccount", "opportunity", "emailClick", "form", "customRedirect"),
    *("dynamicContent", "lifecycleHistory", "lifecycleStage", "tag", "tagObject"),
)
OWN = 980_000_000
NOBODY = "nobody@nowhere.example"
KINDS = frozenset(
    {
        *("Email", "Email Tracker", "Form", "Form Handler", "Landing Page"),
        *("Landing Page Tracker", "File", "Custom Redirect", "Visit"),
    }
)
"""Kinds of asset that the documentation names."""
LABELS = frozenset({"Click", "View", "Error", "Success", "Sent", "Open", "Bounced"})
"""What the numbers of the types stand for: never a `type_name`."""
TEXTS = MappingProxyType(
    {"company": 'Nuts & <Bolts> "Co"', "city": "Grüße aus 東京 🦄", "job_title": "A/B, \\ 'C'"}
)


def person(number_: int, at: Any, **fields: object) -> dict[str, Any]:  # noqa: ANN401
    """Give a prospect of one's own."""
    when = stamp(at)
    email = {"email": f"own{number_}@example.net"}
    return {"id": OWN + number_, "created_at": when, "updated_at": when, **email, **fields}


def membership(number_: int, prospect: int, at: Any) -> dict[str, Any]:  # noqa: ANN401
    """Put a prospect of one's own on a list."""
    when = {"created_at": stamp(at), "updated_at": stamp(at)}
    return {"id": OWN + number_, "list_id": number_, "prospect_id": OWN + prospect, **when}


@pytest.mark.requirement("SYNC-019")
@pytest.mark.parametrize("field", ["id", "email"])
def test_a_prospect_is_read_by_its_id_and_by_its_email(reader: RawDriver, field: str) -> None:
    known = query(reader, "prospect", limit=1).records[0]
    found = read(reader, "prospect", field, known[field])
    assert (found["id"], found["email"]) == (known["id"], known["email"])


@pytest.mark.requirement("SYNC-019")
def test_an_email_in_the_path_is_decoded(reader: RawDriver) -> None:
    known = query(reader, "prospect", limit=1).records[0]
    path = f"read/email/{known['email'].replace('@', '%40')}"
    reply = reader.call_object("GET", "prospect", path)
    assert reply.envelope(reader.form).payload["prospect"]["id"] == known["id"]


@pytest.mark.requirement("SYNC-020", "ERR-003")
def test_an_unknown_email_gives_code_4_in_http_400(reader: RawDriver) -> None:
    reply = read_reply(reader, "prospect", "email", NOBODY)
    assert_refused(reply.answer(reader.form), 4)
    assert reply.status == 400


@pytest.mark.requirement("SYNC-021")
def test_archived_prospects_are_shown_on_request_only(raw: RawDriver, account: Account) -> None:
    at = account.now() - timedelta(days=1)
    account.load("prospect", person(1, at), person(2, at, is_archived=True))
    shown = {
        text or "default": {
            id_ - OWN
            for id_ in query(
                raw, "prospect", id_greater_than=OWN, **({"deleted": text} if text else {})
            ).ids
        }
        for text in ("", "false", "true")
    }
    assert shown == {"default": {1}, "false": {1}, "true": {2}}


@pytest.mark.requirement("SYNC-022")
def test_visitors_without_a_prospect_are_shown_on_request_only(reader: RawDriver) -> None:
    everyone = query(reader, "visitor", output="simple", only_identified="false")
    within: dict[str, object] = {"output": "simple", "id_less_than": everyone.ids[-1] + 1}
    plain, known = (
        query(reader, "visitor", **within, **filters)
        for filters in ({}, {"only_identified": "true"})
    )
    assert plain.ids == known.ids
    assert set(plain.ids) < set(everyone.ids)
    assert all(record["prospect_id"] for record in plain.records)
    unknown = {number(r["id"]) for r in everyone.records if not r.get("prospect_id")}
    assert unknown
    assert not unknown & set(plain.ids)


@pytest.mark.requirement("SYNC-023")
@pytest.mark.parametrize("field", ["ids", "visitor_ids", "prospect_ids"])
def test_visits_are_found_by_one_kind_of_id(reader: RawDriver, field: str) -> None:
    prospects = ",".join(str(id_) for id_ in query(reader, "prospect").ids)
    visit = query(reader, "visit", prospect_ids=prospects, limit=1).records[0]
    value = visit["id" if field == "ids" else field.removesuffix("s")]
    assert visit["id"] in [r["id"] for r in query(reader, "visit", **{field: value}).records]


@pytest.mark.requirement("SYNC-023")
def test_visits_without_any_id_or_with_two_kinds_of_ids_are_refused(reader: RawDriver) -> None:
    assert_refused(query_reply(reader, "visit").answer(reader.form), 5)
    both = query_reply(reader, "visit", visitor_ids=1, prospect_ids=1)
    assert not both.answer(reader.form).ok


@pytest.mark.requirement("SYNC-024")
def test_the_account_is_read_without_an_id(reader: RawDriver) -> None:
    reply = reader.call_object("GET", "account", "read")
    account = reply.envelope(reader.form).payload["account"]
    assert number(account["id"]) > 0
    assert account["company"]
    assert {"level", "website", "created_at", "updated_at"} <= set(account)


@pytest.mark.requirement("SYNC-025")
def test_an_activity_leaves_out_ids_that_it_has_not(reader: RawDriver) -> None:
    records = query(reader, "visitorActivity").records
    ids = [{name for name in record if name.endswith("_id")} for record in records]
    assert all(record[name] for record, names in zip(records, ids, strict=True) for name in names)
    for name in ("prospect_id", "visitor_id", "email_id", "form_id"):
        shown = [name in names for names in ids]
        assert any(shown), name
        assert not all(shown), name


@pytest.mark.requirement("SYNC-028")
def test_a_type_name_is_the_kind_of_asset(reader: RawDriver) -> None:
    clicks = query(reader, "visitorActivity", type=1).records
    names = {record["type_name"] for record in clicks}
    assert "Email Tracker" in names
    every = {r["type_name"] for r in query(reader, "visitorActivity").records} | names
    assert not every & LABELS
    assert len(every & KINDS) > len(KINDS) // 2


@pytest.mark.requirement("SYNC-031")
@pytest.mark.form("json")
def test_a_membership_says_in_json_by_a_boolean_whether_it_was_left(reader: RawDriver) -> None:
    flags = [record["opted_out"] for record in query(reader, "listMembership").records]
    assert flags
    assert {type(flag) for flag in flags} == {bool}


@pytest.mark.requirement("SYNC-031")
@pytest.mark.form("xml")
def test_a_membership_says_in_xml_by_a_word_whether_it_was_left(reader: RawDriver) -> None:
    flags = {record["opted_out"] for record in query(reader, "listMembership").records}
    assert flags
    assert flags <= {"true", "false"}


def subscriptions(raw: RawDriver, number_: int) -> Any:  # noqa: ANN401 - as it came
    """Give what a read shows of the lists of a prospect of one's own."""
    return read(raw, "prospect", "id", OWN + number_)["lists"]


@pytest.fixture
def with_lists(raw: RawDriver, account: Account) -> RawDriver:
    """Give an account with prospects on no list, on one, and on two; they are numbered so."""
    at = account.now() - timedelta(days=1)
    account.load("prospect", *(person(lists, at) for lists in range(3)))
    lists = query(raw, "list", limit=2).ids
    on = [(1, lists[0]), (2, lists[0]), (2, lists[1])]
    rows = [
        membership(n, prospect, at) | {"list_id": list_id}
        for n, (prospect, list_id) in enumerate(on)
    ]
    account.load("listMembership", *rows)
    return raw


@pytest.mark.requirement("SYNC-026")
@pytest.mark.needs("control")
@pytest.mark.form("json")
def test_nested_records_are_null_an_object_or_an_array(with_lists: RawDriver) -> None:
    assert subscriptions(with_lists, 0) is None
    assert isinstance(subscriptions(with_lists, 1)["list_subscription"], dict)
    both = subscriptions(with_lists, 2)["list_subscription"]
    assert isinstance(both, list)
    assert len(both) == 2


@pytest.mark.requirement("SYNC-026")
@pytest.mark.needs("control")
@pytest.mark.form("xml")
def test_nested_records_repeat_their_element(with_lists: RawDriver) -> None:
    found = [
        read_reply(with_lists, "prospect", "id", OWN + lists).xml().find("prospect/lists")
        for lists in range(3)
    ]
    assert [None if part is None else len(part.findall("list_subscription")) for part in found] == [
        0,
        1,
        2,
    ]


@pytest.fixture
def twins(raw_of: Callable[..., RawDriver], make_account: Callable[..., Account]) -> RawDriver:
    """Give a version 4 account in which two prospects share an e-mail."""
    account = make_account(api_version=4)
    at = account.now() - timedelta(days=1)
    account.load("prospect", *(person(n, at, email="twins@example.net") for n in (1, 2)))
    return raw_of("4", account.credentials)


@pytest.mark.requirement("SYNC-027")
def test_an_email_that_two_prospects_share_gives_both(twins: RawDriver) -> None:
    found = read(twins, "prospect", "email", "twins@example.net")
    assert isinstance(found, list)
    assert sorted(number(record["id"]) - OWN for record in found) == [1, 2]


@pytest.mark.requirement("SYNC-029")
def test_a_description_of_prospect_accounts_has_an_entry_per_field(reader: RawDriver) -> None:
    reply = reader.call_object("GET", "prospectAccount", "describe")
    if reader.form == "json":
        found = reply.json()["result"]["field"]
        described = [field["@attributes"] for field in found]
    else:
        described = [dict(field.attrib) for field in reply.xml().findall("result/field")]
    names = [field["id"] for field in described]
    assert len(names) == len(set(names))
    held: set[str] = set().union(*query(reader, "prospectAccount").records)
    assert held - {"assigned_to"} == set(names)
    assert all({"id", "label", "required", "custom", "type"} <= set(field) for field in described)


@pytest.mark.requirement("ENV-016")
@pytest.mark.parametrize("name", ["visitorActivity", "prospect"])
def test_queries_and_reads_are_served_by_get_and_by_post(reader: RawDriver, name: str) -> None:
    asked = {"limit": "3", "sort_by": "id"}
    got = reader.call_object("GET", name, "query", params=asked)
    posted = reader.call_object("POST", name, "query", data=asked)
    assert got.body == posted.body
    id_ = str(query(reader, name, limit=1).ids[0])
    reads = [
        reader.call_object("GET", name, f"read/id/{id_}"),
        reader.call_object("POST", name, f"read/id/{id_}"),
        reader.call_object("POST", name, "read", data={"id": id_}),
    ]
    assert len({reply.body for reply in reads}) == 1
    assert reads[0].status == 200


def awkward(raw: RawDriver, account: Account) -> Reply:
    """Read a prospect whose texts need care in every format."""
    account.load("prospect", person(1, account.now() - timedelta(days=1), **TEXTS))
    return read_reply(raw, "prospect", "id", OWN + 1)


@pytest.mark.requirement("ENV-027")
@pytest.mark.needs("control")
def test_awkward_texts_survive_either_format(raw: RawDriver, account: Account) -> None:
    record: Record = awkward(raw, account).envelope(raw.form).payload["prospect"]
    assert {name: record[name] for name in TEXTS} == dict(TEXTS)


@pytest.mark.requirement("ENV-021")
@pytest.mark.needs("control")
@pytest.mark.form("xml")
def test_xml_escapes_markup_and_writes_null_as_an_empty_element(
    raw: RawDriver, account: Account
) -> None:
    reply = awkward(raw, account)
    assert b"Nuts &amp; &lt;Bolts&gt;" in reply.body
    department = reply.xml().find("prospect/department")
    assert department is not None
    assert (len(department), department.text, dict(department.attrib)) == (0, None, {})
    assert b"<department/>" in reply.body


@pytest.mark.requirement("RESULT-026")
@pytest.mark.needs("time_travel")
def test_an_export_gives_custom_fields_under_their_field_ids(
    raw: RawDriver, account: Account
) -> None:
    custom = {field["field_id"]: field["type"] for field in query(raw, "customField").records}
    rows = result(raw, account, prospects(account, fields=["id", *custom]))
    assert all(list(row) == ["id", *custom] for row in rows)
    shown = {str(record["id"]): record for record in query(raw, "prospect").records}
    plain = [name for name, kind in custom.items() if kind == "Text"]
    assert plain
    for name in plain:
        assert any(row[name] for row in rows)
        both = [(row[name], shown[row["id"]].get(name, "")) for row in rows if row["id"] in shown]
        assert [exported for exported, _ in both] == [told for _, told in both]


def as_text(value: Any) -> Any:  # noqa: ANN401 - whatever a format holds
    """Write a value of JSON as XML shows it: null is empty, and every leaf is text."""
    if isinstance(value, dict):
        return {key: as_text(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_text(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@pytest.mark.requirement("ENV-028", "SYNC-026")
def test_both_formats_of_a_page_and_of_a_record_carry_the_same_facts(
    raw_in_both: tuple[RawDriver, RawDriver],
) -> None:
    xml, json_ = raw_in_both
    for name in OBJECTS:
        told, other = (query_reply(raw, name, limit=25).envelope(raw.form) for raw in raw_in_both)
        assert told.payload == as_text(other.payload), name
        assert told.payload["result"][element_of(name)], name
    for id_ in query(json_, "prospect", limit=5).ids:
        assert read(xml, "prospect", "id", id_) == as_text(read(json_, "prospect", "id", id_))
