"""The shape of a body: names and types, and of the values only words of the protocol itself.

A shape is JSON: an object of shapes, a list with one shape (of all items together), or a word for a
type. Values that belong to the protocol, such as the state of an export, are kept as `=Complete`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

Shape = Any
PROTOCOL = frozenset(
    {"state", "isExpired", "stat", "err_code", "version", "object", "token_type", "@version"}
)
"""Keys whose values say nothing about anybody, and everything about the server."""

NULL = "null"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_WORD = re.compile(r"=?[\w.]{1,20}")
_LOOKS = (
    (re.compile(r"-?\d+"), "integer"),
    (re.compile(r"-?\d+\.\d+"), "decimal"),
    (re.compile(r"true|false"), "boolean"),
)


def shape_of(content: bytes, content_type: str) -> Shape:
    """Give the shape of a body; of a result file its columns, of anything else just its kind."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return of_json(json.loads(content))
        if kind in ("text/xml", "application/xml"):
            return _of_xml(content)
    except ValueError:
        return f"broken {kind}"
    if kind == "text/csv":
        first = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        return {"columns": first.replace('"', "").split(",")}
    return "empty" if not content else kind or "unknown"


def of_json(value: Any, key: str = "") -> Shape:  # noqa: ANN401 - JSON
    """Give the shape of a JSON value that stands under `key`."""
    if isinstance(value, dict):
        return _without_echo({name: of_json(item, name) for name, item in value.items()})
    if isinstance(value, list):
        return [merged(of_json(item, key) for item in value)] if value else []
    if key in PROTOCOL and _WORD.fullmatch(str(value)):
        return f"={json.dumps(value) if isinstance(value, bool) else value}"
    return _word(value)


def _without_echo(shape: dict[str, Shape]) -> dict[str, Shape]:
    """Leave out what only says what was asked for: object, fields and arguments of an export."""
    procedure = shape.get("procedure")
    if not isinstance(procedure, dict):
        return shape
    kept = {name: value for name, value in shape.items() if name not in ("fields", "object")}
    named = {name: value for name, value in procedure.items() if name != "arguments"}
    return {**kept, "procedure": {**named, "arguments": "echo"}}


def _word(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "decimal"
    return _word_of_text(str(value))


def _word_of_text(text: str) -> str:
    if _TIME.fullmatch(text):
        return "time"
    return "url" if text.startswith(("http://", "https://")) else "text"


def _of_xml(content: bytes) -> Shape:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError(str(error)) from error
    return {root.tag: _of_element(root)}


def _of_element(element: Element) -> Shape:
    attributes = {f"@{n}": of_json(v, f"@{n}") for n, v in element.attrib.items()}
    if element.tag == "err" and "code" in element.attrib:
        return {"@code": f"={element.attrib['code']}", "": "text"}
    names = dict.fromkeys(child.tag for child in element)
    below: dict[str, Shape] = {}
    for name in names:
        same = [_of_element(child) for child in element if child.tag == name]
        below[name] = same[0] if len(same) == 1 else [merged(same)]
    if attributes or below:
        return {**attributes, **_without_echo(below)}
    text = element.text or ""
    if element.tag in PROTOCOL and _WORD.fullmatch(text):
        return f"={text}"
    looks = (word for pattern, word in _LOOKS if pattern.fullmatch(text))
    return next(looks, _word_of_text(text)) if text else NULL


def merged(shapes: Iterable[Shape]) -> Shape:
    """Give one shape for several items; a key that some items lack ends with a question mark."""
    found = list(shapes)
    if all(isinstance(shape, dict) for shape in found):
        names = dict.fromkeys(name for shape in found for name in shape)
        return {
            name if all(name in shape for shape in found) else f"{name}?": merged(
                shape[name] for shape in found if name in shape
            )
            for name in names
        }
    words = sorted({json.dumps(shape) for shape in found if shape != NULL})
    if not words:
        return NULL
    return json.loads(words[0]) if len(words) == 1 else "mixed"


def differences(theirs: Shape, ours: Shape, where: str = "$") -> Iterator[str]:
    """Say in a line each where two shapes differ; null fits everything, for it shows no type."""
    if NULL in (theirs, ours) or theirs == ours or "mixed" in (theirs, ours):
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _key_differences(theirs, ours, where)
    elif isinstance(theirs, list) and isinstance(ours, list):
        if theirs and ours:
            yield from differences(theirs[0], ours[0], f"{where}[]")
    else:
        yield f"{where}: {_shown(theirs)} recorded, {_shown(ours)} emulated"


def _key_differences(
    theirs: Mapping[str, Shape], ours: Mapping[str, Shape], where: str
) -> Iterator[str]:
    known, emulated = _plain(theirs), _plain(ours)
    for name in known.keys() | emulated.keys():
        place = f"{where}.{name}"
        if name in known and name in emulated:
            yield from differences(known[name], emulated[name], place)
        elif f"{name}?" not in theirs and f"{name}?" not in ours:
            yield f"{place}: {'only recorded' if name in known else 'only emulated'}"


def _plain(shape: Mapping[str, Shape]) -> dict[str, Shape]:
    return {name.removesuffix("?"): value for name, value in shape.items()}


def _shown(shape: Shape) -> str:
    if isinstance(shape, dict):
        return "an object"
    return "an array" if isinstance(shape, list) else str(shape)
