"""Which type a column has.

Every cell of a result file is text. A name decides: ids and counts are whole numbers,
`*_at` is a timestamp in the creator's zone without offset, flags are booleans. Unknown
names, among them custom fields, stay text. Source: documented field references of the
exportable objects.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Literal

Kind = Literal["integer", "boolean", "timestamp", "text"]
Cell = int | bool | datetime | str | None
Converter = Callable[[Sequence[str]], list[Cell]]

_TIMESTAMPS = frozenset({"crm_last_sync"})
_INTEGERS = frozenset({"id", "type", "score", "screen_height", "screen_width"})
_BOOLEANS = frozenset({"opted_out"})
# Flags are `1` or empty for prospects, `true` or `false` for memberships.
_FLAGS: Mapping[str, Cell] = MappingProxyType(
    {"1": True, "true": True, "0": False, "false": False, "": False}
)
# A custom field may be called like an id and hold anything: 007 must not become 7.
_DIGITS = 18
_NUMBER = re.compile(rf"0|-?[1-9][0-9]{{0,{_DIGITS - 1}}}")


def kind_of(column: str) -> Kind:
    """The kind of values in a column."""
    if column in _TIMESTAMPS or column.endswith("_at"):
        return "timestamp"
    if column in _BOOLEANS or column.startswith("is_"):
        return "boolean"
    if column in _INTEGERS or column.endswith(("_id", "_count")):
        return "integer"
    return "text"


def _integers(cells: Sequence[str]) -> list[Cell]:
    with contextlib.suppress(ValueError):
        numbers: list[Cell] = [int(cell) if cell else None for cell in cells]
        # Writing them again is far quicker than looking at every cell, and as strict.
        same = ["" if number is None else str(number) for number in numbers]
        if same == [*cells] and max(map(len, cells), default=0) <= _DIGITS:
            return numbers
    return [int(cell) if _NUMBER.fullmatch(cell) else cell or None for cell in cells]


def _booleans(cells: Sequence[str]) -> list[Cell]:
    return [_FLAGS.get(cell.lower(), cell) for cell in cells]


def _texts(cells: Sequence[str]) -> list[Cell]:
    return [cell or None for cell in cells]


def _timestamps_in(zone: tzinfo | None) -> Converter:
    if zone is None:
        # Without a zone a datetime would be naive, and a naive one is a wrong one.
        return _texts

    def timestamp(cell: str) -> Cell:
        if not cell:
            return None
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            return cell
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    return lambda cells: [timestamp(cell) for cell in cells]


def converters(columns: tuple[str, ...], zone: tzinfo | None) -> list[Converter]:
    """One converter per column, each for the cells of many rows at once.

    Args:
        columns: names of the columns.
        zone: the creator's timezone; timestamps stay text without one. A time that occurs
            twice when clocks go back is taken as the first of the two.
    """
    by_kind: dict[Kind, Converter] = {
        "integer": _integers,
        "boolean": _booleans,
        "timestamp": _timestamps_in(zone),
        "text": _texts,
    }
    return [by_kind[kind_of(column)] for column in columns]
