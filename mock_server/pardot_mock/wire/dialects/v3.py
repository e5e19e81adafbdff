"""Version 3: the shapes of login and export answers.

Key order is part of the shape: `@attributes` first, the payload key second, and within an export
the documented keys before the echo of the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_mock.domain.dates import local_text
from pardot_mock.domain.exports import Ending, Export
from pardot_mock.wire.encoding import Many, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.quirks import Quirks


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of the API speaks."""

    version: int

    def login(self, api_key: str, version_tag: int | None) -> Mapping[str, Tree]:
        """Give a login answer; only an account of version 4 carries a `version` (documented)."""
        tree: dict[str, Tree] = {"api_key": api_key}
        if version_tag is not None:
            tree["version"] = version_tag
        return tree

    def result_path(self, export_id: int, file_id: int) -> str:
        """Give the path under which a result file is fetched."""
        base = f"/api/export/version/{self.version}/do/downloadResults"
        return f"{base}/id/{export_id}/file/{file_id}"

    def export(self, view: ExportView, quirks: Quirks) -> Mapping[str, Tree]:
        """Give the answer of an export create or read."""
        facts = {**self._facts(view, quirks), **self._echo(view.export, quirks)}
        wrapper = quirks["export_wrapper"]
        if wrapper == "bare":
            return facts
        return {"export": facts, **facts} if wrapper == "both" else {"export": facts}

    def export_list(
        self, total: int, views: Sequence[ExportView], quirks: Quirks
    ) -> Mapping[str, Tree]:
        """Give the answer of an export query; `total` counts all matches (documented)."""
        items = [self._facts(view, quirks) for view in views]
        return {"result": {"total_results": total, "export": Many(items)}}

    def _facts(self, view: ExportView, quirks: Quirks) -> Mapping[str, Tree]:
        export = view.export
        cancelled = export.ending is Ending.CANCELLED
        urls = [view.base_url + self.result_path(export.id, file) for file in view.files]
        return {
            "id": export.id,
            "state": quirks.text("cancelled_state") if cancelled else str(export.state),
            "isExpired": export.is_expired,
            "resultRefs": Many(urls, collapse=quirks["single_result_ref"] == "string"),
            "createdAt": local_text(export.created_at, view.zone),
            "updatedAt": local_text(export.updated_at, view.zone),
        }

    def _echo(self, export: Export, quirks: Quirks) -> Mapping[str, Tree]:
        if not quirks.on("echo_request"):
            return {}
        request = export.request
        tree: dict[str, Tree] = {"object": request.object}
        if request.fields is not None:
            tree["fields"] = request.fields
        tree["procedure"] = {"name": request.procedure, "arguments": request.arguments}
        return tree


@dataclass(frozen=True, slots=True)
class ExportView:
    """An export as somebody looks at it: which files, from which host, in which timezone."""

    export: Export
    files: Sequence[int]
    base_url: str
    zone: ZoneInfo


V3 = Dialect(version=3)
