"""The reference client as a driver: what it makes of the server's answers, as neutral facts.

Only public names of `pardot_client` are used. The client sees no HTTP status and no count over all
pages of a query, so these facts stay None. It never waits here: the cases move the clock.
"""

from __future__ import annotations

import csv
import tempfile
from typing import TYPE_CHECKING, Any

from pardot_client import Pardot, PardotError, RequestsTransport
from pardot_contracts.facts import API_KEY, Answer, ExportFacts, ResultFile
from pardot_contracts.reply import XML

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pardot_client import Export, Reply, Request
    from pardot_contracts.address import Address
    from pardot_contracts.combinations import Way
    from pardot_contracts.facts import Credentials
    from pardot_contracts.meter import Meter

_NUMBERS = ("limit", "offset")


class ClientDriver:
    """`pardot_client.Pardot` for one user in one version, format and kind of authentication."""

    def __init__(self, address: Address, credentials: Credentials, way: Way) -> None:
        self._pardot = Pardot(
            **_login(credentials, way.auth),
            base_url=address.base_url,
            login_url=address.login_url or address.base_url,
            version=int(way.version),
            format="xml" if way.form == XML else "json",
            transport=_MeteredTransport(address.meter),
            sleep=lambda _seconds: None,
        )
        self._seen: dict[int, Export] = {}

    def login(self) -> Answer:
        """Log in; the client keeps the key to itself."""

        def log_in() -> Answer:
            self._pardot.log_in()
            return Answer()

        return _answer(log_in)

    def create(self, request: Mapping[str, Any]) -> Answer:
        """Create an export."""
        procedure = request["procedure"]
        return _answer(
            lambda: self._one(
                self._pardot.exports.create(
                    request["object"],
                    fields=request.get("fields"),
                    procedure=procedure["name"],
                    arguments=procedure["arguments"],
                )
            )
        )

    def read(self, export_id: int) -> Answer:
        """Read an export."""
        return _answer(lambda: self._one(self._pardot.exports.read(export_id)))

    def query(self, filters: Mapping[str, str]) -> Answer:
        """List exports."""
        wanted: dict[str, Any] = {
            name: int(value) if name in _NUMBERS else value for name, value in filters.items()
        }
        return _answer(
            lambda: Answer(
                exports=tuple(_facts(job) for job in self._pardot.exports.query(**wanted))
            )
        )

    def download(self, export: ExportFacts) -> Answer:
        """Fetch every result file of an export as it was last seen in state Complete."""

        def fetch() -> Answer:
            job = self._seen.get(export.id) or self._pardot.exports.read(export.id)
            with tempfile.TemporaryDirectory(prefix="pardot-contracts-") as folder:
                return Answer(files=tuple(_file(path) for path in job.download(folder)))

        return _answer(fetch)

    def _one(self, job: Export) -> Answer:
        facts = _facts(job)
        # The last job from before the expiry is kept: its late download really asks the server.
        if not facts.is_expired or job.id not in self._seen:
            self._seen[job.id] = job
        return Answer(export=facts)


def _login(mine: Credentials, auth: str) -> dict[str, Any]:
    """Give what the client logs in with; of several OAuth grants the client chooses."""
    if auth == API_KEY:
        return {"email": mine.email, "password": mine.password, "user_key": mine.user_key}
    names = ["client_id", "client_secret", "refresh_token", "access_token", "business_unit_id"]
    if not (mine.refresh_token or mine.access_token):
        names += ["username", "password"]
    return {name: value for name in names if (value := getattr(mine, name))}


class _MeteredTransport:
    """The client's own transport, with every call counted."""

    def __init__(self, meter: Meter) -> None:
        self._inner = RequestsTransport()
        self._meter = meter

    def send(self, request: Request) -> Reply:
        self._meter.spend(request.url)
        return self._inner.send(request)

    def close(self) -> None:
        self._inner.close()


def _answer(call: Callable[[], Answer]) -> Answer:
    """Make the call; a refusal becomes an answer with what the server said."""
    try:
        return call()
    except PardotError as error:
        told: BaseException | None = error
        # What the client concluded may hide what the server answered: that is the cause.
        while isinstance(told, PardotError) and told.code is None and told.__cause__ is not None:
            told = told.__cause__
        said = told if isinstance(told, PardotError) and told.code is not None else error
        answered = said.answer.message if said.answer is not None else None
        return Answer(code=said.code, message=answered or said.message)


def _facts(job: Export) -> ExportFacts:
    return ExportFacts(
        id=job.id,
        state=job.state,
        is_expired=job.is_expired,
        refs=job.refs,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )


def _file(path: Path) -> ResultFile:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        columns = tuple(next(lines))
        return ResultFile(columns, tuple(dict(zip(columns, line, strict=True)) for line in lines))
