"""Is everything there: Python, the packages it needs, time zones."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pardot_mock.doctor.finding import Finding, ok, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DISTRIBUTION = "pardot-mock"
OLDEST = (3, 11)
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:>=\s*([0-9.]+))?")
_ZONE = "America/Los_Angeles"


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Iterator[Finding]:
    """Look at the version of Python."""
    text = ".".join(map(str, version))
    if version >= OLDEST:
        yield ok("python", f"Python {text}")
    else:
        yield problem("python", f"Python {text} is too old", "use Python 3.11 or newer")


def packages(
    required: Iterable[str] | None = None, version_of: Callable[[str], str] = metadata.version
) -> Iterator[Finding]:
    """Look for the packages that must be there, in the versions that must be there."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or [] if required is None else list(required)
    except metadata.PackageNotFoundError:
        yield problem("packages", f"{DISTRIBUTION} is not installed", f"pip install {DISTRIBUTION}")
        return
    always = [line for line in wanted if "extra ==" not in line]
    wrong = [text for line in always if (text := _wrong(line, version_of))]
    for text in wrong:
        yield problem("packages", text, f"pip install --upgrade {DISTRIBUTION}")
    if not wrong:
        yield ok("packages", f"all {len(always)} packages are there")


def _wrong(requirement: str, version_of: Callable[[str], str]) -> str:
    found = _REQUIREMENT.match(requirement)
    if found is None:
        return ""
    name, least = found[1], found[2]
    try:
        there = version_of(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    if least and _numbers(there) < _numbers(least):
        return f"{name} {there} is older than {least}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Give the leading numbers of a version; enough to compare with a plain lower bound."""
    numbers = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if digits is None:
            break
        numbers.append(int(digits[0]))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def zones(load: Callable[[str], ZoneInfo] = ZoneInfo) -> Iterator[Finding]:
    """Look whether time zones are known, with their summer time."""
    todo = "pip install --upgrade tzdata"
    try:
        zone = load(_ZONE)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        yield problem("time zones", f"there is no data for {_ZONE}", todo)
        return
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    if offsets == [timedelta(hours=-8), timedelta(hours=-7)]:
        yield ok("time zones", "time zones and their summer time are known")
    else:
        yield problem("time zones", f"the data for {_ZONE} is wrong", todo)
