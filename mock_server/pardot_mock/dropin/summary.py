"""One line about what a program did: calls by operation, refusals, hosts it wanted besides."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_mock.journal import Entry


def summary(entries: Sequence[Entry], dropped: int, turned_away: Mapping[str, int]) -> str:
    """Give the line; `dropped` entries were forgotten, `turned_away` counts refused hosts."""
    total = len(entries) + dropped
    if not total:
        parts = ["no API call with the credentials of the account"]
    else:
        by_op = Counter(entry.op for entry in entries)
        if dropped:
            by_op["forgotten"] = dropped
        ops = ", ".join(f"{op} {count}" for op, count in by_op.items())
        parts = [f"{total} API {'call' if total == 1 else 'calls'} ({ops})"]
        errors = sum(entry.error_code is not None for entry in entries)
        if errors:
            parts.append(f"{errors} answered with an error")
    if turned_away:
        hosts = ", ".join(f"{host} {count}" for host, count in sorted(turned_away.items()))
        parts.append(f"refused hosts: {hosts}")
    return "; ".join(parts)
