"""The exports of an account: create, read, query."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Unpack

from .arguments import Moment, Wanted, export_request, moment_text
from .creating import create, facts_in
from .job import Export

if TYPE_CHECKING:
    from .answers import Answer
    from .caller import Caller
    from .dialect import ExportFacts, ExportRequest


class Exports:
    """The exports of the account, at `Pardot.exports`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._known: set[int] = set()
        self._lock = threading.Lock()

    def create(self, object: str, **wanted: Unpack[Wanted]) -> Export:  # noqa: A002
        """Ask for an export; one call.

        Args:
            object: visitorActivity, listMembership, prospect, visitor or prospectAccount.
            wanted: bounds, columns and filters; see `Wanted`. A range spans at most one year
                (documented); `Pardot.export` splits longer ones.

        Raises:
            InvalidRequest: refused here or by the service.
            CreateUncertain: the answer never came and the export cannot be looked up.
            PardotError: see `Caller.call`.
        """
        return self.request(export_request(object, wanted))

    def request(self, request: ExportRequest) -> Export:
        """Ask for an export that has been put together before; see `create`."""
        facts, answer = create(self._caller, request, self._is_known)
        with self._lock:
            self._known.add(facts.id)
        return self._job(facts, answer, request)

    def _is_known(self, export_id: int) -> bool:
        with self._lock:
            return export_id in self._known

    def read(self, export_id: int) -> Export:
        """Look at an export by its id; one call.

        Raises:
            NotFound: the account has no such export.
            PardotError: see `Caller.call`.
        """
        answer = self._caller.call(lambda dialect: dialect.read(export_id))
        return self._job(facts_in(self._caller, answer), answer)

    def resume(self, export_id: int) -> Export:
        """Go on with an export that another process created; the same as `read`."""
        return self.read(export_id)

    def query(
        self,
        *,
        status: str | None = None,
        object: str | None = None,  # noqa: A002 - the service's own word
        created_after: Moment | None = None,
        created_before: Moment | None = None,
        updated_after: Moment | None = None,
        updated_before: Moment | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[Export]:
        """List exports of the account; one call, one page of at most 200.

        Needs the ability Admin > Exports > View. Entries of a list name no result files, so
        their `refs` are filled when rows or files are asked for.

        Args:
            status: Waiting, Processing, Complete or Failed.
            object: name of an object.
            created_after: exclusive lower bound.
            created_before: exclusive upper bound.
            updated_after: exclusive lower bound.
            updated_before: exclusive upper bound.
            sort_by: id, created_at or updated_at.
            sort_order: ascending or descending.
            limit: entries of the page.
            offset: entries to skip.

        Raises:
            PermissionMissing: the ability is missing.
            PardotError: see `Caller.call`.
        """
        given: dict[str, str | int | None] = {
            "status": status,
            "object": object,
            "sort_by": sort_by,
            "sort_order": sort_order,
            "limit": limit,
            "offset": offset,
        }
        bounds = {
            "created_after": created_after,
            "created_before": created_before,
            "updated_after": updated_after,
            "updated_before": updated_before,
        }
        filters = {name: str(value) for name, value in given.items() if value is not None}
        filters.update((name, moment_text(at)) for name, at in bounds.items() if at is not None)
        answer = self._caller.call(lambda dialect: dialect.query(filters))
        _, found = self._caller.dialect.exports_of(answer.payload)
        return [self._job(facts, answer, refs_known=bool(facts.refs)) for facts in found]

    def _job(
        self,
        facts: ExportFacts,
        answer: Answer,
        request: ExportRequest | None = None,
        *,
        refs_known: bool = True,
    ) -> Export:
        return Export(
            self._caller,
            facts,
            request,
            answer=answer,
            refs_known=refs_known,
            again=self.request,
        )
