"""The token endpoints: every grant, the shape of its answer, its refusals, and the end of a token.

They know neither API versions nor formats; where a token must work, each version shows it.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pardot_contracts.assertion import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.facts import Credentials
    from pardot_contracts.reply import Reply
    from pardot_contracts.wire import Wire

# A plain server is given one kind of OAuth credentials at most.
pytestmark = pytest.mark.needs("control")

TOKEN = "/services/oauth2/token"
REVOKE = "/services/oauth2/revoke"
CALLBACK = "https://app.example.com/callback"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BAD_TOKEN = 184

Form = dict[str, str]


@pytest.fixture(scope="module")
def key() -> SigningKey:
    """Give a key for assertions; making one is the slowest part of signing."""
    return SigningKey()


@pytest.fixture
def mine(account: Account) -> Credentials:
    """Give the OAuth credentials of the account's own user."""
    return account.credentials


@pytest.fixture
def ask(wire: Wire) -> Callable[[Form], Reply]:
    """Post a form to the token endpoint."""
    return lambda form: wire.post_form(TOKEN, form)


@pytest.fixture
def buy(ask: Callable[[Form], Reply]) -> Callable[[Form], Form]:
    """Get an access token by a form that must be right, and give the whole answer."""

    def bought(form: Form) -> Form:
        reply = ask(form)
        assert reply.status == 200, reply.text
        return reply.json()

    return bought


@pytest.fixture
def code_of(wire: Wire, mine: Credentials, version: str) -> Callable[[str], int | None]:
    """Call the API with an access token; give the error code, or None if it was served."""

    def call(token: str) -> int | None:
        headers = {
            "Authorization": f"Bearer {token}",
            "Pardot-Business-Unit-Id": mine.business_unit_id,
        }
        target = f"/api/export/version/{version}/do/query?format=json"
        return wire.get(target, headers).envelope("json").code

    return call


def app(mine: Credentials) -> Form:
    """Name the connected app by its id and its secret."""
    return {"client_id": mine.client_id, "client_secret": mine.client_secret}


def by_password(mine: Credentials, **changes: str) -> Form:
    """Ask by the password grant."""
    user = {"username": mine.username, "password": mine.password}
    return {"grant_type": "password", **app(mine), **user, **changes}


def by_refresh_token(mine: Credentials, **changes: str) -> Form:
    """Ask by the refresh_token grant."""
    token = {"refresh_token": mine.refresh_token}
    return {"grant_type": "refresh_token", **app(mine), **token, **changes}


def allowed(wire: Wire, mine: Credentials, scope: str) -> str:
    """Let the user allow the app what it asks for, and give the authorization code."""
    query = urlencode(
        {
            "response_type": "code",
            "client_id": mine.client_id,
            "redirect_uri": CALLBACK,
            "scope": scope,
            "state": "kept",
        }
    )
    reply = wire.post_form(f"/services/oauth2/authorize?{query}", {"decision": "allow"})
    sent_to = urlsplit(reply.headers["location"])
    assert sent_to._replace(query="").geturl() == CALLBACK
    answer = parse_qs(sent_to.query)
    assert answer["state"] == ["kept"]
    return answer["code"][0]


def by_code(mine: Credentials, code: str) -> Form:
    """Ask by the authorization_code grant."""
    bound = {"code": code, "redirect_uri": CALLBACK}
    return {"grant_type": "authorization_code", **app(mine), **bound}


def assert_turned_down(reply: Reply, error: str, description: str) -> None:
    """Expect a refusal of the token endpoint in its own words."""
    assert reply.status == 400
    body = reply.json()
    assert (body["error"], body["error_description"]) == (error, description)


@pytest.mark.requirement("OAUTH-001")
def test_the_password_grant_sells_a_token_that_opens_the_api(
    mine: Credentials, buy: Callable[[Form], Form], code_of: Callable[[str], int | None]
) -> None:
    assert code_of(buy(by_password(mine))["access_token"]) is None


@pytest.mark.requirement("OAUTH-019")
def test_the_security_token_may_follow_the_password(
    mine: Credentials, buy: Callable[[Form], Form]
) -> None:
    assert buy(by_password(mine, password=mine.password + "x7Q" * 8))["access_token"]


@pytest.mark.requirement("OAUTH-002")
def test_a_refresh_token_gives_a_new_token_each_time_and_no_other_refresh_token(
    mine: Credentials, buy: Callable[[Form], Form], code_of: Callable[[str], int | None]
) -> None:
    first, second = (buy(by_refresh_token(mine)) for _ in range(2))
    assert first["access_token"] != second["access_token"]
    assert "refresh_token" not in first
    assert [code_of(answer["access_token"]) for answer in (first, second)] == [None, None]


@pytest.mark.requirement("OAUTH-003")
def test_client_credentials_give_a_token_that_opens_the_api(
    mine: Credentials, buy: Callable[[Form], Form], code_of: Callable[[str], int | None]
) -> None:
    form = {"grant_type": "client_credentials", **app(mine)}
    assert code_of(buy(form)["access_token"]) is None


@pytest.mark.requirement("OAUTH-004")
def test_an_authorization_code_gives_a_token_and_a_refresh_token(
    wire: Wire,
    mine: Credentials,
    buy: Callable[[Form], Form],
    code_of: Callable[[str], int | None],
) -> None:
    answer = buy(by_code(mine, allowed(wire, mine, "pardot_api refresh_token")))
    assert code_of(answer["access_token"]) is None
    renewed = buy(by_refresh_token(mine, refresh_token=answer["refresh_token"]))
    assert code_of(renewed["access_token"]) is None


@pytest.mark.requirement("OAUTH-004")
def test_an_authorization_code_is_worth_one_token_and_for_its_own_address(
    wire: Wire, mine: Credentials, ask: Callable[[Form], Reply]
) -> None:
    code = allowed(wire, mine, "pardot_api")
    assert ask(by_code(mine, code)).status == 200
    assert_turned_down(ask(by_code(mine, code)), "invalid_grant", "invalid authorization code")
    elsewhere = {"redirect_uri": "https://elsewhere.example.com/"}
    reply = ask(by_code(mine, allowed(wire, mine, "pardot_api")) | elsewhere)
    description = "redirect_uri must match configuration"
    assert_turned_down(reply, "redirect_uri_mismatch", description)


@pytest.mark.requirement("OAUTH-004")
def test_a_code_nobody_was_given_is_worth_nothing(
    mine: Credentials, ask: Callable[[Form], Reply]
) -> None:
    description = "invalid authorization code"
    assert_turned_down(ask(by_code(mine, "aPrxNobody")), "invalid_grant", description)


@pytest.mark.requirement("AUTH-020")
def test_a_token_without_the_scope_of_the_api_gives_code_184(
    wire: Wire,
    mine: Credentials,
    buy: Callable[[Form], Form],
    code_of: Callable[[str], int | None],
) -> None:
    answer = buy(by_code(mine, allowed(wire, mine, "api refresh_token")))
    assert code_of(answer["access_token"]) == BAD_TOKEN


def assertion_of(account: Account, key: SigningKey, **changes: object) -> Form:
    """Ask by the JWT bearer grant for the account's own user."""
    mine = account.credentials
    expires = int((account.now() + timedelta(minutes=3)).timestamp())
    host = "https://login.salesforce.com"
    claims = {"iss": mine.client_id, "sub": mine.username, "aud": host, "exp": expires} | changes
    return {"grant_type": JWT_BEARER, "assertion": key.assertion(claims)}


@pytest.mark.requirement("OAUTH-005")
def test_a_signed_assertion_gives_a_token_that_opens_the_api(
    account: Account,
    key: SigningKey,
    buy: Callable[[Form], Form],
    code_of: Callable[[str], int | None],
) -> None:
    account.change(jwt_certificate=key.public)
    assert code_of(buy(assertion_of(account, key))["access_token"]) is None


@pytest.mark.requirement("OAUTH-005", "OAUTH-018")
def test_an_assertion_that_does_not_hold_gives_no_token(
    account: Account, key: SigningKey, ask: Callable[[Form], Reply]
) -> None:
    account.change(jwt_certificate=key.public)
    stale = int((account.now() - timedelta(seconds=1)).timestamp())
    bad = [
        assertion_of(account, SigningKey()),
        assertion_of(account, key, exp=stale),
        assertion_of(account, key, aud="https://example.com"),
        assertion_of(account, key, sub="nobody@example.net"),
    ]
    for form in bad:
        reply = ask(form)
        assert (reply.status, reply.json()["error"]) == (400, "invalid_grant")


@pytest.mark.requirement("OAUTH-006")
def test_token_parameters_may_stand_in_the_query_string_beside_an_empty_body(
    wire: Wire, mine: Credentials, code_of: Callable[[str], int | None]
) -> None:
    reply = wire.send("POST", f"{TOKEN}?{urlencode(by_password(mine))}")
    assert reply.status == 200
    assert code_of(reply.json()["access_token"]) is None


@pytest.mark.requirement("OAUTH-007")
def test_the_client_may_be_named_by_http_basic(wire: Wire, mine: Credentials) -> None:
    form = by_refresh_token(mine)
    pair = f"{form.pop('client_id')}:{form.pop('client_secret')}"
    basic = base64.b64encode(pair.encode()).decode()
    reply = wire.post_form(TOKEN, form, {"Authorization": f"Basic {basic}"})
    assert reply.status == 200
    assert reply.json()["access_token"]


@pytest.mark.requirement("OAUTH-008", "OAUTH-009")
def test_a_token_answer_has_the_known_keys(
    account: Account, mine: Credentials, buy: Callable[[Form], Form]
) -> None:
    answer = buy(by_password(mine))
    assert answer["token_type"] == "Bearer"
    assert urlsplit(answer["instance_url"]).scheme == "https"
    assert "/id/" in urlsplit(answer["id"]).path
    assert answer["issued_at"] == str(round(account.now().timestamp() * 1000))
    assert "expires_in" not in answer
    assert "refresh_token" not in answer


@pytest.mark.requirement("OAUTH-010", "OAUTH-018")
@pytest.mark.parametrize("change", [{"username": "nobody@example.net"}, {"password": "not-it"}])
def test_wrong_user_credentials_are_an_invalid_grant(
    mine: Credentials, ask: Callable[[Form], Reply], change: Form
) -> None:
    reply = ask(by_password(mine, **change))
    assert_turned_down(reply, "invalid_grant", "authentication failure")
    assert reply.content_type.startswith("application/json")


@pytest.mark.requirement("OAUTH-011", "OAUTH-018")
def test_an_unknown_client_is_told_so(mine: Credentials, ask: Callable[[Form], Reply]) -> None:
    reply = ask(by_refresh_token(mine, client_id="nobodys-app"))
    assert_turned_down(reply, "invalid_client_id", "client identifier invalid")


@pytest.mark.requirement("OAUTH-012", "OAUTH-018")
@pytest.mark.parametrize("grant", [by_password, by_refresh_token])
def test_a_wrong_client_secret_is_an_invalid_client(
    mine: Credentials, ask: Callable[[Form], Reply], grant: Callable[..., Form]
) -> None:
    reply = ask(grant(mine, client_secret="not-it"))
    assert_turned_down(reply, "invalid_client", "invalid client credentials")


@pytest.mark.requirement("OAUTH-013", "OAUTH-018")
def test_an_unknown_grant_is_unsupported(mine: Credentials, ask: Callable[[Form], Reply]) -> None:
    reply = ask(by_password(mine, grant_type="telepathy"))
    assert_turned_down(reply, "unsupported_grant_type", "grant type not supported")


@pytest.mark.requirement("OAUTH-014", "OAUTH-018")
def test_an_unknown_refresh_token_is_an_expired_one(
    mine: Credentials, ask: Callable[[Form], Reply]
) -> None:
    reply = ask(by_refresh_token(mine, refresh_token="nobodys-token"))
    assert_turned_down(reply, "invalid_grant", "expired access/refresh token")


@pytest.mark.requirement("OAUTH-015")
def test_a_revoked_token_stops_working_and_others_do_not(
    wire: Wire,
    mine: Credentials,
    buy: Callable[[Form], Form],
    code_of: Callable[[str], int | None],
) -> None:
    gone, kept = (buy(by_refresh_token(mine))["access_token"] for _ in range(2))
    reply = wire.post_form(REVOKE, {"token": gone})
    assert (reply.status, reply.body) == (200, b"")
    assert code_of(gone) == BAD_TOKEN
    assert code_of(kept) is None


@pytest.mark.requirement("OAUTH-016")
def test_revoking_a_refresh_token_ends_what_was_bought_with_it(
    wire: Wire,
    mine: Credentials,
    ask: Callable[[Form], Reply],
    code_of: Callable[[str], int | None],
) -> None:
    bought = ask(by_refresh_token(mine)).json()["access_token"]
    other = ask(by_password(mine)).json()["access_token"]
    assert wire.post_form(REVOKE, {"token": mine.refresh_token}).status == 200
    assert code_of(bought) == BAD_TOKEN
    assert code_of(other) is None
    description = "expired access/refresh token"
    assert_turned_down(ask(by_refresh_token(mine)), "invalid_grant", description)


@pytest.mark.requirement("OAUTH-017")
def test_a_token_expires_to_the_second_after_the_lifetime_that_was_set(
    make_account: Callable[..., Account],
    buy: Callable[[Form], Form],
    wire: Wire,
    version: str,
) -> None:
    account = make_account(quirks={"access_token_minutes": 20})
    mine = account.credentials
    headers = {
        "Authorization": f"Bearer {buy(by_refresh_token(mine))['access_token']}",
        "Pardot-Business-Unit-Id": mine.business_unit_id,
    }
    target = f"/api/export/version/{version}/do/query?format=json"
    account.advance(timedelta(minutes=19, seconds=59))
    assert wire.get(target, headers).envelope("json").code is None
    account.advance(timedelta(seconds=1))
    assert wire.get(target, headers).envelope("json").code == BAD_TOKEN
