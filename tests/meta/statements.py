"""Copies the catalogue's statements into the emulator: `python -m tests.meta.statements`."""

from __future__ import annotations

import json
from pathlib import Path

from pardot_contracts.requirements import load
from pardot_mock.explaining import FOLDER

PATH = Path(FOLDER) / "statements.json"


def wanted() -> str:
    """The text of the copy: every statement about version 3 or 4."""
    rows = [
        {"id": each.id, "text": each.text, "evidence": each.evidence, "source": each.source}
        for each in load().values()
        if {"3", "4"} & set(each.versions)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    PATH.write_text(wanted(), "utf-8")
