"""Durations as people write them: `90s`, `15m`, `2h`, `7d`, `1h30m`, or a number of seconds."""

from __future__ import annotations

import re
from datetime import timedelta

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d|w)")
_SECONDS = (("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800))
_LONGEST = timedelta(days=365_000)


class BadDuration(ValueError):  # noqa: N818 - reads as what it is
    """Text or number that is no duration."""


def parse_duration(value: object) -> timedelta:
    """Read a duration, which a minus makes negative; raise `BadDuration` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadDuration(f"{value!r} is not a duration such as 90s, 15m, 2h or 7d")
    try:
        duration = _signed(value) if isinstance(value, str) else timedelta(seconds=value)
    except (OverflowError, ValueError) as error:
        raise BadDuration(f"{value!r} is not a duration such as 90s, 15m, 2h or 7d") from error
    if abs(duration) > _LONGEST:
        raise BadDuration(f"{value!r} is too long")
    return duration


def _signed(text: str) -> timedelta:
    compact = text.replace(" ", "")
    return -_of_text(compact[1:]) if compact.startswith("-") else _of_text(compact)


def _of_text(compact: str) -> timedelta:
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", compact, re.ASCII):
        return timedelta(seconds=float(compact))
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(compact)
    seconds = dict(_SECONDS)
    return sum((timedelta(seconds=float(n) * seconds[unit]) for n, unit in parts), timedelta(0))
