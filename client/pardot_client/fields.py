"""Which type a column has.

Every cell of a result file is text. A name decides: ids and counts are whole numbers,
`*_at` is a timestamp in the creator's zone without offset, flags are booleans. Unknown
names, among them custom fields, stay text. Source: documented field references of the
exportable objects.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["integer", "boolean", "timestamp", "text"]
Cell = int | bool | datetime | str | None

_TIMESTAMPS = frozenset({"crm_last_sync"})
_INTEGERS = frozenset({"id", "type", "score", "screen_height", "screen_width"})
_BOOLEANS = frozenset({"opted_out"})
_TRUE = frozenset({"1", "true"})
_FALSE = frozenset({"0", "false", ""})
# A custom field may be called like an id and hold anything: 007 must not become 7.
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def kind_of(column: str) -> Kind:
    """The kind of values in a column."""
    if column in _TIMESTAMPS or column.endswith("_at"):
        return "timestamp"
    if column in _BOOLEANS or column.startswith("is_"):
        return "boolean"
    if column in _INTEGERS or column.endswith(("_id", "_count")):
        return "integer"
    return "text"


def _integer(cell: str) -> Cell:
    return int(cell) if _NUMBER.fullmatch(cell) else cell or None


def _boolean(cell: str) -> Cell:
    # Flags are `1` or empty for prospects, `true` or `false` for memberships.
    lowered = cell.lower()
    if lowered in _TRUE:
        return True
    return False if lowered in _FALSE else cell


def _text(cell: str) -> Cell:
    return cell or None


def _timestamp_in(zone: tzinfo | None) -> Callable[[str], Cell]:
    if zone is None:
        # Without a zone a datetime would be naive, and a naive one is a wrong one.
        return _text

    def timestamp(cell: str) -> Cell:
        if not cell:
            return None
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            return cell
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    return timestamp


def converters(columns: tuple[str, ...], zone: tzinfo | None) -> list[Callable[[str], Cell]]:
    """One converter per column.

    Args:
        columns: names of the columns.
        zone: the creator's timezone; timestamps stay text without one. A time that occurs
            twice when clocks go back is taken as the first of the two.
    """
    by_kind: dict[Kind, Callable[[str], Cell]] = {
        "integer": _integer,
        "boolean": _boolean,
        "timestamp": _timestamp_in(zone),
        "text": _text,
    }
    return [by_kind[kind_of(column)] for column in columns]
