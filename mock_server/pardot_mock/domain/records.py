"""A row with the rows it refers to, ready to be shown. The data layer gathers, the wire writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""Values by field name: int, float, str, bool, an aware UTC datetime, a tuple of texts, or None."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of `object`: `one` holds a record or None, `some` holds records, by the key of the
    part of the shape that shows them.
    """

    object: str
    row: Row
    one: Mapping[str, Record | None] = field(default_factory=dict)
    some: Mapping[str, Sequence[Record]] = field(default_factory=dict)
