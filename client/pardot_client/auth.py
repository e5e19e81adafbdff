"""Authentication as a flow without input or output.

A flow is a generator: it yields a request, is sent the answer, and returns the final
answer. Laws: a key is asked for only when none is held or the held one is over; an answer
that calls the key stale leads to one renewal and one repetition, never to a second one;
of several threads that find the key stale, one renews and the others use what it got, be it
a key or a failure: a user whose logins are refused again and again gets locked.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from .answers import Answer
from .credentials import Key, Login, is_stale
from .errors import AuthenticationFailed, PardotError
from .failures import error_for
from .transport import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from .policies import Clock

T = TypeVar("T")
Flow = Generator[Request, Answer, Answer]
KeyFlow = Generator[Request, Answer, Key]


@dataclass(frozen=True)
class _Held:
    key: Key
    until: float | None

    def good_at(self, now: float) -> bool:
        return self.until is None or now < self.until


class Keyring:
    """Holds at most one key and knows when to get another. Safe to share between threads.

    Args:
        login: how keys are got and used.
        clock: the client's own clock; a key's life is counted from the moment of asking.
        first: a key bought elsewhere, used until it is refused.
    """

    def __init__(self, login: Login, clock: Clock, first: Key | None = None) -> None:
        self._login = login
        self._clock = clock
        self._held = None if first is None else _Held(first, None)
        # Held across a yield on purpose: whoever drives the flow does the login while the
        # other threads wait for its outcome.
        self._renewing = threading.Lock()
        self._failures = 0
        self._failed: PardotError | None = None

    def __repr__(self) -> str:
        return f"<Keyring {'with' if self._held else 'without'} a key>"

    @property
    def account(self) -> str:
        """What tells this caller from others; no secret."""
        return self._login.account

    def hide(self, text: str) -> str:
        """The text with every credential replaced by asterisks."""
        secrets = [*self._login.secrets()]
        if self._held is not None:
            secrets.append(self._held.key.secret)
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def authenticated(self, request: Request) -> Flow:
        """Sign the request; on a stale key renew once and repeat.

        Returns:
            The last answer, successful or not.

        Raises:
            AuthenticationFailed: no key is to be had.
        """
        key = yield from self.current()
        answer = yield self._signed(request, key)
        if not is_stale(answer) or not self._login.renewable:
            return answer
        key = yield from self.renewed(key)
        return (yield self._signed(request, key))

    def current(self) -> KeyFlow:
        """The held key, or a new one if there is none or it is over."""
        held = self._held
        if held is not None and held.good_at(self._clock.monotonic()):
            return held.key
        return (yield from self.renewed(None if held is None else held.key))

    def renewed(self, stale: Key | None) -> KeyFlow:
        """A key other threads got since `stale` was seen, or a new one.

        Raises:
            AuthenticationFailed: no key is to be had.
            PardotError: the login failed, here or in the thread that was waited for.
        """
        failures = self._failures
        with self._renewing:
            held = self._held
            if held and held.key is not stale and held.good_at(self._clock.monotonic()):
                return held.key
            if self._failed is not None and self._failures > failures:
                # An error of its own for each thread: a traceback belongs to one of them.
                raise copy(self._failed)
            try:
                return (yield from self._bought())
            except PardotError as error:
                self._failed, self._failures = error, self._failures + 1
                raise

    def _bought(self) -> KeyFlow:
        asked_at = self._clock.monotonic()
        request = self._login.ask()
        if request is None:
            raise AuthenticationFailed("the access token is over and cannot be renewed")
        answer = yield request
        if not answer.ok:
            raise error_for(answer, self.hide, login=True)
        key = self._login.read(answer)
        self._held = _Held(key, None if key.life is None else asked_at + key.life)
        return key

    def _signed(self, request: Request, key: Key) -> Request:
        return replace(request, headers={**request.headers, **self._login.headers(key)})


def run(flow: Generator[Request, Answer, T], send: Callable[[Request], Answer]) -> T:
    """Drive a flow to its end and return what it returns.

    Args:
        flow: the flow; it is closed in any case, so no lock stays behind.
        send: carries out one request; what it raises is raised inside the flow as well.
    """
    try:
        request = next(flow)
        while True:
            try:
                answer = send(request)
            except BaseException as error:  # the flow must see it to let go of its lock
                request = flow.throw(error)
            else:
                request = flow.send(answer)
    except StopIteration as stop:
        final: T = stop.value
        return final
    finally:
        flow.close()
