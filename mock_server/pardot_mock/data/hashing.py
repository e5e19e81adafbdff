"""Random numbers that need no memory: a number is a function of its stream and its index.

The mixer is the finalizer of SplitMix64. A stream is a 64-bit key made from the seed and from what
the numbers are for, so that two purposes never share their randomness. `vectors` has the same
functions for arrays; both give the same numbers.
"""

from __future__ import annotations

from hashlib import blake2b

MASK = 0xFFFF_FFFF_FFFF_FFFF
GOLDEN = 0x9E37_79B9_7F4A_7C15
MIX_1 = 0xBF58_476D_1CE4_E5B9
MIX_2 = 0x94D0_49BB_1331_11EB


def stream(seed: int, *purpose: str) -> int:
    """Give the key of a stream: the same for the same seed and purpose on every machine."""
    name = "/".join((str(seed), *purpose)).encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "little")


def draw(key: int, index: int) -> int:
    """Give number `index` of a stream, 64 bits."""
    mixed = (key + index * GOLDEN) & MASK
    mixed = ((mixed ^ (mixed >> 30)) * MIX_1) & MASK
    mixed = ((mixed ^ (mixed >> 27)) * MIX_2) & MASK
    return mixed ^ (mixed >> 31)


def below(bits: int, limit: int) -> int:
    """Scale 32 random bits to a number below `limit` (at most 2**32)."""
    return (bits * limit) >> 32
