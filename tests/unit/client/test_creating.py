"""A create whose answer gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pardot_client import CreateUncertain, MemoryReply, Reply, Request, Retrying, TransportFailed
from tests.unit.client.fake import FakeService, fail

if TYPE_CHECKING:
    from collections.abc import Callable

WANTED: dict[str, Any] = {
    "created_after": "2026-01-01",
    "type": [1, 2],
    "prospect_only": True,
    "fields": ["id"],
}


def carried_out_but_lost(service: FakeService) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        service.answer(request)
        raise TransportFailed("reset by peer")

    return answer


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_export_that_was_created_is_found_and_not_created_again(
    service: FakeService, form: str
) -> None:
    pardot = service.client(format=form)
    pardot.exports.create("visitorActivity", created_after="2025-01-01")
    service.script["create"].append(carried_out_but_lost(service))
    job = pardot.exports.create("visitorActivity", **WANTED)
    assert job.id == 102
    assert len(service.exports) == 2
    query = parse_qs(urlsplit(service.sent("query")[0].url).query)
    assert query["created_after"] == ["-6 seconds"]


def test_a_twin_of_the_same_process_is_not_taken_for_the_lost_one(service: FakeService) -> None:
    pardot = service.client()
    first = pardot.exports.create("visitorActivity", **WANTED)
    service.script["create"].append(TransportFailed("reset by peer"))
    second = pardot.exports.create("visitorActivity", **WANTED)
    assert second.id != first.id
    assert len(service.exports) == 2


@pytest.mark.parametrize(
    "lost",
    [TransportFailed("reset"), MemoryReply(500, b""), MemoryReply(200, b"{"), MemoryReply(502)],
)
def test_an_export_that_was_not_created_is_created_by_a_second_attempt(
    service: FakeService,
    lost: Any,
) -> None:
    service.script["create"].append(lost)
    assert service.client().exports.create("visitor", updated_after="today").id == 100
    assert len(service.exports) == 1


def test_a_connection_that_never_came_about_needs_no_looking_up(service: FakeService) -> None:
    service.script["create"].append(TransportFailed("refused", maybe_sent=False))
    service.client().exports.create("visitor", updated_after="today")
    assert not service.sent("query")


@pytest.mark.parametrize("lost", [TransportFailed("reset"), MemoryReply(503)])
def test_a_lost_login_is_no_lost_create(service: FakeService, lost: Any) -> None:
    service.script["login"].extend([lost] * 5)
    with pytest.raises(TransportFailed) as caught:
        service.client().exports.create("visitor", updated_after="today")
    assert not isinstance(caught.value, CreateUncertain)
    assert len(service.requests) == 5


def test_without_the_ability_to_list_exports_the_create_stays_uncertain(
    service: FakeService,
) -> None:
    service.script["create"].append(carried_out_but_lost(service))
    service.script["query"].append(fail(46, "This API user lacks sufficient permissions"))
    with pytest.raises(CreateUncertain, match="lacks sufficient"):
        service.client().exports.create("visitor", updated_after="today")
    assert len(service.sent("create")) == 1


def test_a_service_that_does_not_echo_leaves_the_create_uncertain(service: FakeService) -> None:
    service.echo = False
    service.script["create"].append(carried_out_but_lost(service))
    with pytest.raises(CreateUncertain, match="apart"):
        service.client().exports.create("visitor", updated_after="today")


def test_a_caller_may_forbid_looking_up(service: FakeService) -> None:
    service.script["create"].append(carried_out_but_lost(service))
    pardot = service.client(retrying=Retrying(uncertain_create="raise"))
    with pytest.raises(CreateUncertain):
        pardot.exports.create("visitor", updated_after="today")
    assert not service.sent("query")


def test_a_caller_may_allow_a_blind_repetition(service: FakeService) -> None:
    service.script["create"].append(carried_out_but_lost(service))
    pardot = service.client(retrying=Retrying(uncertain_create="repeat"))
    assert pardot.exports.create("visitor", updated_after="today").id == 102
    assert not service.sent("query")


def test_a_create_that_is_lost_every_time_ends(service: FakeService) -> None:
    service.script["create"].extend([TransportFailed("reset")] * 3)
    pardot = service.client(retrying=Retrying(attempts=3))
    with pytest.raises(CreateUncertain):
        pardot.exports.create("visitor", updated_after="today")
    assert len(service.sent("create")) == 3
