"""What can go wrong, grouped by what the caller does next.

    TransportFailed     try again later: no usable answer arrived
    AuthenticationFailed  log in with other credentials, or as somebody who may
    RateLimited         wait: the service counts calls and has had enough
    InvalidRequest      fix the request: sending it again changes nothing
    ExportUnavailable   look at the export: failed, expired, unfinished or too slow

Every error carries the last answer it rests on, and never a credential.
"""

# Names say what happened, so that an except clause reads as a sentence.
# ruff: noqa: N818

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .answers import Answer
    from .job import Export


class PardotError(Exception):
    """The root of everything this package raises on purpose.

    Attributes:
        message: what happened, in one sentence.
        code: the service's error code, or None when the service gave none.
        status: the HTTP status, or None when no answer arrived.
        request_id: the id the server put on the answer, if it did.
        answer: the last answer, whose repr shows no payload.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.answer = answer
        self.code: int | None = code if code is not None or answer is None else answer.code
        self.status: int | None = None if answer is None else answer.status
        self.request_id: str | None = None if answer is None else answer.request_id

    def __str__(self) -> str:
        details = [
            text
            for text, known in (
                (f"code {self.code}", self.code is not None),
                (f"HTTP {self.status}", self.status is not None),
                (f"request {self.request_id}", self.request_id is not None),
            )
            if known
        ]
        return f"{self.message} ({', '.join(details)})" if details else self.message


class TransportFailed(PardotError):
    """No usable answer arrived: try again later.

    Attributes:
        maybe_sent: whether the service may have carried out the call.
    """

    def __init__(
        self,
        message: str,
        *,
        maybe_sent: bool = True,
        code: int | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(message, code=code, answer=answer)
        self.maybe_sent = maybe_sent


class ServerFailed(TransportFailed):
    """The service answered with an internal failure (HTTP 5xx or code 183)."""


class GarbledAnswer(TransportFailed):
    """An answer arrived that is neither XML nor JSON of the known shape."""


class TransferBroken(TransportFailed):
    """A result file arrived short, or in a shape that is no complete CSV file."""


class CreateUncertain(TransportFailed):
    """A create broke off mid-answer and it is unknown whether the export exists."""


class AuthenticationFailed(PardotError):
    """The credentials were refused: log in with others."""


class PermissionMissing(AuthenticationFailed):
    """The user is known but lacks an ability (code 46)."""


class RateLimited(PardotError):
    """The service counts calls and has had enough: wait.

    Attributes:
        resets_at: the aware instant from which calls are served again, if known.
    """

    def __init__(
        self,
        message: str,
        *,
        resets_at: datetime | None = None,
        code: int | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(message, code=code, answer=answer)
        self.resets_at = resets_at


class DailyLimitReached(RateLimited):
    """The account's calls of the day are used up (code 122)."""


class TooManyConcurrentCalls(RateLimited):
    """More calls at once than the account may have under way (code 66)."""


class InvalidRequest(PardotError):
    """The request is wrong: fix it, sending it again changes nothing."""


class NotFound(InvalidRequest):
    """No such export or result file (code 109)."""


class VersionMismatch(InvalidRequest):
    """The account must, or cannot, use version 4 of the API (codes 88 and 89)."""


class BudgetExceeded(InvalidRequest):
    """Going on would cost more calls than the caller allowed.

    Attributes:
        limit: the calls that were allowed.
        used: the calls made so far.
        needed: the calls the refused step would have taken at least.
        job: the export that was under way, which can be resumed later.
    """

    job: Export | None = None

    def __init__(self, message: str, *, limit: int = 0, used: int = 0, needed: int = 0) -> None:
        super().__init__(message)
        self.limit = limit
        self.used = used
        self.needed = needed


class ExportUnavailable(PardotError):
    """The results of an export cannot be had.

    Attributes:
        job: the export, if the error arose from one; it can be refreshed or waited for.
    """

    def __init__(
        self,
        message: str,
        *,
        job: Export | None = None,
        code: int | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(message, code=code, answer=answer)
        self.job = job


class ExportFailed(ExportUnavailable):
    """The export ended in state Failed: create it again."""


class ExportExpired(ExportUnavailable):
    """The results are gone: seven days have passed since they were ready, or since the
    creation of an export that was never finished."""

    def again(self) -> Export:
        """Create the same export once more and return it.

        Raises:
            InvalidRequest: the original request is not known.
        """
        if self.job is None:
            raise InvalidRequest("the expired export is not known, so it cannot be created again")
        return self.job.again()


class ExportTimedOut(ExportUnavailable):
    """The deadline passed before the export was finished; it goes on at the service."""


class ExportUnfinished(ExportUnavailable):
    """The results were asked for before the export was complete."""
