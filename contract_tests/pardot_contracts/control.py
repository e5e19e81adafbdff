"""The control plane of an emulator, and the accounts that it hands out.

Everything goes over HTTP below `/_mock/`: the suite knows a server by its URL alone. An account
without a control plane (one of a real service) offers its credentials and says of all else why not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pardot_contracts.channel import Channel, Outgoing, body_of
from pardot_contracts.facts import Credentials
from pardot_contracts.problems import ControlRefusedError, MissingCapabilityError

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_REQUEST = 400


class ControlPlane:
    """Calls below `/_mock/` of the server at `base_url`; `token` is needed beyond loopback."""

    def __init__(
        self, base_url: str, token: str | None = None, channel: Channel | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._channel = channel or Channel()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send `body` as JSON and give the JSON answer; raise `ControlRefusedError` on 4xx, 5xx."""
        data, headers = body_of(content=body)
        return self._send(method, path, headers, data)

    def load(self, path: str, lines: str) -> Any:  # noqa: ANN401 - JSON
        """Post rows as JSON lines."""
        headers = {"Content-Type": "application/x-ndjson"}
        return self._send("POST", path, headers, lines.encode())

    def health(self) -> dict[str, Any] | None:
        """Give the health answer, or None if this server has no control plane."""
        try:
            found = self.call("GET", "health")
        except (ControlRefusedError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("status") == "ok" else None

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.base_url}/_mock/{path}"
        answer = self._channel.send(Outgoing(method, url, {**self._headers, **headers}, body))
        if answer.status >= BAD_REQUEST:
            raise ControlRefusedError(answer.status, answer.text[:500])
        return json.loads(answer.body) if answer.body else None


@dataclass(frozen=True, slots=True)
class Event:
    """Something due or done: `kind` and `subject` as in the calendar of the account."""

    at: datetime
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Member:
    """A further user of an account."""

    email: str
    role: str
    timezone: str
    credentials: Credentials


@dataclass(slots=True)
class Account:
    """An account of the target. `id` and `control` are None where there is no control plane.

    Where the clock only moves when told, `still_at` is its instant and saves a call each time.
    """

    base_url: str
    credentials: Credentials
    users: tuple[Member, ...] = ()
    id: str | None = None
    control: ControlPlane | None = None
    still_at: datetime | None = None

    def now(self) -> datetime:
        """Give the account's present instant."""
        if self.control is None:
            return datetime.now(UTC)
        if self.still_at is not None:
            return self.still_at
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def advance(self, duration: timedelta) -> list[Event]:
        """Move the account's clock on by `duration` and give what happened on the way."""
        return self._move({"advance": f"{round(duration.total_seconds())}s"})

    def set_time(self, instant: datetime) -> list[Event]:
        """Move the account's clock forward to `instant`."""
        return self._move({"set": instant.isoformat()})

    def next_export_event(self) -> None:
        """Move the account's clock to the next instant at which something happens to an export."""
        due = [event.at for event in self.calendar() if event.kind.startswith("export_")]
        if not due:
            raise ControlRefusedError(0, "nothing is due for any export of the account")
        self.set_time(due[0])

    def to_export_event(self, kind: str, export_id: int) -> None:
        """Move the account's clock to the instant at which this is due; do nothing if it is not."""
        due = [e.at for e in self.calendar() if (e.kind, e.subject) == (kind, str(export_id))]
        if due:
            self.set_time(due[0])

    def calendar(self) -> list[Event]:
        """List what is due."""
        return _events(self._call("GET", "calendar"))

    def plan(self, **settings: Any) -> None:  # noqa: ANN401 - JSON
        """Say how exports to come will go."""
        self._call("POST", "plan", settings)

    def add_fault(
        self, match: Mapping[str, Any], effect: Mapping[str, Any], times: int = 1
    ) -> None:
        """Let the front door do wrong in the first calls that match."""
        self._call("POST", "faults", {"match": match, "effect": effect, "times": times})

    def change(self, **settings: Any) -> None:  # noqa: ANN401 - JSON
        """Change what the account is: its version, quirks, or users."""
        self._call("PATCH", "", settings)

    def export(self, export_id: int) -> dict[str, Any]:
        """Give what the control plane knows about an export."""
        found: dict[str, Any] = self._call("GET", f"exports/{export_id}")
        return found

    def truth(self, export_id: int) -> dict[str, Any]:
        """Give the number of rows that the export must deliver, and its digest."""
        found: dict[str, Any] = self._call("GET", f"exports/{export_id}/truth")
        return found

    def load(self, object_name: str, *rows: dict[str, Any]) -> None:
        """Put rows of one's own beside what the account holds; timestamps as in result files."""
        if self.control is None or self.id is None:
            raise MissingCapabilityError("the target has no control plane")
        lines = "\n".join(json.dumps(row) for row in rows)
        self.control.load(f"accounts/{quote(self.id, safe='')}/data/{object_name}", lines)

    def _move(self, body: dict[str, str]) -> list[Event]:
        answer = self._call("POST", "clock", body)
        if self.still_at is not None:
            self.still_at = datetime.fromisoformat(answer["now"])
        return _events(answer)

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        if self.control is None or self.id is None:
            raise MissingCapabilityError("the target has no control plane")
        where = f"accounts/{quote(self.id, safe='')}/{path}".rstrip("/")
        return self.control.call(method, where, body)


def account_from(control: ControlPlane, created: dict[str, Any], *, stands_still: bool) -> Account:
    """Read the answer to the creation of an account."""
    users = tuple(
        Member(user["email"], user["role"], user["timezone"], Credentials.of(user["credentials"]))
        for user in created.get("users", ())
    )
    credentials = Credentials.of(created["credentials"])
    account = Account(control.base_url, credentials, users, created["id"], control)
    if stands_still and "now" in created:
        account.still_at = datetime.fromisoformat(created["now"])
    return account


def _events(answer: dict[str, Any]) -> list[Event]:
    return [
        Event(datetime.fromisoformat(event["at"]), event["kind"], str(event["subject"]))
        for event in answer["events"]
    ]
