"""The head of an answer: status line and headers, these in the order of the service (recorded).

Headers that the service does not know come last, in the order in which they are given.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDER: Mapping[str, int] = MappingProxyType(
    {
        name: place
        for place, name in enumerate(
            (
                "date",
                "set-cookie",
                "expires",
                "cache-control",
                "pragma",
                "x-pardot-rsp",
                "p3p",
                "vary",
                "content-length",
                "content-type",
                "x-pardot-route",
                "server",
                "x-pardot-lb",
            )
        )
    }
)


def _place(header: tuple[str, str]) -> int:
    return _ORDER.get(header[0].lower(), len(_ORDER))


def head_bytes(version: str, status: str, headers: list[tuple[str, str]]) -> bytes:
    """Write the head of an answer over HTTP `version`; `status` has code and reason.

    Raises `UnicodeEncodeError` for what is not Latin-1.
    """
    ordered = sorted(headers, key=_place)
    lines = [f"HTTP/{version} {status}", *map(": ".join, ordered), "", ""]
    return "\r\n".join(lines).encode("latin-1")
