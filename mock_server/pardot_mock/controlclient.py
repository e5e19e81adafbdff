"""A typed client of the control plane, for tests and for the command line.

It gives what the server answered, as the shapes of `controltypes`. A loopback address is never
reached through a proxy, whatever the environment says. One client may be used by one thread at a
time.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.controltypes import (
        AccountFacts,
        BudgetFacts,
        CalendarFacts,
        ClockFacts,
        ExplanationFacts,
        ExportFacts,
        GradeFacts,
        HealthFacts,
        JournalFacts,
        LoadFacts,
        TruthFacts,
    )

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_ACCOUNT = "default"
TIMEOUT_SECONDS = 30.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class ControlRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The control plane understood a call and turned it down.

    `status` is the HTTP status, `code` the short name of the reason, `field` the field that is to
    blame, where one is.
    """

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


class Unreachable(Exception):  # noqa: N818 - reads as what it is
    """Nobody answers at `url`, or somebody who is not an emulator; `reason` says which."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no emulator answers at {url}: {reason}")
        self.url = url
        self.reason = reason


class ControlClient:
    """Steers the emulator at `url`; `token` is the control token, if it asks for one.

    Every method raises `ControlRefused` or `Unreachable`: the latter too if no answer comes for
    `timeout` seconds, but for `truth` and `true_rows`, which take as long as the rows are many.
    Durations are timedeltas, seconds, or texts such as `90s`, `15m`, `2h`, `7d`; instants are aware
    datetimes or ISO 8601 texts. Raises `ValueError` for a URL that is none.
    """

    def __init__(
        self, url: str = DEFAULT_URL, token: str | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self.url = _checked_url(url)
        self._timeout = timeout
        self._http = requests.Session()
        self._http.trust_env = not _is_loopback(self.url)
        self._http.headers["Accept"] = "application/json"
        self._auth = _Bearer(token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> ControlClient:
        """Use the client for the time of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def health(self) -> HealthFacts:
        """Ask which server answers, and what it can do."""
        return cast("HealthFacts", self._call("GET", "health"))

    def state(self) -> dict[str, Any]:
        """Give everything about every account."""
        return self._call("GET", "state")

    def scenarios(self) -> list[dict[str, str]]:
        """List the scenarios the server knows: `name`, `title`, `shows` and `try` of each."""
        return cast("list[dict[str, str]]", self._call("GET", "scenarios")["scenarios"])

    def accounts(self) -> list[AccountFacts]:
        """List the accounts."""
        return cast("list[AccountFacts]", self._call("GET", "accounts")["accounts"])

    def account(self, account: str = DEFAULT_ACCOUNT) -> AccountFacts:
        """Show an account with its credentials."""
        return cast("AccountFacts", self._of(account, "GET"))

    def create_account(self, **fields: Any) -> AccountFacts:  # noqa: ANN401
        """Make an account; the fields are those of the control plane, all optional."""
        return cast("AccountFacts", self._call("POST", "accounts", _plain(fields)))

    def change_account(self, account: str = DEFAULT_ACCOUNT, **fields: Any) -> AccountFacts:  # noqa: ANN401
        """Change `api_version`, `access`, `quirks`, or the `timezone` of users."""
        return cast("AccountFacts", self._of(account, "PATCH", "", _plain(fields)))

    def reset_account(self, account: str = DEFAULT_ACCOUNT) -> AccountFacts:
        """Bring an account back to its start."""
        return cast("AccountFacts", self._of(account, "POST", "reset", {}))

    def delete_account(self, account: str) -> None:
        """Remove an account with its files."""
        self._of(account, "DELETE")

    def clock(self, account: str = DEFAULT_ACCOUNT) -> ClockFacts:
        """Show the clock of an account."""
        return cast("ClockFacts", self._of(account, "GET", "clock"))

    def advance(
        self, duration: timedelta | float | str, account: str = DEFAULT_ACCOUNT
    ) -> ClockFacts:
        """Move a clock forward; gives what happened on the way."""
        return self._move({"advance": _seconds(duration)}, account)

    def set_clock(self, instant: datetime | str, account: str = DEFAULT_ACCOUNT) -> ClockFacts:
        """Move a clock forward to an instant; gives what happened on the way."""
        return self._move({"set": _text(instant)}, account)

    def next(self, account: str = DEFAULT_ACCOUNT) -> ClockFacts:
        """Move a clock to the next due event."""
        return self._move({"to": "next"}, account)

    def rate(self, rate: float | str, account: str = DEFAULT_ACCOUNT) -> ClockFacts:
        """Set the pace in virtual seconds per real second; `frozen` is 0 and `real` is 1."""
        return self._move({"rate": rate}, account)

    def calendar(self, account: str = DEFAULT_ACCOUNT) -> CalendarFacts:
        """List what is due in an account."""
        return cast("CalendarFacts", self._of(account, "GET", "calendar"))

    def plan(self, kind: str = "timed", account: str = DEFAULT_ACCOUNT, **settings: Any) -> int:  # noqa: ANN401
        """Plan how exports to come will go; gives how many plans there are now."""
        body = {"kind": kind, **_plain(settings)}
        return int(self._of(account, "POST", "plan", body)["plans"])

    def queue(
        self,
        exports: int,
        work: timedelta | float | str | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> list[ExportFacts]:
        """Queue exports of a colleague; gives them."""
        body = {"exports": exports, "work": _seconds(work)}
        return cast("list[ExportFacts]", self._of(account, "POST", "queue", body)["exports"])

    def exports(self, account: str = DEFAULT_ACCOUNT) -> list[ExportFacts]:
        """List the exports of an account."""
        return cast("list[ExportFacts]", self._of(account, "GET", "exports")["exports"])

    def export(self, export_id: int, account: str = DEFAULT_ACCOUNT) -> ExportFacts:
        """Show one export."""
        return cast("ExportFacts", self._of(account, "GET", f"exports/{export_id:d}"))

    def force(self, export_id: int, state: str, account: str = DEFAULT_ACCOUNT) -> ExportFacts:
        """End an unfinished export now, as `Complete` or `Failed`."""
        path = f"exports/{export_id:d}/force"
        return cast("ExportFacts", self._of(account, "POST", path, {"state": state}))

    def truth(self, export_id: int, account: str = DEFAULT_ACCOUNT) -> TruthFacts:
        """Give the rows a correct client must end up with."""
        path = f"{_checked_account(account)}/exports/{export_id:d}/truth"
        return cast("TruthFacts", _facts(self._sent("GET", path, patient=True), self.url))

    @contextmanager
    def true_rows(
        self, export_id: int, account: str = DEFAULT_ACCOUNT
    ) -> Iterator[Iterator[bytes]]:
        """Give every row a correct client must end up with, as CSV in pieces, header first."""
        path = f"{_checked_account(account)}/exports/{export_id:d}/truth/rows"
        with self._sent("GET", path, patient=True, stream=True) as answer:
            if not answer.ok:
                _facts(answer, self.url)
            yield self._pieces(answer)

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            yield from answer.iter_content(1 << 20)
        except requests.RequestException as error:
            raise Unreachable(self.url, _reason(error)) from error

    def load(
        self, name: str, rows: bytes, content_type: str, account: str = DEFAULT_ACCOUNT
    ) -> LoadFacts:
        """Load rows into the object `name`, all or none; gives how many and their version."""
        path = f"{_checked_account(account)}/data/{quote(name, safe='')}"
        headers = {"Content-Type": content_type}
        with self._sent("POST", path, data=rows, headers=headers) as answer:
            return cast("LoadFacts", _facts(answer, self.url))

    def data(self, account: str = DEFAULT_ACCOUNT) -> dict[str, Any]:
        """Give how many synthetic and loaded rows each object has."""
        return self._of(account, "GET", "data")

    def journal(
        self,
        op: str | None = None,
        since: datetime | str | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> JournalFacts:
        """Give what clients sent: of one operation only, or at and after an instant only."""
        wanted = {"op": op, "since": None if since is None else _text(since)}
        return cast("JournalFacts", self._of(account, "GET", "journal", params=wanted))

    def clear_journal(self, account: str = DEFAULT_ACCOUNT) -> None:
        """Forget what clients sent."""
        self._of(account, "DELETE", "journal")

    def explain(self, request_id: str) -> ExplanationFacts:
        """Say why a recent call was answered as it was; its id is in the head of the answer."""
        path = f"explain/{quote(request_id, safe='')}"
        return cast("ExplanationFacts", self._call("GET", path))

    def budget(
        self,
        duration: timedelta | float | str | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> BudgetFacts:
        """Give the daily allowance, and what polling for `duration` (90 minutes) would cost."""
        wanted = {"for": None if duration is None else str(_seconds(duration))}
        return cast("BudgetFacts", self._of(account, "GET", "budget", params=wanted))

    def grade(self, account: str = DEFAULT_ACCOUNT) -> GradeFacts:
        """Say how the client of an account kept the rules of conduct."""
        return cast("GradeFacts", self._of(account, "GET", "grade"))

    def faults(self, account: str = DEFAULT_ACCOUNT) -> list[dict[str, Any]]:
        """List the planned faults, each with how often it matched and hit."""
        return cast("list[dict[str, Any]]", self._of(account, "GET", "faults")["faults"])

    def add_fault(
        self,
        effect: dict[str, Any],
        match: dict[str, Any] | None = None,
        times: int = 1,
        account: str = DEFAULT_ACCOUNT,
    ) -> int:
        """Plan a fault; give its id."""
        body = {"effect": effect, "match": match or {}, "times": times}
        return int(self._of(account, "POST", "faults", body)["id"])

    def clear_faults(self, account: str = DEFAULT_ACCOUNT) -> None:
        """Forget every fault."""
        self._of(account, "DELETE", "faults")

    def verdict(self, account: str = DEFAULT_ACCOUNT) -> dict[str, Any]:
        """Say how many hits were planned and have happened, and which faults have hits left."""
        return self._of(account, "GET", "faults/verdict")

    def _move(self, body: dict[str, Any], account: str) -> ClockFacts:
        return cast("ClockFacts", self._of(account, "POST", "clock", body))

    def _of(
        self,
        account: str,
        method: str,
        what: str = "",
        body: dict[str, Any] | None = None,
        params: dict[str, str | None] | None = None,
    ) -> dict[str, Any]:
        path = _checked_account(account)
        return self._call(method, f"{path}/{what}" if what else path, body, params)

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        params: dict[str, str | None] | None = None,
    ) -> dict[str, Any]:
        return _facts(self._sent(method, path, json=body, params=params), self.url)

    def _sent(
        self,
        method: str,
        path: str,
        *,
        patient: bool = False,
        **sent: Any,  # noqa: ANN401
    ) -> requests.Response:
        """Send a call; with `patient` only the connection has to come up in time."""
        try:
            return self._http.request(
                method,
                f"{self.url}/_mock/{path}",
                auth=self._auth,
                timeout=(self._timeout, None if patient else self._timeout),
                allow_redirects=False,
                **sent,
            )
        except requests.RequestException as error:
            raise Unreachable(self.url, _reason(error)) from error


class _Bearer(requests.auth.AuthBase):
    """Sends the token, and keeps any other credentials of the environment away."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _checked_account(account: str) -> str:
    if not _ID.fullmatch(account):
        # No account can be called that, and a dot or a slash would lead to another place.
        raise ControlRefused(404, "unknown_account", f"there is no account {account!r}")
    return f"accounts/{account}"


def _facts(answer: requests.Response, url: str) -> dict[str, Any]:
    if answer.status_code == requests.codes.no_content:
        return {}
    try:
        facts = answer.json()
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Unreachable(url, f"HTTP {answer.status_code} without the JSON of a control plane")
    if answer.ok:
        return facts
    error = facts.get("error")
    if not isinstance(error, dict) or not {"code", "message"} <= set(error):
        raise Unreachable(url, f"HTTP {answer.status_code} from something else")
    raise ControlRefused(
        answer.status_code, str(error["code"]), str(error["message"]), facts.get("field")
    )


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "it takes too long"
    if isinstance(error, requests.ConnectionError):
        return "the connection failed"
    return str(error)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not a URL such as {DEFAULT_URL}")
    return url.rstrip("/").removesuffix("/_mock")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(value: Any) -> Any:  # noqa: ANN401
    return value.total_seconds() if isinstance(value, timedelta) else value


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else _seconds(value)
        for name, value in fields.items()
    }


def _text(instant: datetime | str) -> str:
    return instant.isoformat() if isinstance(instant, datetime) else instant
