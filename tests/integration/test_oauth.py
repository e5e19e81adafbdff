"""OAuth: tokens from every grant, and what a token is good for."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.integration.conftest import EXPORT, START, err_code

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.conftest import Bench

TOKEN = "/services/oauth2/token"
UNIT = "0Uv000000000001AAA"
CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}
PASSWORD = {
    **CLIENT,
    "grant_type": "password",
    "username": "demo@example.com",
    "password": "demo-password",
}
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(bench: Bench, **form: str) -> str:
    answer = bench.client.post(TOKEN, data=form or PASSWORD)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["access_token"])


def query(bench: Bench, bearer: str | None, unit: str | None = UNIT) -> TestResponse:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    if unit is not None:
        headers["Pardot-Business-Unit-Id"] = unit
    return bench.client.get(f"{EXPORT}/query?format=json", headers=headers)


def test_a_token_answer_has_exactly_the_known_keys(bench: Bench) -> None:
    answer = bench.client.post(TOKEN, data=PASSWORD)
    assert answer.content_type == "application/json;charset=UTF-8"
    body = answer.get_json()
    keys = ["access_token", "instance_url", "id", "token_type", "issued_at", "signature"]
    assert list(body) == keys
    assert body["token_type"] == "Bearer"
    assert body["issued_at"] == str(int(START.timestamp() * 1000))
    assert b'"stat":"ok"' in query(bench, body["access_token"]).data


@pytest.mark.parametrize(
    "form",
    [
        {**PASSWORD, "password": "demo-password" + "a1B2" * 6},
        {"grant_type": "refresh_token", "client_id": "demo-client",
         "refresh_token": "demo-refresh-token"},
        {**CLIENT, "grant_type": "client_credentials"},
    ],
)  # fmt: skip
def test_every_simple_grant_gives_a_token_that_opens_the_api(
    bench: Bench, form: dict[str, str]
) -> None:
    assert b'"stat":"ok"' in query(bench, token(bench, **form)).data


def test_parameters_may_stand_in_the_query_string_or_in_http_basic(bench: Bench) -> None:
    assert bench.client.post(TOKEN, query_string=PASSWORD).status_code == 200
    basic = base64.b64encode(b"demo-client:demo-secret").decode()
    rest = {name: value for name, value in PASSWORD.items() if name not in CLIENT}
    headers = {"Authorization": f"Basic {basic}"}
    assert bench.client.post(TOKEN, data=rest, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("error", "description", "changes"),
    [
        ("invalid_client_id", "client identifier invalid", {"client_id": "nobody"}),
        ("invalid_client", "invalid client credentials", {"client_secret": "wrong"}),
        ("invalid_grant", "authentication failure", {"password": "wrong"}),
        ("invalid_grant", "authentication failure", {"username": "nobody@example.com"}),
        ("unsupported_grant_type", "grant type not supported", {"grant_type": "magic"}),
        ("invalid_request", "missing required parameter: client_id", {"client_id": ""}),
        ("invalid_grant", "expired access/refresh token",
         {"grant_type": "refresh_token", "refresh_token": "unknown"}),
        ("invalid_grant", "invalid authorization code",
         {"grant_type": "authorization_code", "code": "unknown"}),
    ],
)  # fmt: skip
def test_a_bad_token_request_gets_the_documented_words(
    bench: Bench, error: str, description: str, changes: dict[str, str]
) -> None:
    answer = bench.client.post(TOKEN, data={**PASSWORD, **changes})
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-cache, no-store"
    assert answer.get_json() == {"error": error, "error_description": description}


@pytest.mark.parametrize(
    ("code", "status", "unit"),
    [(181, 400, None), (182, 400, "nonsense"), (201, 403, "0Uv000000000009AAA")],
)
def test_the_business_unit_is_checked_before_the_token(
    bench: Bench, code: int, status: int, unit: str | None
) -> None:
    answer = query(bench, "bad", unit)
    assert (err_code(answer), answer.status_code) == (code, status)


def test_an_unknown_token_is_184_inside_a_401_with_the_bare_sentence(bench: Bench) -> None:
    answer = query(bench, "bad")
    assert (err_code(answer), answer.status_code) == (184, 401)
    assert answer.get_json()["err"] == "access_token is invalid, unknown, or malformed"


def test_in_the_oauth_era_the_sentence_says_why(bench: Bench) -> None:
    bench.client.patch("/_mock/accounts/default", json={"quirks": {"auth_era": "oauth"}})
    assert query(bench, "bad").get_json()["err"].endswith(": Inactive token")
    scoped = token(bench, **CLIENT, grant_type="client_credentials", scope="api")
    assert query(bench, scoped).get_json()["err"].endswith(": Invalid scope")


def test_a_token_expires_after_the_session_setting(bench: Bench) -> None:
    bearer = token(bench)
    bench.advance("7199s")
    assert b'"stat":"ok"' in query(bench, bearer).data
    bench.advance("1s")
    assert err_code(query(bench, bearer)) == 184


def test_revoking_a_refresh_token_ends_its_access_tokens(bench: Bench) -> None:
    refresh = {"grant_type": "refresh_token", "refresh_token": "demo-refresh-token"}
    mine, other = token(bench, **CLIENT, **refresh), token(bench)
    revoked = bench.client.post("/services/oauth2/revoke", data={"token": "demo-refresh-token"})
    assert (revoked.status_code, revoked.data) == (200, b"")
    assert err_code(query(bench, mine)) == 184
    assert b'"stat":"ok"' in query(bench, other).data
    assert bench.client.post(TOKEN, data={**CLIENT, **refresh}).status_code == 400
    again = bench.client.post("/services/oauth2/revoke", data={"token": "unheard-of"})
    assert again.get_json()["error"] == "unsupported_token_type"


def authorize(bench: Bench, decision: str, **changes: str) -> dict[str, list[str]]:
    asked = {
        "response_type": "code",
        "client_id": "demo-client",
        "redirect_uri": "http://127.0.0.1/back",
        "state": "s1",
        **changes,
    }
    path = "/services/oauth2/authorize"
    assert b"Allow access?" in bench.client.get(path, query_string=asked).data
    answer = bench.client.post(path, query_string=asked, data={"decision": decision})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def test_an_authorization_code_works_once_and_brings_a_refresh_token(bench: Bench) -> None:
    given = authorize(bench, "allow")
    assert given["state"] == ["s1"]
    form = {
        **CLIENT,
        "grant_type": "authorization_code",
        "code": given["code"][0],
        "redirect_uri": "http://127.0.0.1/back",
    }
    answer = bench.client.post(TOKEN, data=form).get_json()
    assert answer["refresh_token"] == "demo-refresh-token"
    assert b'"stat":"ok"' in query(bench, answer["access_token"]).data
    assert bench.client.post(TOKEN, data=form).get_json()["error"] == "invalid_grant"


def test_denying_sends_the_reason_back(bench: Bench) -> None:
    assert authorize(bench, "deny")["error"] == ["access_denied"]


def test_a_code_is_bound_to_its_address_its_verifier_and_its_time(bench: Bench) -> None:
    form = {**CLIENT, "grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1/back"}
    code = authorize(bench, "allow")["code"][0]
    elsewhere = {**form, "code": code, "redirect_uri": "http://127.0.0.1/other"}
    assert bench.client.post(TOKEN, data=elsewhere).get_json()["error"] == "redirect_uri_mismatch"
    code = authorize(bench, "allow", code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    wrong = {**form, "code": code["code"][0], "code_verifier": "guess"}
    assert bench.client.post(TOKEN, data=wrong).status_code == 400
    code = authorize(bench, "allow")["code"][0]
    bench.advance("15m")
    late = bench.client.post(TOKEN, data={**form, "code": code}).get_json()
    assert late["error_description"] == "expired authorization code"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(key: rsa.RSAPrivateKey, alg: str = "RS256", **changes: Any) -> str:
    claims = {
        "iss": "demo-client",
        "sub": "demo@example.com",
        "aud": "https://login.salesforce.com",
        "exp": (START + timedelta(minutes=3)).timestamp(),
        **changes,
    }
    signed = f"{b64(json.dumps({'alg': alg}).encode())}.{b64(json.dumps(claims).encode())}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{b64(signature)}"


def test_a_signed_assertion_is_really_checked(bench: Bench) -> None:
    key = rsa.generate_private_key(65537, 2048)
    form = {"grant_type": JWT, "assertion": assertion(key)}
    unapproved = bench.client.post(TOKEN, data=form).get_json()
    assert unapproved["error_description"] == "user hasn't approved this consumer"
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path = "/_mock/accounts/default"
    assert bench.client.patch(path, json={"jwt_certificate": "nonsense"}).status_code == 400
    bench.client.patch(path, json={"jwt_certificate": pem.decode()})
    assert b'"stat":"ok"' in query(bench, token(bench, **form)).data
    stranger = rsa.generate_private_key(65537, 2048)
    bad = [
        (assertion(stranger), "invalid assertion"),
        (assertion(key, alg="none"), "invalid assertion"),
        (assertion(key, aud="https://example.com"), "Audience validation failed"),
        (assertion(key, exp=START.timestamp()), "expired"),
        (assertion(key, exp=START.timestamp() + 3600), "expired"),
        (assertion(key, sub="nobody@example.com"), "user hasn't approved this consumer"),
        ("nonsense", "invalid assertion"),
    ]
    for text, description in bad:
        answer = bench.client.post(TOKEN, data={**form, "assertion": text}).get_json()
        assert answer["error_description"] == description


def test_introspection_userinfo_and_discovery_answer(bench: Bench) -> None:
    bearer = token(bench)
    path = "/services/oauth2/introspect"
    shown = bench.client.post(path, data={**CLIENT, "token": bearer}).get_json()
    assert shown["active"] is True
    assert shown["exp"] - shown["iat"] == 7200
    unknown = bench.client.post(path, data={**CLIENT, "token": "x"}).get_json()
    assert unknown == {"active": False}
    headers = {"Authorization": f"Bearer {bearer}"}
    info = bench.client.get("/services/oauth2/userinfo", headers=headers).get_json()
    assert info["email"] == "demo@example.com"
    assert bench.client.get("/services/oauth2/userinfo").status_code == 403
    known = bench.client.get("/.well-known/openid-configuration").get_json()
    assert known["token_endpoint"].endswith(TOKEN)


def test_a_token_of_one_account_is_no_good_in_another(bench: Bench) -> None:
    bearer = token(bench)
    other = bench.fresh().account.info.business_unit_id
    assert err_code(query(bench, bearer, other)) == 201


def test_in_the_legacy_era_a_token_does_not_authenticate(bench: Bench) -> None:
    bearer = token(bench)
    bench.client.patch("/_mock/accounts/default", json={"quirks": {"auth_era": "legacy"}})
    assert err_code(query(bench, bearer)) == 49
