"""Bearer tokens on calls: the two headers, and the code for each fault in them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import activities, assert_refused, complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.facts import Credentials
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply
    from pardot_contracts.wire import Wire

# A plain server is given no OAuth credentials.
pytestmark = pytest.mark.needs("control")

UNIT = "Pardot-Business-Unit-Id"
UNKNOWN_UNIT = "0Uv9Z9Z9Z9Z9Z9ZAAA"
BEGINNING = "access_token is invalid, unknown, or malformed"


@pytest.fixture
def buy(wire: Wire) -> Callable[[Credentials], str]:
    """Buy an access token by the refresh_token grant."""

    def grant(mine: Credentials) -> str:
        fields = {
            "grant_type": "refresh_token",
            "client_id": mine.client_id,
            "client_secret": mine.client_secret,
            "refresh_token": mine.refresh_token,
        }
        reply = wire.post_form("/services/oauth2/token", fields)
        assert reply.status == 200, reply.text
        return str(reply.json()["access_token"])

    return grant


def query_with(raw: RawDriver, headers: dict[str, str]) -> Reply:
    """Query exports with exactly these headers."""
    return raw.send("GET", f"/api/export/version/{raw.version}/do/query", headers=headers)


def bearer(token: str, unit: str) -> dict[str, str]:
    """Give the two headers of a Bearer call."""
    return {"Authorization": f"Bearer {token}", UNIT: unit}


@pytest.mark.requirement("AUTH-014")
@pytest.mark.parametrize("era", ["dual", "oauth"])
def test_a_token_and_its_business_unit_authenticate_a_call(
    connect_raw: Callable[..., RawDriver],
    make_account: Callable[..., Account],
    buy: Callable[[Credentials], str],
    era: str,
) -> None:
    mine = make_account(quirks={"auth_era": era}).credentials
    raw = connect_raw(mine)
    reply = query_with(raw, bearer(buy(mine), mine.business_unit_id))
    assert reply.answer(raw.form).total == 0


@pytest.mark.requirement("AUTH-014", "RESULT-002")
@pytest.mark.needs("time_travel")
def test_a_download_needs_both_headers_as_well(
    raw: RawDriver, account: Account, buy: Callable[[Credentials], str]
) -> None:
    export = complete(raw, account, activities(account))
    both = bearer(buy(account.credentials), account.credentials.business_unit_id)
    assert raw.send("GET", export.refs[0], headers=both).file().rows
    del both[UNIT]
    assert raw.send("GET", export.refs[0], headers=both).answer(raw.form).code == 181


@pytest.mark.requirement("AUTH-015")
def test_a_bearer_call_without_a_business_unit_gives_code_181(
    raw: RawDriver, account: Account, buy: Callable[[Credentials], str]
) -> None:
    reply = query_with(raw, {"Authorization": f"Bearer {buy(account.credentials)}"})
    assert_refused(reply.answer(raw.form), 181)
    assert reply.status == 400


@pytest.mark.requirement("AUTH-016")
def test_an_unknown_business_unit_gives_code_201(
    raw: RawDriver, account: Account, buy: Callable[[Credentials], str]
) -> None:
    reply = query_with(raw, bearer(buy(account.credentials), UNKNOWN_UNIT))
    assert reply.answer(raw.form).code == 201


@pytest.mark.requirement("AUTH-016", "AUTH-018")
def test_the_business_unit_of_another_account_does_not_take_the_token(
    connect_raw: Callable[..., RawDriver],
    make_account: Callable[..., Account],
    buy: Callable[[Credentials], str],
) -> None:
    mine, theirs = (make_account().credentials for _ in range(2))
    raw = connect_raw(mine)
    reply = query_with(raw, bearer(buy(mine), theirs.business_unit_id))
    assert reply.answer(raw.form).code in (184, 201)


@pytest.mark.requirement("AUTH-017")
@pytest.mark.parametrize("unit", ["0Uv", "0Ux000000000001AAA", "x" * 18, "0Uv00000000000!AAA"])
def test_a_malformed_business_unit_gives_code_182(
    raw: RawDriver, account: Account, buy: Callable[[Credentials], str], unit: str
) -> None:
    reply = query_with(raw, bearer(buy(account.credentials), unit))
    assert_refused(reply.answer(raw.form), 182)


@pytest.mark.requirement("AUTH-018", "AUTH-019")
def test_an_unknown_token_gives_code_184_with_http_401(raw: RawDriver, account: Account) -> None:
    reply = query_with(raw, bearer("00Dnobody!token", account.credentials.business_unit_id))
    answer = reply.answer(raw.form)
    assert (answer.code, reply.status) == (184, 401)
    assert (answer.message or "").startswith(BEGINNING)


@pytest.mark.requirement("AUTH-018", "AUTH-019")
@pytest.mark.needs("time_travel")
def test_an_expired_token_gives_code_184_with_http_401(
    raw: RawDriver, account: Account, buy: Callable[[Credentials], str]
) -> None:
    headers = bearer(buy(account.credentials), account.credentials.business_unit_id)
    assert query_with(raw, headers).answer(raw.form).ok
    account.advance(timedelta(days=30))
    reply = query_with(raw, headers)
    answer = reply.answer(raw.form)
    assert (answer.code, reply.status) == (184, 401)
    assert (answer.message or "").startswith(BEGINNING)


@pytest.mark.requirement("AUTH-021")
def test_the_business_unit_is_checked_before_the_token(raw: RawDriver) -> None:
    assert query_with(raw, bearer("00Dnobody!token", UNKNOWN_UNIT)).answer(raw.form).code == 201


@pytest.mark.requirement("AUTH-022")
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_header_names_are_matched_whatever_their_case(
    raw: RawDriver,
    wire: Wire,
    account: Account,
    buy: Callable[[Credentials], str],
    change: Callable[[str], str],
) -> None:
    suffix = "?format=json" if raw.form == "json" else ""
    target = f"/api/export/version/{raw.version}/do/query{suffix}"
    spellings = [
        raw.authorization(),
        bearer(buy(account.credentials), account.credentials.business_unit_id),
    ]
    for headers in spellings:
        spelled = {change(name): value for name, value in headers.items()}
        assert wire.get(target, spelled).answer(raw.form).ok
