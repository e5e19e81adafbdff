"""Keys, ids and tokens drawn from a seed: the same seed gives the same ones on every run."""

from __future__ import annotations

import hashlib


def derive_hex(*parts: object, length: int = 32) -> str:
    """Give `length` (at most 64) lowercase hexadecimal characters that depend on `parts` alone."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def derive_number(low: int, high: int, *parts: object) -> int:
    """Give a whole number from `low` to `high`, both included, that depends on `parts` alone."""
    return low + int(derive_hex(*parts, length=16), 16) % (high - low + 1)


def file_ids(seed: int, export_id: int, count: int) -> tuple[int, ...]:
    """Give `count` different ids for the result files of an export; they are in no order."""
    ids: dict[int, None] = {}
    attempt = 0
    while len(ids) < count:
        ids[derive_number(10_000, 99_999_999, "file", seed, export_id, attempt)] = None
        attempt += 1
    return tuple(ids)
