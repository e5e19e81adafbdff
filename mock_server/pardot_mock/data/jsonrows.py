"""Reads rows written as JSON: an object on each line, or arrays of objects, over one line or many.

Objects and arrays follow each other, each begins on a line of its own and may go on over several.
Every row is given with the line it begins on, so that a fault of it can be found.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

Row = dict[str, Any]
_BLANK = re.compile(r"[ \t\r\n]*")
_REST_OF_LINE = re.compile(r"[ \t\r]*(?=\n|\Z)")


class NotJsonError(ValueError):
    """A text that holds no rows; `line` is the one on which the faulty row begins."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def json_rows(text: str) -> Iterator[tuple[int, Row]]:
    """Give every row of `text` with the line it begins on, counted from 1.

    Raises `NotJsonError` for the first that is none.
    """
    return _Reader(text).rows()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder()
        self._line = 1
        self._counted = 0

    def rows(self) -> Iterator[tuple[int, Row]]:
        place = self._after_blank(0)
        while place < len(self._text):
            if self._text[place] == "[":
                place = yield from self._array(place)
            else:
                line, row, place = self._row(place)
                yield line, row
            if not _REST_OF_LINE.match(self._text, place):
                message = "not JSON: an object or array begins on a line of its own"
                raise NotJsonError(message, self._line_of(place))
            place = self._after_blank(place)

    def _array(self, place: int) -> Generator[tuple[int, Row], None, int]:
        """Give the rows of the array that begins at `place`; returns the place behind it."""
        begin = self._line_of(place)
        place = self._after_blank(place + 1)
        if self._at(place) == "]":
            return place + 1
        while place < len(self._text):
            line, row, place = self._row(place)
            yield line, row
            place = self._after_blank(place)
            follows = self._at(place)
            if follows == "]":
                return place + 1
            if follows not in (",", ""):
                raise NotJsonError("not JSON: a comma is missing", self._line_of(place))
            place = self._after_blank(place + 1)
        raise NotJsonError("not JSON: the array has no end", begin)

    def _row(self, place: int) -> tuple[int, Row, int]:
        """Read one object; gives its line, the object, and the place behind it."""
        line = self._line_of(place)
        try:
            row, end = self._decoder.raw_decode(self._text, place)
        except json.JSONDecodeError as error:
            where = f"character {error.colno}"
            if error.lineno != line:
                where = f"line {error.lineno}, {where}"
            raise NotJsonError(f"not JSON: {error.msg}, at {where}", line) from error
        except (ValueError, RecursionError) as error:
            raise NotJsonError(f"not JSON: {error}", line) from error
        if not isinstance(row, dict):
            raise NotJsonError("not a JSON object", line)
        return line, row, end

    def _after_blank(self, place: int) -> int:
        found = _BLANK.match(self._text, place)
        return found.end() if found else place

    def _at(self, place: int) -> str:
        return self._text[place : place + 1]

    def _line_of(self, place: int) -> int:
        """Count lines up to `place`, which never lies before the one asked for last."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line
