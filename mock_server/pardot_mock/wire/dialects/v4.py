"""Version 4: as version 3, but for the digit in its URLs."""

from __future__ import annotations

from dataclasses import replace

from pardot_mock.wire.dialects.v3 import V3

V4 = replace(V3, version=4)
