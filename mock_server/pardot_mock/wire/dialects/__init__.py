"""The versions of the API: what each says differently from the one before."""

from pardot_mock.wire.dialects.v3 import V3, Dialect
from pardot_mock.wire.dialects.v4 import V4

__all__ = ["V3", "V4", "Dialect", "dialect_for"]


def dialect_for(version: int) -> Dialect:
    """Give the dialect of a supported version, 3 or 4."""
    return V4 if version == V4.version else V3
