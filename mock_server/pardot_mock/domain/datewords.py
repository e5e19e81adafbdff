"""The vocabulary of date expressions: one pattern per phrase, and what its words stand for.

Rules of this file:
- patterns are ASCII, match at a position, ignore case, and repeat nothing inside a repetition,
  so the longest text is read in linear time;
- they stay strings: `re` compiles and keeps them when the first date arrives;
- a phrase ends where no letter or digit follows; a date may run into the T of its time.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth",
    "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
)  # fmt: skip
MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Units are told apart by how they begin.
DAYS_PER: Final[Mapping[str, int]] = MappingProxyType({"day": 1, "wee": 7, "for": 14})
MONTHS_PER: Final[Mapping[str, int]] = MappingProxyType({"mont": 1, "year": 12})
SECONDS_PER: Final[Mapping[str, int]] = MappingProxyType({"sec": 1, "min": 60, "hou": 3600})
# Hours east of UTC. An abbreviation that means different zones to different people is left out.
ABBREVIATIONS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
        "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11,
        "nzst": 12, "nzdt": 13, "nst": -3.5, "ndt": -2.5, "ast": -4, "adt": -3, "est": -5,
        "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
        "akst": -9, "akdt": -8, "hst": -10,
    }
)  # fmt: skip

_B: Final = r"[ \t]+"
_B0: Final = r"[ \t]*"
_END: Final = r"(?![0-9A-Za-z])"
# A date may run into the T of a time or the Z of a zone.
_DATE_END: Final = r"(?![0-9A-SU-Ya-su-y])"
_MONTH: Final = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![A-Za-z])\.?"
)
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9])"
_YEAR: Final = r"(?P<year>[0-9]{4})(?![0-9:])"
_SEP: Final = r"[ \t.-]*"
_DAYNAME: Final = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nes(?:day)?)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:ur(?:day)?)?|sun(?:day)?)"
)
_UNIT: Final = (
    r"(?P<unit>weekdays?|secs?|seconds?|mins?|minutes?|hours?|days?|weeks?|forth?nights?|months?"
    rf"|years?|{_DAYNAME}s?){_END}"
)
_COUNT_WORD: Final = rf"(?P<word>{'|'.join(ORDINALS)}|next|last|previous|this)"

ISO_DATE: Final = (
    rf"(?P<year>[0-9]{{4}}|[0-9]{{2}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}}){_DATE_END}"
)
SLASHED_DATE: Final = (
    rf"(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}}){_DATE_END}"
)
AMERICAN_DATE: Final = (
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})(?:/(?P<year>[0-9]{4}|[0-9]{2}))?(?!/)" + _DATE_END
)
POINTED_DATE: Final = (
    r"(?P<day>[0-9]{1,2})(?P<dot>[.-])(?P<month>[0-9]{1,2})(?P=dot)(?P<year>[0-9]{4})" + _DATE_END
)
COMPACT_DATE: Final = (
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:t?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?)?" + _DATE_END
)
YEAR_MONTH: Final = rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})(?!-){_DATE_END}"
YEAR_NAME_DAY: Final = rf"(?P<year>[0-9]{{4}})-{_MONTH}-{_DAY}{_DATE_END}"
DAY_NAME_YEAR: Final = rf"{_DAY}{_SEP}{_MONTH}{_SEP}{_YEAR}{_DATE_END}"
DAY_NAME: Final = rf"{_DAY}{_SEP}{_MONTH}"
YEAR_NAME: Final = rf"(?P<year>[0-9]{{4}}){_SEP}{_MONTH}"
NAME_YEAR: Final = rf"{_MONTH}{_SEP}{_YEAR}{_DATE_END}"
NAME_DAY_YEAR: Final = rf"{_MONTH}{_SEP}{_DAY}[, \t]+{_YEAR}{_DATE_END}"
NAME_DAY: Final = rf"{_MONTH}{_SEP}{_DAY}(?!:){_DATE_END}"
NAME: Final = _MONTH
CLOCK_TIME: Final = (
    r"(?P<t>t?)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})"
    r"(?::(?P<second>[0-9]{1,2})(?:[.,][0-9]{1,9})?)?(?![0-9:])"
)
HALF_DAY_TIME: Final = (
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
    rf"{_B0}(?P<half>[ap])(?:m|\.m\.){_END}"
)
FOUR_DIGITS: Final = rf"(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}}){_END}"
EPOCH: Final = rf"@(?P<seconds>-?[0-9]{{1,12}}){_END}"
DAY_WORD: Final = rf"(?P<word>now|today|midnight|noon|tomorrow|yesterday){_END}"
NUMERIC_COUNT: Final = rf"(?P<sign>[+-]?){_B0}(?P<number>[0-9]{{1,9}}){_B0}{_UNIT}"
WORDED_COUNT: Final = rf"{_COUNT_WORD}{_B}{_UNIT}"
MONTH_EDGE: Final = rf"(?P<edge>first|last){_B}day{_B}of{_END}"
NTH_WEEKDAY: Final = rf"{_COUNT_WORD}{_B}(?P<unit>{_DAYNAME}){_B}of{_END}"
WEEKDAY: Final = rf"{_DAYNAME}{_END}\.?"
AGO: Final = rf"ago{_END}"
OFFSET: Final = (
    r"(?P<name>utc|gmt)?(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?" + _END
)
# The areas are listed, so that no other file of the zone database can be named.
ZONE_NAME: Final = (
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    rf"(?:/[A-Za-z][A-Za-z_-]*)+{_END}"
)
LETTERS: Final = rf"[A-Za-z]+{_END}"
