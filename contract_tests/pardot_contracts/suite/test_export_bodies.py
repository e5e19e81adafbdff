"""Bodies and methods that a create does not take: nothing is made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pardot_contracts.suite.steps import (
    activities,
    assert_refused,
    create,
    known,
    request_for,
)

if TYPE_CHECKING:
    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver


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
        raw.create_reply(
            request_for("visitorActivity", "filter_by_created_at", {"created_after": "soonish"})
        ),
        raw.call("POST", "create", data=b"{", headers={"Content-Type": "application/json"}),
        raw.call("POST", "create", data=b"{}", headers={"Content-Type": "text/plain"}),
        raw.read_reply(999_999_999),
        raw.read_reply("abc"),
        raw.call("GET", f"downloadResults/id/{waiting.id}/file/1"),
    ]
    assert [reply.status for reply in replies if not 400 <= reply.status < 500] == []
    assert all(reply.answer(raw.form).code for reply in replies)
