"""Lives end at their very second, also where the clocks of the user or the account change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from pardot_mock.domain.plans import Plan, PlanKind
from pardot_mock.newaccount import UserWish
from tests.integration.conftest import EXPORT, Bench, Caller, activity_export, err_code

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

WEEK = timedelta(days=7)
HOUR = timedelta(minutes=60)
SECOND = timedelta(seconds=1)
WORK = timedelta(minutes=5)


@dataclass(frozen=True)
class Change:
    """A change of the clocks: where, when (UTC), how long its day is, and by how much it jumps."""

    zone: str
    at: datetime
    day: timedelta
    jump: timedelta

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%d}"

    def wall(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S")


def change(zone: str, at: str, minutes: int) -> Change:
    jump = timedelta(minutes=minutes)
    return Change(zone, datetime.fromisoformat(at).replace(tzinfo=UTC), 24 * HOUR - jump, jump)


CHANGES = [
    change("Europe/Berlin", "2026-03-29 01:00", 60),
    change("Europe/Berlin", "2026-10-25 01:00", -60),
    change("America/New_York", "2026-03-08 07:00", 60),
    change("America/New_York", "2026-11-01 06:00", -60),
    change("Australia/Lord_Howe", "2026-10-03 15:30", 30),
    change("Australia/Lord_Howe", "2026-04-04 15:00", -30),
]
every_change = pytest.mark.parametrize("change", CHANGES, ids=str)
whose_zone = pytest.mark.parametrize("whose", ["account", "user"])


def opened(bench: Bench, change: Change, whose: str, start: datetime, plan: Plan) -> Caller:
    """Begin at `start` with the zone of the change on one side only, and log in."""
    home = change.zone if whose == "account" else "UTC"
    users = [UserWish("traveller@example.com", timezone=change.zone if whose == "user" else "UTC")]
    bench.fresh(*users, now=start, timezone=home, plan=plan)
    return bench.caller("traveller@example.com")


def go_to(bench: Bench, at: datetime) -> None:
    bench.control("clock", {"set": at.isoformat()})


def status_of_file(caller: Caller, path: str) -> int | None:
    answer = caller.get(path)
    return None if answer.status_code == 200 else err_code(answer)


@every_change
@whose_zone
def test_results_are_there_until_the_second_seven_days_after_completion(
    bench: Bench, change: Change, whose: str
) -> None:
    start = change.at - timedelta(days=3)
    plan = Plan(PlanKind.TIMED, wait=timedelta(0), work=WORK)
    caller = opened(bench, change, whose, start, plan)
    export_id = caller.new_export()
    go_to(bench, start + WORK)
    file = caller.read(export_id)["resultRefs"].partition("/api/")[2]

    go_to(bench, start + WORK + WEEK - SECOND)
    caller.log_in()
    shown = caller.read(export_id)
    assert (shown["isExpired"], "resultRefs" in shown) == (False, True)
    assert status_of_file(caller, f"/api/{file}") is None

    go_to(bench, start + WORK + WEEK)
    shown = caller.read(export_id)
    assert (shown["state"], shown["isExpired"]) == ("Complete", True)
    assert "resultRefs" not in shown
    assert status_of_file(caller, f"/api/{file}") == 178
    # A week is seven times 24 hours, so the wall clock shows another time of the day.
    zone = ZoneInfo(change.zone if whose == "user" else "UTC")
    gone = (start + WORK + WEEK).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    assert shown["updatedAt"] == gone
    if whose == "user":
        wall = datetime.fromisoformat(gone) - datetime.fromisoformat(change.wall(start + WORK))
        assert wall == WEEK + change.jump


@every_change
@whose_zone
def test_an_unfinished_export_is_cancelled_at_the_second_seven_days_after_its_creation(
    bench: Bench, change: Change, whose: str
) -> None:
    start = change.at - timedelta(days=3)
    plan = Plan(PlanKind.STUCK, wait=timedelta(0), work=timedelta(0))
    caller = opened(bench, change, whose, start, plan)
    export_id = caller.new_export()
    go_to(bench, start + WEEK - SECOND)
    shown = caller.log_in().read(export_id)
    assert (shown["state"], shown["isExpired"]) == ("Processing", False)
    go_to(bench, start + WEEK)
    shown = caller.read(export_id)
    assert (shown["state"], shown["isExpired"]) == ("Failed", True)


@every_change
@whose_zone
def test_a_key_lives_for_sixty_minutes_even_if_the_clocks_change_meanwhile(
    bench: Bench, change: Change, whose: str
) -> None:
    start = change.at - timedelta(minutes=20)
    caller = opened(bench, change, whose, start, Plan())
    first = caller.key
    go_to(bench, start + HOUR - SECOND)
    assert caller.count() == 0
    assert caller.log_in().key == first
    go_to(bench, start + HOUR)
    assert err_code(caller.get(f"{EXPORT}/query")) == 1
    assert caller.log_in().key != first
    assert caller.count() == 0


@every_change
def test_the_allowance_is_whole_again_at_local_midnight_of_a_day_with_a_change(
    bench: Bench, change: Change
) -> None:
    zone = ZoneInfo(change.zone)
    morning = change.at.astimezone(zone).replace(hour=0, minute=0).astimezone(UTC)
    # The user's own midnight is another one and does not matter.
    caller = opened(bench, change, "account", morning - HOUR, Plan())
    caller.count()
    assert used(bench) == 1
    go_to(bench, morning - SECOND)
    assert used(bench) == 1
    go_to(bench, morning)
    assert used(bench) == 0
    night = morning + change.day
    assert budget(bench)["resets_at"] == night.isoformat()
    go_to(bench, night - SECOND)
    caller.log_in().count()
    caller.count()
    assert used(bench) == 2
    go_to(bench, night)
    assert used(bench) == 0
    assert budget(bench)["resets_at"] == (night + timedelta(days=1)).isoformat()


@every_change
def test_the_calendar_lists_the_midnights_of_a_day_with_a_change(
    bench: Bench, change: Change
) -> None:
    morning = change.at.astimezone(ZoneInfo(change.zone)).replace(hour=0, minute=0)
    start = morning.astimezone(UTC) - HOUR
    opened(bench, change, "account", start, Plan())
    moved = bench.advance("60h")["events"]
    resets = [(e["at"], e["subject"]) for e in moved if e["kind"] == "quota_resets"]
    days = [timedelta(0), change.day, change.day + timedelta(days=1)]
    assert resets == [
        (
            (start + HOUR + length).isoformat(),
            (morning.date() + timedelta(days=number)).isoformat(),
        )
        for number, length in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("zone", "wall", "meant", "others"),
    [
        # Skipped: the wall time moves forward by the gap.
        ("Europe/Berlin", "2026-03-29 02:30:00", "01:30:00", ("00:30:00", "01:00:00")),
        ("America/New_York", "2026-03-08 02:30:00", "07:30:00", ("06:30:00", "07:00:00")),
        # Twice: the first of the two is meant.
        ("Europe/Berlin", "2026-10-25 02:30:00", "00:30:00", ("01:30:00",)),
        ("America/New_York", "2026-11-01 01:30:00", "05:30:00", ("06:30:00",)),
    ],
)
@pytest.mark.parametrize("bound", ["created_after", "created_before"])
def test_a_wall_time_that_does_not_exist_or_exists_twice_bounds_a_range_at_one_instant(
    bench: Bench, zone: str, wall: str, meant: str, others: tuple[str, ...], bound: str
) -> None:
    day = wall[:10]
    bench.fresh(now=datetime(2026, 11, 10, tzinfo=UTC), timezone=zone, rows=400_000)
    caller = bench.caller()
    bench.control("plan", {"kind": "instant"})

    def digest(text: str) -> str:
        bounds = {"created_after": f"{day}T00:00:00Z", "created_before": f"{day}T12:00:00Z"}
        arguments = activity_export(**{**bounds, bound: text})
        export_id = int(caller.create(arguments).get_json()["export"]["id"])
        path = f"/_mock/accounts/{bench.account.id}/exports/{export_id}/truth"
        truth = caller.get(path).get_json()
        assert truth["rows"] > 0
        return str(truth["digest"])

    assert digest(wall) == digest(f"{day}T{meant}Z")
    assert digest(wall) not in [digest(f"{day}T{other}Z") for other in others]


@pytest.mark.parametrize(("quirks", "seconds"), [
    ({}, 86_400), ({"year_tolerance_seconds": 0}, 0), ({"year_tolerance_seconds": 60}, 60),
])  # fmt: skip
def test_a_range_may_be_a_year_long_and_the_seconds_of_tolerance_longer(
    bench: Bench, quirks: dict[str, int], seconds: int
) -> None:
    caller = bench.fresh(rows=200, quirks=quirks).caller()
    end = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    def create(before: datetime) -> TestResponse:
        bounds = {"created_after": "2025-01-01T00:00:00Z", "created_before": before.isoformat()}
        return caller.create(activity_export(**bounds))

    assert create(end).status_code == 200
    assert err_code(create(end + SECOND)) == 177


def budget(bench: Bench) -> dict[str, object]:
    path = f"/_mock/accounts/{bench.account.id}/budget"
    answer: dict[str, object] = bench.client.get(path).get_json()
    return answer


def used(bench: Bench) -> object:
    return budget(bench)["used"]
