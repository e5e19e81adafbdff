"""What the control plane answers, as types. Instants are ISO 8601 texts with an offset."""

from __future__ import annotations

from typing import Any, TypedDict


class Credentials(TypedDict):
    """What a user logs in with."""

    email: str
    password: str
    user_key: str
    client_id: str
    client_secret: str
    refresh_token: str
    username: str
    business_unit_id: str


class UserFacts(Credentials):
    """A further user of an account."""

    role: str
    timezone: str
    abilities: list[str]
    credentials: Credentials


class AccountFacts(TypedDict):
    """An account; `rows` is its number of visitor activities, `quirks` what differs."""

    id: str
    name: str
    timezone: str
    api_version: int | None
    access: str
    edition: str
    seed: int
    rows: int
    now: str
    scenario: str
    quirks: dict[str, str | int]
    credentials: Credentials
    users: list[UserFacts]


class EventFacts(TypedDict):
    """Something that happens by itself; `subject` is an export id, an e-mail, or a day."""

    at: str
    kind: str
    subject: int | str


class ClockFacts(TypedDict):
    """A clock: `rate` in virtual seconds per real second, and what happened while it moved."""

    now: str
    rate: float
    events: list[EventFacts]


class CalendarFacts(TypedDict):
    """What is due if nobody does anything."""

    now: str
    events: list[EventFacts]


class ExportFacts(TypedDict):
    """An export; `rows` is None and `files` empty while it has no results."""

    id: int
    object: str
    state: str
    is_expired: bool
    created_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str | None
    rows: int | None
    files: list[int]


class FileTruth(TypedDict):
    """A result file as it must arrive: its size in bytes and its SHA-256 in hexadecimal."""

    id: int
    rows: int
    bytes: int
    sha256: str


class TruthFacts(TypedDict):
    """The rows a correct client must end up with; `digest` does not depend on their order.

    `fields` are the columns of the files.
    """

    fields: list[str]
    rows: int
    digest: str
    files: list[FileTruth]


class LoadFacts(TypedDict):
    """How many rows were loaded, and the version they made."""

    loaded: int
    version: int


class EntryFacts(TypedDict):
    """A call as the journal keeps it; `bytes` counts the body of the answer."""

    id: str
    at: str
    method: str
    path: str
    query: dict[str, str]
    op: str
    status: int
    error_code: int | None
    user: str | None
    bytes: int
    duration_ms: float
    charged: bool
    detail: str
    export: int | None
    file: int | None
    state: str
    expired: bool
    format: str
    auth: str
    unit: bool
    request: str
    length: int
    faulted: bool
    garbled: bool
    sent: str
    answered: str
    hint: str
    warnings: list[str]


class JournalFacts(TypedDict):
    """The journal, oldest first; `dropped` entries had to make room and are lost."""

    entries: list[EntryFacts]
    dropped: int


class StatementFacts(TypedDict):
    """A statement of the protocol, how sure it is, and where it comes from."""

    id: str
    text: str
    evidence: str
    source: str


class QuirkFacts(TypedDict):
    """A quirk with its value at the call, its default, and the values it takes."""

    name: str
    value: str | int
    default: str | int
    alternatives: str
    evidence: str
    meaning: str


class ExplanationFacts(TypedDict):
    """Why a call was answered as it was; `account` is None for a caller that nobody knows."""

    id: str
    account: str | None
    said: str
    why: str
    nearest: str
    warnings: list[str]
    requirements: list[StatementFacts]
    quirks: list[QuirkFacts]
    call: EntryFacts


class RuleFacts(TypedDict):
    """How a client kept one rule of conduct; `entries` are the calls that broke it."""

    id: str
    axis: str
    level: str
    status: str
    message: str
    entries: list[str]
    source: str


class GradeFacts(TypedDict):
    """How a client kept all rules; `summary` counts `pass`, `fail`, `not_exercised`, also by axis,
    and says how many `calls` were judged and how many `dropped`.
    """

    rules: list[RuleFacts]
    summary: dict[str, Any]


class ForecastFacts(TypedDict):
    """What polling for `seconds` would cost in reads."""

    seconds: float
    every_minute: int
    documented_interval: int
    text: str


class BudgetFacts(TypedDict):
    """The daily allowance and what is used of it."""

    limit: int
    used: int
    remaining: int
    resets_at: str
    by_op: dict[str, int]
    forecast: ForecastFacts


class HealthFacts(TypedDict):
    """Which server answers, and what it can do."""

    status: str
    version: str
    capabilities: list[str]
