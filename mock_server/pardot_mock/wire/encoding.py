"""A tree of facts becomes XML or JSON bytes, as the service's own serialiser writes them.

JSON is compact, escapes every slash and every non-ASCII character, and begins with `@attributes`
(recorded). XML is indented by three blanks; null is `<x/>`, an empty string `<x></x>`, a carriage
return `&#13;` (working clients). A `Many` below a key is absent, one value, or an array (recorded):
XML needs no rule, it repeats the element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape, quoteattr

Format = Literal["xml", "json"]
Stat = Literal["ok", "fail"]
NullStyle = Literal["short", "null_attribute", "open_close"]


@dataclass(frozen=True, slots=True)
class Many:
    """A collection: absent with no item, the item itself with one, an array with more.

    With `collapse` off a single item stays an array in JSON.
    """

    items: Sequence[Tree]
    collapse: bool = True


@dataclass(frozen=True, slots=True)
class Keyed:
    """Texts by keys that need not be names: an object in JSON, which is recorded.

    In XML each is an `element` with its key as the attribute `key` (chosen).
    """

    texts: Mapping[str, str]
    element: str


Tree: TypeAlias = (
    "bool | int | float | str | Mapping[str, Tree] | Sequence[Tree] | Many | Keyed | None"
)

_SCALARS = frozenset((str, int, float, bool))
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode
ATTRIBUTES = "@attributes"
"""The key under which a mapping keeps what XML writes as attributes of its element."""

_VERSION = 1
_INDENT = "   "
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def ok_body(form: Format, tree: Mapping[str, Tree], *, attributes: bool = True,
            null: NullStyle = "short", stat: Stat = "ok") -> bytes:  # fmt: skip
    """Give the body of a successful answer; `attributes` off leaves `@attributes` out of JSON.

    `stat` is `fail` for a batch of which a part was refused (recorded).
    """
    if form == "json":
        head: dict[str, Tree] = {ATTRIBUTES: {"stat": stat, "version": _VERSION}}
        return _json({**head, **tree} if attributes else tree)
    return _xml(stat, "".join(_elements(tree, 1, null)))


def error_body(form: Format, code: int, message: str) -> bytes:
    """Give the body of a refused call."""
    if form == "json":
        attributes: dict[str, Tree] = {"stat": "fail", "version": _VERSION, "err_code": code}
        return _json({ATTRIBUTES: attributes, "err": message})
    return _xml("fail", f'{_INDENT}<err code="{code}">{_text(message)}</err>\n')


def content_type(form: Format) -> str:
    """Give the content type: JSON without a charset, because clients compare the whole header."""
    return "application/json" if form == "json" else "text/xml; charset=utf-8"


def _json(tree: Tree) -> bytes:
    return _encode(_plain(tree)).replace("/", "\\/").encode("ascii")


def _plain(tree: Tree) -> object:
    # Most nodes are scalars, and this is the path of every poll.
    if tree is None or type(tree) in _SCALARS or isinstance(tree, str | int | float):
        return tree
    if isinstance(tree, Many):
        items = [_plain(item) for item in tree.items]
        return items[0] if tree.collapse and len(items) == 1 else items
    if isinstance(tree, Keyed):
        return dict(tree.texts)
    if isinstance(tree, Mapping):
        return {key: _plain(value) for key, value in tree.items() if not _is_absent(value)}
    return [_plain(item) for item in tree]


def _is_absent(tree: Tree) -> bool:
    return isinstance(tree, Many) and not tree.items


def _xml(stat: str, inner: str) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="{stat}" version="1.0">\n'
    return f"{head}{inner}</rsp>\n".encode()


def _elements(tree: Mapping[str, Tree], depth: int, null: NullStyle) -> list[str]:
    parts: list[str] = []
    for name, value in tree.items():
        if isinstance(value, Many):
            parts += [_element(name, item, depth, null) for item in value.items]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            parts += [_element(name, item, depth, null) for item in value]
        else:
            parts.append(_element(name, value, depth, null))
    return parts


def _element(name: str, value: Tree, depth: int, null: NullStyle) -> str:
    indent = _INDENT * depth
    if value is None:
        return f"{indent}{_null(name, null)}\n"
    if isinstance(value, Keyed):
        return _keyed(name, value, indent)
    if isinstance(value, Mapping):
        inside = {key: each for key, each in value.items() if key != ATTRIBUTES}
        inner = "".join(_elements(inside, depth + 1, null))
        start = f"{indent}<{name}{_attributes(value.get(ATTRIBUTES))}"
        return f"{start}>\n{inner}{indent}</{name}>\n" if inner else f"{start}/>\n"
    return f"{indent}<{name}>{_text(_scalar(value))}</{name}>\n"


def _keyed(name: str, value: Keyed, indent: str) -> str:
    inner = "".join(
        f"{indent}{_INDENT}<{value.element} key={_attribute(key)}>{_text(text)}</{value.element}>\n"
        for key, text in value.texts.items()
    )
    return f"{indent}<{name}>\n{inner}{indent}</{name}>\n" if inner else f"{indent}<{name}/>\n"


def _attribute(text: str) -> str:
    return quoteattr(re.sub(_NOT_XML, "", text))


def _attributes(given: Tree) -> str:
    if not isinstance(given, Mapping):
        return ""
    return "".join(f" {name}={_attribute(_scalar(value))}" for name, value in given.items())


def _null(name: str, null: NullStyle) -> str:
    if null == "null_attribute":
        return f'<{name} null="true" />'
    return f"<{name}></{name}>" if null == "open_close" else f"<{name}/>"


def _scalar(value: Tree) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text(text: str) -> str:
    if text.isprintable():
        return escape(text)
    # Characters that XML cannot hold at all are left out (chosen): the answer stays well formed.
    return escape(re.sub(_NOT_XML, "", text), {"\r": "&#13;"})
