"""Reads the values that a write gives to fields: from a form, a path, JSON or a CSV cell.

A reader takes the name of the field and what was sent, and gives the value to keep (None: none) or
refuses it with the documented code. Flags are read as the service's language does: everything but
an empty value and 0 is true, the text `false` too (working clients).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pardot_mock.domain.dates import BadDate, parse_instant
from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

MAX_CHARACTERS = 65_535
"""Characters of one text (chosen)."""

MAX_NAME = 255
"""Characters of a name (chosen)."""

MAX_NUMBER = 2**53
"""Where whole numbers end that every reader of JSON understands (chosen)."""

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"\\]{1,64}@[^@\s,;<>()\[\]\"\\]+\.[^@\s.,;<>()\[\]\"\\]+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,6})?|\.[0-9]{1,6})", re.ASCII)
_UNSTORABLE = re.compile("[\x1e\x1f\ud800-\udfff]")
_BLANK: frozenset[object] = frozenset({None, ""})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When, and in which timezone, a value is read."""

    now: datetime
    zone: ZoneInfo


Reader: TypeAlias = Callable[[str, Any, Circumstances], Any]
"""Takes the name of the field, what was sent (a text or a scalar of JSON), and circumstances."""


def plain(name: str, value: object) -> str:
    """Give a scalar as the text it stands for; refuse anything else with code 90."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if not isinstance(value, str | int | float):
        detail = f"{name} is neither a text nor a number"
        raise Refused(ErrorCode.PROSPECTS_NOT_FLAT, detail=detail)
    return str(value)


def a_text(name: str, value: object, _: Circumstances) -> str | None:
    """Any text that can be stored; an empty one is none."""
    text = plain(name, value)
    if len(text) > MAX_CHARACTERS:
        detail = f"{name} has {len(text)} characters, more than {MAX_CHARACTERS}"
        raise Refused(ErrorCode.INVALID_PARAMETER, detail=detail)
    if _UNSTORABLE.search(text):
        raise Refused(ErrorCode.INVALID_PARAMETER, detail=f"{name} holds U+001E, U+001F or half a"
                                                          " surrogate pair")  # fmt: skip
    return text or None


def several(name: str, value: object, around: Circumstances) -> tuple[str, ...] | None:
    """A list of texts, or one text in which `;` stands between the values (chosen)."""
    items = value if isinstance(value, list) else plain(name, value).split(";")
    texts = [a_text(name, item, around) for item in items]
    return tuple(text for text in texts if text is not None) or None


def a_name(name: str, value: object, around: Circumstances) -> str:
    """A text that is not blank: code 36 without one, 139 for one that is too long."""
    text = a_text(name, value, around)
    if text is None or not text.strip():
        raise Refused(ErrorCode.MISSING_PARAMETER_VALUE, detail=f"{name} is empty")
    if len(text) > MAX_NAME:
        detail = f"{name} has {len(text)} characters, more than {MAX_NAME}"
        raise Refused(ErrorCode.INVALID_NAME, detail=detail)
    return text


def a_truth(name: str, value: object, _: Circumstances) -> bool:
    """Everything but nothing, an empty text and 0 is true, as in the service's language."""
    return plain(name, value) not in ("", "0")


def an_email(name: str, value: object, _: Circumstances) -> str:
    """An e-mail address, else code 4."""
    text = plain(name, value).strip()
    if not _EMAIL.fullmatch(text) or len(text) > MAX_NAME or _UNSTORABLE.search(text):
        detail = f"{name} {text[:60]!r} is not an address"
        raise Refused(ErrorCode.INVALID_PROSPECT_EMAIL, detail=detail)
    return text


def whole(
    code: ErrorCode = ErrorCode.INVALID_NUMBER_FOR_FIELD,
    least: int = -MAX_NUMBER,
    most: int = MAX_NUMBER,
) -> Reader:
    """Give a reader of whole numbers between two, or none."""

    def read(name: str, value: object, _: Circumstances) -> int | None:
        text = plain(name, value).strip()
        if not text:
            return None
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            detail = f"{name} {text[:40]!r} is not a whole number from {least} to {most}"
            raise Refused(code, detail=detail)
        return int(text)

    return read


def decimal(code: ErrorCode, least: float = 0) -> Reader:
    """Give a reader of decimal numbers from `least` on, or none."""

    def read(name: str, value: object, _: Circumstances) -> float | None:
        text = plain(name, value).strip()
        if not text:
            return None
        if not _DECIMAL.fullmatch(text) or float(text) < least:
            detail = f"{name} {text[:40]!r} is not a number from {least}"
            raise Refused(code, detail=detail)
        return float(text)

    return read


def an_id(code: ErrorCode) -> Reader:
    """Give a reader of ids, or none."""
    return whole(code, least=1)


def an_instant(name: str, value: object, around: Circumstances) -> datetime | None:
    """A date as the filters of queries take it, else code 57."""
    text = plain(name, value).strip()
    if not text:
        return None
    try:
        return parse_instant(text, now=around.now, zone=around.zone)
    except BadDate as error:
        raise Refused(ErrorCode.INVALID_DATE_FOR_FIELD, detail=f"{name}: {error}") from error


def a_date(name: str, value: object, around: Circumstances) -> str | None:
    """A date that is kept as the text it was sent as."""
    an_instant(name, value, around)
    return a_text(name, value, around)


def a_number(name: str, value: object, around: Circumstances) -> str | None:
    """A number that is kept as the text it was sent as."""
    text = a_text(name, value, around)
    if text is not None and not _DECIMAL.fullmatch(text.strip()):
        detail = f"{name} {text[:40]!r} is not a number"
        raise Refused(ErrorCode.INVALID_NUMBER_FOR_FIELD, detail=detail)
    return text


def one_of(*values: str) -> Reader:
    """Give a reader of some words in any case, or none; any other is code 51."""
    known = {value.lower(): value for value in values}

    def read(name: str, value: object, _: Circumstances) -> str | None:
        text = plain(name, value).strip()
        if text and text.lower() not in known:
            detail = f"{name} {text[:40]!r} is none of {', '.join(values)}"
            raise Refused(ErrorCode.INVALID_PARAMETER, detail=detail)
        return known.get(text.lower())

    return read
