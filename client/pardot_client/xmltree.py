"""XML bytes to a plain tree, with the standard library alone.

Rules: a document type or an entity is refused before it can do anything; an element
without text or children is None; attributes are kept below "@attributes"; elements that
repeat become a list, in the order of the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

Tree = str | None | dict[str, "Tree"] | list["Tree"]

_DEEPEST = 64


class XmlRefused(ValueError):  # noqa: N818 - named by what happened
    """The bytes are no XML, or XML of a kind that is not accepted."""


@dataclass
class _Element:
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    children: dict[str, list[Tree]] = field(default_factory=dict)

    def tree(self) -> Tree:
        text = "".join(self.text)
        if self.attributes.get("null") == "true":
            return None
        if not self.children and not self.attributes:
            return text if text.strip() else None
        tree: dict[str, Tree] = {}
        if self.attributes:
            tree["@attributes"] = dict(self.attributes)
        for name, found in self.children.items():
            tree[name] = found[0] if len(found) == 1 else list(found)
        if text.strip() and not self.children:
            tree["#text"] = text
        return tree


class _Builder:
    def __init__(self) -> None:
        self.open: list[tuple[str, _Element]] = []
        self.root: tuple[str, Tree] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= _DEEPEST:
            raise XmlRefused("the document nests too deeply")
        self.open.append((name, _Element(attributes)))

    def end(self, name: str) -> None:
        _, element = self.open.pop()
        if self.open:
            self.open[-1][1].children.setdefault(name, []).append(element.tree())
        else:
            self.root = (name, element.tree())

    def text(self, data: str) -> None:
        self.open[-1][1].text.append(data)

    def refuse(self, *_: object) -> NoReturn:
        raise XmlRefused("a document type or entity declaration is not accepted")


def parse_xml(body: bytes) -> tuple[str, Tree]:
    """Parse a whole document.

    Returns:
        The name of the root element and its tree.

    Raises:
        XmlRefused: not well-formed, nested too deeply, or carrying a document type.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    # Entities can only be declared inside a document type, so refusing that is enough.
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise XmlRefused(f"not well-formed XML: {error}") from error
    if builder.root is None:
        raise XmlRefused("the document is empty")
    return builder.root
