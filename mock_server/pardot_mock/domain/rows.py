"""What an export asks of the account's rows, and how the cells are written.

A procedure is checked once, at create, and becomes a `RowQuery`: instants in UTC, names in their
canonical spelling, the creator's timezone frozen. The data layer needs nothing else to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Deleted = Literal["false", "true", "all"]
"""Which rows a query wants: the living ones, the deleted ones, or both."""


FORM_HANDLER = "Form Handler"
"""The `type_name` of activities of form handlers in the world."""


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How a result file is written; every member is a quirk, none is documented.

    `boolean` is `json` (the convention of the object's JSON: `true`/`false` for real booleans,
    `1`/empty for prospect flags), `1_0` or `true_false`. `form_handler` is the `type_name` of
    activities of form handlers.
    """

    bom: bool = False
    quoting: Literal["minimal", "php", "all"] = "minimal"
    line_end: Literal["\n", "\r\n"] = "\n"
    boolean: Literal["json", "1_0", "true_false"] = "json"
    multi_separator: Literal[";", ",", "|"] = ";"
    form_handler: str = FORM_HANDLER


@dataclass(frozen=True, slots=True)
class RowQuery:
    """The rows of one export: both bounds are exclusive unless `inclusive` is set.

    `after` and `before` are aware UTC instants in whole seconds and apply to the column
    `time_field`. `fields` are the columns in the order they are written. `types` is None for all
    activity types. `timezone` is the IANA name in which timestamps are written. `custom` names
    those of `fields` that the account has defined itself.
    """

    object: str
    fields: tuple[str, ...]
    time_field: str
    after: datetime
    before: datetime
    timezone: str
    types: frozenset[int] | None = None
    prospect_only: bool = False
    deleted: Deleted = "false"
    inclusive: bool = False
    csv: CsvFormat = field(default_factory=CsvFormat)
    custom: frozenset[str] = frozenset()
