"""OAuth from the outside: which requests go where, with what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pardot_client import AuthenticationFailed, MemoryReply, Pardot
from tests.unit.client.fake import FakeService, fail, ok

UNIT = "0Uv000000000001AAA"


def token(text: str) -> MemoryReply:
    return MemoryReply(200, json.dumps({"access_token": text, "token_type": "Bearer"}).encode())


def oauth(service: FakeService, **options: Any) -> Pardot:
    given = {"business_unit_id": UNIT, "transport": service, "sleep": service.time.sleep}
    return Pardot(**{**given, **options})


NOTHING = {"result": {"total_results": 0}}


def test_a_token_is_bought_once_and_renewed_on_184(service: FakeService) -> None:
    pardot = oauth(service, client_id="app", client_secret="s", refresh_token="r")
    service.script["token"].extend([token("one"), token("two")])
    expired = fail(
        184, "access_token is invalid, unknown, or malformed: Inactive token", status=401
    )
    service.script["query"].extend([ok(NOTHING), expired, ok(NOTHING)])
    assert pardot.exports.query() == []
    assert pardot.exports.query() == []
    signed = [request.headers["Authorization"] for request in service.sent("query")]
    assert signed == ["Bearer one", "Bearer one", "Bearer two"]
    assert {request.headers["Pardot-Business-Unit-Id"] for request in service.sent("query")} == {
        UNIT
    }
    assert pardot.calls == 3


def test_a_given_token_is_used_first(service: FakeService) -> None:
    pardot = oauth(service, access_token="given", client_id="app", client_secret="s")
    service.script["token"].append(token("bought"))
    service.script["query"].extend([MemoryReply(401, b""), ok(NOTHING)])
    pardot.exports.query()
    signed = [request.headers["Authorization"] for request in service.sent("query")]
    assert signed == ["Bearer given", "Bearer bought"]


def test_a_given_token_that_cannot_be_renewed_fails_at_once(service: FakeService) -> None:
    refusal = fail(184, "access_token is invalid, unknown, or malformed: given", status=401)
    service.script["query"].append(refusal)
    with pytest.raises(AuthenticationFailed) as caught:
        oauth(service, access_token="given").exports.query()
    assert caught.value.code == 184
    assert "given" not in str(caught.value)
    assert "given" not in repr(caught.value.answer)


def test_a_refused_grant_says_why(service: FakeService) -> None:
    body = {"error": "invalid_grant", "error_description": "authentication failure"}
    service.script["token"].append(MemoryReply(400, json.dumps(body).encode()))
    with pytest.raises(AuthenticationFailed, match="invalid_grant: authentication failure"):
        oauth(
            service, client_id="app", client_secret="s", username="u", password="p"
        ).exports.query()


def test_the_sandbox_has_a_login_host_of_its_own(service: FakeService) -> None:
    from pardot_client import hosts

    pardot = oauth(
        service,
        client_id="app",
        client_secret="s",
        base_url=hosts.SANDBOX,
        login_url=hosts.SANDBOX_LOGIN,
    )
    service.script["token"].append(token("t"))
    service.script["query"].append(ok(NOTHING))
    pardot.exports.query()
    hosts_seen = [request.url.split("/")[2] for request in service.requests]
    assert hosts_seen == ["test.salesforce.com", "pi.demo.pardot.com"]
