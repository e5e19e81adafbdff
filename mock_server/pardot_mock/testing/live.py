"""A live emulator on a thread, and a handle on each of its accounts.

with MockPardot(seed=7) as mock:
    account = mock.account(rate=0)
    ...
    account.clock.advance(days=7)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pardot_mock.credentials import DEFAULT_ID, credentials
from pardot_mock.data.overlayreading import read_file, read_mappings
from pardot_mock.domain.exports import ExportState
from pardot_mock.explaining import explain
from pardot_mock.grading import grade
from pardot_mock.instance import Config, Instance
from pardot_mock.newaccount import account_options
from pardot_mock.scenarios.catalogue import find, from_file
from pardot_mock.scenarios.scenario import Scenario, ScenarioError
from pardot_mock.truth import ExportTruth, UnknownExportError
from pardot_mock.web.control import views
from pardot_mock.web.control.bodies import BadFieldError, Body, a_rate, an_instant
from pardot_mock.web.control.dataroutes import exportable_object, load_table
from pardot_mock.web.control.faultroutes import fault_views, read_fault, verdict_view
from pardot_mock.web.control.wishes import read_account_wish, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pardot_mock.account import Account
    from pardot_mock.conduct import Grade
    from pardot_mock.domain.calendar import Event
    from pardot_mock.explaining import Explanation
    from pardot_mock.instance import Unserved
    from pardot_mock.journal import Entry
    from pardot_mock.newaccount import AccountWish
    from pardot_mock.truthcells import Rows


class ClockHandle:
    """The clock of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def now(self) -> datetime:
        """Give the present virtual instant (aware UTC, whole seconds)."""
        return self._account.now()

    def advance(self, duration: timedelta | None = None, **units: float) -> tuple[Event, ...]:
        """Move the clock forward, by a timedelta or by its keywords such as `days=7`.

        Gives what happened on the way. Raises `ClockError` for a negative duration.
        """
        length = duration if duration is not None else timedelta(**units)
        with self._account.lock:
            return self._account.move_clock(lambda clock, real: clock.advance(length, real))

    def set(self, instant: datetime | str) -> tuple[Event, ...]:
        """Move the clock forward to an instant; raises `ClockError` if that is in the past."""
        at = an_instant(instant.isoformat() if isinstance(instant, datetime) else instant)
        with self._account.lock:
            return self._account.move_clock(lambda clock, real: clock.moved_to(at, real))

    def next(self) -> tuple[Event, ...]:
        """Move the clock to the next due event of the account."""
        with self._account.lock:
            return self._account.move_clock(self._account.to_next())

    def rate(self, rate: float | str) -> None:
        """Let the clock run at `rate` virtual seconds per real second; 0 freezes it."""
        with self._account.lock:
            self._account.move_clock(lambda clock, real: clock.at_rate(a_rate(rate), real))


class FaultsHandle:
    """The faults of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add(
        self,
        kind: str,
        *,
        op: str = "*",
        nth: int | None = None,
        export: int | None = None,
        file: int | None = None,
        times: int = 1,
        **effect: Any,  # noqa: ANN401
    ) -> int:
        """Plan a fault of `kind` and give its id; `effect` is as on the control plane.

        Raises `BadFieldError` for what is unknown, missing, or makes no sense together.
        """
        match = {"op": op, "nth": nth, "export": export, "file": file}
        body = Body({"match": match, "effect": {"kind": kind, **effect}, "times": times})
        return self._account.faults.add(*read_fault(body)).id

    def list(self) -> tuple[dict[str, Any], ...]:
        """List the faults, each with how many calls it has seen and hit."""
        return tuple(fault_views(self._account.faults))

    def remove(self, fault_id: int) -> None:
        """Forget a fault and its hits; raise `UnknownFaultError` if there is none."""
        self._account.faults.remove(fault_id)

    def clear(self) -> None:
        """Forget every fault and every hit."""
        self._account.faults.clear()

    def verdict(self) -> dict[str, Any]:
        """Say how many hits were planned and have happened, and which faults have hits left."""
        return verdict_view(self._account.faults)


class Home(Protocol):
    """Where an account lives: a live emulator, or one that is reached without a socket."""

    @property
    def url(self) -> str:
        """The base URL of the emulator."""

    def forget(self, account: AccountHandle) -> None:
        """Remove an account with its files."""


class AccountHandle:
    """One account of an emulator, as a test sees it."""

    def __init__(self, mock: Home, account: Account) -> None:
        self._mock = mock
        self._account = account
        self.id = account.id
        self.url = mock.url
        self.clock = ClockHandle(account)
        self.faults = FaultsHandle(account)

    @property
    def credentials(self) -> dict[str, str]:
        """What the account's administrator logs in with, plus the base URL of the emulator."""
        return credentials(self._account.info, self._account.owner)

    @property
    def users(self) -> list[dict[str, Any]]:
        """The further users of the account, each with credentials."""
        with self._account.lock:
            return list(views.account_view(self._account)["users"])

    def calendar(self) -> tuple[Event, ...]:
        """List what is due in the account, in order."""
        with self._account.lock:
            return self._account.due()

    def exports(self) -> list[dict[str, Any]]:
        """List the exports of the account as the control plane shows them."""
        with self._account.lock:
            self._account.settle()
            exports = self._account.queue.by_id.values()
            return [views.export_view(self._account, export) for export in exports]

    def plan(self, kind: str = "timed", **settings: Any) -> None:  # noqa: ANN401
        """Plan how exports to come will go; the settings are those of the control plane."""
        rule = read_plan(Body({"kind": kind, **settings}))
        with self._account.lock:
            self._account.plan_rules = (*self._account.plan_rules, rule)

    def force(self, export_id: int, state: str) -> None:
        """End an unfinished export now, as `Complete` or `Failed`."""
        with self._account.lock:
            self._account.force_export(export_id, ExportState(state))

    def journal(self, op: str | None = None) -> list[Entry]:
        """List what clients sent to this account, oldest first."""
        return self._account.journal.entries(op)

    def explain(self, request_id: str) -> Explanation:
        """Say why one of the last calls was answered as it was; `str()` of it is for people.

        The id is in the header `X-Pardot-Mock-Request-Id` of the answer and in the journal.
        Raises `LookupError` for a call that is not, or no longer, known.
        """
        found = self._account.recent.find(request_id)
        if found is None:
            raise LookupError(f"there is no call {request_id!r} among the recent ones")
        return explain(*found)

    def budget(self) -> dict[str, Any]:
        """Give the daily allowance, what is used of it, and by which operations."""
        with self._account.lock:
            return views.budget_view(self._account, timedelta(minutes=90))

    def truth(self, export_id: int) -> ExportTruth:
        """Give what a correct client must end up with; `check(rows)` holds rows against it.

        Raises `NoTruthError` (a `LookupError`) for an export that is not complete, and
        `UnknownExportError` (a `KeyError`) for one that there is not.
        """
        with self._account.lock:
            self._account.settle()
            export = self._account.queue.by_id.get(export_id)
        if export is None:
            raise UnknownExportError(export_id)
        return ExportTruth(self._account.results, export)

    def load(self, name: str, rows: Path | str | Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Load rows into the object `name`, all or none; gives `loaded` and `version`.

        Rows are mappings of Python values, or a file ending in .csv, .jsonl, .ndjson, .json or
        .parquet. A datetime without offset is in the account's timezone. Raises `BadRowError`
        (a `ValueError`) naming row and column, `UnknownObjectError` (a `LookupError`), `TypeError`
        for what are no rows at all, and `OSError` for a file that cannot be read.
        """
        canonical = exportable_object(name)
        table = read_file(Path(rows)) if isinstance(rows, Path | str) else read_mappings(rows)
        return load_table(self._account, canonical, table)

    def grade(self, rows: Mapping[int, Rows] | None = None) -> Grade:
        """Grade what clients did to this account; `str()` of it says what to change.

        With `rows`, what the client ended with by export id, the grade also says whether they are
        exactly those of the truth. Raises `UnknownExportError` for an export that is none.
        """
        return grade(self._account, rows)

    def record(self) -> dict[str, Any]:
        """Give everything about the account as JSON values, without credentials."""
        from pardot_mock.testing.recording import recording_of

        return recording_of(self._account)

    def blanked(self, text: str) -> str:
        """Give `text` with every credential of the account replaced by asterisks."""
        from pardot_mock.testing.recording import blanked, secrets_of

        return str(blanked(text, secrets_of(self._account)))

    def reset(self) -> None:
        """Bring the account back to its start."""
        with self._account.lock:
            self._account.reset()

    def delete(self) -> None:
        """Remove the account with its files."""
        self._mock.forget(self)


class MockPardot:
    """An emulator on a free port of the loopback interface, for the time of a `with` block.

    Settings are those of an account on the control plane (`seed`, `rows`, `now`, `rate`,
    `api_version`, `quirks`, `scenario`, ...): they hold for the default account and for every
    fresh one that does not say otherwise. A scenario is a name, a file, or an object.
    """

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401
        self._settings = settings
        self._instance: Instance | None = None

    def start(self) -> MockPardot:
        """Start serving; raises `BadFieldError` for a bad setting."""
        self._instance = Instance(Config(account=default_wish(self._settings)))
        self._instance.start()
        return self

    def stop(self) -> None:
        """Stop serving and destroy every result file."""
        if self._instance is not None:
            self._instance.close()
            self._instance = None

    def __enter__(self) -> MockPardot:
        """Start serving."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.stop()

    @property
    def _running(self) -> Instance:
        if self._instance is None:
            raise RuntimeError("the emulator is not running: use it in a with block, or start it")
        return self._instance

    @property
    def url(self) -> str:
        """The base URL of the emulator."""
        return self._running.url

    @property
    def default(self) -> AccountHandle:
        """The default account with the published demo credentials."""
        return AccountHandle(self, self._running.default)

    def account(self, **settings: Any) -> AccountHandle:  # noqa: ANN401
        """Make a fresh account that shares nothing with any other."""
        return AccountHandle(self, fresh_account(self._running, self._settings, settings))

    def forget(self, account: AccountHandle) -> None:
        """Remove an account with its files."""
        self._running.world.delete(account.id)


def default_wish(settings: dict[str, Any]) -> AccountWish:
    """Read the settings of a default account; raises `BadFieldError` for a bad one."""
    return replace(read_account_wish(Body(_plain(settings)), DEFAULT_ID), id=DEFAULT_ID)


def fresh_account(emulator: Unserved, general: dict[str, Any], own: dict[str, Any]) -> Account:
    """Add an account with its own settings over general ones; raises `BadFieldError`."""
    world = emulator.world
    wish = read_account_wish(_over(general, own), world.unused_id())
    return world.create(account_options(wish, emulator.secret))


def _over(general: dict[str, Any], own: dict[str, Any]) -> Body:
    """Give the settings of one account over those of the whole emulator.

    A scenario that the account names for itself counts more than what holds for the emulator.
    """
    above, below = _plain(own), _plain(general)
    scenario = above.get("scenario")
    if not isinstance(scenario, Scenario):
        return Body({**below, **above})
    below.pop("scenario", None)
    account = {**below, **scenario.account}
    account["quirks"] = {**below.get("quirks", {}), **scenario.account.get("quirks", {})}
    return Body({**above, "scenario": replace(scenario, account=account)})


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Give settings as the control plane would get them, with the scenario read."""
    plain = dict(settings)
    if isinstance(now := plain.get("now"), datetime):
        plain["now"] = now.isoformat()
    if isinstance(scenario := plain.get("scenario"), Path | str):
        try:
            plain["scenario"] = (
                from_file(scenario) if isinstance(scenario, Path) else find(scenario)
            )
        except ScenarioError as error:
            raise BadFieldError("scenario", str(error)) from error
    return plain
