"""Abilities: who may create, who may see the exports of others, and who may list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from pardot_contracts.suite.steps import (
    activities,
    as_set,
    assert_refused,
    complete,
    create,
    known,
    memberships,
    prospects,
    read,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pardot_contracts.control import Account
    from pardot_contracts.drivers import Driver
    from pardot_contracts.raw import RawDriver

pytestmark = pytest.mark.needs("control")

VISITORS = "Prospects > Visitors > View"
LISTS = "Marketing > Segmentation > Lists > View"
EXPORTS = "Admin > Exports > View"


class Team(NamedTuple):
    """An administrator and two colleagues of the role Marketing, in one account."""

    account: Account
    admin: Driver
    ann: Driver
    ben: Driver


@pytest.fixture
def team(connect: Callable[..., Driver], make_account: Callable[..., Account]) -> Team:
    """Give a team of three."""
    users = [
        {"email": f"{name}@example.com", "role": "Marketing", "timezone": "UTC"}
        for name in ("ann", "ben")
    ]
    account = make_account(users=users)
    ann, ben = (connect(user.credentials) for user in account.users)
    return Team(account, connect(account.credentials), ann, ben)


def with_abilities(make_account: Callable[..., Account], *abilities: str) -> Account:
    """Make an account with one further user who has exactly these abilities."""
    user = {"email": "cleo@example.com", "role": "Marketing", "timezone": "UTC"}
    return make_account(users=[{**user, "abilities": list(abilities)}])


@pytest.mark.requirement("PERM-001")
@pytest.mark.parametrize("ask", [activities, prospects])
def test_without_the_visitors_ability_activities_and_prospects_cannot_be_exported(
    connect: Callable[..., Driver],
    make_account: Callable[..., Account],
    ask: Callable[..., dict[str, object]],
) -> None:
    account = with_abilities(make_account, LISTS)
    cleo = connect(account.users[0].credentials)
    assert_refused(cleo.create(ask(account)), 46)
    assert known(connect(account.credentials)) == []


@pytest.mark.requirement("PERM-001")
def test_the_visitors_ability_suffices_for_activities_and_prospects(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    account = with_abilities(make_account, VISITORS)
    cleo = connect(account.users[0].credentials)
    assert cleo.create(activities(account)).ok
    assert cleo.create(prospects(account)).ok


@pytest.mark.requirement("PERM-002")
@pytest.mark.parametrize("ability", [VISITORS, LISTS])
def test_one_of_two_abilities_does_not_suffice_for_list_memberships(
    connect: Callable[..., Driver], make_account: Callable[..., Account], ability: str
) -> None:
    account = with_abilities(make_account, ability)
    assert_refused(connect(account.users[0].credentials).create(memberships(account)), 46)


@pytest.mark.requirement("PERM-002")
def test_both_abilities_suffice_for_list_memberships(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    account = with_abilities(make_account, VISITORS, LISTS)
    assert connect(account.users[0].credentials).create(memberships(account)).ok


@pytest.mark.requirement("PERM-003")
@pytest.mark.needs("time_travel")
def test_a_user_reads_and_downloads_an_export_of_their_own(team: Team) -> None:
    export = complete(team.ann, team.account, activities(team.account))
    assert rows_of(team.ann, export)


@pytest.mark.requirement("PERM-004")
def test_the_export_of_a_colleague_cannot_be_read(team: Team) -> None:
    export = create(team.ann, activities(team.account))
    assert_refused(team.ben.read(export.id), 46)


@pytest.mark.requirement("PERM-004")
def test_not_even_the_export_of_an_administrator_can_be_read(team: Team) -> None:
    export = create(team.admin, activities(team.account))
    assert_refused(team.ben.read(export.id), 46)


@pytest.mark.requirement("PERM-005")
@pytest.mark.needs("time_travel")
def test_an_administrator_reads_and_downloads_the_export_of_anybody(team: Team) -> None:
    export = complete(team.ann, team.account, activities(team.account))
    seen = read(team.admin, export.id)
    assert (seen.id, seen.state) == (export.id, "Complete")
    assert as_set(rows_of(team.admin, seen)) == as_set(rows_of(team.ann, export))


@pytest.mark.requirement("PERM-006")
def test_only_the_exports_ability_allows_the_query(team: Team) -> None:
    export = create(team.ann, activities(team.account))
    assert_refused(team.ann.query({}), 46)
    assert [item.id for item in team.admin.query({}).exports] == [export.id]


@pytest.mark.requirement("PERM-005", "PERM-006")
def test_the_exports_ability_alone_allows_to_list_and_to_read(
    connect: Callable[..., Driver], make_account: Callable[..., Account]
) -> None:
    account = with_abilities(make_account, EXPORTS)
    export = create(connect(account.credentials), activities(account))
    cleo = connect(account.users[0].credentials)
    assert known(cleo) == [export.id]
    assert read(cleo, export.id).id == export.id


@pytest.mark.requirement("PERM-007")
@pytest.mark.needs("time_travel")
def test_the_result_file_of_a_colleague_cannot_be_downloaded(team: Team) -> None:
    export = complete(team.ann, team.account, activities(team.account))
    assert_refused(team.ben.download(export), 46)
    assert rows_of(team.ann, export)


@pytest.mark.requirement("PERM-008", "EXP-CREATE-046")
def test_a_lacking_ability_is_told_byte_for_byte_with_a_4xx(
    connect_raw: Callable[..., RawDriver], make_account: Callable[..., Account]
) -> None:
    account = with_abilities(make_account, LISTS)
    cleo = connect_raw(account.users[0].credentials)
    for reply in (cleo.create_reply(activities(account)), cleo.query_reply({})):
        assert 400 <= reply.status < 500
        assert b"This API user lacks sufficient permissions for the requested operation" in (
            reply.body
        )
        assert_refused(reply.answer(cleo.form), 46)
