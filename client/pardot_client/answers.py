"""The envelope: the one place that reads an answer of the service.

XML carries no types and JSON does, so both are brought to the same facts: every scalar is
text, an empty value is None, and a collection follows the rule absent (none), value (one),
list (several), which `as_list` undoes. `Answer.code` is the error code, `Answer.payload`
everything beside the envelope. Source: documented envelopes of versions 3 and 4; the
bare `code` and `message` of version 5 are understood as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from .xmltree import Tree, XmlRefused, parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .transport import Reply

REQUEST_ID_HEADERS = ("X-Pardot-Mock-Request-Id", "X-Pardot-Route")


class NotAnEnvelope(ValueError):  # noqa: N818 - named by what is found
    """The body is no answer of the service."""


@dataclass(frozen=True)
class Answer:
    """One answer, read. Its repr shows nothing that the server may have repeated.

    Attributes:
        status: the HTTP status.
        headers: the response headers, names in lower case.
        code: the error code, None on success.
        message: the error text, None on success.
        payload: the content as text facts; see the module.
        stream: the open body when the answer is a file, else None.
        ok: whether the call succeeded.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    code: int | None = None
    message: str | None = field(default=None, repr=False)
    payload: Mapping[str, Tree] = field(default_factory=dict, repr=False)
    stream: Reply | None = field(default=None, repr=False, compare=False)
    ok: bool = True

    @property
    def request_id(self) -> str | None:
        """The id the server put on this answer."""
        for name in REQUEST_ID_HEADERS:
            if value := self.headers.get(name.lower()):
                return value
        return None

    @property
    def date(self) -> datetime | None:
        """The server's own time of the answer (header Date), aware."""
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return None
        # The offset -0000 means UTC as well, though the library calls such a date naive.
        return date if date.tzinfo else date.replace(tzinfo=UTC)


def as_list(tree: Tree) -> list[Tree]:
    """Undo the collection rule: absent or null is none, a value is one, a list is itself."""
    if tree is None:
        return []
    return list(tree) if isinstance(tree, list) else [tree]


def as_text(tree: Tree) -> str | None:
    """A scalar; a container or nothing is None."""
    return tree if isinstance(tree, str) else None


def as_int(tree: Tree) -> int | None:
    """A whole number, or None if the text is none."""
    text = as_text(tree)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def as_bool(tree: Tree) -> bool:
    """True for `true` and `1`, in whatever case."""
    return (as_text(tree) or "").strip().lower() in {"true", "1"}


def as_mapping(tree: Tree) -> Mapping[str, Tree]:
    """A container; anything else is an empty one."""
    return tree if isinstance(tree, dict) else {}


def facts_of(value: object) -> Tree:
    """Bring a JSON value to text facts, as if it had travelled through XML."""
    if isinstance(value, dict):
        # An empty list leaves no element behind, so its key is absent as well.
        return {str(key): facts_of(item) for key, item in value.items() if item != []} or None
    if isinstance(value, list | tuple):
        items = [facts_of(item) for item in value]
        return (items[0] if len(items) == 1 else items) if items else None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return text if text.strip() else None


def parse_json(body: bytes) -> dict[str, Tree]:
    """Read a JSON object to text facts.

    Raises:
        NotAnEnvelope: not JSON, or not an object.
    """
    try:
        # Numbers stay text: nothing is lost, and XML has only text.
        value = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise NotAnEnvelope("the body is not JSON") from error
    if not isinstance(value, dict):
        raise NotAnEnvelope("the body is JSON but not an object")
    facts = facts_of(value)
    return facts if isinstance(facts, dict) else {}


def _parse(body: bytes) -> dict[str, Tree]:
    if body.lstrip()[:1] == b"{":
        return parse_json(body)
    try:
        name, tree = parse_xml(body.strip())
    except XmlRefused as error:
        raise NotAnEnvelope(str(error)) from error
    if name != "rsp":
        raise NotAnEnvelope(f"the root element is {name!r}")
    return tree if isinstance(tree, dict) else {}


def _failure(facts: Mapping[str, Tree]) -> tuple[int | None, str | None]:
    """The error code and text, wherever this format keeps them."""
    codes = [as_int(as_mapping(facts.get("@attributes")).get("err_code"))]
    texts: list[str] = []
    for item in as_list(facts.get("err")):
        if isinstance(item, str):
            texts.append(item)
            continue
        attributes = as_mapping(as_mapping(item).get("@attributes"))
        codes.append(as_int(attributes.get("code")))
        text = as_text(as_mapping(item).get("#text")) or as_text(attributes.get("msg")) or ""
        name = as_text(attributes.get("param"))
        texts.append(f"{name}: {text}" if name else text)
    codes.append(as_int(facts.get("code")))
    told = "; ".join(texts) or as_text(facts.get("message"))
    return next((code for code in codes if code is not None), None), told


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Read a whole answer.

    Args:
        status: the HTTP status.
        headers: the response headers, names in lower case.
        body: the complete body.

    Raises:
        NotAnEnvelope: the body is neither XML nor JSON of the known shape.
    """
    if not body and status == 204:
        return Answer(status, headers)
    facts = _parse(body)
    stat = as_text(as_mapping(facts.get("@attributes")).get("stat"))
    failed = stat == "fail" or (stat is None and status >= 400)
    code, message = _failure(facts) if failed else (None, None)
    payload = {key: value for key, value in facts.items() if key not in {"@attributes", "err"}}
    return Answer(status, headers, code, message, payload, ok=not failed)


def looks_like_envelope(content_type: str, head: bytes) -> bool:
    """Whether an answer to a download is an envelope and not a file.

    Refusals of the api_key era come with HTTP 200, so the status alone does not tell.
    """
    kind = content_type.split(";")[0].strip().lower()
    if kind in {"application/json", "text/xml", "application/xml"}:
        return True
    start = head.lstrip()[:64]
    return start.startswith((b"<?xml", b"<rsp", b'{"@attributes"'))
