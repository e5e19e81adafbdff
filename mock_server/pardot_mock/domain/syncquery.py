"""Reads the parameters of a synchronous call and understands them as a selection of rows.

The checks run filters, sorting, limit, offset (chosen), so a call with two faults gets the code of
the first. An empty value counts as absent (chosen); unknown parameters are never looked at.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.selections import PAGE, Condition, Linked, Order, RowSelection
from pardot_mock.domain.syncfilters import a_boolean, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pardot_mock.domain.dates import Reading
    from pardot_mock.domain.rows import Deleted
    from pardot_mock.domain.syncfilters import Found
    from pardot_mock.domain.syncobjects import SyncObject

MOST_SORTS: Final = 2
_MAX_DIGITS: Final = 18
_ORDERS: Final[Mapping[str, bool]] = MappingProxyType({"ascending": False, "descending": True})

_EMPTY_RANGES: Final[Mapping[str, ErrorCode]] = MappingProxyType(
    {
        "id": ErrorCode.INVALID_ID_RANGE,
        "score": ErrorCode.INVALID_SCORE_RANGE,
        "probability": ErrorCode.INVALID_PROBABILITY_RANGE,
        "value": ErrorCode.INVALID_OPPORTUNITY_VALUE_RANGE,
    }
)
"""The code where a lower bound lies above the upper one; of instants it is 8 (documented)."""

_COMBINATIONS: Final[Mapping[str, ErrorCode]] = MappingProxyType(
    {
        "score": ErrorCode.INVALID_SCORE_COMBINATION,
        "grade": ErrorCode.INVALID_GRADE_COMBINATION,
    }
)
"""The code where `<stem>_equal_to` stands beside a bound of the same stem (chosen)."""


def read_query(
    found: SyncObject, param: Callable[[str], str | None], reading: Reading, *, most: int = PAGE
) -> RowSelection:
    """Understand a query of `found`; raise `Refused` with the documented code.

    `param` gives the text of a parameter. `most` is the highest limit: a higher one is clamped.
    """
    given = _given(found, param)
    conditions, links = _filters(found, given, reading)
    return RowSelection(
        object=found.name,
        conditions=conditions,
        links=links,
        order=_order(found, param) if found.sorts else (Order("id"),),
        limit=min(_number("limit", param("limit"), PAGE, 1, ErrorCode.INVALID_LIMIT), most),
        offset=_offset(found, param),
        deleted=_deleted(found, param),
    )


def _offset(found: SyncObject, param: Callable[[str], str | None]) -> int:
    if not found.pages:
        return 0
    return _number("offset", param("offset"), 0, 0, ErrorCode.INVALID_OFFSET)


def _given(found: SyncObject, param: Callable[[str], str | None]) -> Mapping[str, str]:
    """Give the filters that count, with their texts: defaults filled in, overridden ones gone."""
    texts = {each.name: param(each.name) or found.defaults.get(each.name) for each in found.filters}
    given = {name: text for name, text in texts.items() if text}
    if found.must and len(found.must & given.keys()) != 1:
        detail = f"exactly one of {', '.join(sorted(found.must))} is needed"
        raise Refused(ErrorCode.INVALID_QUERY, detail=detail)
    alone = sorted(name for name in found.alone & given.keys() if given[name] == "true")
    if len(alone) > 1:
        raise Refused(ErrorCode.INVALID_QUERY, detail=f"{alone[0]} and {alone[1]} exclude another")
    for name, other in found.needs.items():
        if name in given and other not in given:
            raise Refused(ErrorCode.INVALID_QUERY, detail=f"{name} needs {other}")
    for winner, losers in found.overrides.items():
        if winner in given:
            given = {name: text for name, text in given.items() if name not in losers}
    return given


def _filters(
    found: SyncObject, given: Mapping[str, str], reading: Reading
) -> tuple[tuple[Condition, ...], tuple[Linked, ...]]:
    parts: list[Condition | Linked] = []
    for each in found.filters:
        if each.name in given:
            read: Found = each.read(each.name, given[each.name], reading)
            parts += read
    _check_combinations(given)
    conditions = tuple(part for part in parts if isinstance(part, Condition))
    _check_ranges(conditions)
    return conditions, tuple(part for part in parts if isinstance(part, Linked))


def _check_combinations(given: Mapping[str, str]) -> None:
    for stem, code in _COMBINATIONS.items():
        bounds = {f"{stem}_greater_than", f"{stem}_less_than"} & given.keys()
        if bounds and f"{stem}_equal_to" in given:
            raise Refused(code, detail=f"{stem}_equal_to stands beside a bound")


def _check_ranges(conditions: Sequence[Condition]) -> None:
    lows = {each.field: each.values[0] for each in conditions if each.test == "above"}
    for each in conditions:
        low = lows.get(each.field) if each.test == "below" else None
        if low is not None and low > each.values[0]:  # type: ignore[operator]
            code = _EMPTY_RANGES.get(each.field, ErrorCode.INVALID_TIME_RANGE)
            raise Refused(code, detail=f"the range of {each.field} ends before it starts")
    grades = [set(each.values) for each in conditions if each.field == "grade"]
    if grades and not set.intersection(*grades) and len(grades) > 1:
        raise Refused(ErrorCode.INVALID_GRADE_RANGE, detail="no grade lies between the bounds")


def _order(found: SyncObject, param: Callable[[str], str | None]) -> tuple[Order, ...]:
    """Read up to two columns, one of which must be id, each with its order (documented)."""
    columns = _items(param("sort_by")) or ["id"]
    orders = _items(param("sort_order"))
    if len(columns) > MOST_SORTS:
        raise Refused(ErrorCode.TOO_MANY_SORT_BY, detail=f"{len(columns)} columns in sort_by")
    unknown = [name for name in columns if name not in found.sorts]
    if unknown:
        detail = f"{found.name} cannot be sorted by {shown(unknown[0])}"
        raise Refused(ErrorCode.INVALID_SORT_BY, detail, asked=unknown[0], known=found.sorts)
    if len(columns) == MOST_SORTS and "id" not in columns:
        raise Refused(ErrorCode.SORT_WITHOUT_ID, detail="neither sort column is id")
    if len(orders) > MOST_SORTS:
        raise Refused(ErrorCode.TOO_MANY_SORT_ORDER, detail=f"{len(orders)} sort orders")
    bad = [order for order in orders if order not in _ORDERS]
    if bad:
        detail = f"sort_order {shown(bad[0])} is unknown"
        raise Refused(ErrorCode.INVALID_SORT_ORDER, detail, asked=bad[0], known=_ORDERS)
    # A column without an order of its own takes its default (documented for one column).
    asked = [_ORDERS[order] for order in orders]
    return tuple(
        Order(name, asked[place] if place < len(asked) else found.sorts[name])
        for place, name in enumerate(columns)
    )


def _items(text: str | None) -> list[str]:
    return [item.strip() for item in text.split(",")] if text else []


def _deleted(found: SyncObject, param: Callable[[str], str | None]) -> Deleted:
    text = param("deleted")
    if not found.deleted_param or not text:
        return "false"
    return "true" if a_boolean("deleted", text, ErrorCode.INVALID_DELETED) else "false"


def _number(name: str, text: str | None, default: int, least: int, code: ErrorCode) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS) or int(text) < least:
        raise Refused(code, detail=f"{name} {shown(text)} is not a number from {least}")
    return int(text)
