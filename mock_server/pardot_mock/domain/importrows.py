"""What one row of an import does to a prospect: found by its e-mail, made or changed.

Source: the column options are documented; that a bad row is left out and told of is documented,
how is chosen: its cells as they were sent, and behind them the text of the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_mock.domain.fieldvalues import Circumstances, Reader
    from pardot_mock.domain.imports import ImportRequest

ERROR_COLUMN = "error"
"""The column behind those of the file in which the errors file tells what was wrong (chosen)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many prospects an import made and changed, and how many rows it could not use."""

    created: int = 0
    updated: int = 0
    errors: int = 0

    def plus(self, created: int, updated: int, errors: int) -> Outcome:
        """Give the outcome with further rows counted."""
        return Outcome(self.created + created, self.updated + updated, self.errors + errors)


@dataclass(frozen=True, slots=True)
class RowRules:
    """How the rows of one import are read."""

    request: ImportRequest
    readers: Mapping[str, Reader]
    around: Circumstances

    def values(self, header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
        """Read the cells of a row; an empty one is None. Raises `Refused` for a bad one."""
        if len(cells) != len(header):
            detail = f"the row has {len(cells)} cells under {len(header)} column names"
            raise Refused(ErrorCode.INVALID_CSV_FILE, detail=detail)
        read = {}
        for name, cell in zip(header, cells, strict=True):
            empty = not cell and name != "email"
            read[name] = None if empty else self.readers[name](name, cell, self.around)
        return read

    def changes(self, current: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Give what a row changes of a prospect that is there."""
        changed = {}
        for name, value in values.items():
            option = self.request.option(name)
            clears = value is None
            is_kept = not option.null_overwrite if clears else not option.overwrite
            if name == "email" or (is_kept and (clears or _is_given(current.get(name)))):
                continue
            changed[name] = value
        return changed

    def refuse_archived(self, current: Mapping[str, Any]) -> None:
        """Refuse a row for an archived prospect, unless the import restores them."""
        if current["is_deleted"] and not self.request.restore_deleted:
            detail = f"prospect {current['id']} is archived"
            raise Refused(ErrorCode.PROSPECT_ARCHIVED, detail=detail)


def _is_given(value: object) -> bool:
    return value is not None and value is not False
