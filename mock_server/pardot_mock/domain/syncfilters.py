"""The query parameters of the synchronous objects: what each takes and which rows it leaves.

A filter is data: its name, a word for what it takes, and a reader that turns the text into
conditions or refuses it with the documented code. Bounds are exclusive on both sides (working
clients rely on it for `*_after` and `id_greater_than`; inferred for the upper ones).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pardot_mock.domain.dates import BadDate, Reading
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.selections import Condition, Linked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
"""Grades from the best to the worst (documented: A+ to F)."""

MAX_DIGITS = 18
_KEYWORD = re.compile(r"[a-z]+(_[a-z0-9]+)+", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)


Found = tuple[Condition | Linked, ...]
Reader = Callable[[str, str, Reading], Found]
"""Takes the name of the parameter, its text, and the circumstances."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter. `takes` says in words what it holds; `evidence` as in the reference."""

    name: str
    takes: str
    read: Reader
    evidence: str = "documented"


def shown(text: str) -> str:
    """Give a text as it may stand in a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def an_id(name: str, text: str, code: ErrorCode = ErrorCode.INVALID_ID) -> int:
    """Read an id; refuse anything else with `code`."""
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) <= MAX_DIGITS):
        raise Refused(code, detail=f"{name} is not an id: {shown(text)}")
    return int(stripped)


def a_boolean(name: str, text: str, code: ErrorCode = ErrorCode.INVALID_BOOLEAN) -> bool:
    """Read `true` or `false`, in lower case (documented); refuse anything else with `code`."""
    if text not in ("true", "false"):
        raise Refused(code, detail=f"{name} is neither true nor false: {shown(text)}")
    return text == "true"


def an_instant(name: str, text: str, reading: Reading) -> datetime:
    """Read a time: code 6 for what looks like a keyword (inferred), 7 for what is no date."""
    try:
        return reading.instant(text)
    except BadDate as error:
        keyword = _KEYWORD.fullmatch(text.strip())
        code = ErrorCode.INVALID_TIME_FRAME if keyword else ErrorCode.INVALID_TIMESTAMP
        raise Refused(code, detail=f"{name}: {error}") from error


def a_number(name: str, text: str, code: ErrorCode) -> float:
    """Read a number; a whole one as int."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        raise Refused(code, detail=f"{name} is not a number: {shown(text)}")
    return float(stripped) if "." in stripped else int(stripped)


def times(stem: str, field: str | None = None) -> tuple[Filter, ...]:
    """Give `<stem>_after` and `<stem>_before`, both exclusive."""
    column = field or f"{stem}_at"

    def after(name: str, text: str, reading: Reading) -> Found:
        return (Condition(column, "above", (an_instant(name, text, reading),)),)

    def before(name: str, text: str, reading: Reading) -> Found:
        return (Condition(column, "below", (an_instant(name, text, reading),)),)

    return Filter(f"{stem}_after", "time", after), Filter(f"{stem}_before", "time", before)


def _id_above(name: str, text: str, reading: Reading) -> Found:
    del reading
    return (Condition("id", "above", (an_id(name, text),)),)


def _id_below(name: str, text: str, reading: Reading) -> Found:
    del reading
    return (Condition("id", "below", (an_id(name, text),)),)


ID_ABOVE = Filter("id_greater_than", "id", _id_above)
ID_BELOW = Filter("id_less_than", "id", _id_below)
CREATED = times("created")
UPDATED = times("updated")
IDS = (ID_ABOVE, ID_BELOW)


def ids(name: str, field: str, code: ErrorCode = ErrorCode.INVALID_ID) -> Filter:
    """Give a filter that takes one id or several, separated by commas."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del reading
        wanted = tuple(an_id(param, item, code) for item in text.split(","))
        return (Condition(field, "among", wanted),)

    return Filter(name, "ids", read)


def one_id(name: str, field: str, code: ErrorCode = ErrorCode.INVALID_ID) -> Filter:
    """Give a filter that takes one id."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(field, "among", (an_id(param, text, code),)),)

    return Filter(name, "id", read)


def exact(name: str, field: str) -> Filter:
    """Give a filter for a text that must be equal."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del param, reading
        return (Condition(field, "among", (text,)),)

    return Filter(name, "text", read)


def holding(name: str, field: str, code: ErrorCode = ErrorCode.INVALID_BOOLEAN) -> Filter:
    """Give a filter by whether a column holds a value, or a flag is set."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(field, "given" if a_boolean(param, text, code) else "missing"),)

    return Filter(name, "boolean", read)


def not_holding(name: str, field: str, code: ErrorCode = ErrorCode.INVALID_BOOLEAN) -> Filter:
    """Give the opposite of `holding`."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(field, "missing" if a_boolean(param, text, code) else "given"),)

    return Filter(name, "boolean", read)


# Who is new is undocumented; here it is who has not been reviewed (chosen).
NEW = replace(not_holding("new", "is_reviewed", ErrorCode.INVALID_NEW), evidence="chosen")


def only(name: str, field: str) -> Filter:
    """Give a filter that `true` turns on and `false` leaves off."""

    def read(param: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(field, "given"),) if a_boolean(param, text) else ()

    return Filter(name, "boolean", read)


def numbers(stem: str, code: ErrorCode) -> tuple[Filter, ...]:
    """Give `<stem>_equal_to`, `<stem>_greater_than` and `<stem>_less_than`."""

    def equal(name: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(stem, "among", (a_number(name, text, code),)),)

    def above(name: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(stem, "above", (a_number(name, text, code),)),)

    def below(name: str, text: str, reading: Reading) -> Found:
        del reading
        return (Condition(stem, "below", (a_number(name, text, code),)),)

    return (
        Filter(f"{stem}_equal_to", "number", equal),
        Filter(f"{stem}_greater_than", "number", above),
        Filter(f"{stem}_less_than", "number", below),
    )


def _grade(name: str, text: str) -> int:
    """Give the place of a grade in `GRADES`."""
    wanted = text.strip().upper()
    if wanted not in GRADES:
        raise Refused(ErrorCode.INVALID_GRADE, detail=f"{name} is no grade: {shown(text)}")
    return GRADES.index(wanted)


def _grade_is(name: str, text: str, reading: Reading) -> Found:
    del reading
    return (Condition("grade", "among", (GRADES[_grade(name, text)],)),)


def _grade_above(name: str, text: str, reading: Reading) -> Found:
    del reading
    return (Condition("grade", "among", GRADES[: _grade(name, text)]),)


def _grade_below(name: str, text: str, reading: Reading) -> Found:
    del reading
    return (Condition("grade", "among", GRADES[_grade(name, text) + 1 :]),)


GRADE = (
    Filter("grade_equal_to", "grade", _grade_is),
    Filter("grade_greater_than", "grade", _grade_above),
    Filter("grade_less_than", "grade", _grade_below),
)


def _types(name: str, text: str, reading: Reading) -> Found:
    del reading
    # A number that no activity has finds nothing; only what is no number is refused (chosen).
    wanted = tuple(an_id(name, item, ErrorCode.INVALID_PARAMETER) for item in text.split(","))
    return (Condition("type", "among", wanted),)


ACTIVITY_TYPE = Filter("type", "activity types", _types)


def _user(name: str, text: str, reading: Reading) -> Found:
    """The user by id or by e-mail."""
    del reading
    if "@" in text:
        by_email = (Condition("email", "among", (text,)),)
        return (Linked("user_id", "user", "id", by_email),)
    return (Condition("user_id", "among", (an_id(name, text, ErrorCode.INVALID_USER_ID),)),)


ASSIGNED_TO = Filter("assigned_to_user", "user id or e-mail", _user)


def _in_list(name: str, text: str, reading: Reading) -> Found:
    del reading
    wanted = an_id(name, text, ErrorCode.INVALID_LIST_ID)
    members = (Condition("list_id", "among", (wanted,)),)
    return (Linked("id", "listMembership", "prospect_id", members),)


IN_LIST = Filter("list_id", "id", _in_list)


def _of_prospect(column: str, values: Sequence[int | str]) -> Found:
    return (
        Linked("id", "prospect", "opportunity_id", (Condition(column, "among", tuple(values)),)),
    )


def _deal_of_id(name: str, text: str, reading: Reading) -> Found:
    del reading
    return _of_prospect("id", [an_id(name, text, ErrorCode.INVALID_PROSPECT_ID)])


def _deal_of_email(name: str, text: str, reading: Reading) -> Found:
    del reading
    if "@" not in text:
        raise Refused(ErrorCode.INVALID_PROSPECT_EMAIL, detail=f"{name}: {shown(text)}")
    return _of_prospect("email", [text])


DEAL_OF = (
    Filter("prospect_id", "id", _deal_of_id),
    Filter("prospect_email", "e-mail", _deal_of_email),
)
