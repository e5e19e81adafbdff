"""What a query takes: ranges of grades that hold one, and numbers that are no longer than ids."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from pardot_mock.domain.dates import Reading
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.syncfilters import GRADES
from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.domain.syncquery import read_query

READING = Reading(datetime(2026, 3, 10, tzinfo=UTC), ZoneInfo("UTC"))


def grades_found(**bounds: str) -> set[object] | ErrorCode:
    """Give the grades that a query of prospects leaves, or the code of its refusal."""
    try:
        selection = read_query(SYNC_OBJECTS["prospect"], bounds.get, READING)
    except Refused as refused:
        return refused.code
    allowed: list[set[object]] = [
        set(each.values) for each in selection.conditions if each.field == "grade"
    ]
    return set.intersection(*allowed)


def test_two_bounds_leave_the_grades_between_them_or_are_refused_where_there_is_none() -> None:
    for (top, best), (bottom, worst) in product(enumerate(GRADES), repeat=2):
        found = grades_found(grade_less_than=best, grade_greater_than=worst)
        between = set(GRADES[top + 1 : bottom])
        assert found == (between or ErrorCode.INVALID_GRADE_RANGE)


def test_one_bound_leaves_every_grade_beyond_it_even_if_there_is_none() -> None:
    for place, grade in enumerate(GRADES):
        assert grades_found(grade_less_than=grade) == set(GRADES[place + 1 :])
        assert grades_found(grade_greater_than=grade) == set(GRADES[:place])


@pytest.mark.parametrize(
    ("name", "least", "code"),
    [("limit", 1, ErrorCode.INVALID_LIMIT), ("offset", 0, ErrorCode.INVALID_OFFSET)],
)
def test_a_number_of_a_page_has_at_most_eighteen_digits(
    name: str, least: int, code: ErrorCode
) -> None:
    def outcome(number: int) -> object:
        given = {name: str(number)}
        try:
            found = read_query(SYNC_OBJECTS["prospect"], given.get, READING, most=10**20)
        except Refused as refused:
            return refused.code
        return getattr(found, name)

    for number in (least, 10**17, 10**18 - 1):
        assert outcome(number) == number
    for number in (least - 1, 10**18):
        assert outcome(number) is code
