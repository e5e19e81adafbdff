"""Verifies what a consumer relies on, written down as a Pact file, against the emulator.

Versions 2, 3 and 4 of the format are read, as far as they speak of HTTP. The rules are few enough
to be read here; no library that opens sockets of its own is needed.
"""

from __future__ import annotations
