"""Exports against the fake service: what is sent, what comes back, what is raised."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pardot_client import (
    AuthenticationFailed,
    DailyLimitReached,
    ExportExpired,
    ExportFailed,
    ExportTimedOut,
    ExportUnfinished,
    GarbledAnswer,
    InvalidRequest,
    MemoryReply,
    NotFound,
    PermissionMissing,
    Polling,
    Retrying,
    ServerFailed,
    TooManyConcurrentCalls,
    TransportFailed,
    VersionMismatch,
)
from tests.unit.client.fake import (
    PASSWORD,
    USER_KEY,
    FakeService,
    fail,
)

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    {"id": "1", "created_at": "2026-01-01 00:00:00"},
    {"id": "2", "created_at": "2026-01-02 00:00:00"},
]


def created_body(service: FakeService) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(service.sent("create")[-1].body or b"")
    return body


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("version", [3, 4])
def test_an_export_goes_from_create_to_rows(service: FakeService, form: str, version: int) -> None:
    pardot = service.client(format=form, version=version)
    job = pardot.exports.create("visitorActivity", created_after="2026-01-01")
    assert (job.id, job.state, job.refs) == (100, "Waiting", ())
    assert [*job.wait().rows()] == ROWS
    request = service.sent("create")[0]
    assert urlsplit(request.url).path == f"/api/export/version/{version}/do/create"
    assert parse_qs(urlsplit(request.url).query) == {"format": [form]}
    assert request.headers["Content-Type"] == "application/json"


def test_the_procedure_follows_from_the_names_of_the_bounds(service: FakeService) -> None:
    pardot = service.client()
    for name in ("created", "updated", "prospect_updated"):
        pardot.exports.create("x", **{f"{name}_after": "yesterday"})  # type: ignore[arg-type]
        assert created_body(service)["procedure"] == {
            "name": f"filter_by_{name}_at",
            "arguments": {f"{name}_after": "yesterday"},
        }


def test_arguments_are_spelled_as_the_service_spells_them(service: FakeService) -> None:
    service.client().exports.create(
        "visitorActivity",
        created_after=datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        created_before=date(2026, 6, 30),
        fields=["id", "type"],
        type=(1, 2),
        prospect_only=True,
    )
    assert created_body(service) == {
        "object": "visitorActivity",
        "fields": ["id", "type"],
        "procedure": {
            "name": "filter_by_created_at",
            "arguments": {
                "created_after": "2026-01-01T12:00:00+02:00",
                "created_before": "2026-06-30",
                "type": [1, 2],
                "prospectOnly": True,
            },
        },
    }


def test_an_explicit_procedure_is_sent_unchecked(service: FakeService) -> None:
    service.client().exports.create("x", procedure="filter_by_moon", arguments={"phase": "full"})
    assert created_body(service)["procedure"] == {
        "name": "filter_by_moon",
        "arguments": {"phase": "full"},
    }


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"created_before": "2026-01-01"},
        {"created_after": "2026-01-01", "updated_after": "2026-01-01"},
        {"created_after": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is the point
        {"created_after": "2026-01-01", "fields": "id,type"},
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_before_anything_is_sent(
    service: FakeService, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest):
        service.client().exports.create("visitorActivity", **given)
    assert not service.requests


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("files", [0, 1, 2, 7])
def test_every_shape_of_the_references_means_rows(
    service: FakeService, form: str, files: int
) -> None:
    service.files = [b"id\n%d\n" % number for number in range(files)]
    job = service.client(format=form).exports.create("visitor", updated_after="yesterday").wait()
    assert len(job.refs) == files
    assert sorted(int(str(row["id"])) for row in job.rows()) == list(range(files))


def test_waiting_follows_the_documented_advice(service: FakeService) -> None:
    service.looks = 7
    service.client().exports.create("visitor", updated_after="yesterday").wait()
    assert service.time.slept == [60, 120, 120, 180, 300, 360, 540]


def test_waiting_ends_at_its_deadline_with_a_last_look(service: FakeService) -> None:
    service.looks = 1000
    job = service.client().exports.create("visitor", updated_after="yesterday")
    with pytest.raises(ExportTimedOut) as caught:
        job.wait(timeout=200)
    assert service.time.slept == [60, 120]
    assert caught.value.job is job
    with pytest.raises(ExportTimedOut):
        job.wait(timeout=220)
    # The last pause is cut to end on the deadline, but never below thirty seconds.
    assert service.time.slept[2:] == [60, 120, 40]
    with pytest.raises(ExportTimedOut):
        job.wait(timeout=20)
    assert len(service.sent("read")) == 5


def test_a_sleep_that_returns_at_once_still_ends_at_the_deadline(service: FakeService) -> None:
    service.looks = 10**9
    job = service.client(sleep=lambda _: None).exports.create("visitor", updated_after="today")
    with pytest.raises(ExportTimedOut):
        job.wait(timeout=3600)


def test_a_key_grows_old_while_a_replaced_sleep_returns_at_once(service: FakeService) -> None:
    service.looks = 8
    real = service.time

    def pretend(seconds: float) -> None:
        real.seconds += seconds

    class Standing:
        def monotonic(self) -> float:
            return 0.0

        def now(self) -> datetime:
            return real.start

    pardot = service.client(sleep=pretend, clock=Standing())
    pardot.exports.create("visitor", updated_after="today").wait(timeout=7200)
    assert real.seconds > 2000
    pardot.exports.create("visitor", updated_after="today").wait(timeout=7200)
    assert real.seconds > 4000
    assert service.keys_given == 2
    # No call was ever signed with a key that was over.
    assert pardot.calls == len(service.sent("create")) + len(service.sent("read")) == 18


def test_a_finished_export_is_not_waited_for(service: FakeService) -> None:
    pardot = service.client()
    first = pardot.exports.create("visitor", updated_after="yesterday").wait()
    slept = len(service.time.slept)
    again = pardot.exports.resume(first.id)
    assert again.wait().state == "Complete"
    assert len(service.time.slept) == slept
    assert again.object == "visitor"


def test_a_failed_export_raises_and_can_be_created_again(service: FakeService) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday")
    service.exports[job.id].state = "Failed"
    with pytest.raises(ExportFailed) as caught:
        job.wait()
    assert caught.value.job is job
    second = job.again()
    assert second.id != job.id
    assert second.wait().state == "Complete"


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("types", [[6], [1, 2]])
def test_a_resumed_export_can_be_created_again_from_its_echo(
    service: FakeService, form: str, types: list[int]
) -> None:
    wanted = {"type": types, "prospect_only": True, "fields": ["id", "type"]}
    job = service.client().exports.create("visitorActivity", created_after="today", **wanted)
    resumed = service.client(format=form).exports.resume(job.id)
    resumed.again()
    first, second = (json.loads(request.body or b"") for request in service.sent("create"))
    found = second["procedure"]["arguments"]
    # One item and a list of one look alike, and the service takes either.
    found["type"] = [found["type"]] if isinstance(found["type"], int) else found["type"]
    assert first == second


def test_results_of_an_unfinished_export_are_not_asked_for(service: FakeService) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday")
    with pytest.raises(ExportUnfinished, match="Waiting"):
        job.rows()
    assert not service.sent("downloadResults")


def test_results_that_expired_meanwhile_raise_export_expired(
    service: FakeService, tmp_path: Path
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    service.exports[job.id].expired = True
    with pytest.raises(ExportExpired, match="seven days") as caught:
        job.download(tmp_path)
    assert [*tmp_path.iterdir()] == []
    assert [*caught.value.again().wait().rows()] == ROWS


def test_a_file_that_is_not_found_because_of_expiry_raises_export_expired(
    service: FakeService,
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    service.exports[job.id].expired = True
    service.script["downloadResults"].append(fail(109, "The requested record was not found."))
    with pytest.raises(ExportExpired):
        list(job.rows())


def test_a_file_that_is_not_found_for_no_known_reason_stays_not_found(
    service: FakeService,
) -> None:
    job = service.client().exports.create("visitor", updated_after="yesterday").wait()
    service.script["downloadResults"].append(fail(109, "The requested record was not found."))
    with pytest.raises(NotFound):
        list(job.rows())


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_of_exports_has_every_shape(service: FakeService, form: str, count: int) -> None:
    pardot = service.client(format=form)
    for _ in range(count):
        pardot.exports.create("visitor", updated_after="yesterday")
    found = pardot.exports.query(status="Waiting", object="visitor")
    assert [job.id for job in found] == [100 + 2 * n for n in reversed(range(count))]
    query = parse_qs(urlsplit(service.sent("query")[0].url).query)
    assert query == {"status": ["Waiting"], "object": ["visitor"], "format": [form]}


def test_an_export_from_a_list_asks_for_its_files_before_it_says_there_are_none(
    service: FakeService,
) -> None:
    pardot = service.client()
    pardot.exports.create("visitor", updated_after="yesterday").wait()
    assert [*pardot.exports.query()[0].rows()] == ROWS


def test_the_key_is_renewed_when_the_service_drops_it_early(service: FakeService) -> None:
    pardot = service.client()
    pardot.exports.create("visitor", updated_after="yesterday")
    service.key_until = -1
    pardot.exports.create("visitor", updated_after="yesterday")
    assert service.keys_given == 2
    assert len(service.sent("create")) == 3


def test_a_wrong_password_is_an_authentication_error_without_the_password(
    service: FakeService,
) -> None:
    service.script["login"].append(fail(15, f"Login failed for {PASSWORD}, {USER_KEY}"))
    with pytest.raises(AuthenticationFailed) as caught:
        service.client().exports.query()
    assert caught.value.code == 15
    shown = f"{caught.value!r} {caught.value} {caught.value.answer!r}"
    assert PASSWORD not in shown
    assert USER_KEY not in shown


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (46, 403, PermissionMissing),
        (49, 200, AuthenticationFailed),
        (122, 200, DailyLimitReached),
        (109, 400, NotFound),
        (177, 400, InvalidRequest),
        (88, 200, VersionMismatch),
        (201, 403, AuthenticationFailed),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_refusal_is_raised_by_what_to_do_next_and_not_sent_again(
    service: FakeService, form: str, code: int, status: int, kind: type[Exception]
) -> None:
    service.script["read"].append(fail(code, "Some & text", form, status))
    with pytest.raises(kind) as caught:
        service.client(format=form).exports.read(1)
    assert (caught.value.code, caught.value.status) == (code, status)  # type: ignore[attr-defined]
    assert caught.value.message == "Some & text"  # type: ignore[attr-defined]
    assert len(service.sent("read")) == 1


def test_an_error_carries_the_request_id(service: FakeService) -> None:
    reply = fail(177, "Invalid procedure argument.", status=400)
    headers = {**reply.headers, "x-pardot-mock-request-id": "r-17"}
    service.script["create"].append(MemoryReply(400, reply.body, headers))
    with pytest.raises(InvalidRequest, match="request r-17") as caught:
        service.client().exports.create("visitor", updated_after="2020-01-01")
    assert caught.value.request_id == "r-17"


def test_passing_failures_are_sent_again_with_growing_waits(service: FakeService) -> None:
    service.looks = 1
    job = service.client().exports.create("visitor", updated_after="yesterday")
    service.script["read"].extend(
        [
            TransportFailed("broken"),
            MemoryReply(503, b"<html>busy</html>"),
            fail(66, "You have exceeded your concurrent request limit."),
            fail(183, "An internal error occurred", status=500),
        ]
    )
    job.refresh()
    assert service.time.slept == [1, 2, 4, 8]
    assert job.state == "Complete"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (TransportFailed("broken"), TransportFailed),
        (MemoryReply(500, b""), ServerFailed),
        (MemoryReply(200, b"surprise"), GarbledAnswer),
        (MemoryReply(200, b'<!DOCTYPE x [<!ENTITY a "b">]><rsp stat="ok"/>'), GarbledAnswer),
        (fail(66, "concurrent"), TooManyConcurrentCalls),
    ],
)
def test_a_failure_that_does_not_pass_is_raised_after_the_last_attempt(
    service: FakeService,
    reply: Any,
    kind: type[Exception],
) -> None:
    service.script["read"].extend([reply] * 3)
    with pytest.raises(kind):
        service.client(retrying=Retrying(attempts=3)).exports.read(1)
    assert len(service.sent("read")) == 3


def test_a_redirect_is_reported_and_not_followed(service: FakeService) -> None:
    service.script["read"].append(MemoryReply(302, b"", {"location": "https://evil.example"}))
    with pytest.raises(InvalidRequest, match="redirect"):
        service.client().exports.read(1)


def test_a_disabled_account_is_recognised_in_a_page_of_text(service: FakeService) -> None:
    service.script["read"].append(MemoryReply(200, b"<p>Your account has been disabled</p>"))
    with pytest.raises(AuthenticationFailed, match="disabled"):
        service.client().exports.read(1)


def test_the_client_follows_the_account_to_its_version(service: FakeService) -> None:
    service.only_version = 3
    pardot = service.client(version=None)
    pardot.exports.create("visitor", updated_after="yesterday")
    pardot.exports.create("visitor", updated_after="yesterday")
    assert pardot.version == 3
    assert len(service.sent("create")) == 3


def test_a_fixed_version_is_kept(service: FakeService) -> None:
    service.only_version = 4
    with pytest.raises(VersionMismatch):
        service.client(version=3).exports.query()


def test_the_client_closes_its_transport(service: FakeService) -> None:
    with service.client() as pardot:
        pardot.log_in()
    assert service.closed


def test_the_reset_of_the_daily_limit_is_the_next_midnight_of_the_account(
    service: FakeService,
) -> None:
    reply = fail(122, "Daily API rate limit met")
    headers = {**reply.headers, "date": "Mon, 01 Jun 2026 20:00:00 GMT"}
    service.script["read"].append(MemoryReply(200, reply.body, headers))
    with pytest.raises(DailyLimitReached) as caught:
        service.client(timezone="America/New_York").exports.read(1)
    assert caught.value.resets_at == datetime(2026, 6, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "options",
    [
        {"email": None},
        {"version": 5},
        {"format": "yaml"},
        {"base_url": "ftp://pi.pardot.com"},
        {"base_url": "http://pi.pardot.com"},
        {"base_url": "https://user:pw@pi.pardot.com"},
        {"base_url": "https://"},
        {"timezone": "Mars/Olympus"},
        {"concurrency": 0},
        {"business_unit_id": "short", "access_token": "t"},
        {"business_unit_id": "0Uv000000000001AAA"},
    ],
)
def test_a_client_that_cannot_work_is_refused_at_once(
    service: FakeService, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest):
        service.client(**options)


def test_policies_that_make_no_sense_are_refused() -> None:
    for wrong in ({"unit": -1}, {"deadline": float("nan")}):
        with pytest.raises(ValueError, match="polling"):
            Polling(**wrong)
    for odd in ({"attempts": 0}, {"scatter": 2}, {"growth": 0.5}):
        with pytest.raises(ValueError, match="retrying"):
            Retrying(**odd)
