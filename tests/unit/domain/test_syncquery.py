"""Ranges of grades: refused only where no grade can lie between the bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.syncfilters import GRADES, Reading
from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.domain.syncquery import read_query

READING = Reading(datetime(2026, 3, 10, tzinfo=UTC), ZoneInfo("UTC"))


def grades_found(**bounds: str) -> set[object] | ErrorCode:
    """Give the grades that a query of prospects leaves, or the code of its refusal."""
    try:
        selection = read_query(SYNC_OBJECTS["prospect"], bounds.get, READING)
    except Refused as refused:
        return refused.code
    allowed = [set(each.values) for each in selection.conditions if each.field == "grade"]
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
