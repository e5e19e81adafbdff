"""An HTTP answer as it stood on the wire, and what its body says.

Written against the protocol alone, so that a mistake in the product's own parsing shows here. XML
repeats an element for several values; JSON shows none, one or several values as an absent key, the
bare value or an array.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_contracts.facts import Answer, ExportFacts, ResultFile
from pardot_contracts.problems import MalformedAnswerError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

XML = "xml"
JSON = "json"
FORMATS = (XML, JSON)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The outer layer of an answer: `payload` is everything beside status and error."""

    stat: str
    code: int | None
    message: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """Status, headers (names in lower case) and body of one HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The whole `Content-Type` header; empty when there is none."""
        return self.headers.get("content-type", "")

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedAnswerError(f"body is not UTF-8: {self.body[:80]!r}") from error

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise MalformedAnswerError(f"body is not JSON: {self.body[:200]!r}") from error
        if not isinstance(value, dict):
            raise MalformedAnswerError(f"body is not a JSON object: {self.body[:200]!r}")
        return value

    def xml(self) -> Element:
        """The root element `rsp` of an XML body."""
        from xml.etree.ElementTree import ParseError

        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        try:
            root: Element = fromstring(self.body)
        except (ParseError, DefusedXmlException) as error:
            raise MalformedAnswerError(f"body is not XML: {self.body[:200]!r}") from error
        if root.tag != "rsp":
            raise MalformedAnswerError(f"root element is <{root.tag}>, not <rsp>")
        return root

    def envelope(self, form: str) -> Envelope:
        """Read the outer layer of a body in `form` (xml or json)."""
        return _json_envelope(self.json()) if form == JSON else _xml_envelope(self.xml())

    def answer(self, form: str) -> Answer:
        """Read every neutral fact of a body in `form`."""
        envelope = self.envelope(form)
        if envelope.stat != "ok":
            if envelope.code is None:
                raise MalformedAnswerError(f"failure without an error code: {self.body[:200]!r}")
            return Answer(code=envelope.code, message=envelope.message, status=self.status)
        payload = envelope.payload
        result = payload.get("result")
        found = _mapping(result).get("export") if result is not None else None
        return Answer(
            status=self.status,
            api_key=payload.get("api_key"),
            export=export_facts(payload["export"]) if "export" in payload else None,
            exports=tuple(export_facts(item) for item in several(found)),
            total=_total(_mapping(result)) if result is not None else None,
        )

    def file(self) -> ResultFile:
        """Read the body as CSV with a header row."""
        lines = list(csv.reader(io.StringIO(self.text, newline="")))
        if not lines:
            raise MalformedAnswerError("result file without a header row")
        columns = tuple(lines[0])
        bad = [line for line in lines[1:] if len(line) != len(columns)]
        if bad:
            raise MalformedAnswerError(f"row with {len(bad[0])} cells under {len(columns)} columns")
        rows = tuple(dict(zip(columns, line, strict=True)) for line in lines[1:])
        return ResultFile(columns, rows)


def several(value: object) -> list[Any]:
    """Undo the rule absent, single value, array: always give a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def export_facts(value: object) -> ExportFacts:
    """Read the facts of one export from its part of the payload; raise if one is malformed."""
    part = _mapping(value)
    refs = several(part.get("resultRefs"))
    if not all(isinstance(ref, str) for ref in refs):
        raise MalformedAnswerError(f"resultRefs are not strings: {refs!r}")
    try:
        return ExportFacts(
            id=int(part["id"]),
            state=str(part["state"]),
            is_expired=_boolean(part["isExpired"]),
            refs=tuple(refs),
            created_at=part.get("createdAt"),
            updated_at=part.get("updatedAt"),
            echo={key: part[key] for key in ("object", "fields", "procedure") if key in part},
        )
    except KeyError as error:
        raise MalformedAnswerError(f"export without {error}: {part!r}") from error


def _mapping(value: object) -> Mapping[str, Any]:
    if value == "":
        return {}
    if not isinstance(value, Mapping):
        raise MalformedAnswerError(f"expected an object, got {value!r}")
    return value


def _boolean(value: object) -> bool:
    known = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in known:
        return known[value]
    raise MalformedAnswerError(f"not a boolean: {value!r}")


def _total(result: Mapping[str, Any]) -> int | None:
    return int(result["total_results"]) if "total_results" in result else None


def _json_envelope(body: dict[str, Any]) -> Envelope:
    attributes = _mapping(body.get("@attributes"))
    payload = {key: value for key, value in body.items() if key not in ("@attributes", "err")}
    return Envelope(_stat(attributes), attributes.get("err_code"), body.get("err"), payload)


def _xml_envelope(root: Element) -> Envelope:
    error = root.find("err")
    code = None if error is None else int(error.get("code", ""))
    message = None if error is None else error.text
    payload = _children(root)
    payload.pop("err", None)
    return Envelope(_stat(root.attrib), code, message, payload)


def _stat(attributes: Mapping[str, Any]) -> str:
    stat = attributes.get("stat")
    if stat not in ("ok", "fail"):
        raise MalformedAnswerError(f"stat is neither ok nor fail: {stat!r}")
    return str(stat)


def _children(element: Element) -> dict[str, Any]:
    """Give the children by tag: text for a leaf, a dict for a branch, a list for repetitions."""
    grouped: dict[str, list[Any]] = {}
    for child in element:
        value: Any = _children(child) if len(child) else (child.text or "")
        grouped.setdefault(child.tag, []).append(value)
    return {tag: values[0] if len(values) == 1 else values for tag, values in grouped.items()}
