"""`pardot-mock demo`: one export from login to expiry, as a plain HTTP client sees it."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import requests
from rich.console import Console

from pardot_mock.testing import MockPardot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.testing import AccountHandle

SHOWN_ROWS = 5


def run(rows: int) -> int:
    """Walk the whole story on a free port; give the exit code."""
    console = Console(highlight=False)
    with MockPardot(rows=rows, rate=0) as mock:
        return _Walk(mock.default, console, rows_per_file=rows // 10 + 1).go()


class _Walk:
    """The steps of the story, each printing what it sees."""

    def __init__(self, account: AccountHandle, console: Console, rows_per_file: int) -> None:
        self._rows_per_file = rows_per_file
        self._account = account
        self._console = console
        self._http = requests.Session()
        self._http.trust_env = False
        self._api = f"{account.url}/api/export/version/4/do"

    def go(self) -> int:
        self._console.print(f"[bold]pardot-mock[/bold] answers on {self._account.url}")
        self._log_in()
        export_id = self._create()
        self._wait(export_id)
        urls = self._refs(self._read(export_id))
        total = self._download(urls)
        self._expire(export_id, urls)
        self._console.print(f"[green]done[/green]: {total} rows in {len(urls)} files")
        return 0 if total else 1

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        self._console.print(f"\n[bold cyan]{title}[/bold cyan]  {self._account.clock.now():%F %T}")
        yield

    def _log_in(self) -> None:
        known = self._account.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        with self._step("login"):
            url = f"{self._account.url}/api/login/version/4?format=json"
            key = self._http.post(url, data=form, timeout=10).json()["api_key"]
            header = f"Pardot api_key={key}, user_key={known['user_key']}"
            self._http.headers["Authorization"] = header
            self._console.print(f"  api_key {key[:6]}... valid for 60 minutes")

    def _create(self) -> int:
        now = self._account.clock.now()
        arguments = {
            "created_after": f"{now - timedelta(days=300):%F}",
            "created_before": f"{now:%F}",
        }
        body = {
            "object": "visitorActivity",
            "fields": ["id", "prospect_id", "type_name", "details", "created_at"],
            "procedure": {"name": "filter_by_created_at", "arguments": arguments},
        }
        self._account.plan("timed", wait="1m", work="4m", rows_per_file=self._rows_per_file)
        with self._step("create"):
            url = f"{self._api}/create?format=json"
            made = self._http.post(url, json=body, timeout=10).json()["export"]
            self._console.print(f"  export {made['id']} is {made['state']}")
            return int(made["id"])

    def _read(self, export_id: int) -> dict[str, object]:
        url = f"{self._api}/read/id/{export_id}?format=json"
        export: dict[str, object] = self._http.get(url, timeout=10).json()["export"]
        return export

    def _wait(self, export_id: int) -> None:
        with self._step("poll"):
            while (state := self._read(export_id)["state"]) != "Complete":
                self._console.print(f"  {self._account.clock.now():%T} {state}")
                self._account.clock.advance(minutes=2)
            self._console.print(f"  {self._account.clock.now():%T} {state}")

    @staticmethod
    def _refs(export: dict[str, object]) -> list[str]:
        refs = export.get("resultRefs", [])
        return [refs] if isinstance(refs, str) else [str(ref) for ref in refs]  # type: ignore[attr-defined]

    def _download(self, urls: list[str]) -> int:
        total = 0
        with self._step(f"download {len(urls)} files"):
            for number, url in enumerate(urls):
                text = self._http.get(url, timeout=60).content.decode()
                rows = list(csv.reader(io.StringIO(text)))
                total += len(rows) - 1
                self._console.print(f"  {url.rsplit('/', 1)[-1]}: {len(rows) - 1} rows")
                if number == 0:
                    for row in rows[: SHOWN_ROWS + 1]:
                        self._console.print("    " + ",".join(row), markup=False, soft_wrap=True)
        return total

    def _expire(self, export_id: int, urls: list[str]) -> None:
        self._account.clock.advance(days=7)
        with self._step("seven days later"):
            self._log_in()
            export = self._read(export_id)
            gone = "without" if not self._refs(export) else "with"
            expired = str(export["isExpired"]).lower()
            self._console.print(f"  {export['state']}, isExpired {expired}, {gone} resultRefs")
            refused = self._http.get(urls[0], params={"format": "json"}, timeout=10).json()
            code = refused["@attributes"]["err_code"]
            self._console.print(f"  download refused with {code}: {refused['err']}", markup=False)
