"""Keys, ids and tokens drawn from a seed: the same seed gives the same ones on every run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_SESSION_LENGTH = 26


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


@dataclass(frozen=True, slots=True)
class Marks:
    """What the headers of the service give away of the machines behind it.

    `session` is the value of its cookie, `route` and `balancer` name machines, `head` and `tail`
    stand around the length of a body. Shapes are recorded; that they stay the same for an account
    is chosen, so that answers depend on the seed alone.
    """

    session: str
    route: str
    balancer: str
    head: int
    tail: int


def marks(*parts: object) -> Marks:
    """Give the marks that depend on `parts` alone."""
    drawn = hashlib.sha512("\x1f".join(["marks", *map(str, parts)]).encode()).digest()
    number = int.from_bytes(drawn[:24], "big")
    letters = []
    for _ in range(_SESSION_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    route, balancer = drawn[24:40].hex(), drawn[40:56].hex()
    return Marks("".join(letters), route, balancer, 10 + drawn[56] % 90, 10 + drawn[57] % 90)
