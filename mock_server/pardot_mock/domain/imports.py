"""One import of prospects: what was asked, which batches it has, and how it goes.

    Open --(told to be Ready)--> Waiting --> Processing --> Complete --(7 days)--> expired
      |                             |            '--------> Failed
      '--(24 hours)--> expired      '--(7 days after its creation)--> cancelled: Failed, expired

From Waiting on an import stands in a queue of its account as an export does: one is processed at a
time, the oldest first (chosen, by analogy). Its rows are written at the instant it completes.
Source: documented; the code for each fault is inferred from the texts of the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exports import LIFETIME, Ending, ExportState
from pardot_mock.domain.queue import JobQueue, advance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_mock.domain.plans import Plan

OPEN_LIFETIME = timedelta(hours=24)
"""How long an import may stay Open (documented)."""

MAX_BATCHES = 10
"""Batches of one import (documented)."""

MAX_DAILY_BATCHES = 1000
"""Batches of one account and day (documented)."""

MAX_BATCH_BYTES = 10_000_000
"""Bytes of one batch: documented as less than 10 MB. A day's batches then stay below 10 GB."""


class ImportState(StrEnum):
    """The documented states, in Pardot's spelling; an import told to be Ready is Waiting."""

    OPEN = "Open"
    WAITING = "Waiting"
    PROCESSING = "Processing"
    COMPLETE = "Complete"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class ColumnOption:
    """What happens to one field of a prospect that is there already.

    Without `overwrite` a value that is there stays; without `null_overwrite` an empty cell changes
    nothing.
    """

    field: str
    overwrite: bool = True
    null_overwrite: bool = True


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A create request as it was understood; `columns` None where none were given."""

    restore_deleted: bool
    columns: tuple[ColumnOption, ...] | None
    ready: bool

    def option(self, name: str) -> ColumnOption:
        """Give the option of a column."""
        given = (option for option in self.columns or () if option.field == name)
        return next(given, ColumnOption(name))


@dataclass(frozen=True, slots=True)
class Batch:
    """One file of an import: the name under which it is kept, and its data rows."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import of one account; instants are aware UTC in whole seconds."""

    id: int
    created_by: int
    request: ImportRequest
    plan: Plan
    created_at: datetime
    batches: tuple[Batch, ...] = ()
    state: ImportState = ImportState.OPEN
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expired_at: datetime | None = None
    changed_at: datetime | None = None
    ending: Ending | None = None

    @property
    def is_expired(self) -> bool:
        """Whether the import is over for good: its files are gone."""
        return self.expired_at is not None

    @property
    def has_results(self) -> bool:
        """Whether the outcome can still be asked for."""
        return self.state is ImportState.COMPLETE and not self.is_expired

    @property
    def rows(self) -> int:
        """The data rows of all batches."""
        return sum(batch.rows for batch in self.batches)

    @property
    def updated_at(self) -> datetime:
        """The instant of the last change."""
        changes = (self.expired_at, self.finished_at, self.started_at, self.submitted_at)
        stamps = (*changes, self.changed_at)
        return next((at for at in stamps if at is not None), self.created_at)

    @property
    def earliest_start(self) -> datetime:
        """The instant before which a submitted import waits even if nothing is in front of it."""
        return (self.submitted_at or self.created_at) + self.plan.wait

    @property
    def cancel_due(self) -> datetime:
        """The instant at which an import that was submitted but is not over is cancelled."""
        return (self.submitted_at or self.created_at) + LIFETIME

    @property
    def finish_due(self) -> datetime | None:
        """The instant at which a processing import ends by itself; None: never."""
        work = self.plan.work_for(self.rows)
        return None if self.started_at is None or work is None else self.started_at + work

    @property
    def expiry_due(self) -> datetime | None:
        """The instant at which the files of a complete import go; None: there are none to go."""
        if self.state is not ImportState.COMPLETE or self.finished_at is None:
            return None
        return self.finished_at + LIFETIME

    def with_batch(self, batch: Batch, at: datetime) -> Import:
        """Give this import with one batch more."""
        return replace(self, batches=(*self.batches, batch), changed_at=at)

    def submitted(self, at: datetime) -> Import:
        """Give this import as Waiting since `at`."""
        return replace(self, state=ImportState.WAITING, submitted_at=at)

    def started(self, at: datetime) -> Import:
        """Give this import as Processing since `at`."""
        return replace(self, state=ImportState.PROCESSING, started_at=at)

    def finished(self, at: datetime, state: ExportState) -> Import:
        """Give this import as Complete or Failed since `at`."""
        ended = ImportState(state.value)
        started = self.started_at or at
        return replace(
            self, state=ended, started_at=started, finished_at=at, ending=Ending.FINISHED
        )

    def cancelled(self, at: datetime) -> Import:
        """Give this import as cancelled at `at`: Failed and expired (chosen, as for exports)."""
        ended = ImportState.FAILED
        return replace(self, state=ended, finished_at=at, expired_at=at, ending=Ending.CANCELLED)

    def expired(self, at: datetime) -> Import:
        """Give this import without its files since `at`; the state stays."""
        return replace(self, expired_at=at)


@dataclass(frozen=True)
class ImportDesk:
    """All imports of one account: the open ones, those in the queue, and those that lapsed.

    A lapsed import was open for too long.
    """

    open: tuple[Import, ...] = ()
    queue: JobQueue[Import] = field(default_factory=lambda: JobQueue[Import]())
    lapsed: tuple[Import, ...] = ()

    def __iter__(self) -> Iterator[Import]:
        """Give every import, in no promised order."""
        yield from self.lapsed
        yield from self.queue
        yield from self.open

    @cached_property
    def by_id(self) -> Mapping[int, Import]:
        """Every import under its id, in the order of ids; made once for each value."""
        by_id = sorted(iter(self), key=lambda one: one.id)
        return {one.id: one for one in by_id}

    def opened(self, new: Import) -> ImportDesk:
        """Give the desk with a new open import."""
        return replace(self, open=(*self.open, new))

    def replaced(self, changed: Import) -> ImportDesk:
        """Give the desk with an open import as it is now."""
        return replace(
            self, open=tuple(changed if one.id == changed.id else one for one in self.open)
        )

    def submitted(self, import_id: int, at: datetime) -> ImportDesk:
        """Give the desk with an open import at the end of the queue."""
        (mine,) = (one for one in self.open if one.id == import_id)
        left = tuple(one for one in self.open if one.id != import_id)
        return replace(self, open=left, queue=self.queue.add(mine.submitted(at)))

    def at(self, now: datetime) -> ImportDesk:
        """Give the desk as it stands at `now`, every change stamped with the instant it was due."""
        queue = advance(self.queue, now)
        late = [one for one in self.open if one.created_at + OPEN_LIFETIME <= now]
        if queue is self.queue and not late:
            return self
        left = tuple(one for one in self.open if one not in late)
        lapsed = [one.expired(one.created_at + OPEN_LIFETIME) for one in late]
        return ImportDesk(left, queue, (*self.lapsed, *lapsed))


_PROPERTIES = frozenset({"operation", "object", "restoreDeleted", "state", "columns"})
_COLUMN_PROPERTIES = frozenset({"field", "overwrite", "nullOverwrite"})


def read_create(body: Mapping[str, Any]) -> ImportRequest:
    """Check the JSON object of a create request; raise `Refused` with the documented code."""
    given = {name: value for name, value in body.items() if value is not None}
    _expect(given, "operation", "Upsert")
    _expect(given, "object", "Prospect")
    _refuse_unknown(given, _PROPERTIES, "the request")
    return ImportRequest(
        restore_deleted=_a_boolean(given, "restoreDeleted", default=False),
        columns=_columns(given.get("columns")),
        ready=_is_ready(given),
    )


def read_update(body: Mapping[str, Any]) -> None:
    """Check the JSON object of an update request: the only one there is says Ready."""
    _refuse_unknown(body, frozenset({"state"}), "the request")
    if body.get("state") is None:
        raise Refused(ErrorCode.MISSING_PROPERTY, detail="state is missing")
    if not _is_ready(body):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail="an import can only be told to be Ready")


def check_submit(mine: Import) -> None:
    """Refuse to submit an import that is not open, or has nothing to import."""
    if mine.state is not ImportState.OPEN or mine.is_expired:
        detail = f"import {mine.id} is {'expired' if mine.is_expired else mine.state}"
        raise Refused(ErrorCode.IMPORT_NOT_OPEN, detail=detail)
    if not mine.batches:
        raise Refused(ErrorCode.IMPORT_WITHOUT_DATA, detail=f"import {mine.id} has no batch")


def check_batch(mine: Import | None, batches_today: int) -> None:
    """Refuse one batch more; `mine` is None for an import that is just being created."""
    if mine is not None and (mine.state is not ImportState.OPEN or mine.is_expired):
        detail = f"import {mine.id} is {'expired' if mine.is_expired else mine.state}"
        raise Refused(ErrorCode.IMPORT_STATE, detail=detail)
    if mine is not None and len(mine.batches) >= MAX_BATCHES:
        detail = f"import {mine.id} has {MAX_BATCHES} batches"
        raise Refused(ErrorCode.IMPORT_BATCH_LIMIT, detail=detail)
    if batches_today >= MAX_DAILY_BATCHES:
        detail = f"the account has sent {batches_today} batches today"
        raise Refused(ErrorCode.DAILY_IMPORT_BATCH_LIMIT, detail=detail)


def check_header(
    header: Sequence[str], request: ImportRequest, known: frozenset[str], mismatch: ErrorCode
) -> None:
    """Refuse a file whose columns cannot be imported.

    `known` are the fields that can be; `mismatch` is the code for columns that are not those of
    the request.
    """
    unknown = [name for name in header if name not in known]
    if unknown or len(set(header)) != len(header):
        what = f"no field {unknown[0][:40]!r}" if unknown else "a column twice"
        raise Refused(ErrorCode.INVALID_CSV_FIELDS, detail=f"the file has {what}")
    asked = None if request.columns is None else [option.field for option in request.columns]
    if asked is not None and sorted(asked) != sorted(header):
        detail = f"the file has the columns {', '.join(header)}, not {', '.join(asked)}"
        raise Refused(mismatch, detail=detail)
    if "email" not in header:
        raise Refused(ErrorCode.IMPORT_MISSES_FIELD, detail="the file has no column email")


def _refuse_unknown(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        detail = f"{where} has no property {unknown[0][:40]!r}"
        raise Refused(ErrorCode.INVALID_PROPERTY, detail=detail)


def _expect(body: Mapping[str, Any], name: str, only: str) -> None:
    if name not in body:
        raise Refused(ErrorCode.MISSING_PROPERTY, detail=f"{name} is missing")
    value = body[name]
    # Objects of exports are matched without regard to case; imports do the same (chosen).
    if not isinstance(value, str) or value.lower() != only.lower():
        raise Refused(ErrorCode.INVALID_PROPERTY, detail=f"{name} is {str(value)[:40]!r}")


def _a_boolean(body: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail=f"{name} is neither true nor false")
    return value


def _is_ready(body: Mapping[str, Any]) -> bool:
    state = body.get("state", "Open")
    if state not in ("Open", "Ready"):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail=f"state is {str(state)[:40]!r}")
    return bool(state == "Ready")


def _columns(value: object) -> tuple[ColumnOption, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise _bad_columns("columns is not a filled array")
    return tuple(_column(each) for each in value)


def _column(value: object) -> ColumnOption:
    if not isinstance(value, Mapping) or not isinstance(value.get("field"), str):
        raise _bad_columns("a column has no field")
    unknown = sorted(set(value) - _COLUMN_PROPERTIES)
    marks = [value.get(name, True) for name in ("overwrite", "nullOverwrite")]
    if unknown or not all(isinstance(mark, bool) for mark in marks):
        raise _bad_columns(f"the options of the column {value['field'][:40]!r} are wrong")
    return ColumnOption(value["field"], *marks)


def _bad_columns(detail: str) -> Refused:
    return Refused(ErrorCode.INVALID_COLUMN_OPTIONS, detail=detail)
