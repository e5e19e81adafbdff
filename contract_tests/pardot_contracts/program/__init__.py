"""Judges a whole program in any language: `--driver command:"python export.py"`.

For each scenario an emulator is started, the program is run in front of it as `pardot-mock exec`
runs it, and three things are judged: what it sent (the rules of conduct), what it handed over (the
rows, against the truth), and how it ended.
"""

from __future__ import annotations
