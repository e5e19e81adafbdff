"""How the Export API is spelled in versions 3 and 4, which differ in one digit only.

A dialect turns intentions into unsigned requests and payloads into facts. A later version
of the API gets a dialect of its own; nothing else in this package knows a URL or a key name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from .answers import as_bool, as_int, as_list, as_mapping, as_text, facts_of
from .transport import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .xmltree import Tree

Format = Literal["json", "xml"]

MUST_USE_4 = 88
CANNOT_USE_4 = 89


@dataclass(frozen=True)
class ExportFacts:
    """What the service says about one export.

    Attributes:
        id: number of the export.
        state: Waiting, Processing, Complete or Failed.
        is_expired: whether the results are gone.
        refs: URLs of the result files, each once; empty when the answer names none.
        created_at: wall time in the zone of the asking user, as text.
        updated_at: like `created_at`.
        object_name: echoed from the request, if the service echoes.
        fields: echoed from the request.
        procedure: name, echoed from the request.
        arguments: echoed from the request, as text facts.
    """

    id: int
    state: str
    is_expired: bool
    refs: tuple[str, ...] = ()
    created_at: str | None = None
    updated_at: str | None = None
    object_name: str | None = None
    fields: tuple[str, ...] = ()
    procedure: str | None = None
    arguments: Mapping[str, Tree] | None = None


@dataclass(frozen=True)
class ExportRequest:
    """What to export.

    Attributes:
        object_name: name of the object, such as visitorActivity.
        procedure: name of the procedure, such as filter_by_created_at.
        arguments: of the procedure, as JSON values.
        fields: names of the columns, or None for all.
    """

    object_name: str
    procedure: str
    arguments: Mapping[str, object]
    fields: tuple[str, ...] | None = None

    def between(self, bounds: Mapping[str, object]) -> ExportRequest:
        """The same request with other bounds; a bound that is None is left out."""
        kept = {name: value for name, value in self.arguments.items() if name not in bounds}
        given = {name: value for name, value in bounds.items() if value is not None}
        return replace(self, arguments={**given, **kept})

    def as_json(self) -> dict[str, object]:
        """The body of a create."""
        body: dict[str, object] = {"object": self.object_name}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        body["procedure"] = {"name": self.procedure, "arguments": dict(self.arguments)}
        return body

    def is_echoed_by(self, facts: ExportFacts) -> bool:
        """Whether an export was certainly created by this very request."""
        return (
            (facts.object_name or "").lower() == self.object_name.lower()
            and facts.procedure == self.procedure
            and (facts.arguments or None) == facts_of(dict(self.arguments))
            and facts.fields == (self.fields or ())
        )


def echoed(facts: ExportFacts) -> ExportRequest | None:
    """The request an export was created by, if the service echoed it."""
    if facts.object_name is None or facts.procedure is None:
        return None
    arguments = {name: _argument(name, value) for name, value in (facts.arguments or {}).items()}
    return ExportRequest(facts.object_name, facts.procedure, arguments, facts.fields or None)


def _argument(name: str, value: Tree) -> object:
    """An argument as it was sent, for XML has only text."""
    if isinstance(value, list):
        return [_argument(name, item) for item in value]
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if name == "type" and isinstance(value, str) and value.isdigit() else value


@dataclass(frozen=True)
class Dialect:
    """Version 3 or 4 of the Export API.

    Attributes:
        base_url: the API host.
        version: 3 or 4.
        form: the format to ask for.
    """

    base_url: str
    version: int
    form: Format

    def _url(self, operation: str, **parameters: str) -> str:
        query = urlencode({**parameters, "format": self.form})
        return f"{self.base_url}/api/export/version/{self.version}/do/{operation}?{query}"

    def create(self, request: ExportRequest) -> Request:
        """Create an export."""
        return Request(
            "POST",
            self._url("create"),
            headers={"Content-Type": "application/json"},
            body=json.dumps(request.as_json()).encode(),
            repeatable=False,
        )

    def read(self, export_id: int) -> Request:
        """Look at an export."""
        return Request("GET", self._url(f"read/id/{quote(str(export_id), safe='')}"))

    def query(self, filters: Mapping[str, str]) -> Request:
        """List exports."""
        return Request("GET", self._url("query", **filters))

    def download(self, url: str) -> Request:
        """Fetch a result file; `url` comes from `ExportFacts.refs`."""
        # Unpacked bytes, so that the announced length can be compared with what arrived.
        return Request("GET", url, headers={"Accept-Encoding": "identity"}, stream=True)

    def export_of(self, payload: Mapping[str, Tree]) -> ExportFacts | None:
        """The facts of one export, wrapped in `export` or bare; None if there are none."""
        tree = as_mapping(payload.get("export")) or payload
        number, state = as_int(tree.get("id")), as_text(tree.get("state"))
        if number is None or state is None:
            return None
        procedure = as_mapping(tree.get("procedure"))
        return ExportFacts(
            id=number,
            state=state,
            is_expired=as_bool(tree.get("isExpired")),
            refs=tuple(dict.fromkeys(_texts(tree.get("resultRefs")))),
            created_at=as_text(tree.get("createdAt")),
            updated_at=as_text(tree.get("updatedAt")),
            object_name=as_text(tree.get("object")),
            fields=_texts(tree.get("fields")),
            procedure=as_text(procedure.get("name")),
            arguments=as_mapping(procedure.get("arguments")) or None,
        )

    def exports_of(self, payload: Mapping[str, Tree]) -> tuple[int, list[ExportFacts]]:
        """Number of all matches, and the facts of those on this page."""
        result = as_mapping(payload.get("result"))
        found = [self.export_of(as_mapping(item)) for item in as_list(result.get("export"))]
        facts = [item for item in found if item is not None]
        total = as_int(result.get("total_results"))
        return (len(facts) if total is None else total), facts


def _texts(tree: Tree) -> tuple[str, ...]:
    return tuple(item for item in as_list(tree) if isinstance(item, str))
