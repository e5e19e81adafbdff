"""One item ahead: the order, the errors and the end are those of the items themselves."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.data.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


@given(st.lists(st.none() | st.integers()))
def test_all_items_come_in_their_order(items: list[int | None]) -> None:
    assert list(ahead(iter(items))) == items


@given(st.lists(st.integers()), st.integers(0, 5))
def test_an_error_comes_where_it_was_raised(items: list[int], after: int) -> None:
    def breaking() -> Iterator[int]:
        yield from items[:after]
        raise OSError("the disk")

    coming = ahead(breaking())
    assert [next(coming) for _ in items[:after]] == items[:after]
    with pytest.raises(OSError, match="the disk"):
        next(coming)


def test_the_next_item_is_made_while_the_one_before_it_is_in_use() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    given_ = ahead(items())
    assert next(given_) == 1
    assert second.wait(timeout=10), "nobody asked for the second one yet, but it is in the making"
    assert list(given_) == [2]


def test_no_more_than_one_item_is_made_ahead() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    given_ = ahead(items())
    next(given_)
    given_.close()  # type: ignore[attr-defined]
    assert made == [0, 1]


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_no_thread_is_left_when_it_is_closed_or_at_its_end(taken: int) -> None:
    before = set(threading.enumerate())
    given_ = ahead(iter(range(3)))
    for _ in range(taken):
        next(given_)
    given_.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) == before
    assert list(ahead(iter(range(3)))) == [0, 1, 2]
    assert set(threading.enumerate()) == before
