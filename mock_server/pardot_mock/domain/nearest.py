"""What somebody may have meant: the known name that is nearest to an unknown one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_NAMES = 12
_LONGEST = 100
_CLOSE_ENOUGH = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the name of `known` that is written most like `name`, whatever the case, or None."""
    import difflib

    by_lower = {each.lower().replace("_", ""): each for each in sorted(known)}
    plain = name[:_LONGEST].lower().replace("_", "")
    found = difflib.get_close_matches(plain, by_lower, n=1, cutoff=_CLOSE_ENOUGH)
    return by_lower[found[0]] if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, else which there are; empty if there is none."""
    names = sorted(known)
    near = nearest(name, names)
    if near is not None:
        return f"did you mean {near}?"
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"known are {', '.join(names[:_MOST_NAMES])}{more}"
