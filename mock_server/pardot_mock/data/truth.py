"""What a correct client must end up with: how many rows, and a digest of which ones.

The digest of a row is BLAKE2b with 16 bytes over its cells as a CSV reader sees them (UTF-8, in
column order, an empty cell for a missing value) joined by U+001F. The digest of an export is the
sum of its rows' digests, read as big-endian numbers, modulo 2**128, in 32 hexadecimal digits: it
depends on which rows there are and how often, and neither on their order nor on the files.
Standard library only, so that anybody can check.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL_SEPARATOR = "\x1f"
_DIGEST_BYTES = 16
_MODULUS = 1 << (8 * _DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class FileTruth:
    """One result file: its data rows, its size in bytes, and the SHA-256 of its bytes."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Truth:
    """All rows of an export, and its files in the order of the slices."""

    rows: int
    digest: str
    files: tuple[FileTruth, ...]


@dataclass(slots=True)
class RowDigest:
    """A running digest over rows in any order; `rows` counts them."""

    rows: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, cells: Sequence[str]) -> None:
        """Count one row, given as the cells a CSV reader yields."""
        self.add_joined([CELL_SEPARATOR.join(cells).encode()])

    def add_joined(self, rows: Iterable[bytes]) -> None:
        """Count rows that are UTF-8 already, with their cells joined by U+001F."""
        digests = [blake2b(row, digest_size=_DIGEST_BYTES).digest() for row in rows]
        # Summed as halves of 64 bits: a number per row would cost as much as its digest.
        halves = array("Q", b"".join(digests))
        if sys.byteorder == "little":
            halves.byteswap()
        total = (sum(halves[0::2]) << 64) + sum(halves[1::2])
        self._sum = (self._sum + total) % _MODULUS
        self.rows += len(digests)

    @property
    def digest(self) -> str:
        """The digest so far, 32 hexadecimal digits."""
        return f"{self._sum:0{2 * _DIGEST_BYTES}x}"


def digest_of(rows: Iterable[Sequence[str]]) -> str:
    """Give the digest of rows of cells, without the header."""
    running = RowDigest()
    for row in rows:
        running.add(row)
    return running.digest
