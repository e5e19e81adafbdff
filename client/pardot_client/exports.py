"""The exports of an account: create, read, query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import Moment, Types, export_request, moment_text
from .errors import CreateUncertain, GarbledAnswer, TransportFailed
from .job import Export

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .answers import Answer
    from .caller import Caller
    from .dialect import ExportFacts, ExportRequest


class Exports:
    """The exports of the account, at `Pardot.exports`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(
        self,
        object: str,  # noqa: A002 - the service's own word
        *,
        created_after: Moment | None = None,
        created_before: Moment | None = None,
        updated_after: Moment | None = None,
        updated_before: Moment | None = None,
        prospect_updated_after: Moment | None = None,
        prospect_updated_before: Moment | None = None,
        fields: Iterable[str] | None = None,
        type: Types | None = None,  # noqa: A002 - the service's own word
        prospect_only: bool | None = None,
        deleted: bool | str | None = None,
        procedure: str | None = None,
        arguments: Mapping[str, object] | None = None,
    ) -> Export:
        """Ask for an export; one call.

        Bounds are exclusive on both sides and span at most one year (documented). Text is
        read by the service in the API user's zone and may be any expression it knows, such as
        `last_7_days`; a datetime must be aware.

        Args:
            object: visitorActivity, listMembership, prospect, visitor or prospectAccount.
            created_after: lower bound; chooses filter_by_created_at.
            created_before: upper bound; default is the moment of creation.
            updated_after: lower bound; chooses filter_by_updated_at.
            updated_before: upper bound.
            prospect_updated_after: lower bound; chooses filter_by_prospect_updated_at.
            prospect_updated_before: upper bound.
            fields: names of the columns; all if None.
            type: numbers of the activity types.
            prospect_only: only activities of a known prospect.
            deleted: True, False or "all".
            procedure: name of the procedure, if it cannot be told from the bounds.
            arguments: further arguments by the name the service uses.

        Raises:
            InvalidRequest: refused here or by the service.
            CreateUncertain: the answer never came and the export cannot be looked up.
            PardotError: see `Caller.call`.
        """
        given = {
            "created_after": created_after,
            "created_before": created_before,
            "updated_after": updated_after,
            "updated_before": updated_before,
            "prospect_updated_after": prospect_updated_after,
            "prospect_updated_before": prospect_updated_before,
            "type": type,
            "prospect_only": prospect_only,
            "deleted": deleted,
        }
        return self.request(
            export_request(object, given, fields=fields, procedure=procedure, arguments=arguments)
        )

    def request(self, request: ExportRequest) -> Export:
        """Ask for an export that has been put together before; see `create`."""
        try:
            answer = self._caller.call(lambda dialect: dialect.create(request))
        except TransportFailed as error:
            if not error.maybe_sent:
                raise
            raise CreateUncertain(
                "the answer to a create never came; the export may exist",
                code=error.code,
                answer=error.answer,
            ) from error
        return self._job(self._facts(answer), request)

    def read(self, export_id: int) -> Export:
        """Look at an export by its id; one call.

        Raises:
            NotFound: the account has no such export.
            PardotError: see `Caller.call`.
        """
        answer = self._caller.call(lambda dialect: dialect.read(export_id))
        return self._job(self._facts(answer), None)

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
        return [self._job(facts, None, refs_known=bool(facts.refs)) for facts in found]

    def _facts(self, answer: Answer) -> ExportFacts:
        facts = self._caller.dialect.export_of(answer.payload)
        if facts is None:
            raise GarbledAnswer("the answer describes no export", answer=answer)
        return facts

    def _job(
        self, facts: ExportFacts, request: ExportRequest | None, *, refs_known: bool = True
    ) -> Export:
        return Export(self._caller, facts, request, refs_known=refs_known, again=self.request)
