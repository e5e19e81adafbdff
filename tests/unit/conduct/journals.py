"""Journals of a right client and of wrong ones, each with one mistake."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pardot_mock.conduct import Call, Evidence, ExportFacts, Truth
from pardot_mock.domain.procedures import RANGE_TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Callable

START: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass
class Script:
    """Writes a journal call by call; time passes when it is told to."""

    now: datetime = START
    calls: list[Call] = field(default_factory=list)
    exports: dict[int, ExportFacts] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def wait(self, seconds: float) -> Script:
        self.now += timedelta(seconds=seconds)
        return self

    def call(self, op: str, **facts: Any) -> Script:
        about = repr((op, facts.get("export"), facts.get("file"), facts.pop("body", "")))
        known = {"format": "" if op == "download" else "json", "version": "4", "request": about}
        if op in ("login", "create"):
            known["method"] = "POST"
        number = f"{len(self.calls) + 1:08x}"
        self.calls.append(Call(number, self.now, op, **{**known, **facts}))
        return self

    def login(self, **facts: Any) -> Script:
        return self.call("login", user="ann", **facts)

    def create(self, export: int, body: str = "", files: int = 0, work: float = 60) -> Script:
        done = self.now + timedelta(seconds=work)
        names = tuple(export * 10 + n for n in range(files))
        self.exports[export] = ExportFacts(
            export, body or str(export), self.now, done, complete=True, files=names
        )
        return self.call("create", export=export, state="Waiting", body=body or str(export))

    def read(self, export: int, state: str = "Processing", **facts: Any) -> Script:
        return self.call("read", export=export, state=state, **facts)

    def download(self, export: int, file: int, size: int = 100, **facts: Any) -> Script:
        return self.call(
            "download", **{"bytes": size, "length": 100} | facts, export=export, file=file
        )

    def evidence(self) -> Evidence:
        return Evidence(tuple(self.calls), self.exports, **self.settings)


def begun(files: int = 0) -> Script:
    """A client that has logged in, created export 1 and waited for its first look."""
    return Script().login().create(1, files=files).wait(60)


def right() -> Script:
    """Everything a client may meet, met as it should be."""
    script = begun(files=2).read(1).wait(120).read(1, error_code=66, state="", faulted=True).wait(2)
    script.read(1, "Complete").download(1, 10).download(1, 11, size=40).wait(1).download(1, 11)
    script.create(2).wait(4000).read(2, error_code=1, state="", auth="api_key").login()
    script.read(2, "Complete").create(3, body="x").wait(60)
    script.read(3, error_code=122, state="").wait(86_400)
    script.read(3, error_code=1, state="").login().read(3, "Complete")
    script.create(4).wait(30)
    for wait in (60, 120, 120, 180, 300, 360, 600, 720, 900):
        script.read(4).wait(wait)
    return script.read(4, "Failed")


def _rows(difference: str) -> Script:
    script = begun(files=1).read(1, "Complete").download(1, 10)
    script.settings["truths"] = (Truth(1, difference),)
    return script


def _dropped() -> Script:
    script = begun()
    script.settings["dropped"] = 3
    return script


def _polls(*waits: float) -> Script:
    script = begun()
    for wait in waits:
        script.read(1).wait(wait)
    return script.read(1, "Complete")


def _expired() -> Script:
    return begun(files=1).read(1, "Complete").download(1, 10).wait(604_800)


WRONG: Final[dict[str, Callable[[], Script]]] = {
    "journal-complete": _dropped,
    "login-once-per-key": lambda: begun().login().read(1, "Complete"),
    "renews-and-repeats": lambda: begun().wait(3600).read(1, state="", error_code=1),
    "renews-only-once": lambda: (
        begun().wait(3600).read(1, state="", error_code=1).wait(60).read(1, state="", error_code=1)
    ),
    "no-calls-with-a-dead-key": lambda: (
        begun()
        .create(2)
        .wait(3600)
        .read(1, state="", error_code=1)
        .wait(60)
        .read(2, state="", error_code=1)
    ),
    "no-credentials-in-urls": lambda: begun().read(1, "Complete", exposed=("api_key",)),
    "stops-on-refused-login": lambda: (
        Script().login(error_code=15).login(error_code=15).login(error_code=131)
    ),
    "sends-the-business-unit": lambda: Script().call("query", auth="bearer", error_code=181),
    "first-poll-not-at-once": lambda: Script().login().create(1).wait(29).read(1, "Complete"),
    "polls-no-faster-than-documented": lambda: _polls(60, 29),
    "polls-less-and-less-often": lambda: _polls(*[60] * 12),
    "stops-at-a-terminal-state": lambda: begun().read(1, "Failed").wait(60).read(1, "Failed"),
    "leaves-expired-exports-alone": lambda: (
        _expired().read(1, "Complete", expired=True).wait(3600).read(1, "Complete", expired=True)
    ),
    "no-unchanged-repeats": lambda: (
        Script().login().call("create", error_code=175).wait(60).call("create", error_code=175)
    ),
    "creates-an-export-once": lambda: (
        Script().login().create(1, body="same").wait(30).create(2, body="same")
    ),
    "splits-long-ranges": lambda: (
        Script().login().call("create", error_code=177, detail=RANGE_TOO_LONG)
    ),
    "high-water-marks-not-offsets": lambda: (
        Script().login().call("query").call("query", offset=200, body="offset")
    ),
    "reads-by-get": lambda: begun().read(1, "Complete", method="POST"),
    "keeps-to-one-format": lambda: begun().read(1, "Complete", format="xml"),
    "keeps-to-one-version": lambda: begun().read(1, "Complete", version="3"),
    "notices-errors": lambda: (
        Script().login(error_code=15).call("create", error_code=1, method="POST")
    ),
    "downloads-every-file": lambda: begun(files=2).read(1, "Complete").download(1, 10),
    "downloads-each-file-once": lambda: (
        begun(files=1).read(1, "Complete").download(1, 10).download(1, 10)
    ),
    "retries-broken-downloads": lambda: (
        begun(files=1).read(1, "Complete").download(1, 10, size=99, faulted=True)
    ),
    "no-download-before-complete": lambda: (
        begun(files=1)
        .read(1)
        .download(1, 10, error_code=178)
        .wait(60)
        .read(1, "Complete")
        .download(1, 10)
    ),
    "no-download-after-expiry": lambda: _expired().download(1, 10, error_code=178, expired=True),
    "follows-result-refs": lambda: (
        begun(files=1).read(1, "Complete").download(1, 10).download(1, 11, error_code=109)
    ),
    "ends-with-the-rows-of-the-truth": lambda: _rows("1 lost"),
    "keeps-within-five-calls": lambda: (
        begun().read(1, state="", error_code=66).wait(2).read(1, "Complete")
    ),
    "backs-off-when-crowded": lambda: (
        begun()
        .read(1, state="", error_code=66, faulted=True)
        .read(1, state="", error_code=66, faulted=True)
        .read(1, "Complete")
    ),
    "stops-at-the-daily-limit": lambda: (
        begun().read(1, state="", error_code=122).wait(3600).read(1, state="", error_code=122)
    ),
    "pauses-after-failures": lambda: (
        begun().read(1, state="", status=502).read(1, state="", status=502).read(1, "Complete")
    ),
}
"""A client for every rule, which breaks that rule and no other."""


def alongside(export: int, states: list[str], gap: int) -> list[Call]:
    """Polls of one export, to be mixed with those of others; `gap` seconds apart."""
    script = Script().create(export).wait(30)
    for state in states:
        script.read(export, state).wait(gap)
    return [replace(call, id=f"{export}-{call.id}") for call in script.calls]
