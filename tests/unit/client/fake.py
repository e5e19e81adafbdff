"""A small service one can read: a transport that answers from memory, and its time.

It knows one user, keys of sixty minutes, exports that are complete after a number of looks,
and files. `script` holds answers to be given before the real ones, per operation.
"""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from pardot_client import MemoryReply, Pardot, Polling, Reply, Request, Retrying

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "https://pi.pardot.com"
USER_KEY = "0" * 31 + "1"
PASSWORD = "demo-password"
CSV = b"id,created_at\n1,2026-01-01 00:00:00\n2,2026-01-02 00:00:00\n"

Scripted = "Reply | Exception | Callable[[Request], Reply]"


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps."""

    seconds: float = 0.0
    start: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def xml_of(tree: dict[str, Any]) -> bytes:
    """A tree as the service writes XML: lists repeat their element."""

    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return "".join(element(name, item) for item in value)
        if isinstance(value, dict):
            return f"<{name}>{''.join(element(k, v) for k, v in value.items())}</{name}>"
        if value is None:
            return f"<{name}/>"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"<{name}>{escape(text).replace(chr(13), '&#13;')}</{name}>"

    inner = "".join(element(name, value) for name, value in tree.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<rsp stat="ok" version="1.0">\n   {inner}\n</rsp>\n'.encode()


def ok(payload: dict[str, Any], form: str = "json", **headers: str) -> MemoryReply:
    if form == "xml":
        return MemoryReply(200, xml_of(payload), {"content-type": "text/xml", **headers})
    body = {"@attributes": {"stat": "ok", "version": 1}, **payload}
    return MemoryReply(200, json.dumps(body).encode(), {"content-type": "application/json"})


def fail(code: int, text: str, form: str = "json", status: int = 200) -> MemoryReply:
    if form == "xml":
        body = f'<rsp stat="fail" version="1.0">\n<err code="{code}">{escape(text)}</err>\n</rsp>'
        return MemoryReply(status, body.encode(), {"content-type": "text/xml; charset=utf-8"})
    tree = {"@attributes": {"stat": "fail", "version": 1, "err_code": code}, "err": text}
    return MemoryReply(status, json.dumps(tree).encode(), {"content-type": "application/json"})


def collapsed(items: list[Any]) -> dict[str, Any] | Any:
    return items[0] if len(items) == 1 else items


@dataclass(frozen=True)
class Call:
    request: Request
    path: str
    form: str


@dataclass
class FakeExport:
    id: int
    body: dict[str, Any]
    looks_left: int
    state: str = "Waiting"
    expired: bool = False
    files: list[bytes] = field(default_factory=list)


class FakeService:
    """The transport; see the module."""

    def __init__(self, time: FakeTime | None = None) -> None:
        self.time = time or FakeTime()
        self.requests: list[Request] = []
        self.script: dict[str, deque[Any]] = defaultdict(deque)
        self.exports: dict[int, FakeExport] = {}
        self.files: list[bytes] = [CSV]
        self.looks = 2
        self.echo = True
        self.keys_given = 0
        self.key: str | None = None
        self.key_until = -1.0
        self.only_version: int | None = None
        self.closed = False
        self.lock = threading.Lock()

    def client(self, **options: Any) -> Pardot:
        given: dict[str, Any] = {
            "email": "a@example.com",
            "password": PASSWORD,
            "user_key": USER_KEY,
            "transport": self,
            "sleep": self.time.sleep,
            "clock": self.time,
            "polling": Polling(),
            "retrying": Retrying(scatter=0),
        }
        return Pardot(**{**given, **options})

    def sent(self, operation: str) -> list[Request]:
        return [request for request in self.requests if self.operation(request) == operation]

    @staticmethod
    def operation(request: Request) -> str:
        path = urlsplit(request.url).path
        if path.startswith("/api/login"):
            return "login"
        if path.endswith("/oauth2/token"):
            return "token"
        found = re.search(r"/do/(\w+)", path)
        return found[1] if found else "?"

    def close(self) -> None:
        self.closed = True

    def send(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            operation = self.operation(request)
            planned = self.script[operation]
            answer = planned.popleft() if planned else None
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                answer = self.answer
            reply: Reply = answer(request) if callable(answer) else answer
            return reply

    def answer(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        form = (request.form or {}).get("format") or parse_qs(parts.query).get("format", ["xml"])[0]
        operation = self.operation(request)
        if operation == "login":
            return self.log_in(request, form)
        if refusal := self.refusal(request, parts.path, form):
            return refusal
        handler: Callable[[Call], Reply] = getattr(self, f"do_{operation}")
        return handler(Call(request, parts.path, form))

    def refusal(self, request: Request, path: str, form: str) -> Reply | None:
        expected = f"Pardot api_key={self.key}, user_key={USER_KEY}"
        fresh = self.time.seconds < self.key_until
        if request.headers.get("Authorization") != expected or not fresh:
            return fail(1, "Invalid API key or user key", form)
        version = int(path.split("/version/")[1][0])
        if self.only_version == 3 and version == 4:
            return fail(89, "Your account is unable to use version 4 of the API.", form)
        if self.only_version == 4 and version == 3:
            return fail(88, "Your account must use version 4 of the API.", form)
        return None

    def log_in(self, request: Request, form: str) -> Reply:
        given = request.form or {}
        if given.get("password") != PASSWORD or given.get("user_key") != USER_KEY:
            return fail(15, "Login failed", form)
        if self.time.seconds >= self.key_until:
            self.keys_given += 1
            self.key = f"{self.keys_given:032x}"
            self.key_until = self.time.seconds + 3600
        return ok({"api_key": self.key}, form)

    def do_create(self, call: Call) -> Reply:
        number = 100 + 2 * len(self.exports)
        body = json.loads(call.request.body or b"")
        self.exports[number] = FakeExport(number, body, self.looks, files=list(self.files))
        return ok({"export": self.shown(self.exports[number])}, call.form)

    def do_read(self, call: Call) -> Reply:
        export = self.exports.get(int(call.path.rsplit("/", 1)[1]))
        if export is None:
            return fail(109, "The requested record was not found.", call.form, 400)
        self.look(export)
        return ok({"export": self.shown(export)}, call.form)

    def look(self, export: FakeExport) -> None:
        if export.state in {"Waiting", "Processing"}:
            export.looks_left -= 1
            export.state = "Complete" if export.looks_left <= 0 else "Processing"

    def do_query(self, call: Call) -> Reply:
        found = sorted(self.exports.values(), key=lambda export: -export.id)
        result: dict[str, Any] = {"total_results": len(found)}
        shown = [
            {key: value for key, value in self.shown(export).items() if key != "resultRefs"}
            for export in found
        ]
        if shown:
            result["export"] = collapsed(shown)
        return ok({"result": result}, call.form)

    def do_downloadResults(self, call: Call) -> Reply:  # noqa: N802
        number, file = (int(text) for text in re.findall(r"/(?:id|file)/(\d+)", call.path))
        export = self.exports[number]
        if export.expired or export.state != "Complete":
            text = "The current state of the export does not allow the operation"
            return fail(178, text, call.form, 400)
        return csv_reply(export.files[file - 1])

    def shown(self, export: FakeExport) -> dict[str, Any]:
        tree: dict[str, Any] = {
            "id": export.id,
            "state": export.state,
            "isExpired": export.expired,
            "createdAt": "2026-06-01 00:00:00",
            "updatedAt": "2026-06-01 00:00:00",
            **(export.body if self.echo else {}),
        }
        if export.state == "Complete" and not export.expired and export.files:
            stem = f"{BASE}/api/export/version/4/do/downloadResults/id/{export.id}/file/"
            tree["resultRefs"] = collapsed([f"{stem}{n + 1}" for n in range(len(export.files))])
        return tree


def csv_reply(body: bytes, announced: int | None = None) -> MemoryReply:
    length = len(body) if announced is None else announced
    return MemoryReply(
        200, body, {"content-type": "text/csv; charset=utf-8", "content-length": str(length)}
    )


class BreakingReply:
    """A reply that breaks after some bytes."""

    def __init__(self, body: bytes, error: Exception, status: int = 200) -> None:
        self.body, self.error, self.status = body, error, status
        self.headers = {"content-type": "text/csv"}
        self.closed = False

    def blocks(self, size: int) -> Any:
        assert size > 0
        yield self.body
        raise self.error

    def close(self) -> None:
        self.closed = True
