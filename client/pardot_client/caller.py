"""One call of the service, from intention to successful answer or typed error.

From the inside out: `attempt` sends once, `_exchange` sends again what failed in passing
and may be repeated, `call` drives the authentication flow, follows the account to its
version, and raises what a refusal means. A refused call is never sent again unchanged.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .auth import run
from .dialect import CANNOT_USE_4, MUST_USE_4, Dialect
from .errors import TooManyConcurrentCalls, TransportFailed
from .exchange import attempt, passing_failure
from .failures import error_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from .answers import Answer
    from .auth import Keyring
    from .budget import Meter
    from .errors import PardotError
    from .policies import Clock, Polling, Retrying
    from .transport import Request, Transport

LOG = logging.getLogger("pardot_client")


@dataclass
class Shared:
    """What all calls of one client share.

    Attributes:
        transport: sends one request.
        keyring: holds the key.
        dialect: how the API is spelled; replaced once the account's version is known.
        polling: when to look at an unfinished export.
        retrying: when to send again.
        sleep: waits for a number of seconds.
        clock: the client's own time.
        concurrency: calls that may be under way at once.
        find_version: whether to follow the account to the other version.
        zone: timezone of the account and its user, if known.
        chance: gives a random number between 0 and 1.
        calls: counted calls sent so far.
        server_time: the server's own time in its last answer.
    """

    transport: Transport
    keyring: Keyring
    dialect: Dialect
    polling: Polling
    retrying: Retrying
    sleep: Callable[[float], None]
    clock: Clock
    concurrency: int = 5
    find_version: bool = False
    zone: tzinfo | None = None
    chance: Callable[[], float] = random.random
    calls: int = 0
    server_time: datetime | None = None
    slots: threading.Semaphore = field(init=False, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.slots = threading.BoundedSemaphore(self.concurrency)


@dataclass(frozen=True)
class Caller:
    """Makes calls, counting them against a budget if there is one."""

    shared: Shared
    meter: Meter | None = None

    @property
    def dialect(self) -> Dialect:
        """How the API is spelled for this account, as far as known."""
        return self.shared.dialect

    def metered(self, meter: Meter) -> Caller:
        """The same caller with a budget."""
        return replace(self, meter=meter)

    def log_in(self) -> None:
        """Make sure a key is held.

        Raises:
            AuthenticationFailed: the credentials were refused.
            TransportFailed: no usable answer.
        """
        run(self.shared.keyring.current(), self._exchange)

    def call(self, build: Callable[[Dialect], Request]) -> Answer:
        """Make a call and return its successful answer.

        Args:
            build: makes the unsigned request in the dialect it is given.

        Raises:
            TransportFailed: no usable answer, after all retries.
            AuthenticationFailed: the credentials were refused.
            RateLimited: the service counts calls and has had enough.
            InvalidRequest: the service refused the request.
            ExportUnavailable: the state of the export forbids it.
        """
        used = self.dialect
        answer = self._authenticated(build(used))
        if self._is_other_version(answer, used):
            answer = self._authenticated(build(self.dialect))
        if not answer.ok:
            raise error_for(answer, self.shared.keyring.hide, zone=self.shared.zone)
        return answer

    def _authenticated(self, request: Request) -> Answer:
        return run(self.shared.keyring.authenticated(request), self._exchange)

    def _is_other_version(self, answer: Answer, used: Dialect) -> bool:
        """Whether the account wants the other version, which is used from then on."""
        wanted = {MUST_USE_4: 4, CANNOT_USE_4: 3}.get(answer.code or 0)
        if wanted is None or not self.shared.find_version or used.version == wanted:
            return False
        self.shared.dialect = replace(used, version=wanted)
        return True

    def _exchange(self, request: Request) -> Answer:
        failures = 0
        while True:
            failure: PardotError | None
            try:
                answer = self._attempt(request)
                failure = passing_failure(answer, self.shared.keyring.hide)
            except TransportFailed as error:
                failure = error
            else:
                if failure is None:
                    return answer
            failures += 1
            if isinstance(failure, TransportFailed) and not request.counted:
                # A login got lost, so the call it was meant for was never sent or was refused.
                failure.maybe_sent = False
            if failures >= self.shared.retrying.attempts or not _repeatable(request, failure):
                raise failure
            wait = self.shared.retrying.wait(failures, self.shared.chance())
            LOG.info("%s; sending again in %.1f s", failure, wait)
            self.shared.sleep(wait)

    def _attempt(self, request: Request) -> Answer:
        shared = self.shared
        if request.counted:
            if self.meter is not None:
                self.meter.take()
            with shared.lock:
                shared.calls += 1
        answer = attempt(shared.transport, shared.slots, request)
        if answer.date is not None:
            shared.server_time = answer.date
        LOG.debug(
            "%s %s -> HTTP %s, code %s, request %s",
            request.method,
            urlsplit(request.url).path,
            answer.status,
            answer.code,
            answer.request_id,
        )
        return answer


def _repeatable(request: Request, failure: PardotError) -> bool:
    """Whether sending again can do no harm."""
    if request.repeatable or isinstance(failure, TooManyConcurrentCalls):
        return True
    return isinstance(failure, TransportFailed) and not failure.maybe_sent
