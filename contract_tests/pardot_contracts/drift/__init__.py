"""The drift kit: what a server answers, kept as types and shapes, and held against the emulator.

`record` stands in front of a server and writes down what passes; `compare` asks the emulator the
same and says where it answers otherwise.
"""

from __future__ import annotations
