"""Literal samples of how records look, in both formats, as the reference shows them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from pardot_mock.domain.records import Record
from pardot_mock.wire.encoding import ok_body
from pardot_mock.wire.records import View

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = '{"@attributes":{"stat":"ok","version":1},'
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="ok" version="1.0">\n'
MOMENT = datetime(2020, 3, 1, 14, 14, 7, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
FULL = View(NEW_YORK)
BULK = View(NEW_YORK, "bulk")

ACTIVITY = {
    "id": 1520152562,
    "visitor_id": None,
    "prospect_id": 395861995,
    "type": 1,
    "type_name": "Email Tracker",
    "details": "http://go.pardot.com/l/ABC/XYZ",
    "email_id": 167,
    "campaign_id": 423,
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
CAMPAIGN = Record("campaign", {"id": 423, "name": "Spring & more", "cost": None})
CLICK = Record("visitorActivity", ACTIVITY, {"campaign": CAMPAIGN})
VISIT = Record(
    "visitorActivity", {**ACTIVITY, "id": 1520152563, "details": None, "prospect_id": None}
)

PROSPECT_KEYS = (
    "id,campaign_id,salutation,first_name,last_name,email,password,company,website,job_title,"
    "department,country,address_one,address_two,city,state,territory,zip,phone,fax,source,"
    "annual_revenue,employees,industry,years_in_business,comments,notes,score,grade,"
    "last_activity_at,recent_interaction,crm_lead_fid,crm_contact_fid,crm_owner_fid,"
    "crm_account_fid,salesforce_fid,crm_last_sync,crm_url,is_do_not_email,is_do_not_call,opted_out,"
    "is_reviewed,is_starred,created_at,updated_at,campaign,assigned_to,last_activity,Region,"
    "Interests,profile,visitors,visitor_activities,lists"
)


def in_json(tree: Any) -> str:
    return ok_body("json", tree).decode()


def in_xml(tree: Any) -> str:
    return ok_body("xml", tree).decode()


def answer(records: Sequence[Record], view: View = FULL, total: int | None = None) -> Any:
    count = len(records) if total is None else total
    return view.query_answer("visitorActivity", records, count)


def test_a_query_without_a_hit_is_70_bytes() -> None:
    body = in_json(answer([]))
    assert body == '{"@attributes":{"stat":"ok","version":1},"result":{"total_results":0}}'
    assert len(body) == 70


def test_an_empty_bulk_query_is_null_in_both_formats() -> None:
    assert in_json(answer([], BULK)) == HEAD + '"result":null}'
    assert in_xml(answer([], BULK)) == f"{XML}   <result/>\n</rsp>\n"


def test_one_activity_is_an_object_and_leaves_out_the_ids_it_does_not_have() -> None:
    assert in_json(answer([CLICK], total=201)) == (
        HEAD + '"result":{"total_results":201,"visitor_activity":{"id":1520152562,'
        '"prospect_id":395861995,"type":1,"type_name":"Email Tracker",'
        '"details":"http:\\/\\/go.pardot.com\\/l\\/ABC\\/XYZ","email_id":167,'
        '"campaign":{"id":423,"name":"Spring & more","cost":null},'
        '"created_at":"2020-03-01 09:14:07","updated_at":"2020-03-01 09:14:07"}}}'
    )


def test_two_activities_repeat_the_element_in_xml() -> None:
    assert in_xml(answer([CLICK, VISIT])) == (
        f"{XML}   <result>\n"
        "      <total_results>2</total_results>\n"
        "      <visitor_activity>\n"
        "         <id>1520152562</id>\n"
        "         <prospect_id>395861995</prospect_id>\n"
        "         <type>1</type>\n"
        "         <type_name>Email Tracker</type_name>\n"
        "         <details>http://go.pardot.com/l/ABC/XYZ</details>\n"
        "         <email_id>167</email_id>\n"
        "         <campaign>\n"
        "            <id>423</id>\n"
        "            <name>Spring &amp; more</name>\n"
        "            <cost/>\n"
        "         </campaign>\n"
        "         <created_at>2020-03-01 09:14:07</created_at>\n"
        "         <updated_at>2020-03-01 09:14:07</updated_at>\n"
        "      </visitor_activity>\n"
        "      <visitor_activity>\n"
        "         <id>1520152563</id>\n"
        "         <type>1</type>\n"
        "         <type_name>Email Tracker</type_name>\n"
        "         <details/>\n"
        "         <email_id>167</email_id>\n"
        "         <created_at>2020-03-01 09:14:07</created_at>\n"
        "         <updated_at>2020-03-01 09:14:07</updated_at>\n"
        "      </visitor_activity>\n"
        "   </result>\n"
        "</rsp>\n"
    )


def test_bulk_has_the_id_of_the_campaign_in_its_place() -> None:
    assert in_json(answer([CLICK], BULK)) == (
        HEAD + '"result":{"visitor_activity":{"id":1520152562,"prospect_id":395861995,"type":1,'
        '"type_name":"Email Tracker","details":"http:\\/\\/go.pardot.com\\/l\\/ABC\\/XYZ",'
        '"email_id":167,"campaign_id":423,'
        '"created_at":"2020-03-01 09:14:07","updated_at":"2020-03-01 09:14:07"}}}'
    )


def prospect(**values: Any) -> Record:
    user = Record("user", {"id": 2332, "email": "a@example.com"})
    some = {"visitors": [], "visitor_activities": [CLICK], "lists": []}
    one = {"campaign": CAMPAIGN, "assigned_to": user, "last_activity": CLICK}
    return Record("prospect", {"id": 59156811, **values}, one, some)


def test_a_prospect_has_the_keys_of_the_recording_in_their_order() -> None:
    shown = View(NEW_YORK, read=True).record(prospect(Region="Europe", Interests=("a", "b")))
    assert list(shown) == PROSPECT_KEYS.split(",")
    assert list(json.loads(in_json(shown))["profile"]) == ["id", "name", "profile_criteria"]


def test_flags_are_1_or_null_and_several_values_stand_below_value() -> None:
    shown = View(NEW_YORK, read=True).record(
        prospect(is_starred=True, opted_out=False, Region="Europe", Interests=("a", "b"))
    )
    body = in_json({"prospect": shown})
    assert '"opted_out":null,"is_reviewed":null,"is_starred":1,' in body
    assert '"Region":"Europe","Interests":{"value":["a","b"]},"profile":{' in body
    assert body.count('"visitors":null') == body.count('"lists":null') == 1
    assert '"visitor_activities":{"visitor_activity":{"id":1520152562,' in body
    assert "Favorite_Color" not in body


def test_a_single_value_of_several_is_no_array() -> None:
    shown = View(NEW_YORK).record(prospect(Interests=("a",)))
    assert '"Interests":{"value":"a"}' in in_json(shown)


def test_mobile_shows_the_documented_keys_of_a_prospect() -> None:
    shown = View(NEW_YORK, "mobile").record(prospect(first_name="Ann", company="Widgets"))
    assert in_json({"prospect": shown}) == (
        HEAD + '"prospect":{"id":59156811,"first_name":"Ann","last_name":null,"email":null,'
        '"company":"Widgets"}}'
    )


@pytest.mark.parametrize("output", ["full", "simple", "mobile", "bulk"])
def test_a_membership_shows_all_its_fields_in_every_output(output: Any) -> None:
    row = {"id": 829013424, "list_id": 33173, "prospect_id": 59156811, "opted_out": False}
    record = Record("listMembership", {**row, "created_at": MOMENT, "updated_at": MOMENT})
    assert in_json({"list_membership": View(NEW_YORK, output).record(record)}) == (
        HEAD + '"list_membership":{"id":829013424,"list_id":33173,"prospect_id":59156811,'
        '"opted_out":false,"created_at":"2020-03-01 09:14:07","updated_at":"2020-03-01 09:14:07"}}'
    )


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (
            "visitor",
            ("id,prospect_id,page_view_count,ip_address,hostname,browser,browser_version,"
            "operating_system,operating_system_version,language,screen_height,screen_width,"
            "is_flash_enabled,is_java_enabled,campaign_parameter,medium_parameter,"
            "source_parameter,content_parameter,term_parameter,created_at,updated_at"),
        ),
        (
            "visit",
            ("id,visitor_id,prospect_id,visitor_page_view_count,first_visitor_page_view_at,"
            "last_visitor_page_view_at,duration_in_seconds,campaign_parameter,medium_parameter,"
            "source_parameter,content_parameter,term_parameter,created_at,updated_at,"
            "visitor_page_views"),
        ),
        (
            "list",
            "id,name,is_public,is_dynamic,title,description,is_crm_visible,created_at,updated_at",
        ),
        ("campaign", "id,name,cost"),
        (
            "account",
            ("id,company,level,website,vanity_domain,plugin_campaign_id,tracking_code_template,"
            "address1,address2,city,state,territory,zip,country,phone,fax,created_at,updated_at"),
        ),
        (
            "customField",
            ("id,name,field_id,type,type_id,crm_id,is_record_multiple_responses,is_use_values,"
            "created_at,updated_at"),
        ),
        (
            "opportunity",
            ("id,name,value,probability,type,stage,status,created_at,updated_at,prospects,"
            "opportunity_activities"),
        ),
        ("emailClick", "id,prospect_id,url,created_at"),
        ("form", "id,name,embedCode,created_at,updated_at"),
        ("customRedirect", "id,name,url,destination_url,created_at,updated_at"),
        ("lifecycleHistory", ("id,prospect_id,previous_stage_id,next_stage_id,seconds_elapsed,"
         "created_at")),
        ("lifecycleStage", "id,name,position,is_locked"),
        ("tag", "id,name,created_at,updated_at"),
        ("tagObject", "id,tag_id,type,object_id,created_at"),
    ],
)  # fmt: skip
def test_the_keys_of_a_record_come_in_the_order_of_the_reference(name: str, keys: str) -> None:
    nothing: dict[str, Any] = {"visitor_page_views": [], "prospects": []}
    record = Record(name, {"id": 1}, {}, {**nothing, "opportunity_activities": []})
    assert list(FULL.record(record)) == keys.split(",")


def test_html_entities_are_written_before_the_format_is() -> None:
    view = View(NEW_YORK, entities=True)
    row = {"id": 1, "name": """<Tom's & "Jerry">"""}
    shown = view.record(Record("campaign", row))
    assert shown["name"] == "&lt;Tom&#39;s &amp; &quot;Jerry&quot;&gt;"
    assert "<name>&amp;lt;Tom&amp;#39;s" in in_xml(shown)


def test_attributes_of_an_element_are_escaped_in_xml() -> None:
    tree = {"field": {"@attributes": {"label": 'a "b" <c>', "custom": True}}}
    assert in_xml(tree) == f"""{XML}   <field label='a "b" &lt;c&gt;' custom="true"/>\n</rsp>\n"""
