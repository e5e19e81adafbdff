"""What can stop a run or a case before anything is judged."""

from __future__ import annotations


class TargetUnreachableError(Exception):
    """The target does not answer at all; the run ends with exit code 4."""


class ConfigurationError(Exception):
    """The target or the driver cannot be set up as asked; the run ends with exit code 2."""


class MissingCapabilityError(Exception):
    """The target lacks something the case needs; the case is skipped with this reason."""


class BudgetSpentError(Exception):
    """The calls allowed for this run are used up; the case is skipped with this reason."""


class MalformedAnswerError(Exception):
    """An answer is not what the asked format calls for, so no fact can be read from it."""


class ControlRefusedError(Exception):
    """The control plane turned a call down: a fault of the case or of the target."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"control plane answered {status}: {message}")
        self.status = status
