"""Tells which rows of a block meet a condition, column by column, without making values of them."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pardot_mock.data.columns import Column, Joined, Marks, Texts, Words, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from pardot_mock.data.vectors import Mask
    from pardot_mock.domain.selections import Condition, Scalar


class Rows(Protocol):
    """What has columns: a block of the synthetic world, or of loaded rows."""

    def column(self, field: str) -> Column: ...


def meeting(rows: Rows, conditions: Iterable[Condition], count: int) -> Mask:
    """Tell which of `count` rows meet every condition."""
    masks = (holds(rows.column(each.field), each, count) for each in conditions)
    return reduce(np.logical_and, masks, np.ones(count, dtype=np.bool_))


def holds(column: Column, condition: Condition, count: int) -> Mask:
    """Tell which of the `count` values of a column meet one condition."""
    if condition.test in ("given", "missing"):
        given = is_given(column, count)
        return given if condition.test == "given" else ~given
    found = _compared(column, condition, count)
    return found if column.valid is None else found & column.valid


def is_given(column: Column, count: int) -> Mask:
    """Tell which values are there; a mark that is not set is none."""
    found = np.ones(count, dtype=np.bool_)
    if isinstance(column, Marks):
        found = column.values
    elif isinstance(column, Words):
        found = np.array([word is not None for word in column.lexicon.words])[column.values]
    elif isinstance(column, Texts):
        found = column.values.is_not_null().to_numpy()
    return found if column.valid is None else found & column.valid


def _compared(column: Column, condition: Condition, count: int) -> Mask:
    if isinstance(column, Words):
        return _of_texts(column.lexicon.words, condition)[column.values]
    if isinstance(column, Texts) and not column.several:
        return _of_series(column.values, condition)
    if isinstance(column, Joined | Texts):
        return _of_texts(values_of(column, count), condition)
    values = column.values
    wanted = [_number(value) for value in condition.values]
    if condition.test == "above":
        return np.asarray(values > wanted[0])
    if condition.test == "below":
        return np.asarray(values < wanted[0])
    return np.asarray(values == wanted[0]) if len(wanted) == 1 else np.isin(values, wanted)


def _number(value: Scalar) -> float:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, str):
        raise TypeError(f"{value!r} cannot be compared with numbers")
    return value


def _of_series(texts: pl.Series, condition: Condition) -> Mask:
    """The same as `_of_texts` for many texts; only those beyond ASCII are compared one by one."""
    wanted = {str(value).casefold() for value in condition.values}
    equal = texts.str.to_lowercase().is_in(sorted(wanted)).fill_null(value=False)
    found = np.array(equal.to_numpy(), dtype=np.bool_)
    beyond = (texts.str.len_bytes() > texts.str.len_chars()).fill_null(value=False).arg_true()
    found[beyond.to_numpy()] = _of_texts(texts.gather(beyond).to_list(), condition)
    return found


def _of_texts(texts: Sequence[str | tuple[str, ...] | None], condition: Condition) -> Mask:
    """Compare texts without regard to case; of several texts at once none is equal to one."""
    wanted = {str(value).casefold() for value in condition.values}
    return np.array(
        [isinstance(text, str) and text.casefold() in wanted for text in texts], dtype=np.bool_
    )
