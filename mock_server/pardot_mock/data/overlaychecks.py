"""Holds raw values against the catalogue and gives a frame of typed columns, or the first fault.

An integer is a whole number, a text a text, a boolean `true`, `false`, `1` or `0`. A flag may also
be empty, which means no. A timestamp is ISO 8601 in whole seconds; without an offset it is in the
account's timezone. `created_at` is the present instant where it is left out, `updated_at` is
`created_at`, and never earlier. Texts of several values are held joined by U+001F.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS
from pardot_mock.data.layout import WITH_DELETED
from pardot_mock.data.overlayreading import BadRowError
from pardot_mock.data.rowtable import DELETED, VALUE_SEPARATOR, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from pardot_fixtures.catalog import Kind, ObjectType
    from pardot_mock.data.overlayreading import RawTable

MAX_CHARACTERS = 100_000
"""Characters of one text (chosen: below what the readers of CSV take by default)."""

MAX_ID = 10**15
_INT = re.compile(r"[+-]?[0-9]+", re.ASCII)
_MOST = 2**63
_LONGEST = 4000
"""Digits that Python turns into a number whatever its settings; more are out of range anyway."""
_MARKS: Mapping[object, bool] = MappingProxyType(
    {"true": True, "1": True, "false": False, "0": False}
)


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Rows of one object with every column of it and `is_deleted`, and where each came from.

    Timestamps are epoch seconds; `id` is null where one is to be given.
    """

    object: str
    rows: pl.DataFrame
    lines: list[int]
    unit: str


def checked(
    name: str, table: RawTable, zone: ZoneInfo, now: datetime, called: str = "now"
) -> CheckedRows:
    """Check the rows of `table` for the exportable object `name`.

    `zone` is the timezone of timestamps without offset, `now` stands in for a creation that is
    left out, and `called` is what errors call it. Raises `BadRowError` for the first fault in the
    order of the lines, and `KeyError` for an object that cannot be exported.
    """
    if not OBJECTS[name].exportable:
        raise KeyError(name)
    found = OBJECTS[name]
    kinds = _kinds(found)
    raw = _canonical(found, table, kinds)
    readers = _readers(zone)
    faults: list[BadRowError] = []
    columns: dict[str, list[Any]] = {}
    for field, values in raw.items():
        reader = _a_list_of_texts if field in MULTI_VALUE_FIELDS else readers[kinds[field]]
        columns[field] = _read(field, values, _an_id if field == "id" else reader, table, faults)
    if faults:
        raise min(faults, key=lambda fault: fault.line or 0)
    _stamp(columns, table, int(now.timestamp()), called)
    _check_ids(columns.get("id", ()), table)
    return CheckedRows(name, _frame(columns, kinds, len(table.lines)), table.lines, table.unit)


def _kinds(found: ObjectType) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {field.name: field.kind for field in found.fields}
    if found.name in WITH_DELETED:
        kinds[DELETED] = "flag"
    return kinds


def _canonical(
    found: ObjectType, table: RawTable, kinds: Mapping[str, Kind]
) -> dict[str, list[Any]]:
    """Give the columns by their canonical names; every name must be known, and only once."""
    columns: dict[str, list[Any]] = {}
    given: dict[str, str] = {}
    for name, values in table.columns.items():
        canonical = found.aliases.get(name, name)
        if canonical not in kinds:
            raise _bad_column(table, name, f"{found.name} has no such column")
        if canonical in columns:
            raise _twice(table, name, given[canonical])
        columns[canonical], given[canonical] = values, name
    if DELETED in columns and "is_archived" in columns:
        raise _twice(table, DELETED, "is_archived")
    return columns


def _twice(table: RawTable, name: str, other: str) -> BadRowError:
    return _bad_column(table, name, f"means the same as the column {other}; give one of them")


def _bad_column(table: RawTable, name: str, message: str) -> BadRowError:
    return BadRowError(message, table.named.get(name), name, table.unit)


def _read(
    field: str,
    values: list[Any],
    read: Callable[[Any], Any],
    table: RawTable,
    faults: list[BadRowError],
) -> list[Any]:
    """Read a column; its first fault is added to `faults`."""
    done: list[Any] = []
    for value in values:
        try:
            done.append(read(value))
        except ValueError as error:
            faults.append(BadRowError(str(error), table.lines[len(done)], field, table.unit))
            break
    return done


def _readers(zone: ZoneInfo) -> Mapping[Kind, Callable[[Any], Any]]:
    def an_instant(value: Any) -> int | None:  # noqa: ANN401
        return _an_instant(value, zone)

    return {
        "integer": _a_whole_number,
        "float": _a_number,
        "string": _a_text,
        "timestamp": an_instant,
        "boolean": _a_mark,
        "flag": lambda value: bool(_a_mark(value)),
    }


def _a_whole_number(value: Any) -> int | None:  # noqa: ANN401
    number = _whole(value)
    if number is not None and not -_MOST <= number < _MOST:
        limits = f"whole numbers go from {-_MOST} to {_MOST - 1}"
        raise ValueError(f"{_shown(value)} is out of range: {limits}")
    return number


def _whole(value: Any) -> int | None:  # noqa: ANN401
    """Read a whole number of any size."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and _INT.fullmatch(value):
        return int(value) if len(value) <= _LONGEST else _MOST
    # Tables with gaps keep their whole numbers as floats.
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(  # noqa: TRY004 - a fault of the row
            f"{_shown(value)} is not a whole number"
        )
    return number


def _an_id(value: Any) -> int | None:  # noqa: ANN401
    number = _whole(value)
    if number is not None and not 1 <= number <= MAX_ID:
        raise ValueError(f"{_shown(value)} is not an id from 1 to {MAX_ID}")
    return number


def _a_number(value: Any) -> float | None:  # noqa: ANN401
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(  # noqa: TRY004 - a fault of the row
            f"{_shown(value)} is not a number"
        )
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_shown(value)} is not a number") from error


def _a_text(value: Any) -> str | None:  # noqa: ANN401
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a text")  # noqa: TRY004 - a fault of the row
    if len(value) > MAX_CHARACTERS:
        raise ValueError(f"the text has {len(value)} characters, more than {MAX_CHARACTERS}")
    if "\x1e" in value or "\x1f" in value:
        # The digest of the truth joins cells with them.
        raise ValueError("a text holds no U+001E and no U+001F")
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError("half of a surrogate pair is not a character")
    return value


def _a_list_of_texts(value: Any) -> str | None:  # noqa: ANN401
    """A list of texts, or one text in which `;` stands between the values."""
    if not isinstance(value, list | tuple):
        text = _a_text(value)
        return None if text is None else text.replace(";", VALUE_SEPARATOR)
    texts = [_a_text(item) for item in value]
    if None in texts:
        raise ValueError(f"{_shown(value)} holds a missing value")
    return VALUE_SEPARATOR.join(text for text in texts if text is not None) if texts else None


def _a_mark(value: Any) -> bool | None:  # noqa: ANN401
    if value is None or value == "":
        return None
    mark = _MARKS.get(str(value).lower()) if isinstance(value, bool | int | str) else None
    if mark is None:
        raise ValueError(f"{_shown(value)} is none of true, false, 1 and 0")
    return mark


def _an_instant(value: Any, zone: ZoneInfo) -> int | None:  # noqa: ANN401
    if value is None or value == "":
        return None
    instant = _datetime(value)
    if instant is None or not 1971 <= instant.year <= 2899:
        raise ValueError(f"{_shown(value)} is not an instant such as 2026-01-31T10:00:00Z")
    if instant.microsecond:
        raise ValueError(f"{_shown(value)} is not in whole seconds")
    return int(instant.replace(tzinfo=instant.tzinfo or zone).timestamp())


def _datetime(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), None)
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _stamp(columns: dict[str, list[Any]], table: RawTable, now: int, called: str) -> None:
    """Fill the instants that were left out, and refuse an update before the creation."""
    absent = [None] * len(table.lines)
    created, changed = columns.get("created_at", absent), columns.get("updated_at", absent)
    born = [now if second is None else second for second in created]
    updated = [first if last is None else last for first, last in zip(born, changed, strict=True)]
    for place, (first, last) in enumerate(zip(born, updated, strict=True)):
        if last < first:
            message = f"{_written(last)} is before created_at, {_written(first)}"
            if created[place] is None:
                message = (
                    f"{_written(last)} is before created_at, which was not given and is taken as "
                    f"{called}, {_written(first)}; give it too"
                )
            raise BadRowError(message, table.lines[place], "updated_at", table.unit)
    columns["created_at"], columns["updated_at"] = born, updated


def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def _check_ids(ids: Iterable[int | None], table: RawTable) -> None:
    seen: dict[int, int] = {}
    for place, row_id in enumerate(ids):
        if row_id is None:
            continue
        if (before := seen.setdefault(row_id, place)) != place:
            message = f"{row_id} is also the id on {table.unit} {table.lines[before]}"
            raise BadRowError(message, table.lines[place], "id", table.unit)


def _frame(columns: Mapping[str, list[Any]], kinds: Mapping[str, Kind], count: int) -> pl.DataFrame:
    """Give every column of the object; deletions stand in `is_deleted` and `is_archived` alike."""
    series = {}
    for name, kind in kinds.items():
        absent: list[Any] = [False if kind == "flag" else None] * count
        series[name] = pl.Series(name, columns.get(name, absent), dtype=type_of(kind))
    if "is_archived" in kinds and DELETED in kinds:
        source = DELETED if DELETED in columns else "is_archived"
        series[DELETED], series["is_archived"] = series[source], series[source]
    elif DELETED not in kinds:
        series[DELETED] = pl.Series([False] * count, dtype=pl.Boolean)
    return pl.DataFrame([column.alias(name) for name, column in series.items()])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
