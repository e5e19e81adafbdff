"""Neutral facts: what a driver reports, whatever format or client it speaks through.

Rule: a fact the driver cannot know is None, never a guess. Timestamps stay the text that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, str]

API_KEY = "api_key"
OAUTH = "oauth"
AUTHS = (API_KEY, OAUTH)
"""How a call can be authenticated."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who calls: the api_key triple and, where known, the OAuth values and the business unit."""

    email: str = ""
    password: str = ""
    user_key: str = ""
    business_unit_id: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    username: str = ""
    access_token: str = ""

    @property
    def auths(self) -> tuple[str, ...]:
        """How these credentials can authenticate calls."""
        key = bool(self.email and self.password and self.user_key)
        bought = bool(self.client_id and self.client_secret) or bool(self.access_token)
        oauth = bool(self.business_unit_id) and bought
        return tuple(auth for auth, has in zip(AUTHS, (key, oauth), strict=True) if has)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Credentials:
        """Pick the known credentials out of a control plane answer; surplus keys are ignored."""
        known = {name: str(values[name]) for name in cls.__dataclass_fields__ if name in values}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What an answer says about one export; `refs` are the result URLs, empty when there are none.

    `echo` holds the request as it was given back (`object`, `fields`, `procedure`), as far as the
    answer carries it.
    """

    id: int
    state: str
    is_expired: bool
    refs: tuple[str, ...] = ()
    created_at: str | None = None
    updated_at: str | None = None
    echo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One downloaded file: the header row and the data rows, in the order of the file."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one call.

    A refusal has a `message`; `code` is its API error code, or None if the driver refused on its
    own. `status` is the HTTP status and None for drivers that do not tell. The other facts are
    there as the call provides them.
    """

    code: int | None = None
    message: str | None = None
    status: int | None = None
    api_key: str | None = None
    export: ExportFacts | None = None
    exports: tuple[ExportFacts, ...] = ()
    total: int | None = None
    files: tuple[ResultFile, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the call was served."""
        return self.code is None and self.message is None
