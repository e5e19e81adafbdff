"""Authentication of calls: the header, its spellings, and the code for each fault."""

from __future__ import annotations

import base64
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pardot_contracts.suite.steps import activities, assert_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply

pytestmark = pytest.mark.auth("api_key")

SPELLINGS = MappingProxyType(
    {
        "documented": "Pardot api_key={k}, user_key={u}",
        "reversed": "Pardot user_key={u},api_key={k}",
        "reversed with a blank": "Pardot user_key={u}, api_key={k}",
        "quoted": 'Pardot api_key="{k}", user_key="{u}"',
    }
)


def query_with(
    raw: RawDriver, authorization: str | None, params: dict[str, str] | None = None
) -> Reply:
    """Query exports with exactly this `Authorization` header, or with none."""
    headers = {} if authorization is None else {"Authorization": authorization}
    path = f"/api/export/version/{raw.version}/do/query"
    return raw.send("GET", path, headers=headers, params=params)


def spell(raw: RawDriver, key: str | None, spelling: str = SPELLINGS["documented"]) -> str:
    """Write an `Authorization` header for `key` and the user's own user_key."""
    return spelling.format(k=key, u=raw.credentials.user_key)


@pytest.mark.requirement("AUTH-001")
def test_the_documented_header_authenticates_a_call(raw: RawDriver) -> None:
    header = spell(raw, raw.login().api_key)
    assert query_with(raw, header).answer(raw.form).ok


@pytest.mark.requirement("AUTH-002")
@pytest.mark.parametrize("spelling", ["reversed", "reversed with a blank"])
def test_the_two_keys_may_come_in_reversed_order(raw: RawDriver, spelling: str) -> None:
    header = spell(raw, raw.login().api_key, SPELLINGS[spelling])
    assert query_with(raw, header).answer(raw.form).ok


@pytest.mark.requirement("AUTH-003")
def test_quoted_keys_authenticate_a_call(raw: RawDriver) -> None:
    header = spell(raw, raw.login().api_key, SPELLINGS["quoted"])
    assert query_with(raw, header).answer(raw.form).ok


@pytest.mark.requirement("AUTH-006", "AUTH-010", "ERR-002")
def test_a_wrong_api_key_gives_code_1_in_http_200(raw: RawDriver) -> None:
    raw.login()
    reply = query_with(raw, spell(raw, "0" * 32))
    assert_refused(reply.answer(raw.form), 1)
    assert reply.status == 200


@pytest.mark.requirement("AUTH-006")
def test_a_wrong_user_key_gives_code_1(raw: RawDriver) -> None:
    header = f"Pardot api_key={raw.login().api_key}, user_key={'e' * 32}"
    assert_refused(query_with(raw, header).answer(raw.form), 1)


@pytest.mark.requirement("AUTH-007")
def test_an_api_key_with_the_user_key_of_a_colleague_gives_code_1(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    colleague = {"email": "ben@example.com", "role": "Administrator", "timezone": "UTC"}
    account = make_account(users=[colleague])
    mine = connect_raw(account.credentials)
    theirs = connect_raw(account.users[0].credentials)
    theirs.login()
    header = spell(theirs, mine.login().api_key)
    assert_refused(query_with(mine, header).answer(mine.form), 1)


@pytest.mark.requirement("AUTH-008")
def test_an_api_key_lives_60_minutes_to_the_second(raw: RawDriver, account: Account) -> None:
    header = spell(raw, raw.login().api_key)
    account.advance(timedelta(minutes=59, seconds=59))
    assert query_with(raw, header).answer(raw.form).ok
    account.advance(timedelta(seconds=1))
    assert_refused(query_with(raw, header).answer(raw.form), 1)


@pytest.mark.requirement("AUTH-009")
def test_using_an_api_key_does_not_prolong_its_life(raw: RawDriver, account: Account) -> None:
    header = spell(raw, raw.login().api_key)
    for _ in range(2):
        account.advance(timedelta(minutes=25))
        assert query_with(raw, header).answer(raw.form).ok
    account.advance(timedelta(minutes=10))
    assert_refused(query_with(raw, header).answer(raw.form), 1)


@pytest.mark.requirement("AUTH-011")
@pytest.mark.needs("writes")
def test_faults_other_than_bad_keys_never_give_code_1(raw: RawDriver, account: Account) -> None:
    refusals = [
        query_with(raw, None),
        query_with(raw, "Basic YTpi"),
        raw.read_reply(999_999_999),
        raw.read_reply("x"),
        raw.query_reply({"sort_by": "colour"}),
        raw.create_reply({**activities(account), "object": "unicorn"}),
        raw.call("POST", "create", data="<a/>", headers={"Content-Type": "text/xml"}),
    ]
    codes = [reply.answer(raw.form).code for reply in refusals]
    assert None not in codes
    assert 1 not in codes


@pytest.mark.requirement("AUTH-012")
def test_a_call_without_credentials_is_denied(raw: RawDriver) -> None:
    assert_refused(query_with(raw, None).answer(raw.form), 49)


@pytest.mark.requirement("AUTH-013")
def test_credentials_in_the_query_string_of_a_call_are_denied(raw: RawDriver) -> None:
    keys = {"api_key": raw.login().api_key or "", "user_key": raw.credentials.user_key}
    assert_refused(query_with(raw, None, params=keys).answer(raw.form), 49)


@pytest.mark.requirement("AUTH-027")
def test_an_unknown_authorization_scheme_is_denied(raw: RawDriver) -> None:
    mine = raw.credentials
    basic = base64.b64encode(f"{mine.email}:{mine.password}".encode()).decode()
    assert_refused(query_with(raw, f"Basic {basic}").answer(raw.form), 49)


@pytest.mark.requirement("AUTH-028")
def test_a_bearer_token_does_not_authenticate_in_the_legacy_era(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    raw = connect_raw(make_account(quirks={"auth_era": "legacy"}).credentials)
    assert not query_with(raw, "Bearer some-token").answer(raw.form).ok


@pytest.mark.requirement("AUTH-023")
def test_a_version_3_call_on_a_version_4_account_gives_code_88_in_http_200(
    raw_of: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    raw = raw_of("3", make_account(api_version=4).credentials)
    reply = raw.query_reply({})
    assert_refused(reply.answer(raw.form), 88)
    assert reply.status == 200


@pytest.mark.requirement("AUTH-024")
def test_a_version_4_call_on_a_version_3_account_gives_code_89_in_http_200(
    raw_of: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    raw = raw_of("4", make_account(api_version=3).credentials)
    reply = raw.query_reply({})
    assert_refused(reply.answer(raw.form), 89)
    assert reply.status == 200


@pytest.mark.requirement("AUTH-023", "AUTH-024")
@pytest.mark.parametrize("bound", [3, 4])
def test_an_account_serves_the_version_that_it_is_bound_to(
    raw_of: Callable[..., RawDriver],
    make_account: Callable[..., Account],
    bound: int,
) -> None:
    credentials = make_account(api_version=bound).credentials
    assert raw_of(str(bound), credentials).query({}).ok


@pytest.mark.requirement("AUTH-025")
@pytest.mark.parametrize("segment", ["four", "4x", "v4"])
def test_a_version_that_is_not_a_number_gives_code_94(raw: RawDriver, segment: str) -> None:
    path = f"/api/export/version/{segment}/do/query"
    reply = raw.send("GET", path, headers=raw.authorization())
    assert_refused(reply.answer(raw.form), 94)


@pytest.mark.requirement("AUTH-026")
def test_an_api_key_is_refused_once_the_oauth_era_has_begun(
    raw: RawDriver, account: Account
) -> None:
    header = spell(raw, raw.login().api_key)
    account.change(quirks={"auth_era": "oauth"})
    assert_refused(query_with(raw, header).answer(raw.form), 199)


@pytest.mark.requirement("AUTH-029")
def test_the_keys_of_an_account_stop_working_when_it_is_switched_to_version_4(
    raw_of: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    account = make_account(api_version=3)
    raw = raw_of("4", account.credentials)
    header = spell(raw, raw.login().api_key)
    account.change(api_version=4)
    assert_refused(query_with(raw, header).answer(raw.form), 1)
    assert query_with(raw, spell(raw, raw.login().api_key)).answer(raw.form).ok


@pytest.mark.requirement("AUTH-001")
@pytest.mark.needs("control")
def test_the_account_of_a_call_is_the_one_its_keys_belong_to(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    mine, theirs = make_account(), make_account()
    here, there = connect_raw(mine.credentials), connect_raw(theirs.credentials)
    assert here.create(activities(mine)).ok
    assert here.query({}).total == 1
    assert there.query({}).total == 0


@pytest.mark.requirement("LOGIN-017")
@pytest.mark.needs("control")
def test_a_key_from_the_login_of_another_version_is_as_good(
    raw_of: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    credentials = make_account(api_version=3).credentials
    key = raw_of("4", credentials).login().api_key
    raw = raw_of("3", credentials)
    assert query_with(raw, spell(raw, key)).answer(raw.form).ok


@pytest.mark.requirement("AUTH-004")
@pytest.mark.parametrize("era", ["legacy", "dual"])
@pytest.mark.needs("control")
def test_both_keys_may_stand_in_the_form_of_a_call(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account], era: str
) -> None:
    raw = connect_raw(make_account(quirks={"auth_era": era}).credentials)
    keys = {"api_key": raw.login().api_key or "", "user_key": raw.credentials.user_key}
    path = f"/api/prospect/version/{raw.version}/do/query"
    assert raw.send("POST", path, data={**keys, "limit": "1"}).answer(raw.form).ok


@pytest.mark.requirement("AUTH-004")
def test_a_wrong_key_in_the_form_of_a_call_gives_code_1(raw: RawDriver) -> None:
    keys = {"api_key": "0" * 32, "user_key": raw.credentials.user_key}
    path = f"/api/prospect/version/{raw.version}/do/query"
    assert_refused(raw.send("POST", path, data=keys).answer(raw.form), 1)


@pytest.mark.requirement("AUTH-005")
def test_the_user_key_may_stand_in_the_form_beside_the_api_key_in_the_header(
    raw: RawDriver,
) -> None:
    header = {"Authorization": f"Pardot api_key={raw.login().api_key}"}
    path = f"/api/prospect/version/{raw.version}/do/query"
    form = {"user_key": raw.credentials.user_key}
    assert raw.send("POST", path, data=form, headers=header).answer(raw.form).ok
    alone = raw.send("POST", path, data={"limit": "1"}, headers=header)
    assert not alone.answer(raw.form).ok
