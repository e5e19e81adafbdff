"""Read of the synchronous objects: by which key, with what beside them, and how it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.newaccount import UserWish

from .conftest import activity_export, err_code
from .test_sync_queries import criteria, records, someone

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from .conftest import Bench, Caller

READ = [name for name, found in SYNC_OBJECTS.items() if {"query", "read"} <= {*found.operations}]
BAD_ID = {
    "visitorActivity": 16,
    "prospect": 3,
    "visitor": 24,
    "visit": 48,
    "list": 55,
    "listMembership": 16,
    "campaign": 38,
    "user": 10,
    "customField": 16,
    "prospectAccount": 61,
    "opportunity": 35,
    "email": 16,
    "form": 16,
    "customRedirect": 16,
    "dynamicContent": 16,
    "lifecycleHistory": 16,
    "lifecycleStage": 16,
    "tag": 16,
    "tagObject": 16,
}
REFERENCES = {
    "campaign_id": "campaign",
    "prospect_id": "prospect",
    "visitor_id": "visitor",
    "email_id": "email",
    "form_id": "form",
    "custom_redirect_id": "customRedirect",
    "email_template_id": "emailTemplate",
    "opportunity_id": "opportunity",
    "visit_id": "visit",
    "list_id": "list",
    "tag_id": "tag",
    "prospect_account_id": "prospectAccount",
    "previous_stage_id": "lifecycleStage",
    "next_stage_id": "lifecycleStage",
    "tracker_redirect_id": "customRedirect",
}


def answer(caller: Caller, name: str, what: str, version: int = 4) -> TestResponse:
    return caller.get(f"/api/{name}/version/{version}/do/read/{what}?format=json")


def read(caller: Caller, name: str, what: str, version: int = 4) -> Any:
    found = answer(caller, name, what, version)
    assert found.status_code == 200, (name, what, found.data)
    return found.get_json()[SYNC_OBJECTS[name].element]


@pytest.mark.parametrize("name", READ)
def test_what_a_query_shows_a_read_shows_too(reader: Caller, name: str) -> None:
    found = records(reader, name, f"{criteria(reader, name)}&limit=5&output=simple")
    for each in found:
        alone = read(reader, name, f"id/{each['id']}")
        # A visitor read by itself shows its prospect in place of the bare id.
        shared = {key for key in each if key in alone}
        assert {"id"} <= shared
        assert {key: each[key] for key in shared} == {key: alone[key] for key in shared}
        assert each.keys() - alone.keys() <= {"prospect_account_id", "prospect_id"}


@pytest.mark.parametrize(("name", "code"), BAD_ID.items())
@pytest.mark.parametrize("what", ["id/x", "id/-1", "id/1.5", "id/999999999999"])
def test_a_bad_id_and_an_unknown_one_have_the_code_of_the_object(
    reader: Caller, name: str, code: int, what: str
) -> None:
    refused = answer(reader, name, what)
    assert (err_code(refused), refused.status_code) == (code, 400)


def test_a_read_without_a_key_is_refused(reader: Caller) -> None:
    assert err_code(answer(reader, "prospect", "")) == 14
    assert err_code(answer(reader, "list", "")) == 16
    assert err_code(answer(reader, "listMembership", "list_id/5")) == 16


def test_an_id_may_be_a_parameter_of_the_query_string_or_of_a_form(reader: Caller) -> None:
    prospect = someone(reader)
    expected = read(reader, "prospect", f"id/{prospect}")
    url = "/api/prospect/version/4/do/read"
    in_query = reader.get(f"{url}?format=json&id={prospect}").get_json()["prospect"]
    form = {"id": str(prospect), "format": "json"}
    in_form = reader.client.post(url, data=form, headers=reader.headers).get_json()["prospect"]
    assert in_query == in_form == expected


@pytest.mark.parametrize("version", [3, 4])
def test_a_prospect_is_read_by_its_email_in_any_case(reader: Caller, version: int) -> None:
    known = records(reader, "prospect", "limit=2")[1]
    email = quote(known["email"].upper())
    assert read(reader, "prospect", f"email/{email}", version)["id"] == known["id"]
    unknown = answer(reader, "prospect", "email/nobody%40example.com", version)
    assert unknown.status_code == 400
    assert (
        unknown.data == b'{"@attributes":{"stat":"fail","version":1,"err_code":4},'
        b'"err":"Invalid prospect email address"}'
    )


def test_prospects_that_share_an_email_are_an_array_in_version_4_only(bench: Bench) -> None:
    caller = bench.fresh(rows=0).caller()
    rows = "\n".join(
        [
            "id,email,is_archived",
            "1,twin@example.com,",
            "2,twin@example.com,",
            "3,twin@example.com,1",
        ]
    )
    path = f"/_mock/accounts/{bench.account.id}/data/prospect"
    assert bench.client.post(path, data=rows, content_type="text/csv").status_code == 200
    several = read(caller, "prospect", "email/twin%40example.com")
    # The third is archived, and those are not found by e-mail.
    assert [each["id"] for each in several] == [1, 2]
    assert read(caller, "prospect", "email/twin%40example.com", 3)["id"] == 1


def test_a_prospect_is_read_by_fid_in_version_4(reader: Caller) -> None:
    known = next(e for e in records(reader, "prospect") if e["salesforce_fid"])
    fid = known["salesforce_fid"]
    assert read(reader, "prospect", f"fid/{fid}")["id"] == known["id"]
    assert err_code(answer(reader, "prospect", "fid/00Q000000000000")) == 77
    assert err_code(answer(reader, "prospect", f"fid/{fid}", 3)) == 14


def test_keys_that_name_different_prospects_are_refused(reader: Caller) -> None:
    first, second = records(reader, "prospect", "limit=2")
    mixed = f"id/{first['id']}/email/{quote(second['email'])}"
    assert err_code(answer(reader, "prospect", mixed)) == 44
    assert read(reader, "prospect", f"id/{first['id']}/email/{quote(first['email'])}")
    assert err_code(answer(reader, "prospect", f"id/{first['id']}/fid/x")) == 81
    user = "id/1/email/other%40example.com"
    assert err_code(answer(reader, "user", user)) == 45


def test_the_credentials_that_clients_send_along_name_no_prospect(reader: Caller) -> None:
    form = {"id": str(someone(reader)), "email": "demo@example.com", "password": "x"}
    url = "/api/prospect/version/4/do/read?format=json"
    sent = reader.client.post(url, data=form, headers=reader.headers)
    assert sent.get_json()["prospect"]["id"] == someone(reader)


def test_a_membership_is_read_by_list_and_prospect(reader: Caller) -> None:
    known = records(reader, "listMembership", "limit=1")[0]
    pair = f"list_id/{known['list_id']}/prospect_id/{known['prospect_id']}"
    assert read(reader, "listMembership", pair) == known
    assert err_code(answer(reader, "listMembership", "list_id/x/prospect_id/5")) == 55
    assert err_code(answer(reader, "listMembership", "list_id/5/prospect_id/x")) == 3


def test_a_user_is_read_by_email(reader: Caller) -> None:
    known = records(reader, "user", "limit=2")[1]
    assert read(reader, "user", f"email/{quote(known['email'])}") == known
    assert err_code(answer(reader, "user", "email/nobody%40example.com")) == 11


def test_an_archived_prospect_is_read_by_id_unless_the_account_says_otherwise(
    bench: Bench,
) -> None:
    caller = bench.caller()
    archived = records(caller, "prospect", "deleted=true&limit=1")[0]
    assert read(caller, "prospect", f"id/{archived['id']}")["id"] == archived["id"]
    assert err_code(answer(caller, "prospect", f"email/{quote(archived['email'])}")) == 4
    caller = bench.fresh(quirks={"archived_prospect_read": "refuse"}).caller()
    assert err_code(answer(caller, "prospect", f"id/{archived['id']}")) == 132


def test_a_prospect_brings_its_visitors_activities_and_lists(reader: Caller) -> None:
    prospect = read(reader, "prospect", f"id/{someone(reader)}")
    who = prospect["id"]
    total = f"only_identified=true&prospect_ids={who}"
    visitors = many(prospect["visitors"]["visitor"])
    assert [v["id"] for v in visitors] == [v["id"] for v in records(reader, "visitor", total)]
    activities = many(prospect["visitor_activities"]["visitor_activity"])
    assert activities == records(reader, "visitorActivity", f"prospect_id={who}")
    lists = many(prospect["lists"]["list_subscription"])
    memberships = [e for e in records(reader, "listMembership") if e["prospect_id"] == who]
    assert [e["list"]["id"] for e in lists] == [e["list_id"] for e in memberships]
    assert prospect["last_activity"]["visitor_activity"] == activities[-1]
    assert prospect["profile"]["profile_criteria"][0]["matches"] == "Unknown"
    # A query leaves those out.
    assert not {"visitors", "visitor_activities", "lists", "profile"} & set(
        records(reader, "prospect", "limit=1")[0]
    )


def many(value: Any) -> list[dict[str, Any]]:
    """Undo the rule of absent, object, array."""
    return value if isinstance(value, list) else [value]


def test_a_collection_is_null_with_none_and_an_object_with_one(bench: Bench) -> None:
    caller = bench.fresh(rows=0).caller()
    path = f"/_mock/accounts/{bench.account.id}/data"
    bench.client.post(f"{path}/prospect", data="id\n1\n2\n", content_type="text/csv")
    bench.client.post(f"{path}/visitor", data="id,prospect_id\n7,2\n", content_type="text/csv")
    first, second = (read(caller, "prospect", f"id/{who}") for who in (1, 2))
    assert first["visitors"] is first["visitor_activities"] is first["lists"] is None
    assert second["visitors"]["visitor"]["id"] == 7
    assert b"<visitors/>" in caller.get("/api/prospect/version/4/do/read/id/1").data


def test_related_activities_are_bounded_when_asked_for(bench: Bench) -> None:
    caller = bench.fresh(rows=0).caller()
    path = f"/_mock/accounts/{bench.account.id}/data"
    bench.client.post(f"{path}/prospect", data="id\n1\n", content_type="text/csv")
    rows = "prospect_id,type\n" + "1,6\n" * 2100
    bench.client.post(f"{path}/visitorActivity", data=rows, content_type="text/csv")
    url = "/api/prospect/version/4/do/read/id/1?format=json"
    for more, count in (("", 2100), ("&limit_related_records=true", 2000)):
        prospect = caller.get(url + more).get_json()["prospect"]
        assert len(prospect["visitor_activities"]["visitor_activity"]) == count


def test_a_visitor_shows_its_prospect_in_few_fields(reader: Caller) -> None:
    known = records(reader, "visitor", "limit=1")[0]
    visitor = read(reader, "visitor", f"id/{known['id']}")
    assert "prospect_id" not in visitor
    assert set(visitor["prospect"]) == {"id", "first_name", "last_name", "email", "company"}
    assert visitor["prospect"]["id"] == known["prospect_id"]
    stranger = next(
        e for e in records(reader, "visitor", "only_identified=false") if not e["prospect_id"]
    )
    assert "prospect" not in read(reader, "visitor", f"id/{stranger['id']}")


def test_a_visit_shows_as_many_page_views_as_it_counts(reader: Caller) -> None:
    for visit in records(reader, "visit", f"prospect_ids={someone(reader)}"):
        views = many(visit["visitor_page_views"]["visitor_page_view"])
        assert len(views) == visit["visitor_page_view_count"]
        stamps = [view["created_at"] for view in views]
        assert stamps == sorted(stamps)
        assert stamps[0] == visit["first_visitor_page_view_at"]
        assert stamps[-1] == visit["last_visitor_page_view_at"]


def test_what_an_activity_refers_to_can_be_read(reader: Caller) -> None:
    seen: set[str] = set()
    for each in records(reader, "visitorActivity"):
        for name, target in REFERENCES.items():
            if name in each and target not in seen:
                seen.add(target)
                assert read(reader, target, f"id/{each[name]}")["id"] == each[name]
    assert seen >= {"prospect", "visitor", "email", "form", "visit", "opportunity"}


@pytest.mark.parametrize("name", ["listMembership", "lifecycleHistory", "emailClick", "tagObject"])
def test_references_of_other_objects_resolve_as_well(reader: Caller, name: str) -> None:
    for each in records(reader, name, "limit=8"):
        for column, target in REFERENCES.items():
            if each.get(column):
                assert read(reader, target, f"id/{each[column]}")["id"] == each[column]
        if name == "tagObject":
            target = each["type"][0].lower() + each["type"][1:]
            assert read(reader, target, f"id/{each['object_id']}")["id"] == each["object_id"]


def test_the_account_is_read_without_an_id(reader: Caller) -> None:
    account = reader.get("/api/account/version/4/do/read?format=json").get_json()["account"]
    assert account["level"] == "SFDC Ultimate Edition"
    assert isinstance(account["id"], int)
    assert read(reader, "campaign", f"id/{account['plugin_campaign_id']}")


def test_describe_tells_one_entry_per_field_in_both_formats(reader: Caller) -> None:
    url = "/api/prospectAccount/version/4/do/describe"
    fields = reader.get(f"{url}?format=json").get_json()["result"]["field"]
    names = [each["@attributes"]["id"] for each in fields]
    assert names == list(records(reader, "prospectAccount", "limit=1&output=bulk")[0])
    tier = fields[names.index("Account_Tier")]
    assert tier["@attributes"] == {
        "id": "Account_Tier",
        "label": "Account Tier",
        "required": False,
        "custom": True,
        "type": "Dropdown",
        "has_options": True,
    }
    values = {e["Account_Tier"] for e in records(reader, "prospectAccount")} - {None}
    assert values <= set(tier["options"]["option"])
    assert b'<field id="name" label="Name" required="true"' in reader.get(url).data


def test_the_statistics_of_an_email_are_those_of_its_activities(reader: Caller) -> None:
    email = next(e for e in records(reader, "visitorActivity", "type=1&email_only=true"))
    url = f"/api/email/version/4/do/stats/id/{email['email_id']}?format=json"
    stats = reader.get(url).get_json()["stats"]
    activities = records(reader, "visitorActivity", f"email_id={email['email_id']}")
    kinds = [each["type"] for each in activities]
    assert (stats["sent"], stats["opens"], stats["total_clicks"]) == (
        *(kinds.count(6), kinds.count(11)),
        kinds.count(1),
    )
    assert stats["delivered"] == stats["sent"] - kinds.count(13) - kinds.count(36)
    assert stats["opens_rate"] == f"{100 * stats['unique_opens'] / stats['delivered']:.2f}%"
    assert len(stats) == 17
    assert err_code(reader.get("/api/email/version/4/do/stats/id/5")) == 16


def test_an_email_shows_its_message_unless_told_not_to(reader: Caller) -> None:
    email = records(reader, "visitorActivity", "email_only=true&limit=1")[0]["email_id"]
    shown = read(reader, "email", f"id/{email}")
    assert shown["subject"] in shown["message"]["text"]
    assert shown["subject"] in shown["message"]["html"]
    assert "message" not in read(reader, "email", f"id/{email}/include_message/false")


def test_a_missing_template_is_told_in_a_successful_envelope(reader: Caller) -> None:
    templates = reader.get("/api/emailTemplate/version/4/do/listOneToOne?format=json").get_json()
    known = templates["emailTemplates"]["templates"][0]
    assert known["isOneToOne"] is True
    assert read(reader, "emailTemplate", f"id/{known['id']}") == known
    failed = read(reader, "emailTemplate", "id/5")
    assert failed["errorCode"] == 68
    assert failed["errorMessage"] == "Template with this id does not exist."
    url = "/api/emailTemplate/version/4/do/listOneToOne?format=json&archived="
    assert reader.get(f"{url}true").get_json()["emailTemplates"] is None
    assert err_code(reader.get(f"{url}maybe")) == 146


def test_times_of_a_record_follow_the_timezone_of_the_user(bench: Bench) -> None:
    bench.fresh(UserWish("t@example.com", timezone="Asia/Tokyo"))
    here, there = bench.caller(), bench.caller("t@example.com")
    row = records(here, "visitorActivity", "limit=1")[0]
    assert (
        row["created_at"][11:13]
        != read(there, "visitorActivity", f"id/{row['id']}")["created_at"][11:13]
    )


def test_quirks_of_texts_change_records_and_exports_alike(bench: Bench) -> None:
    quirks = {"form_handler_name": "FormHandler", "html_entities": "on"}
    caller = bench.fresh(quirks=quirks).caller()
    kinds = {e["type_name"] for e in records(caller, "visitorActivity", "form_handler_only=true")}
    assert kinds == {"FormHandler"}
    texts = [e["details"] for e in records(caller, "visitorActivity") if e["details"]]
    assert any("&amp;" in text or "&quot;" in text or "&#39;" in text for text in texts)
    body = activity_export(created_after="2025-06-01", created_before="2026-02-01")
    export = caller.new_export(**{**body, "fields": ["type_name"]})
    bench.advance("10m")
    lines = caller.get(caller.read(export)["resultRefs"]).data.splitlines()
    assert b"FormHandler" in lines
    assert b"Form Handler" not in lines
