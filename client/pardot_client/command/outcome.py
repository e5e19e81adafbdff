"""What a failed run says and with which code it exits."""

from __future__ import annotations

from dataclasses import dataclass

from pardot_client.errors import (
    AuthenticationFailed,
    BudgetExceeded,
    CreateUncertain,
    ExportExpired,
    ExportTimedOut,
    ExportUnavailable,
    InvalidRequest,
    PardotError,
    PermissionMissing,
    RateLimited,
    TransportFailed,
)

DONE = 0
EXPORT_LOST = 1
WRONG_REQUEST = 2
UNREACHABLE = 4
REFUSED_CREDENTIALS = 6
LIMIT_REACHED = 7
TIMED_OUT = 8
INTERRUPTED = 130
UNHEARD = 141


@dataclass(frozen=True)
class Outcome:
    """Attributes:
    code: the exit code.
    hint: what to do next, as a sentence part, or None.
    """

    code: int
    hint: str | None = None


# The first that fits counts, so special kinds stand before general ones.
_OUTCOMES: tuple[tuple[type[BaseException], Outcome], ...] = (
    (KeyboardInterrupt, Outcome(INTERRUPTED)),
    (BudgetExceeded, Outcome(LIMIT_REACHED, "raise --budget or ask for less")),
    (RateLimited, Outcome(LIMIT_REACHED, "try again when calls are served again")),
    (PermissionMissing, Outcome(REFUSED_CREDENTIALS, "ask an administrator for the ability")),
    (AuthenticationFailed, Outcome(REFUSED_CREDENTIALS, "check the credentials")),
    (ExportTimedOut, Outcome(TIMED_OUT)),
    (ExportExpired, Outcome(EXPORT_LOST, "run the export again")),
    (ExportUnavailable, Outcome(EXPORT_LOST, "run the export again")),
    (CreateUncertain, Outcome(UNREACHABLE, "look whether the export exists before trying again")),
    (TransportFailed, Outcome(UNREACHABLE, "try again later")),
    (InvalidRequest, Outcome(WRONG_REQUEST)),
    (ModuleNotFoundError, Outcome(WRONG_REQUEST)),
    (OSError, Outcome(WRONG_REQUEST)),
)


def outcome_of(error: BaseException) -> Outcome:
    """How a run ends that raised this error."""
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome
    return Outcome(EXPORT_LOST)


def details_of(error: BaseException) -> dict[str, object]:
    """What a program may want to know about an error."""
    interrupted = isinstance(error, KeyboardInterrupt)
    details: dict[str, object] = {"kind": "Interrupted" if interrupted else type(error).__name__}
    if isinstance(error, PardotError):
        details |= {"code": error.code, "status": error.status, "request_id": error.request_id}
    if isinstance(error, RateLimited) and error.resets_at is not None:
        details["resets_at"] = error.resets_at.isoformat()
    return details
