"""One account: the values of the domain, held together by a lock and moved by its own clock.

`settle` brings everything up to the present instant and is called at the start of every request;
nothing happens in between, because nothing can be observed in between.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.accountrows import account_row, user_row
from pardot_mock.changes import Changes
from pardot_mock.data import Dataset, Engines, WorldSpec
from pardot_mock.data.rowsource import RowSource
from pardot_mock.domain.calendar import Event, Jobs, calendar, events_between
from pardot_mock.domain.clock import Clock, whole_second
from pardot_mock.domain.customfields import OF_THE_CATALOGUE, custom_fields
from pardot_mock.domain.errors import Refused
from pardot_mock.domain.exports import Export, ExportRequest, ExportState
from pardot_mock.domain.fieldvalues import Circumstances
from pardot_mock.domain.identity import derive_hex, marks
from pardot_mock.domain.importrows import Outcome, RowRules
from pardot_mock.domain.imports import Import
from pardot_mock.domain.limits import CONCURRENT_CALLS, DailyUsage
from pardot_mock.domain.oauth import OAuthState
from pardot_mock.domain.plans import IMPORT, Plan, PlanRule, choose_plan
from pardot_mock.domain.procedures import read_request
from pardot_mock.domain.prospectfields import readers
from pardot_mock.domain.queue import ExportQueue, advance, force
from pardot_mock.domain.quirks import Quirks
from pardot_mock.domain.selections import RowSelection
from pardot_mock.domain.sessions import ApiKey, Sessions
from pardot_mock.domain.worlds import DEFAULT_ROWS, DEFAULT_SEED
from pardot_mock.faults import FaultPlan
from pardot_mock.importing import Importing
from pardot_mock.journal import Journal, Recent
from pardot_mock.results import Results
from pardot_mock.scenarios.opening import EarlyRows, Opening
from pardot_mock.scenarios.scenario import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pardot_mock.data.overlaychecks import CheckedRows
    from pardot_mock.data.overlayreading import RawTable
    from pardot_mock.domain.accounts import AccountInfo, User
    from pardot_mock.domain.customfields import CustomFields
    from pardot_mock.domain.imports import Batch, ImportRequest
    from pardot_mock.faults import Effect, FaultMatch
    from pardot_mock.vault import Vault

FIRST_EXPORT_ID = 1001
COLLEAGUE_ID = 1_000_000
MOST_CUSTOM_FIELDS = 100_000
_EARLY = timedelta(days=1)
"""How long before the start those rows of a scenario were created that do not say it."""

_BACKGROUND: Mapping[str, Any] = MappingProxyType(
    {
        "object": "visitorActivity",
        "procedure": MappingProxyType(
            {
                "name": "filter_by_created_at",
                "arguments": MappingProxyType({"created_after": "-30 days"}),
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """How an account starts, and what a reset brings it back to.

    `now` None means the present instant. `rate` is virtual seconds per real second. `rows` is the
    number of visitor activities in the synthetic world of `seed`. `faults` are planned anew at
    every start: what each matches, what it does, and how many times.
    """

    info: AccountInfo
    users: tuple[User, ...]
    secret: str = ""
    seed: int = DEFAULT_SEED
    rows: int = DEFAULT_ROWS
    now: datetime | None = None
    rate: float = 1.0
    quirks: Quirks = field(default_factory=Quirks)
    plan: Plan = field(default_factory=Plan)
    jwt_certificate: str | None = None
    opening: Opening = field(default_factory=Opening)
    faults: tuple[tuple[FaultMatch, Effect, int], ...] = ()
    concurrent_calls: int = CONCURRENT_CALLS


@dataclass(frozen=True, slots=True)
class Times:
    """Where real time comes from: seconds of a monotonic counter, and the present instant (UTC)."""

    monotonic: Callable[[], float]
    present: Callable[[], datetime]


class Account:
    """An account of the emulator. Everything but `now` wants `lock` to be held by the caller."""

    def __init__(
        self,
        options: AccountOptions,
        times: Times,
        vault: Vault,
        *,
        ahead: bool = False,
        engines: Engines | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.options = options
        self.marks = marks(options.seed, options.info.id)
        self._times = times
        self._ahead = ahead
        self._vault = vault
        self._engines = engines or Engines()
        self._begin()

    def _begin(self) -> None:
        options = self.options
        self.started_at = start = whole_second(options.now or self._times.present())
        self._started = start
        self.info = options.info
        self.users = {user.id: user for user in options.users}
        self.quirks = options.quirks
        self.clock = Clock(start, self._times.monotonic(), options.rate)
        self.queue = ExportQueue()
        self._settled, self._settled_at = self.queue, start
        self.sessions = Sessions()
        self.usage = DailyUsage()
        self.plan = options.plan
        self.plan_rules: tuple[PlanRule, ...] = ()
        self.next_export_id = FIRST_EXPORT_ID
        self.calls_under_way = 0
        self._reads: dict[int, int] = {}
        self._custom_fields: tuple[int, CustomFields] = (0, OF_THE_CATALOGUE)
        self.journal = Journal()
        self.recent = Recent()
        self.faults = FaultPlan()
        self.oauth = OAuthState()
        self.jwt_certificate = options.jwt_certificate
        spec = WorldSpec(seed=options.seed, rows=options.rows, start=start)
        dataset = Dataset(spec, self._engines)
        self.importing = Importing(options.info.id, self._vault)
        self.results = Results(options.info.id, options.seed, dataset, self._vault)
        self.rows = RowSource(dataset, MappingProxyType({"user": self._user_rows}))
        self._open(options.opening, start)

    def row(self, campaign_id: int | None) -> dict[str, Any]:
        """Give the account as a row of the object account; see `account_row`."""
        return account_row(self.info, self._started, campaign_id)

    def _user_rows(self) -> list[dict[str, Any]]:
        """Give the users of the account as rows of the object user."""
        return [user_row(user, self._started) for user in list(self.users.values())]

    def _open(self, opening: Opening, start: datetime) -> None:
        """Put in place what is there at the start; raise `ScenarioError` if it cannot be."""
        self.plan_rules = opening.plan_rules
        for match, effect, times in self.options.faults:
            self.faults.add(match, effect, times)
        self.usage = DailyUsage(start.astimezone(self.info.zone).date(), opening.used)
        for table in opening.data:
            self._load_early(table)
        for early in opening.exports:
            user = self._colleague() if early.by_colleague else self.owner
            created = start - early.age
            try:
                request = read_request(early.body, now=created, user=user, quirks=self.quirks)
            except Refused as refused:
                raise ScenarioError(f"{opening.scenario}: exports: {refused.detail}") from refused
            for _ in range(early.count):
                self._enqueue(request, user, created, early.plan)
        self._put_queue(advance(self.queue, start))

    def _load_early(self, table: EarlyRows) -> None:
        from pardot_mock.data.overlaychecks import checked
        from pardot_mock.data.overlayreading import BadRowError, read_mappings

        try:
            raw, before = read_mappings(table.rows), self.now() - _EARLY
            rows = checked(table.object, raw, self.info.zone, before, "the day before the start")
            self.results.load(rows, ())
        except BadRowError as error:
            scenario = self.options.opening.scenario
            raise ScenarioError(f"{scenario}: data: {table.object}: {error}") from error

    @property
    def id(self) -> str:
        """The name of the account on the control plane."""
        return self.info.id

    @property
    def owner(self) -> User:
        """The user whose credentials stand for the account."""
        return self.users[self.options.users[0].id]

    def now(self) -> datetime:
        """Give the present virtual instant, in whole seconds (UTC)."""
        return self.clock.now(self._times.monotonic())

    def reset(self) -> None:
        """Bring the account back to its start; its credentials stay the same."""
        self.destroy_files()
        self._begin()

    def destroy_files(self) -> None:
        """Destroy every result file and every imported file."""
        self.results.forget_all()
        self.importing.drop_all()

    def settle(self) -> datetime:
        """Make every change that is due, shred what has expired, and give the present instant."""
        now = self.now()
        self.importing.settle(now, self._complete_import)
        # Nothing becomes due twice within a second, and a call settles more than once.
        if self.queue is not self._settled or now != self._settled_at:
            self._put_queue(advance(self.queue, now))
            self._settled, self._settled_at = self.queue, now
        return now

    def _complete_import(self, one: Import, at: datetime) -> Outcome:
        """Write what an import brings at the instant it is complete, after the exports of then."""
        self._put_queue(advance(self.queue, at))
        zone = self.users[one.created_by].zone
        rules = RowRules(one.request, readers(self.custom_fields()), Circumstances(at, zone))
        return self.importing.run(one, rules, lambda: self.changes(at), self.keep)

    def keep(self, changes: Changes) -> None:
        """Write what was changed, as one version; what is complete by now keeps its rows."""
        rows = list(changes.rows())
        if rows:
            self.results.write(rows, self.queue.by_id.values())

    def changes(self, now: datetime) -> Changes:
        """Begin changes of rows at the instant `now`; `keep` writes them."""
        return Changes(self.results.dataset, self.rows, now)

    def custom_fields(self) -> CustomFields:
        """Give the fields of prospects that the account has defined itself."""
        changes = self.results.dataset.changes("customField")
        if not changes:
            return OF_THE_CATALOGUE
        if self._custom_fields[0] != changes:
            every = RowSelection("customField", limit=MOST_CUSTOM_FIELDS, counted=False)
            self._custom_fields = (changes, custom_fields(self.rows.query(every).rows))
        return self._custom_fields[1]

    def open_import(self, request: ImportRequest, user: User, batches: Sequence[Batch]) -> Import:
        """Open an import, with the plan that is set for it, and batches it has already."""
        now = self.settle()
        plan, self.plan_rules = choose_plan(self.plan_rules, Plan(), IMPORT)
        one = Import(self.importing.next_id, user.id, request, plan, now, tuple(batches))
        self.importing.open(one, now, self.info.zone)
        return one

    def add_batch(self, one: Import, batch: Batch) -> None:
        """Give an open import one batch more."""
        self.importing.add(one, batch, self.settle(), self.info.zone)

    def submit_import(self, one: Import) -> Import:
        """Put an open import into the queue; give it as it is then."""
        self.importing.submit(one, self.settle())
        self.settle()
        return self.importing.desk.by_id[one.id]

    def _put_queue(self, queue: ExportQueue) -> None:
        closed_before = len(self.queue.closed)
        self.queue = queue
        for export in queue.closed[closed_before:]:
            if export.is_expired:
                self.results.forget(export.id)
        if self._ahead and (queue.current or queue.ready):
            # While an export is only waiting, nobody needs a row.
            self._ahead = False
            self.results.prepare()

    def move_clock(self, move: Callable[[Clock, float], Clock]) -> tuple[Event, ...]:
        """Replace the clock by what `move(clock, real)` gives, and list what happened on the way.

        Raises what `move` raises; then nothing has changed.
        """
        before = self.settle()
        self.clock = move(self.clock, self._times.monotonic())
        after = self.settle()
        interval = (before, after)
        return tuple(
            events_between(self._jobs, self.sessions, self._emails, self.info.zone, interval)
        )

    def to_next(self) -> Callable[[Clock, float], Clock]:
        """Give the movement of the clock to the next due event, for `move_clock`."""
        due = self.due()[0].at
        return lambda clock, real: clock.moved_to(max(due, clock.now(real)), real)

    def due(self) -> tuple[Event, ...]:
        """List what is due in this account if nobody does anything."""
        now = self.settle()
        return tuple(calendar(self._jobs, self.sessions, self._emails, self.info.zone, now))

    @property
    def _jobs(self) -> Jobs:
        return Jobs(self.queue, self.importing.desk)

    @property
    def _emails(self) -> Mapping[int, str]:
        return {user.id: user.email for user in self.users.values()}

    def create_export(self, request: ExportRequest, user: User, now: datetime) -> Export:
        """Put a new export at the end of the queue, with the plan that is set for it."""
        name = request.query.object
        plan, self.plan_rules = choose_plan(self.plan_rules, self.plan, name)
        return self._enqueue(request, user, now, plan)

    def add_background(self, count: int, plan: Plan) -> list[Export]:
        """Queue `count` exports of a colleague, each going as `plan` says."""
        now = self.settle()
        colleague = self._colleague()
        request = read_request(_BACKGROUND, now=now, user=colleague, quirks=self.quirks)
        return [self._enqueue(request, colleague, now, plan) for _ in range(count)]

    def _colleague(self) -> User:
        """Give the user to whom exports of a colleague belong."""
        email = f"colleague@{self.id.lower()}.example.com"
        colleague = replace(self.owner, id=COLLEAGUE_ID, email=email)
        self.users[COLLEAGUE_ID] = colleague
        return colleague

    def _enqueue(self, request: ExportRequest, user: User, now: datetime, plan: Plan) -> Export:
        export = Export(
            id=self.next_export_id,
            created_by=user.id,
            request=request,
            plan=plan,
            work=plan.work_for(self.results.dataset.estimate(request.query)),
            created_at=now,
            expiry_counts_from_creation=self.quirks["expiry_starts"] == "creation",
        )
        self.next_export_id += max(1, self.quirks.number("id_step"))
        self.queue = self.queue.add(export)
        return export

    def checked(self, name: str, table: RawTable) -> CheckedRows:
        """Check rows for the object `name`; wants no lock, for it may take seconds.

        Timestamps without offset are in the account's timezone. Raises what `checked` raises.
        """
        from pardot_mock.data.overlaychecks import checked

        return checked(name, table, self.info.zone, self.now())

    def load(self, rows: CheckedRows) -> int:
        """Load rows and give the version they make; what is complete by now keeps its rows."""
        self.settle()
        return self.results.load(rows, self.queue.by_id.values())

    def write(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Put rows in place, each with its object, and give the version they make.

        What is complete by now keeps its rows. Raises as `Dataset.write` does.
        """
        self.settle()
        return self.results.write(rows, self.queue.by_id.values())

    def force_export(self, export_id: int, state: ExportState) -> None:
        """End an unfinished export as `state` now; raises as `force` does."""
        now = self.settle()
        self._put_queue(force(self.queue, export_id, state, now))

    def count_read(self, export_id: int) -> None:
        """Count a read of an export whose plan counts them; the nth finds it complete."""
        export = self.queue.by_id.get(export_id)
        if export is None or export.plan.polls is None or export.ending is not None:
            return
        reads = self._reads[export_id] = self._reads.get(export_id, 0) + 1
        if reads >= export.plan.polls:
            self.force_export(export_id, ExportState.COMPLETE)

    def log_in(self, user: User, now: datetime) -> ApiKey:
        """Give the valid api_key of `user`, a new one if there is none."""
        self.sessions = self.sessions.succeeded(user.id)
        if self.sessions.current(user.id, now) is None:
            secret = (self.options.secret, self.options.seed, user.user_key)
            key = derive_hex("api_key", *secret, self.sessions.issued)
            self.sessions = self.sessions.issue(user.id, key, now)
        return self.sessions.keys[user.id]

    def begin_call(self, op: str, now: datetime, *, counts: bool = True) -> None:
        """Charge a call, unless it does not count, and take one of the concurrent places.

        Raises `LimitReachedError` if the daily allowance or the places are used up.
        """
        usage = self.usage.on(now, self.info.zone)
        if counts and usage.used >= self.info.daily_limit:
            raise LimitReachedError(daily=True)
        if self.calls_under_way >= self.options.concurrent_calls:
            raise LimitReachedError(daily=False)
        self.calls_under_way += 1
        self.usage = usage.charged(op) if counts else usage

    def end_call(self) -> None:
        """Give the concurrent place back."""
        with self.lock:
            self.calls_under_way = max(0, self.calls_under_way - 1)

    def change_usage(self, change: Callable[[DailyUsage, str], DailyUsage], op: str) -> None:
        """Charge or refund a call of `op` after it was answered."""
        with self.lock:
            self.usage = change(self.usage.on(self.settle(), self.info.zone), op)

    def change_user(self, user: User) -> None:
        """Put `user` in the place of the one with the same id."""
        self.users[user.id] = user

    def switch_version(self, version: int | None) -> None:
        """Bind the account to an API version; its current keys stop working (documented)."""
        if version != self.info.api_version:
            self.info = replace(self.info, api_version=version)
            self.sessions = self.sessions.dropped()


class LimitReachedError(Exception):
    """A call over the daily allowance, or over the concurrent places."""

    def __init__(self, *, daily: bool) -> None:
        super().__init__("daily allowance" if daily else "concurrent calls")
        self.daily = daily
