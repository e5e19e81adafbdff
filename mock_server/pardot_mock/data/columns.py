"""A column of a block of rows: numbers, marks, moments, words, or text joined from the others.

Columns hold values, not cells; how a cell is written is decided in `cells`. `valid` is None where
no value is missing. Words are kept as codes into a lexicon, so a million cells share a few texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from pardot_mock.data.vectors import Mask, Seconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers, or decimal ones."""

    values: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    valid: Mask | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Yes or no."""

    values: Mask
    valid: Mask | None = None


@dataclass(frozen=True, slots=True)
class Moments:
    """Instants in epoch seconds."""

    values: Seconds
    valid: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words a column chooses from: a text, several texts at once, or None for no value."""

    words: tuple[str | tuple[str, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Texts given as positions in a lexicon."""

    values: npt.NDArray[np.int64]
    lexicon: Lexicon
    valid: Mask | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """Text made of pieces: fixed strings and columns that miss no value."""

    parts: tuple[str | Numbers | Words, ...]
    valid: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts of any kind, null where one is missing; with `several`, joined by U+001F."""

    values: pl.Series
    several: bool = False
    valid: Mask | None = None


Column: TypeAlias = Numbers | Marks | Moments | Words | Joined | Texts


def values_of(column: Column, count: int) -> list[Any]:
    """Give the values as Python objects; None where one is missing.

    Moments become aware UTC datetimes; several texts at once stay a tuple. `count` is the number
    of rows.
    """
    if isinstance(column, Joined):
        pieces = [
            [part] * count if isinstance(part, str) else values_of(part, count)
            for part in column.parts
        ]
        found: list[Any] = ["".join(map(str, row)) for row in zip(*pieces, strict=True)]
    elif isinstance(column, Words):
        words = column.lexicon.words
        found = [words[code] for code in column.values.tolist()]
    elif isinstance(column, Texts):
        found = column.values.to_list()
        if column.several:
            found = [None if text is None else tuple(text.split("\x1f")) for text in found]
    elif isinstance(column, Moments):
        found = [_EPOCH + timedelta(seconds=second) for second in column.values.tolist()]
    else:
        found = column.values.tolist()
    if column.valid is None:
        return found
    return [
        value if valid else None for value, valid in zip(found, column.valid.tolist(), strict=True)
    ]
