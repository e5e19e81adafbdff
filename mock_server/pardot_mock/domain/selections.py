"""Which rows of an object a synchronous call wants, in which order, and which page of them.

A call is understood once and becomes a `RowSelection`: names are canonical, instants are aware and
in UTC. The data layer needs nothing else to answer it. All conditions hold together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pardot_mock.domain.rows import Deleted

Scalar: TypeAlias = int | float | str | bool | datetime
Test: TypeAlias = Literal["above", "below", "among", "given", "missing"]
"""Strictly greater, strictly less, equal to one of several, holding a value, holding none."""

PAGE = 200
"""Records of a page where none or a higher number is asked for (documented)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of one column; a flag that is not set counts as holding none.

    `values` holds one value for `above` and `below`, any number for `among`, else nothing.
    Texts are compared without regard to case, as the service's database does (inferred).
    """

    field: str
    test: Test
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows whose `field` is among the values of `column` in living rows of another object.

    Those rows must meet `conditions`: prospects in a list, deals of a prospect.
    """

    field: str
    object: str
    column: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One column to sort by. A missing value comes before every other (inferred)."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class RowSelection:
    """One page of the rows of an object.

    Rows that `order` leaves equal come by id, in the direction of the first column (chosen).
    `deleted` applies to objects that can be asked for their deleted rows; of the others deleted
    rows are never seen. `counted` False saves counting all matches.
    """

    object: str
    conditions: tuple[Condition, ...] = ()
    links: tuple[Linked, ...] = ()
    order: tuple[Order, ...] = field(default=(Order("id"),))
    limit: int = PAGE
    offset: int = 0
    deleted: Deleted = "false"
    counted: bool = True
