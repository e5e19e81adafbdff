"""What a synthetic world may be asked for: the same bounds wherever an account is described."""

from __future__ import annotations

DEFAULT_SEED = 1
MAX_SEED = 2**63 - 1
"""The highest seed (chosen): what every language and JSON reader keeps whole in 64 bits."""

DEFAULT_ROWS = 50_000
MAX_ROWS = 100_000_000
"""The most visitor activities of an account (chosen)."""
