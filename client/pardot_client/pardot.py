"""The client: credentials in, exports out."""

from __future__ import annotations

import random as randomness
import time
from typing import TYPE_CHECKING, Self, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .auth import Keyring
from .budget import Meter
from .caller import Caller, Shared
from .credentials import Given, Key
from .dialect import Dialect, Format
from .errors import InvalidRequest
from .exports import Exports
from .hosts import PRODUCTION, PRODUCTION_LOGIN, checked_host
from .plan import requests_for
from .policies import Clock, Polling, Retrying, SystemClock, Timekeeper
from .progress import OnProgress, ignore
from .run import Run
from .transport import RequestsTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from .arguments import Wanted


def _zone(timezone: str | tzinfo | None) -> tzinfo | None:
    if not isinstance(timezone, str):
        return timezone
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidRequest(f"there is no timezone {timezone!r}") from error


class Pardot:
    """A client of one account (business unit). May be shared between threads.

    Either `email`, `password` and `user_key`, or `business_unit_id` with what one of the
    OAuth grants needs: an `access_token`; an `assertion`; `client_id`, `client_secret` and
    `refresh_token`; the same with `username` and `password`; or the first two alone.

    Args:
        email: of an API user.
        password: of the API user, or of `username` with the security token appended.
        user_key: of the API user.
        client_id: of the connected app.
        client_secret: of the connected app.
        refresh_token: for the refresh_token grant.
        username: for the password grant.
        access_token: a token bought elsewhere.
        assertion: a function that gives a newly signed JWT, for the JWT bearer grant.
        business_unit_id: 15 or 18 characters.
        base_url: the API host; `hosts.SANDBOX` for sandboxes.
        login_url: the Salesforce login host; `hosts.SANDBOX_LOGIN` for sandboxes.
        version: 3 or 4; None begins with 4 and follows the account.
        format: `json` or `xml`.
        timezone: zone of the API user, for typed timestamps and the reset time of the
            daily limit.
        transport: how requests are sent; default is `RequestsTransport()`.
        sleep: waits for a number of seconds; default is `time.sleep`.
        clock: the client's own time.
        polling: when to look at an unfinished export.
        retrying: when to send a failed call again.
        concurrency: calls under way at once; the service allows an account five.
        random: gives a number between 0 and 1, to scatter retries.

    Raises:
        InvalidRequest: the arguments do not fit together. Nothing is sent before the first
            call.
    """

    def __init__(
        self,
        *,
        email: str | None = None,
        password: str | None = None,
        user_key: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        refresh_token: str | None = None,
        username: str | None = None,
        access_token: str | None = None,
        assertion: Callable[[], str] | None = None,
        business_unit_id: str | None = None,
        base_url: str = PRODUCTION,
        login_url: str = PRODUCTION_LOGIN,
        version: int | None = 4,
        format: Format = "json",  # noqa: A002 - the service's own word
        timezone: str | tzinfo | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Clock | None = None,
        polling: Polling | None = None,
        retrying: Retrying | None = None,
        concurrency: int = 5,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        given = Given(
            email=email,
            password=password,
            user_key=user_key,
            client_id=client_id,
            client_secret=client_secret,
            refresh_token=refresh_token,
            username=username,
            access_token=access_token,
            assertion=assertion,
            business_unit_id=business_unit_id,
        )
        first = None if access_token is None else Key(access_token)
        # A traceback that shows local names must not show these.
        del password, user_key, client_secret, refresh_token, access_token
        if version not in {3, 4, None}:
            raise InvalidRequest("version must be 3, 4 or None")
        if format not in {"json", "xml"}:
            raise InvalidRequest("format must be json or xml")
        if concurrency < 1:
            raise InvalidRequest("concurrency must be at least 1")
        dialect = Dialect(checked_host(base_url, "base_url"), version or 4, format)
        login = given.login(dialect.base_url, checked_host(login_url, "login_url"), format)
        time_kept = Timekeeper(clock or SystemClock(), sleep or time.sleep)
        self._caller = Caller(
            Shared(
                transport=transport or RequestsTransport(),
                keyring=Keyring(login, time_kept, first),
                dialect=dialect,
                polling=polling or Polling(),
                retrying=retrying or Retrying(),
                sleep=time_kept.sleep,
                clock=time_kept,
                concurrency=concurrency,
                find_version=version is None,
                zone=_zone(timezone),
                chance=random,
            )
        )
        self.exports: Exports = Exports(self._caller)

    def __repr__(self) -> str:
        dialect = self._caller.dialect
        return f"<Pardot {dialect.base_url} version {dialect.version} {dialect.form}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> int:
        """The version of the API in use."""
        return self._caller.dialect.version

    @property
    def calls(self) -> int:
        """Calls sent so far that count against the daily allowance, retries included."""
        return self._caller.shared.calls

    @property
    def account(self) -> str:
        """What tells this caller from others: an e-mail or a business unit id."""
        return self._caller.shared.keyring.account

    @property
    def base_url(self) -> str:
        """The API host."""
        return self._caller.dialect.base_url

    @property
    def zone(self) -> tzinfo | None:
        """The timezone of the API user, if it was given."""
        return self._caller.shared.zone

    def now(self) -> datetime:
        """The service's own time as its last answer told it, else the client's; aware."""
        return self._caller.shared.server_time or self._caller.shared.clock.now()

    def log_in(self) -> None:
        """Make sure that the credentials are good; the key is kept for the calls to come.

        Raises:
            AuthenticationFailed: they are not.
            TransportFailed: no usable answer.
        """
        self._caller.log_in()

    def export(
        self,
        object: str,  # noqa: A002 - the service's own word
        *,
        typed: bool = False,
        timeout: float | None = None,
        budget: int | None = None,
        progress: OnProgress = ignore,
        **wanted: Unpack[Wanted],
    ) -> Run:
        """Export a range of any length: create, wait, fetch.

        A range of more than a year becomes several exports, one after the other, that
        together hold every row once. Nothing is sent before the result is used.

        Args:
            object: visitorActivity, listMembership, prospect, visitor or prospectAccount.
            typed: turn cells into numbers, booleans, datetimes and None when iterating.
            timeout: seconds to wait for each export; None is the deadline of the policy.
            budget: calls that may be made in all, retries included and logins not.
            progress: told about every step.
            wanted: bounds, columns and filters; see `Wanted`.

        Returns:
            An iterable over rows that can be downloaded or turned into a frame as well.

        Raises:
            InvalidRequest: refused before anything was sent.
            BudgetExceeded: the exports would take more calls than the budget has.
        """
        requests = requests_for(object, wanted, self.now(), self.zone)
        caller = self._caller if budget is None else self._caller.metered(Meter(budget))
        return Run(
            Exports(caller), caller, requests, typed=typed, timeout=timeout, progress=progress
        )

    def close(self) -> None:
        """Close the connections."""
        self._caller.shared.transport.close()
