"""Writing on the wire: what is made and changed, what it shows up in, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.conftest import Bench, Caller, err_code

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

Row = dict[str, Any]


@dataclass
class Writer:
    """Writes as one user, and looks whether a refused write left a trace."""

    bench: Bench
    caller: Caller

    def post(self, path: str, version: int = 4, **form: Any) -> TestResponse:
        name, _, rest = path.partition("/")
        url = f"/api/{name}/version/{version}/do/{rest}?format=json"
        return self.caller.client.post(url, data=form, headers=self.caller.headers)

    def do(self, path: str, version: int = 4, **form: Any) -> Row:
        """Make a call that must be served, and give the record it shows."""
        answer = self.post(path, version, **form)
        assert answer.status_code in (200, 201), answer.data
        body = answer.get_json()
        assert next(iter(body)) == "@attributes"
        row: Row = body[list(body)[1]]
        return row

    def refused(self, path: str, version: int = 4, **form: Any) -> int:
        """Make a call that must be refused and leave the rows as they were; give the code."""
        dataset = self.bench.account.results.dataset
        before = dataset.version
        answer = self.post(path, version, **form)
        assert answer.status_code == 400, answer.data
        assert dataset.version == before
        return err_code(answer)

    def query(self, name: str, parameters: str = "") -> list[Row]:
        url = f"/api/{name}/version/4/do/query?format=json&{parameters}"
        result = self.caller.get(url).get_json()["result"]
        found = result.get(list(result)[-1], [])
        return [] if isinstance(found, int) else found if isinstance(found, list) else [found]

    def first(self, name: str) -> Row:
        return self.query(name, "limit=1")[0]

    def batch(self, operation: str, sent: Any, version: int = 4) -> tuple[int, Any]:
        text = sent if isinstance(sent, str) else json.dumps({"prospects": sent})
        answer = self.post(f"prospect/{operation}", version, prospects=text)
        body = answer.get_json()
        return answer.status_code, body["errors"] if "errors" in body else err_code(answer)

    def exported(self, fields: list[str], **arguments: str) -> list[list[str]]:
        """Export the prospects of this day and give the rows."""
        given = {"updated_after": "2026-03-10 11:59:59", "updated_before": "2026-03-11"}
        asked = {
            "object": "prospect",
            "fields": fields,
            "procedure": {"name": "filter_by_updated_at", "arguments": {**given, **arguments}},
        }
        export_id = int(self.caller.create(asked).get_json()["export"]["id"])
        self.bench.advance("10s")
        refs = self.caller.read(export_id).get("resultRefs", [])
        urls = [refs] if isinstance(refs, str) else refs
        files = [self.caller.get(url.removeprefix("http://localhost")).text for url in urls]
        return [row for text in files for row in csv.reader(io.StringIO(text)) if row != fields]


@pytest.fixture
def writer(bench: Bench, caller: Caller) -> Writer:
    return Writer(bench, caller)


def test_a_new_prospect_is_read_queried_and_exported(writer: Writer) -> None:
    made = writer.do("prospect/create", email="ann@example.com", first_name="Ann", score="7")
    assert (made["email"], made["first_name"], made["score"]) == ("ann@example.com", "Ann", 7)
    assert (made["created_at"], made["recent_interaction"]) == (
        "2026-03-10 12:00:00",
        "Never active.",
    )
    assert {"profile", "visitors", "visitor_activities", "lists"} <= set(made)
    assert writer.do(f"prospect/read/id/{made['id']}") == made
    assert [row["id"] for row in writer.query("prospect", "created_after=2026-03-10 11:59:59")] == [
        made["id"]
    ]
    assert writer.exported(["id", "email"]) == [[str(made["id"]), "ann@example.com"]]


def test_a_synthetic_prospect_is_changed_for_later_exports_and_not_for_earlier_ones(
    writer: Writer,
) -> None:
    before = writer.first("prospect")
    assert writer.exported(["id"]) == []
    writer.bench.advance("1h")
    writer.caller.log_in()
    after = writer.do("prospect/update", id=before["id"], city="Rome", company="")
    assert (after["city"], after["company"], after["updated_at"]) == (
        "Rome",
        None,
        "2026-03-10 13:00:10",
    )
    assert (after["email"], after["created_at"]) == (before["email"], before["created_at"])
    assert writer.exported(["id", "city"]) == [[str(before["id"]), "Rome"]]
    first, second = writer.bench.account.queue.by_id.values()
    assert writer.bench.account.results.truth(first)[0].rows == 0
    assert writer.bench.account.results.truth(second)[0].rows == 1


def test_a_deleted_prospect_is_archived_and_found_only_where_deleted_ones_are(
    writer: Writer,
) -> None:
    row_id = writer.first("prospect")["id"]
    answer = writer.post("prospect/delete", id=row_id)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert writer.first("prospect")["id"] != row_id
    gone = writer.query("prospect", f"deleted=true&updated_after=2026-03-10&limit=1&{row_id}")
    assert [row["id"] for row in gone] == [row_id]
    assert writer.exported(["id", "is_archived"], deleted="all") == [[str(row_id), "1"]]
    for operation in ("delete", "update", "upsert", "assign", "unassign"):
        assert writer.refused(f"prospect/{operation}", id=row_id) == 132
    get = writer.caller.get(f"/api/prospect/version/4/do/delete/id/{row_id}?format=json")
    assert err_code(get) == 60


def test_an_upsert_makes_or_changes_and_its_status_tells_which(writer: Writer) -> None:
    new = writer.post("prospect/upsert", email="ann@example.com", city="Rome")
    assert new.status_code == 201
    row_id = new.get_json()["prospect"]["id"]
    for named in ({"email": "ANN@example.com"}, {"id": row_id}):
        same = writer.post("prospect/upsert", **named, city="Oslo")
        shown = same.get_json()["prospect"]
        assert (same.status_code, shown["id"], shown["city"]) == (200, row_id, "Oslo")
    assert writer.post("prospect/upsert", id=7, email="bob@example.com").status_code == 201
    assert writer.refused("prospect/upsert", id=7) == 14
    assert writer.refused("prospect/upsert", city="Rome") == 14


def test_version_3_keeps_e_mails_unique_and_knows_prospects_by_them(writer: Writer) -> None:
    first = writer.do("prospect/create", 3, email="ann@example.com")
    assert writer.refused("prospect/create", 3, email="Ann@Example.com") == 9
    other = writer.do("prospect/create", 3, email="bob@example.com")
    assert writer.refused("prospect/update", 3, id=other["id"], email="ann@example.com") == 9
    assert writer.do("prospect/update", 3, email="ann@example.com", city="Rome")["city"] == "Rome"
    assert writer.refused("prospect/update", 4, email="ann@example.com", city="Oslo") == 3
    second = writer.do("prospect/create", 4, email="ann@example.com")
    assert second["id"] != first["id"]
    assert writer.post("prospect/delete", 3, email="bob@example.com").status_code == 204
    assert writer.do("prospect/create", 3, email="bob@example.com")["id"] != other["id"]
    assert writer.refused("prospect/delete", 3, email="nobody@example.com") == 4


BAD_PROSPECTS = [
    ({"email": "nobody"}, 4), ({}, 13), ({"email": "a@b.example", "score": "much"}, 29),
    ({"email": "a@b.example", "campaign_id": "7"}, 38),
    ({"email": "a@b.example", "campaign_id": "x"}, 38),
    ({"email": "a@b.example", "prospect_account_id": "7"}, 61),
    ({"email": "a@b.example", "city": "x\x1f"}, 51),
    ({"email": "a@b.example", "city": "x" * 70_000}, 51),
]  # fmt: skip


@pytest.mark.parametrize(("form", "code"), BAD_PROSPECTS, ids=range(len(BAD_PROSPECTS)))
def test_a_bad_value_of_a_prospect_gets_its_code_and_changes_nothing(
    writer: Writer, form: dict[str, str], code: int
) -> None:
    assert writer.refused("prospect/create", **form) == code


def test_the_text_false_sets_a_flag_and_0_clears_it(writer: Writer) -> None:
    made = writer.do("prospect/create", email="a@b.example", is_do_not_email="false")
    assert made["is_do_not_email"] == 1
    cleared = writer.do("prospect/update", id=made["id"], is_do_not_email="0")
    assert cleared["is_do_not_email"] is None


def test_parameters_come_from_path_form_and_query_alike(writer: Writer) -> None:
    caller = writer.caller
    url = "/api/prospect/version/4/do/create/email/ann%40example.com/city/Rome?format=json&state=LT"
    shown = caller.client.post(url, data={"zip": "1"}, headers=caller.headers).get_json()
    row = shown["prospect"]
    assert [row[name] for name in ("email", "city", "state", "zip")] == [
        "ann@example.com", "Rome", "LT", "1",
    ]  # fmt: skip
    url = "/api/prospect/do/create/version/4?format=json&email=bob%40example.com"
    assert caller.get(url).get_json()["prospect"]["email"] == "bob@example.com"


def test_a_prospect_is_assigned_to_a_user_and_taken_back(writer: Writer) -> None:
    user = writer.first("user")
    row_id = writer.do("prospect/create", email="ann@example.com")["id"]
    assigned = writer.do("prospect/assign", id=row_id, user_id=user["id"])
    assert assigned["assigned_to"]["user"]["email"] == user["email"]
    assert "assigned_to" not in writer.do("prospect/unassign", id=row_id)
    by_email = writer.do("prospect/assign", id=row_id, user_email=user["email"])
    assert by_email["assigned_to"]["user"]["id"] == user["id"]
    for form, code in (
        ({}, 13), ({"user_id": 99}, 10), ({"user_id": "x"}, 10), ({"user_email": "x"}, 11),
        ({"group_id": 1}, 12), ({"group_id": 1, "user_id": user["id"]}, 47),
        ({"user_id": user["id"], "user_email": "other@example.com"}, 45),
    ):  # fmt: skip
        assert writer.refused("prospect/assign", id=row_id, **form) == code


def test_a_list_and_its_members_live_and_end(writer: Writer) -> None:
    made = writer.do("list/create", name="Friends", is_public="1", title="T")
    assert made == {
        "id": made["id"], "name": "Friends", "is_public": True, "is_dynamic": False, "title": "T",
        "description": None, "is_crm_visible": False, "created_at": "2026-03-10 12:00:00",
        "updated_at": "2026-03-10 12:00:00",
    }  # fmt: skip
    prospect_id = writer.do("prospect/create", email="ann@example.com")["id"]
    pair = {"list_id": made["id"], "prospect_id": prospect_id}
    member = writer.do("listMembership/create", **pair)
    assert {name: member[name] for name in (*pair, "opted_out")} == {**pair, "opted_out": False}
    assert writer.refused("listMembership/create", **pair) == 58
    assert writer.do("listMembership/update", **pair, opted_out=1)["opted_out"] is True
    assert len(writer.query("listMembership", f"list_id={made['id']}")) == 1
    assert writer.post(f"listMembership/delete/id/{member['id']}").status_code == 204
    assert writer.query("listMembership", f"list_id={made['id']}") == []
    assert writer.do("listMembership/create", **pair)["id"] == member["id"]
    assert writer.post("listMembership/delete", **pair).status_code == 204
    assert writer.do("list/update", id=made["id"], name="Foes")["name"] == "Foes"
    assert writer.post("list/delete", id=made["id"]).status_code == 204
    assert writer.query("list", "name=Foes") == []
    assert writer.refused("listMembership/create", **pair) == 55


BAD_WRITES = [
    ("list/create", {}, 13), ("list/create", {"name": " "}, 36),
    ("list/create", {"name": "x" * 256}, 139), ("list/update", {"id": 7, "name": "x"}, 55),
    ("list/update", {"name": "x"}, 16), ("list/delete", {"id": "x"}, 55),
    ("listMembership/create", {"list_id": 7}, 13),
    ("listMembership/create", {"list_id": 7, "prospect_id": 7}, 55),
    ("listMembership/update", {"list_id": 7, "prospect_id": 7}, 3),
    ("campaign/create", {"name": "x", "cost": "much"}, 56), ("campaign/update", {"id": 7}, 38),
    ("customField/create", {"name": "x", "field_id": "a b"}, 139),
    ("customField/create", {"name": "x", "field_id": "email"}, 139),
    ("customField/create", {"name": "x", "field_id": "Region"}, 245),
    ("customField/create", {"name": "x", "field_id": "y", "type": "Odd"}, 51),
    ("opportunity/create", {"name": "x", "value": "1", "probability": "101"}, 40),
    ("opportunity/create", {"name": "x", "value": "-1", "probability": "1"}, 42),
    ("opportunity/create", {"name": "x", "value": "1", "probability": "1"}, 13),
    ("opportunity/create", {"name": "x", "value": "1", "probability": "1", "prospect_id": 7}, 3),
    ("opportunity/create",
     {"name": "x", "value": "1", "probability": "1", "prospect_email": "x"}, 4),
    ("opportunity/create", {"name": "x", "value": "1", "probability": "1", "status": "odd"}, 51),
    ("opportunity/create", {"name": "x", "value": "1", "probability": "1", "closed_at": "odd"},
     57),
    ("opportunity/undelete", {"id": 7}, 35), ("prospectAccount/create", {}, 13),
    ("prospectAccount/assign", {"id": 7, "user_id": 1}, 61), ("visitor/assign", {"id": 7}, 24),
    ("tag/create", {"name": "x"}, 2), ("campaign/delete", {"id": 7}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("path", "form", "code"), BAD_WRITES, ids=range(len(BAD_WRITES)))
def test_a_bad_write_gets_its_code_and_changes_nothing(
    writer: Writer, path: str, form: dict[str, Any], code: int
) -> None:
    assert writer.refused(path, **form) == code


def test_campaigns_accounts_and_visitors_are_written(writer: Writer) -> None:
    made = writer.do("campaign/create", name="Spring", cost="12")
    assert made == {"id": made["id"], "name": "Spring", "cost": 12}
    assert writer.do("campaign/update", id=made["id"], cost="")["cost"] is None
    known = writer.do("prospect/create", email="a@b.example", campaign_id=made["id"])
    assert known["campaign"] == {"id": made["id"], "name": "Spring"}
    company = writer.do("prospectAccount/create", name="ACME", Account_Tier="Gold")
    assert (company["name"], company["Account_Tier"]) == ("ACME", "Gold")
    user = writer.first("user")
    owned = writer.do("prospectAccount/assign", id=company["id"], user_id=user["id"])
    assert owned["assigned_to"]["user"]["id"] == user["id"]
    visitor = writer.query("visitor", "only_identified=false&limit=1")[0]
    mine = writer.do("visitor/assign", id=visitor["id"], prospect_id=known["id"])
    assert mine["prospect"]["id"] == known["id"]


def test_an_opportunity_is_deleted_and_comes_back(writer: Writer) -> None:
    prospect = writer.do("prospect/create", email="ann@example.com")
    made = writer.do(
        "opportunity/create",
        name="Deal",
        value="10.50",
        probability="30",
        status="won",
        closed_at="2026-03-01",
        prospect_email="ann@example.com",
    )
    assert (made["value"], made["probability"], made["status"]) == (10.5, 30, "Won")
    assert made["closed_at"] == "2026-03-01 00:00:00"
    assert made["prospects"]["prospect"]["id"] == prospect["id"]
    mismatch = {"prospect_id": prospect["id"], "prospect_email": "bob@example.com"}
    form = {"name": "x", "value": "1", "probability": "1"}
    assert writer.refused("opportunity/create", **form, **mismatch) == 44
    assert writer.post("opportunity/delete", id=made["id"]).status_code == 204
    assert writer.query("opportunity", "prospect_email=ann@example.com") == []
    back = writer.do("opportunity/undelete", id=made["id"])
    assert (back["id"], back["name"]) == (made["id"], "Deal")
    assert len(writer.query("opportunity", "prospect_email=ann@example.com")) == 1


def test_a_new_custom_field_is_written_queried_and_exported_until_it_is_deleted(
    writer: Writer,
) -> None:
    size = writer.do("customField/create", name="Shoe size", field_id="Shoe_Size", type="Number")
    assert (size["type"], size["type_id"]) == ("Number", 8)
    writer.do("customField/create", name="Pets", field_id="Pets", type_id="6")
    made = writer.do(
        "prospect/create", **{"email": "a@b.example", "Shoe_Size": "44", "Pets[]": ["cat", "dog"]}
    )
    assert (made["Shoe_Size"], made["Pets"]) == ("44", {"value": ["cat", "dog"]})
    found = writer.query("prospect", "created_after=2026-03-10 11:59:59&fields=Shoe_Size")
    assert found == [{"id": made["id"], "Shoe_Size": "44"}]
    assert writer.exported(["email", "Shoe_Size", "Pets"]) == [["a@b.example", "44", "cat;dog"]]
    assert writer.refused("prospect/update", id=made["id"], Shoe_Size="big") == 56
    assert writer.do("customField/update", id=size["id"], name="Size")["name"] == "Size"
    assert writer.post("customField/delete", id=size["id"]).status_code == 204
    assert "Shoe_Size" not in writer.do(f"prospect/read/id/{made['id']}")
    asked = {
        "object": "prospect",
        "fields": ["Shoe_Size"],
        "procedure": {
            "name": "filter_by_updated_at",
            "arguments": {"updated_after": "2026-03-01"},
        },
    }
    assert err_code(writer.caller.create(asked)) == 180


def test_a_batch_writes_what_it_can_and_tells_of_the_rest(writer: Writer) -> None:
    two = [{"email": "ann@example.com", "city": "Rome"}, {"email": "bob@example.com", "score": 3}]
    answer = writer.post("prospect/batchUpsert", prospects=json.dumps({"prospects": two}))
    assert (answer.status_code, answer.data) == (
        201,
        b'{"@attributes":{"stat":"ok","version":1},"errors":{}}',
    )
    answer = writer.post("prospect/batchUpsert", prospects=json.dumps({"prospects": two}))
    assert answer.status_code == 200
    mixed = [{"email": "cy@example.com"}, {"email": "nobody"}]
    answer = writer.post("prospect/batchUpsert", prospects=json.dumps({"prospects": mixed}))
    assert (answer.status_code, answer.data) == (
        200,
        (
            b'{"@attributes":{"stat":"fail","version":1},'
            b'"errors":{"1":"Invalid prospect email address"}}'
        ),
    )
    emails = [row["email"] for row in writer.query("prospect", "created_after=2026-03-10 11:59:59")]
    assert emails == ["ann@example.com", "bob@example.com", "cy@example.com"]
    xml = writer.caller.client.post(
        "/api/prospect/version/4/do/batchUpsert",
        data={"prospects": json.dumps(mixed)},
        headers=writer.caller.headers,
    )
    assert '<rsp stat="fail" version="1.0">' in xml.text
    assert '<error key="1">Invalid prospect email address</error>' in xml.text


def test_batches_are_arrays_in_version_4_and_keyed_in_version_3(writer: Writer) -> None:
    row_id = writer.first("prospect")["id"]
    assert writer.batch("batchUpdate", [{"id": row_id, "city": "Rome"}, {"city": "x"}]) == (
        200,
        {"1": "Invalid prospect ID"},
    )
    assert writer.do(f"prospect/read/id/{row_id}")["city"] == "Rome"
    keyed = {"ann@example.com": {"city": "Rome"}, str(row_id): {"city": "Oslo"}}
    assert writer.batch("batchUpsert", keyed, 3) == (200, {})
    assert writer.do(f"prospect/read/id/{row_id}")["city"] == "Oslo"
    again = writer.batch("batchCreate", {"ann@example.com": {}, "bob@example.com": {}}, 3)
    assert again == (
        200,
        {"ann@example.com": "A prospect with the specified email address already exists"},
    )
    assert writer.batch("batchCreate", [{"email": "cy@example.com"}]) == (201, {})
    assert writer.batch("batchCreate", [{"email": f"{n}@example.com"} for n in range(50)])[0] == 201
    for sent, version, code in (
        ([{"email": f"{n}@example.com"} for n in range(51)], 4, 70), ({}, 4, 90), ([], 3, 91),
        ("{", 4, 71), ("", 4, 13), ("3", 4, 90),
    ):  # fmt: skip
        assert writer.batch("batchCreate", sent, version)[1] == code
    assert writer.batch("batchCreate", [7, {"email": {"a": 1}}]) == (
        200,
        dict.fromkeys("01", "Prospect array should be a flat array of attributes"),
    )


def test_a_batch_sees_its_own_first_half(writer: Writer) -> None:
    same = [{"email": "ann@example.com", "city": city} for city in ("Rome", "Oslo")]
    assert writer.batch("batchUpsert", same) == (200, {})
    (ann,) = writer.query("prospect", "created_after=2026-03-10 11:59:59")
    assert ann["city"] == "Oslo"


def test_writes_have_names_of_their_own_and_meet_faults_before_they_write(
    writer: Writer,
) -> None:
    account = writer.bench.account
    writer.bench.control(
        "faults", {"match": {"op": "*", "nth": 1}, "effect": {"kind": "error", "code": 66}}
    )
    before = account.results.dataset.version
    assert err_code(writer.post("prospect/create", email="a@b.example")) == 66
    assert account.results.dataset.version == before
    writer.do("prospect/create", email="a@b.example")
    assert account.usage.by_op["prospect.create"] == 2
    assert account.journal.entries()[-1].op == "prospect.create"


def test_an_e_mail_is_sent_to_one_prospect_and_to_the_members_of_lists(writer: Writer) -> None:
    form = {"subject": "Hi", "text_content": "Hello"}
    people = [writer.do("prospect/create", email=f"{name}@example.com") for name in "abc"]
    ids = [person["id"] for person in people]
    sent = writer.do("email/send", prospect_id=ids[0], **form)
    assert {name: sent[name] for name in ("name", "subject", "isOneToOne", "message")} == {
        "name": "Hi", "subject": "Hi", "isOneToOne": True,
        "message": {"text": "Hello", "html": None},
    }  # fmt: skip
    assert writer.do(f"email/stats/id/{sent['id']}")["sent"] == 1
    (activity,) = writer.query("visitorActivity", f"prospect_id={ids[0]}")
    assert (activity["type"], activity["type_name"], activity["email_id"]) == (
        6,
        "Email",
        sent["id"],
    )
    lists = [writer.do("list/create", name=name)["id"] for name in "xy"]
    for list_id, person in ((0, 0), (0, 1), (1, 1), (1, 2)):
        writer.do("listMembership/create", list_id=lists[list_id], prospect_id=ids[person])
    writer.do("prospect/update", id=ids[2], is_do_not_email=1)
    many = writer.do("email/send", **{"list_ids[]": lists}, **form)
    assert writer.do(f"email/stats/id/{many['id']}")["sent"] == 2
    template = writer.bench.account.results.dataset.rows("emailTemplate", range(1), ("id",))
    template_id = next(iter(template))["id"]
    by_template = writer.do(
        "email/send", prospect_email="a@example.com", email_template_id=template_id
    )
    assert by_template["subject"]
    for changes, code in (
        ({}, 13), ({"prospect_id": 7}, 3), ({"prospect_id": ids[2]}, 98), ({"list_ids": 7}, 55),
        ({"prospect_id": ids[0], "list_ids": lists[0]}, 51),
        ({"prospect_id": ids[0], "subject": ""}, 13),
        ({"prospect_id": ids[0], "email_template_id": 7}, 68),
        ({"prospect_id": ids[0], "email_template_id": "x"}, 86),
        ({"prospect_id": ids[0], "campaign_id": 7}, 38),
    ):  # fmt: skip
        assert writer.refused("email/send", **{**form, **changes}) == code
