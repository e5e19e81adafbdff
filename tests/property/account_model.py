"""The rules of an account once more, written from the protocol's description and not from the code.

One export is processed at a time, the oldest first; it waits, it works, it ends. Results live for
seven days after completion, nothing unfinished outlives seven days after its creation, a key lives
for sixty minutes, and the daily count starts anew at local midnight. Everything is worked out from
the whole history whenever somebody asks, so there is no state that could be moved wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
HOUR = timedelta(minutes=60)
FIRST_ID = 1001
ATTEMPTS = 10
_FAR = datetime(2890, 1, 1, tzinfo=UTC)

Happening = tuple[datetime, str, int | str]


@dataclass
class Job:
    """An export as its plan wants it, and when somebody ended it by force, as what."""

    id: int
    created: datetime
    wait: timedelta
    work: timedelta | None
    fails: bool
    forced: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class Life:
    """When an export starts (None: never), how and when it ends, and when its results go."""

    id: int
    created: datetime
    start: datetime | None
    end: datetime
    ending: str
    gone: datetime | None

    def shown(self, now: datetime) -> tuple[str, bool, datetime | None, datetime | None]:
        """Give the state, whether it is expired, the start and the end, as they stand at `now`."""
        started = self.start if self.start is not None and self.start <= now else None
        if now < self.end:
            return ("Processing" if started else "Waiting"), False, started, None
        state = "Complete" if self.ending == "Complete" else "Failed"
        return state, self.gone is not None and self.gone <= now, started, self.end

    def updated(self, now: datetime) -> datetime:
        """Give the instant of the last change until `now`."""
        stamps = (self.created, self.start, self.end, self.gone)
        return max(at for at in stamps if at is not None and at <= now)

    def happenings(self) -> Iterator[Happening]:
        """List what happens to it, ever."""
        if self.start is not None:
            yield self.start, "export_starts", self.id
        cancelled = self.ending == "cancelled"
        yield self.end, "export_cancelled" if cancelled else "export_finishes", self.id
        if self.gone is not None and not cancelled:
            yield self.gone, "export_expires", self.id


def lives(jobs: list[Job]) -> list[Life]:
    """Work out how every export goes if nobody interferes any more."""
    found = []
    free = datetime(1970, 1, 1, tzinfo=UTC)
    for job in jobs:
        life = _life(job, free)
        free = max(free, life.end)
        found.append(life)
    return found


def _life(job: Job, free: datetime) -> Life:
    start, limit = max(job.created + job.wait, free), job.created + WEEK
    if job.forced is not None:
        at, ending = job.forced
        gone = at + WEEK if ending == "Complete" else None
        return Life(job.id, job.created, min(start, at), at, ending, gone)
    end = _FAR if job.work is None else start + job.work
    if start >= limit or end > limit:
        started = start if start < limit else None
        return Life(job.id, job.created, started, limit, "cancelled", limit)
    if job.fails:
        return Life(job.id, job.created, start, end, "Failed", None)
    return Life(job.id, job.created, start, end, "Complete", end + WEEK)


@dataclass
class Plan:
    """A wish for exports to come; `nth` None means all of them."""

    wait: timedelta
    work: timedelta | None
    fails: bool
    nth: int | None
    seen: int = 0


@dataclass
class PlannedFault:
    """An answer that the next `left` calls of `op` get: an error code, or a bare status."""

    op: str
    code: int | None
    status: int | None
    times: int
    left: int


@dataclass
class Model:
    """One account as it should be."""

    zone: ZoneInfo
    email: str
    now: datetime
    jobs: list[Job] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    faults: list[PlannedFault] = field(default_factory=list)
    key: str = ""
    key_until: datetime | None = None
    keys: set[str] = field(default_factory=set)
    failures: int = 0
    charged: list[datetime] = field(default_factory=list)
    calls: list[tuple[datetime, str, int | None]] = field(default_factory=list)

    def knows_key(self) -> bool:
        """Whether the last key still opens the door."""
        return self.key_until is not None and self.now < self.key_until

    def create(self) -> Job:
        """Add an export; the newest plan that wants it decides how it goes."""
        wait, work, fails = timedelta(seconds=2), timedelta(seconds=3), False
        for plan in self.plans:
            plan.seen += 1
            if plan.nth in (None, plan.seen):
                wait, work, fails = plan.wait, plan.work, plan.fails
        job = Job(FIRST_ID + len(self.jobs), self.now, wait, work, fails)
        self.jobs.append(job)
        return job

    def meet_faults(self, op: str) -> PlannedFault | None:
        """Use up the faults that a call of `op` meets; the oldest decides."""
        met = [fault for fault in self.faults if fault.left and fault.op in ("*", op)]
        for fault in met:
            fault.left -= 1
        return met[0] if met else None

    def used_today(self) -> int:
        """Count the charged calls of this local day."""
        today = self.now.astimezone(self.zone).date()
        return sum(at.astimezone(self.zone).date() == today for at in self.charged)

    def midnights(self, until: datetime) -> Iterator[Happening]:
        """List the local midnights after now."""
        day = self.now.astimezone(self.zone).date()
        while True:
            day += timedelta(days=1)
            at = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
            if at > until:
                return
            yield at, "quota_resets", day.isoformat()

    def happenings(self, until: datetime) -> list[Happening]:
        """List what happens after now and not after `until`, by instant."""
        known = [happening for life in lives(self.jobs) for happening in life.happenings()]
        if self.key_until is not None:
            known.append((self.key_until, "key_expires", self.email))
        due = [each for each in known if self.now < each[0] <= until]
        return sorted([*due, *self.midnights(until)], key=str)

    def next_due(self) -> datetime:
        """Give the instant of the next thing to happen."""
        return min(at for at, _, _ in self.happenings(self.now + timedelta(days=2)))
