"""One call of the emulated API, from the request as it came to the answer it will get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pardot_mock.domain.dates import Reading
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.quirks import Quirks
from pardot_mock.wire.dialects import V3, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from werkzeug.wrappers import Request

    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User
    from pardot_mock.domain.exports import Export
    from pardot_mock.faults import Treatment
    from pardot_mock.web.access import BareAnswerError
    from pardot_mock.web.operations import Operation
    from pardot_mock.wire.encoding import Format, Tree
    from pardot_mock.wire.paths import ApiPath


@dataclass(frozen=True, slots=True)
class Facts:
    """An answer made of facts, to be written in the format the caller asked for.

    `status` is the HTTP status; `failed` marks a batch of which a part was refused.
    """

    tree: Mapping[str, Tree]
    status: int = 200
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An answer that is a result file of `size` bytes; None while nobody knows yet."""

    size: int | None
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Nothing:
    """An answer without a body, as after a delete (recorded)."""


Answer = Facts | CsvFile | Nothing


@dataclass(slots=True)
class ApiCall:
    """A call on its way through the steps; each step fills in what it finds out."""

    request: Request
    path: ApiPath
    query: Mapping[str, str]
    form: Mapping[str, str]
    request_id: str
    configured_url: str | None
    unattributed: Quirks = field(default_factory=Quirks)
    operation: Operation | None = None
    account: Account | None = None
    user: User | None = None
    dialect: Dialect = V3
    charged: bool = False
    placed: bool = False
    readable: bool = True
    refused: Refused | None = None
    treatment: Treatment | None = None
    export: Export | None = None
    bare: BareAnswerError | None = None
    hint: str = ""
    anonymous: bool = False
    plain_length: int | None = None

    def param(self, name: str) -> str | None:
        """Give a parameter from the path, the form or the query string, in this order."""
        for source in (self.path.pairs, self.form, self.query):
            if name in source:
                return source[name]
        return None

    @property
    def uri_length(self) -> int:
        """The characters of the request's URI: path and query string as they were sent."""
        environ = self.request.environ
        sent = environ.get("REQUEST_URI") or environ.get("RAW_URI")
        return len(sent) if sent else len(self.request.full_path)

    @property
    def is_export_call(self) -> bool:
        """Whether the call belongs to the Export API."""
        return self.path.object == "export"

    @property
    def is_bulk_call(self) -> bool:
        """Whether the call belongs to the Export or the Import API."""
        return self.path.object in ("export", "import")

    @property
    def quirks(self) -> Quirks:
        """The quirks of the caller's account; until it is known, those of the default account."""
        return self.account.quirks if self.account is not None else self.unattributed

    @property
    def form_of_answer(self) -> Format:
        """The format asked for: JSON only for `format=json`, else XML (documented)."""
        asked = self.param("format")
        if asked is None and self.is_export_call:
            return "json" if self.quirks["default_export_format"] == "json" else "xml"
        return "json" if asked == "json" else "xml"

    @property
    def public_url(self) -> str:
        """The base of URLs in answers: the configured one, else as the caller reached us."""
        if self.configured_url is not None:
            return self.configured_url
        scheme = self.request.scheme
        proto = self.request.headers.get("X-Forwarded-Proto", scheme).split(",")[0].strip()
        return f"{proto if proto in ('http', 'https') else scheme}://{self.request.host}"

    @property
    def caller(self) -> tuple[Account, User]:
        """The account and the user, once authentication has found them."""
        if self.account is None or self.user is None:
            raise AssertionError("the call is not authenticated")
        return self.account, self.user

    def integer(self, name: str) -> int:
        """Give a parameter that must be an id; refuse anything else with code 16."""
        text = self.param(name) or ""
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            raise Refused(ErrorCode.INVALID_ID, detail=f"{name} is not an integer: {text[:40]!r}")
        return int(text)

    def reading(self, now: datetime) -> Reading:
        """Give how the dates of this call are read, `now` being its instant."""
        colon_form = self.quirks["malformed_date"] == "accept"
        return Reading(now, self.caller[1].zone, colon_form)

    def now(self) -> datetime:
        """Bring the account up to date and give its present instant."""
        return self.caller[0].settle()
