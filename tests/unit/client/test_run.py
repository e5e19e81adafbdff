"""Ranges of any length, budgets and progress."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import (
    BudgetExceeded,
    ExportFailed,
    InvalidRequest,
    Progress,
    TransportFailed,
)
from tests.unit.client.fake import CSV, FakeService

if TYPE_CHECKING:
    from pathlib import Path


def bounds(service: FakeService) -> list[tuple[str | None, str | None]]:
    found = []
    for request in service.sent("create"):
        arguments = json.loads(request.body or b"")["procedure"]["arguments"]
        found.append((arguments.get("created_after"), arguments.get("created_before")))
    return found


def test_a_short_range_is_one_export_with_the_very_bounds(service: FakeService) -> None:
    run = service.client().export(
        "visitorActivity", created_after="2026-01-01", created_before="last monday"
    )
    assert len(list(run)) == 2
    assert bounds(service) == [("2026-01-01", "last monday")]


def test_a_long_range_is_split_without_gap_or_overlap(service: FakeService) -> None:
    run = service.client().export(
        "visitorActivity", created_after="2024-02-29 10:00:00", created_before="2026-03-01"
    )
    assert len(list(run)) == 6
    assert bounds(service) == [
        ("2024-02-29 10:00:00", "2025-02-26 12:00:00"),
        ("2025-02-26 11:59:59", "2026-02-24 12:00:00"),
        ("2026-02-24 11:59:59", "2026-03-01"),
    ]


def test_an_open_range_stays_open_at_its_end(service: FakeService) -> None:
    list(service.client().export("visitorActivity", created_after="2025-01-01"))
    assert bounds(service) == [
        ("2025-01-01 00:00:00", "2025-12-30 12:00:00"),
        ("2025-12-30 11:59:59", None),
    ]


def test_aware_bounds_keep_their_offset(service: FakeService) -> None:
    after, before = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
    list(service.client().export("visitorActivity", created_after=after, created_before=before))
    assert bounds(service)[0] == ("2024-01-01T00:00:00+00:00", "2024-12-30T12:00:00+00:00")
    assert bounds(service)[-1][1] == "2025-06-01T00:00:00+00:00"


def test_other_arguments_and_columns_go_with_every_piece(service: FakeService) -> None:
    run = service.client().export(
        "prospect", updated_after="2024-01-01", updated_before="2026-01-01", deleted="all"
    )
    list(run)
    assert len(run.jobs) == 3
    for request in service.sent("create"):
        assert json.loads(request.body or b"")["procedure"]["arguments"]["deleted"] == "all"


def test_the_next_export_is_created_before_the_files_of_the_last_are_fetched(
    service: FakeService,
) -> None:
    list(
        service.client().export("visitor", created_after="2024-01-01", created_before="2025-06-01")
    )
    order = [service.operation(request) for request in service.requests]
    creates = [index for index, name in enumerate(order) if name == "create"]
    assert creates[1] < order.index("downloadResults")


def test_downloads_of_all_pieces_lie_side_by_side(service: FakeService, tmp_path: Path) -> None:
    run = service.client().export(
        "visitor", created_after="2024-01-01", created_before="2025-06-01"
    )
    assert [path.name for path in run.download(tmp_path)] == [
        "visitor-100-1.csv",
        "visitor-102-1.csv",
    ]


def test_a_run_goes_on_where_it_broke_off(service: FakeService, tmp_path: Path) -> None:
    run = service.client().export(
        "visitor", created_after="2024-01-01", created_before="2025-06-01"
    )
    service.script["downloadResults"].extend([TransportFailed("down")] * 5)
    with pytest.raises(TransportFailed):
        run.download(tmp_path)
    assert len(run.download(tmp_path)) == 2
    assert len(service.exports) == 2


def test_a_run_ends_with_the_error_of_its_export(service: FakeService) -> None:
    run = service.client().export("visitor", created_after="2026-01-01")
    service.looks = 0
    rows = iter(run)
    service.script["read"].append(lambda request: service.answer(_failing(service, request)))
    with pytest.raises(ExportFailed):
        next(rows)


def _failing(service: FakeService, request: Any) -> Any:
    for export in service.exports.values():
        export.state = "Failed"
    return request


@pytest.mark.parametrize("limit", [0, 5])
def test_a_budget_refuses_to_start_what_costs_more(service: FakeService, limit: int) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        service.client().export(
            "visitor", created_after="2024-01-01", created_before="2025-06-01", budget=limit
        )
    assert (caught.value.limit, caught.value.needed) == (limit, 6)
    assert not service.requests


def test_a_budget_is_never_overdrawn_and_the_export_can_be_resumed(service: FakeService) -> None:
    service.looks = 20
    pardot = service.client()
    run = pardot.export("visitor", created_after="2026-01-01", budget=5)
    with pytest.raises(BudgetExceeded) as caught:
        list(run)
    assert pardot.calls == 5
    assert caught.value.job is not None
    assert len(list(pardot.exports.resume(caught.value.job.id).wait().rows())) == 2


def test_a_budget_refuses_files_it_cannot_pay_for_before_the_first(service: FakeService) -> None:
    service.files = [CSV] * 9
    run = service.client().export("visitor", created_after="2026-01-01", budget=6)
    with pytest.raises(BudgetExceeded, match="9 files"):
        list(run)
    assert not service.sent("downloadResults")


def test_with_a_budget_files_are_fetched_before_the_next_export_is_paid_for(
    service: FakeService,
) -> None:
    run = service.client().export(
        "visitor", created_after="2024-01-01", created_before="2025-06-01", budget=50
    )
    list(run)
    order = [service.operation(request) for request in service.requests]
    assert order.index("downloadResults") < len(order) - order[::-1].index("create") - 1


def test_retries_count_against_the_budget(service: FakeService) -> None:
    service.script["read"].extend([TransportFailed("down")] * 4)
    with pytest.raises(BudgetExceeded):
        list(service.client().export("visitor", created_after="2026-01-01", budget=4))


def test_progress_tells_the_whole_story_in_order(service: FakeService) -> None:
    steps: list[Progress] = []
    list(service.client().export("visitor", created_after="2026-01-01", progress=steps.append))
    told = [(step.stage, step.state) for step in steps]
    assert told == [
        ("created", "Waiting"),
        ("waiting", "Waiting"),
        ("polled", "Processing"),
        ("waiting", "Processing"),
        ("polled", "Complete"),
        ("complete", "Complete"),
        ("downloading", "Complete"),
        ("downloaded", "Complete"),
    ]
    assert [step.next_poll for step in steps if step.stage == "waiting"] == [60, 120]
    assert (steps[-1].bytes_done, steps[-1].bytes_total) == (len(CSV), len(CSV))
    assert {(step.part, step.parts) for step in steps} == {(1, 1)}


def test_a_procedure_without_known_bounds_is_not_split(service: FakeService) -> None:
    run = service.client().export("x", procedure="filter_by_moon", arguments={"phase": "full"})
    assert len(run.requests) == 1


def test_an_unknown_word_is_refused(service: FakeService) -> None:
    with pytest.raises(InvalidRequest, match="created_since"):
        service.client().export("visitor", created_since="2026-01-01")  # type: ignore[call-arg]
