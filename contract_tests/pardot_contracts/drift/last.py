"""When the emulator was last held against a recording of the real service, and how that went."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "comparison.json"


def last_comparison() -> Mapping[str, Any]:
    """Give `compared_at`, `recorded_at`, `target`, `exchanges` and `drifted`; empty if never."""
    text = resources.files(__package__).joinpath(FILE).read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def as_sentence() -> str:
    """Say for the page of evidence when the last comparison was."""
    last = last_comparison()
    if not last:
        return "The emulator has never been compared with a recording of the real service."
    return (
        f"Last compared with a recording of {last['target']} on {last['compared_at']} (recorded "
        f"{last['recorded_at']}): {last['exchanges']} kinds of calls, {last['drifted']} drifted."
    )


def remember(path: Path, facts: Mapping[str, Any]) -> None:
    """Write what the next page of evidence will say."""
    path.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
