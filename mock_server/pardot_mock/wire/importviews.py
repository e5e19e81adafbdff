"""Writes imports as trees. The keys and their order are documented, a wrapper is not.

`batchesRef` is there while the import is Open; what came of it once it is Complete, and of the rows
that were no use only as long as they can be fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_mock.domain.dates import local_text
from pardot_mock.domain.imports import ImportState
from pardot_mock.wire.encoding import Many, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.importrows import Outcome
    from pardot_mock.domain.imports import Import
    from pardot_mock.domain.quirks import Quirks

ORIGIN = "API"


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as somebody looks at it: in an API version, from a host, in a timezone."""

    one: Import
    outcome: Outcome | None
    base_url: str
    version: int
    zone: ZoneInfo

    def answer(self, quirks: Quirks) -> Mapping[str, Tree]:
        """Give the answer of an import create, update or read."""
        facts = self._facts()
        return {"import": facts} if quirks["import_wrapper"] == "wrapped" else facts

    def _facts(self) -> Mapping[str, Tree]:
        one = self.one
        facts: dict[str, Tree] = {
            "id": one.id,
            "state": str(one.state),
            "isExpired": one.is_expired,
        }
        if one.state is ImportState.OPEN and not one.is_expired:
            facts["batchesRef"] = self._url("batch")
        if one.state is ImportState.COMPLETE and self.outcome is not None:
            facts["createdCount"] = self.outcome.created
            facts["updatedCount"] = self.outcome.updated
            if self.outcome.errors and not one.is_expired:
                facts["errorsRef"] = self._url("downloadErrors")
                facts["errorCount"] = self.outcome.errors
        return facts

    def _url(self, operation: str) -> str:
        path = f"/api/import/version/{self.version}/do/{operation}/id/{self.one.id}"
        return self.base_url + path

    def item(self) -> Mapping[str, Tree]:
        """Give the import as it stands in the answer of a query."""
        return {
            "id": self.one.id,
            "state": str(self.one.state),
            "origin": ORIGIN,
            "isExpired": self.one.is_expired,
            "createdAt": local_text(self.one.created_at, self.zone),
            "updatedAt": local_text(self.one.updated_at, self.zone),
        }


def import_list(total: int, views: Sequence[ImportView]) -> Mapping[str, Tree]:
    """Give the answer of an import query; `total` counts all matches (documented)."""
    return {"result": {"total_results": total, "import": Many([view.item() for view in views])}}
