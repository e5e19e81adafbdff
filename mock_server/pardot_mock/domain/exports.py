"""One export: what was asked, how it goes, and what it shows at any instant.

    Waiting --> Processing --> Complete --(7 days)--> Complete, expired: no results
       |             |-------> Failed
       '-------------'--(7 days after creation)--> cancelled: Failed, expired

The state goes one way. Every change carries the instant it was due, so that looking at an export
often, once or late shows the same timestamps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.domain.plans import Plan
    from pardot_mock.domain.rows import RowQuery

LIFETIME = timedelta(days=7)
"""How long results are kept, and how long an export may stay unfinished (documented)."""


class ExportState(StrEnum):
    """The documented states, in Pardot's spelling."""

    WAITING = "Waiting"
    PROCESSING = "Processing"
    COMPLETE = "Complete"
    FAILED = "Failed"


class Ending(StrEnum):
    """Why an export is over: finished as planned, or cancelled because it stayed unfinished."""

    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The create request as it was sent, and the query it was understood as.

    `object`, `fields` (None when the request named none) and `arguments` keep what was sent,
    because create and read give it back; `query.object` has the canonical spelling.
    """

    object: str
    fields: tuple[str, ...] | None
    procedure: str
    arguments: Mapping[str, Any]
    query: RowQuery


@dataclass(frozen=True, slots=True)
class Export:
    """An export of one account; instants are aware UTC in whole seconds."""

    id: int
    created_by: int
    request: ExportRequest
    plan: Plan
    work: timedelta | None
    created_at: datetime
    state: ExportState = ExportState.WAITING
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expired_at: datetime | None = None
    ending: Ending | None = None
    expiry_counts_from_creation: bool = False

    @property
    def is_expired(self) -> bool:
        """Whether the results are gone: after 7 days, or because the export was cancelled."""
        return self.expired_at is not None

    @property
    def has_results(self) -> bool:
        """Whether the result files can be fetched."""
        return self.state is ExportState.COMPLETE and not self.is_expired

    @property
    def updated_at(self) -> datetime:
        """The instant of the last change."""
        changes = (self.expired_at, self.finished_at, self.started_at)
        return next((at for at in changes if at is not None), self.created_at)

    @property
    def earliest_start(self) -> datetime:
        """The instant before which the export waits even if nothing is in front of it."""
        return self.created_at + self.plan.wait

    @property
    def cancel_due(self) -> datetime:
        """The instant at which an unfinished export is cancelled."""
        return self.created_at + LIFETIME

    @property
    def finish_due(self) -> datetime | None:
        """The instant at which a processing export ends by itself; None: never."""
        if self.started_at is None or self.work is None:
            return None
        return self.started_at + self.work

    @property
    def expiry_due(self) -> datetime | None:
        """The instant at which a complete export loses its results."""
        if self.state is not ExportState.COMPLETE or self.finished_at is None:
            return None
        if self.expiry_counts_from_creation:
            return max(self.created_at + LIFETIME, self.finished_at)
        return self.finished_at + LIFETIME

    def started(self, at: datetime) -> Export:
        """Give this export as Processing since `at`."""
        return replace(self, state=ExportState.PROCESSING, started_at=at)

    def finished(self, at: datetime, state: ExportState) -> Export:
        """Give this export as Complete or Failed since `at`."""
        return replace(
            self,
            state=state,
            started_at=self.started_at or at,
            finished_at=at,
            ending=Ending.FINISHED,
        )

    def cancelled(self, at: datetime) -> Export:
        """Give this export as cancelled at `at`: Failed, with its results expired (chosen)."""
        return replace(
            self,
            state=ExportState.FAILED,
            finished_at=at,
            expired_at=at,
            ending=Ending.CANCELLED,
        )

    def expired(self, at: datetime) -> Export:
        """Give this export without its results since `at`; the state stays Complete."""
        return replace(self, expired_at=at)
