"""The grammar of a call's path: `/api/<object>` and then key/value pairs in any order.

Any parameter may stand in the path (inferred); a trailing slash changes nothing (working clients).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ApiPath:
    """The object of a call as spelled, and the pairs after it; a last key may lack a value."""

    object: str
    pairs: Mapping[str, str]


def parse_path(path: str) -> ApiPath:
    """Read the part of a path after `/api/`; values are already percent-decoded."""
    object_name, *rest = [segment for segment in path.split("/") if segment] or [""]
    values = [*rest[1::2], ""]
    return ApiPath(object_name, dict(zip(rest[0::2], values, strict=False)))
