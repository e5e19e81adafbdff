"""Every state that the loaded and written rows of one object were in, each with its version.

Append-only: a later state of a row takes the place of an earlier one, and what a version holds
never changes. Single rows gather as they come and become columns some hundred at a time, so a
row costs about what its texts cost.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_fixtures.catalog import Kind

DELETED = "is_deleted"
"""The column that tells which rows are deleted."""

VALUE_SEPARATOR = "\x1f"
_SINCE = "_since"
_PENDING_ROWS = 256
_MERGED_ROWS = 1 << 16
_KEPT = 4
"""Snapshots that are remembered; a new one grows out of the last one before it."""

_PYTHON_TYPES: Mapping[Kind, tuple[type, ...]] = MappingProxyType(
    {
        "integer": (int,),
        "string": (str, tuple),
        "timestamp": (datetime,),
        "boolean": (bool,),
        "flag": (bool,),
        "float": (int, float),
    }
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RowTable:
    """The rows of the object `name`; its owner holds a lock around every call."""

    def __init__(self, name: str) -> None:
        self._kinds: dict[str, Kind] = {f.name: f.kind for f in OBJECTS[name].fields}
        self._kinds[DELETED] = "flag"
        self._chunks: list[pl.DataFrame] = []
        self._pending: dict[int, dict[str, Any]] = {}
        self._versions = array("q")
        self._hidden = _Hidden()
        self._snapshots: OrderedDict[int, pl.DataFrame] = OrderedDict()
        self.highest = 0

    def add(self, rows: pl.DataFrame, version: int) -> None:
        """Append many rows in the columns of the object, timestamps in epoch seconds."""
        if rows.height:
            self._flush()
            self._chunks.append(rows.with_columns(pl.lit(version, pl.Int64).alias(_SINCE)))
            self._appended(highest_id(rows["id"]), version)

    def stored(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give a row, of values as `Dataset.rows` gives them and `is_deleted`, as it is stored.

        A value of an unknown name is one of a custom field. Raises `TypeError` for a value that
        is not of the kind of its field.
        """
        stored = {name: self._as_stored(name, row[name]) for name in row if row[name] is not None}
        if "is_archived" in self._kinds:
            stored["is_archived"] = stored.get(DELETED, False)
        return stored

    def put(self, stored: dict[str, Any], version: int, index: int | None) -> None:
        """Append one row as `stored` gives it.

        `index` is the place of the row in the synthetic world, where from now on it is not looked
        for; None for any other row.
        """
        row_id: int = stored["id"]
        if row_id in self._pending or len(self._pending) >= _PENDING_ROWS:
            self._flush()
        self._pending[row_id] = {**stored, _SINCE: version}
        self._appended(row_id, version)
        if index is not None:
            self._hidden.add(index, version)

    def _appended(self, highest: int, version: int) -> None:
        self.highest = max(self.highest, highest)
        if not self._versions or self._versions[-1] != version:
            self._versions.append(version)

    @property
    def changes(self) -> int:
        """How many versions changed something here."""
        return len(self._versions)

    def hidden(self, version: int | None = None) -> Sequence[int]:
        """Give, in ascending order, the places in the synthetic world whose rows stand here."""
        return self._hidden.at(version)

    def find(self, row_id: int) -> dict[str, Any] | None:
        """Give the latest state of a row as values, with `is_deleted`; None if it is not here."""
        pending = self._pending.get(row_id)
        if pending is not None:
            return self._values(pending)
        for chunk in reversed(self._chunks):
            places = (chunk["id"] == row_id).arg_true()
            if len(places):
                return self._values(chunk.row(places[-1], named=True))
        return None

    def find_many(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Give the latest states of those of some rows that are here, by id."""
        if not self._versions:
            return {}
        rows = self.snapshot().filter(pl.col("id").is_in(ids))
        return {row["id"]: self._values(row) for row in rows.iter_rows(named=True)}

    def snapshot(self, version: int | None = None) -> pl.DataFrame:
        """Give the rows as a version holds them (default: the latest)."""
        count = len(self._versions)
        if version is not None:
            count = bisect_right(self._versions, version)
        if not count:
            return pl.DataFrame(schema={"id": pl.Int64()})
        wanted = self._versions[count - 1]
        found = self._snapshots.get(wanted)
        if found is None:
            found = self._snapshots[wanted] = self._grown(wanted)
            while len(self._snapshots) > _KEPT:
                self._snapshots.popitem(last=False)
        self._snapshots.move_to_end(wanted)
        return found

    def _grown(self, wanted: int) -> pl.DataFrame:
        before = max((known for known in self._snapshots if known < wanted), default=0)
        later = self._between(before, wanted)
        later = later.unique(subset="id", keep="last", maintain_order=True)
        if not before:
            return later
        base = self._snapshots[before]
        replaced = base["id"].is_in(later["id"].implode())
        kept = base.filter(~replaced) if replaced.any() else base
        return pl.concat([kept, later], how="diagonal")

    def _between(self, after: int, until: int) -> pl.DataFrame:
        """Give every state of a version after the first and not after the second one."""
        self._flush()
        since = pl.col(_SINCE)
        taken = [
            chunk.filter((since > after) & (since <= until))
            for chunk in self._chunks
            if chunk[_SINCE][-1] > after and chunk[_SINCE][0] <= until
        ]
        return pl.concat(taken, how="diagonal")

    def _flush(self) -> None:
        """Make columns of the single rows, and one chunk of several small ones."""
        if not self._pending:
            return
        chunk = self._frame(list(self._pending.values()))
        self._pending = {}
        while self._chunks and _may_merge(self._chunks[-1], chunk):
            chunk = pl.concat([self._chunks.pop(), chunk], how="diagonal", rechunk=True)
        self._chunks.append(chunk)

    def _frame(self, rows: list[dict[str, Any]]) -> pl.DataFrame:
        names = dict.fromkeys([*self._kinds, *(name for row in rows for name in row)])
        return pl.DataFrame(
            [
                pl.Series(name, [row.get(name) for row in rows], dtype=self._type_of(name))
                for name in names
            ]
        )

    def _type_of(self, name: str) -> pl.DataType:
        return pl.Int64() if name == _SINCE else type_of(self._kinds.get(name, "string"))

    def _as_stored(self, name: str, value: object) -> object:
        kind = self._kinds.get(name, "string")
        if not isinstance(value, _PYTHON_TYPES[kind]) or isinstance(value, bool) != (
            kind in ("boolean", "flag")
        ):
            raise TypeError(f"{name} is a {kind}, not {value!r}")
        if isinstance(value, datetime):
            return int(value.timestamp())
        return VALUE_SEPARATOR.join(value) if isinstance(value, tuple) else value

    def _values(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._as_value(name, stored.get(name))
            for name in dict.fromkeys([*self._kinds, *stored])
            if name != _SINCE
        }

    def _as_value(self, name: str, value: Any) -> Any:  # noqa: ANN401
        kind = self._kinds.get(name)
        if kind == "flag":
            return bool(value)
        if value is None:
            return None
        if kind == "timestamp":
            return _EPOCH + timedelta(seconds=value)
        several = name in MULTI_VALUE_FIELDS or (kind is None and VALUE_SEPARATOR in value)
        return tuple(value.split(VALUE_SEPARATOR)) if several else value


def highest_id(ids: pl.Series) -> int:
    """Give the highest of some ids, 0 if there is none."""
    highest = ids.max()
    return highest if isinstance(highest, int) else 0


def type_of(kind: Kind) -> pl.DataType:
    """Give the type of the column of a field; timestamps are epoch seconds."""
    types: dict[Kind, pl.DataType] = {"string": pl.String(), "float": pl.Float64()}
    if kind in ("boolean", "flag"):
        return pl.Boolean()
    return types.get(kind, pl.Int64())


def _may_merge(earlier: pl.DataFrame, later: pl.DataFrame) -> bool:
    # Chunks halve in size towards the end, so that there are few and each row moves few times.
    return later.height * 2 > earlier.height and earlier.height + later.height <= _MERGED_ROWS


class _Hidden:
    """Places in the synthetic world, and since which version each is hidden."""

    def __init__(self) -> None:
        self._versions = array("q")
        self._places = array("q")
        self._known: set[int] = set()
        self._sorted: tuple[int, list[int]] = (0, [])

    def add(self, place: int, version: int) -> None:
        if place not in self._known:
            self._known.add(place)
            self._versions.append(version)
            self._places.append(place)

    def at(self, version: int | None) -> Sequence[int]:
        count = len(self._places)
        if version is not None:
            count = bisect_right(self._versions, version)
        if self._sorted[0] != count:
            self._sorted = (count, sorted(self._places[:count]))
        return self._sorted[1]
