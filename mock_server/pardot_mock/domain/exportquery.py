"""The query of exports, or imports: which match, in which order, and which page of them.

Filters combine with AND and their time bounds are exclusive (documented). The default order of
exports is descending id (documented); limit and offset are not documented for them: 200 and 0
(inferred). Imports come by descending creation, 20 at a time and 100 at most (documented).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pardot_fixtures.catalog import find_object
from pardot_mock.domain.dates import BadDate
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exports import Export, ExportState
from pardot_mock.domain.imports import Import, ImportState
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS

if TYPE_CHECKING:
    from datetime import datetime

    from pardot_mock.domain.dates import Reading

PAGE = 200
ORIGINS = ("ui", "api", "all")
"""Whose imports a query asks for; the emulator has only those of the API."""

_SORT_KEYS = ("id", "created_at", "updated_at")
_ORDERS = ("ascending", "descending")
_TIMES = ("created", "updated")
PARAMETERS = frozenset(
    (
        "status",
        "object",
        "sort_by",
        "sort_order",
        "limit",
        "offset",
        "created_after",
        "created_before",
        "updated_after",
        "updated_before",
    )
)
"""Everything that a query takes; whatever else is sent is ignored (documented)."""

IMPORT_PARAMETERS = frozenset({*(name for name in PARAMETERS if name != "object"), "origin"})
"""Everything that a query of imports takes."""

Param = Callable[[str], str | None]


class Listed(Protocol):
    """What can be listed."""

    @property
    def id(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...


T = TypeVar("T", bound=Listed)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The jobs of one page, and how many match in all."""

    total: int
    jobs: Sequence[T]


@dataclass(frozen=True, slots=True)
class _Rules:
    """How a kind of job is listed: its states, and what holds where nothing is asked for."""

    states: tuple[str, ...]
    sort_by: str
    limit: int
    most: int


_EXPORTS = _Rules(tuple(ExportState), "id", PAGE, PAGE)
_IMPORTS = _Rules(tuple(ImportState), "created_at", 20, 100)


def select(exports: Sequence[Export], param: Param, reading: Reading) -> Page[Export]:
    """Answer a query; `param` gives the parameters, and `reading` reads the dates among them.

    Raises `Refused` for a bad value.
    """
    tests = [*_state_test(param, _EXPORTS.states), *_object_test(param)]
    found = [export for export in exports if all(test(export) for test in tests)]
    return _page(found, param, _EXPORTS, reading)


def select_imports(imports: Sequence[Import], param: Param, reading: Reading) -> Page[Import]:
    """Answer a query of imports; see `select`."""
    tests = _state_test(param, _IMPORTS.states)
    origin = param("origin") or "api"
    if origin not in ORIGINS:
        detail = f"origin {origin[:40]!r} is unknown"
        raise Refused(ErrorCode.INVALID_IMPORT_ORIGIN, detail, asked=origin, known=ORIGINS)
    found = [one for one in imports if origin != "ui" and all(test(one) for test in tests)]
    return _page(found, param, _IMPORTS, reading)


def _page(found: Sequence[T], param: Param, rules: _Rules, reading: Reading) -> Page[T]:
    tests = _time_tests(param, reading)
    key, descending = _order(param, rules.sort_by)
    limit = _number(param, "limit", rules.limit, 1, ErrorCode.INVALID_LIMIT)
    offset = _number(param, "offset", 0, 0, ErrorCode.INVALID_OFFSET)
    within = [one for one in found if all(test(one) for test in tests)]
    within.sort(key=lambda one: (getattr(one, key), one.id), reverse=descending)
    return Page(len(within), within[offset : offset + min(limit, rules.most)])


Test = Callable[[Any], bool]


def _state_test(param: Param, states: tuple[str, ...]) -> list[Test]:
    status = param("status")
    if status is None:
        return []
    if status not in states:
        detail = f"status {status[:40]!r} is not a state"
        raise Refused(ErrorCode.INVALID_PARAMETER, detail, asked=status, known=states)
    return [lambda job: job.state == status]


def _object_test(param: Param) -> list[Test]:
    name = param("object")
    if name is None:
        return []
    found = find_object(name)
    if found is None:
        detail = f"there is no object {name[:40]!r}"
        raise Refused(ErrorCode.INVALID_PARAMETER, detail, asked=name, known=tuple(EXPORT_OBJECTS))
    return [lambda export: export.request.query.object == found.name]


def _time_tests(param: Param, reading: Reading) -> list[Test]:
    tests: list[Test] = []
    for stem in _TIMES:
        after = _instant(param, f"{stem}_after", reading)
        before = _instant(param, f"{stem}_before", reading)
        if after is not None and before is not None and after > before:
            raise Refused(ErrorCode.INVALID_TIME_RANGE, detail=f"{stem}_after is the later one")
        tests += _bounds(f"{stem}_at", after, before)
    return tests


def _bounds(attribute: str, after: datetime | None, before: datetime | None) -> list[Test]:
    tests: list[Test] = []
    if after is not None:
        tests.append(lambda export: getattr(export, attribute) > after)
    if before is not None:
        tests.append(lambda export: getattr(export, attribute) < before)
    return tests


def _instant(param: Param, name: str, reading: Reading) -> datetime | None:
    text = param(name)
    if text is None:
        return None
    try:
        return reading.instant(text)
    except BadDate as error:
        raise Refused(ErrorCode.INVALID_TIMESTAMP, detail=f"{name}: {error}") from error


def _order(param: Param, default: str) -> tuple[str, bool]:
    key = param("sort_by") or default
    if key not in _SORT_KEYS:
        detail = f"nothing can be sorted by {key[:40]!r}"
        raise Refused(ErrorCode.INVALID_SORT_BY, detail, asked=key, known=_SORT_KEYS)
    order = param("sort_order") or "descending"
    if order not in _ORDERS:
        detail = f"sort_order {order[:40]!r} is unknown"
        raise Refused(ErrorCode.INVALID_SORT_ORDER, detail, asked=order, known=_ORDERS)
    return key, order == "descending"


def _number(param: Param, name: str, default: int, least: int, code: ErrorCode) -> int:
    text = param(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 12) or int(text) < least:
        raise Refused(code, detail=f"{name} {text[:40]!r} is not a number from {least}")
    return int(text)
