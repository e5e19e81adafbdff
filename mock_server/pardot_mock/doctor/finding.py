"""What a check has found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much it matters: a problem keeps something from working, a warning may."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line about `subject`; `todo` says what helps, and is empty where nothing must be done."""

    subject: str
    level: Level
    message: str
    todo: str = ""

    def view(self) -> dict[str, str]:
        """Give the finding as JSON shows it."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(subject: str, message: str) -> Finding:
    """Give a finding that all is well."""
    return Finding(subject, Level.OK, message)


def warning(subject: str, message: str, todo: str) -> Finding:
    """Give a finding of what may go wrong."""
    return Finding(subject, Level.WARNING, message, todo)


def problem(subject: str, message: str, todo: str) -> Finding:
    """Give a finding of what does go wrong."""
    return Finding(subject, Level.PROBLEM, message, todo)
