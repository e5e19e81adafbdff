"""A client that keeps every rule; `clients.toml` breaks it one line at a time.

A mission is a thing that clients do: `export` rows, `report` what was exported before, `ask` for
what does not exist. Written to be read, and to have a line for every rule.
"""

from __future__ import annotations

import csv
import io
import math
import time
from datetime import datetime, timedelta
from typing import Any

import requests

API = "https://pi.pardot.com/api"
TOKENS = "https://login.salesforce.com/services/oauth2/token"
VERSION = 4
ATTEMPTS = 4
FIELDS = ["id", "prospect_id", "type", "details", "created_at"]
STALE = (1, 184)
CROWDED = 66
TIME = "%Y-%m-%d %H:%M:%S"


class RefusedError(Exception):
    """The service turned a call down for good."""


class Client:
    """Speaks for one user, with an api_key or with a Bearer token."""

    def __init__(self, credentials: dict[str, str], *, oauth: bool = False) -> None:
        self.credentials = credentials
        self.oauth = oauth
        self.headers: dict[str, str] = {}
        self.unit: dict[str, str] = {}

    def log_in(self) -> None:
        """Get an api_key, or an access token."""
        known = self.credentials
        self.headers = {}
        if self.oauth:
            names = ("client_id", "client_secret", "refresh_token")
            form = {"grant_type": "refresh_token"} | {name: known[name] for name in names}
            token = requests.post(TOKENS, data=form, timeout=30).json()["access_token"]
            self.headers = {"Authorization": f"Bearer {token}"}
            self.unit = {"Pardot-Business-Unit-Id": known["business_unit_id"]}
        else:
            form = {name: known[name] for name in ("email", "password", "user_key")}
            answer = self.ask("POST", f"login/version/{VERSION}", data=form)
            key = f"Pardot api_key={answer['api_key']}, user_key={known['user_key']}"
            self.headers = {"Authorization": key}

    def ask(self, method: str, path: str, **options: Any) -> dict:
        """Send a call until it is answered, and give the JSON; raise what is refused for good."""
        renewed = False
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * 30)
            try:
                answer = self.send(method, f"{API}/{path}", **options)
                facts = answer.json()
            except (requests.RequestException, ValueError):
                continue
            code = code_of(facts)
            if code in STALE and not renewed:
                renewed = True
                self.log_in()
            elif code == CROWDED or answer.status_code >= 500:
                continue
            elif code is not None:
                raise RefusedError(f"code {code}: {facts['err']}")
            else:
                return facts
        raise RefusedError("no answer")

    def send(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one call."""
        options = {"timeout": 30, **options}
        options["params"] = {"format": "json"} | options.get("params", {})
        headers = self.headers | self.unit
        return requests.request(method, url, headers=headers, **options)

    def create(self, after: datetime, before: datetime) -> dict:
        """Create an export of the activities between two instants."""
        bounds = {"created_after": after.strftime(TIME), "created_before": before.strftime(TIME)}
        request = {
            "object": "visitorActivity",
            "fields": FIELDS,
            "procedure": {"name": "filter_by_created_at", "arguments": bounds},
        }
        return self.ask("POST", f"export/version/{VERSION}/do/create", json=request)["export"]

    def read(self, export_id: int) -> dict:
        """Look at an export."""
        return self.ask("GET", f"export/version/{VERSION}/do/read/id/{export_id}")["export"]

    def wait(self, export: dict) -> dict:
        """Look at an export, less and less often, until it is over."""
        look = 0
        while export["state"] in ("Waiting", "Processing"):
            look += 1
            time.sleep(60 * math.ceil(look * look / 5 + 1))
            export = self.read(export["id"])
        return export

    def download(self, export: dict) -> list[list[str]]:
        """Give the rows of every file of a complete export."""
        rows: list[list[str]] = []
        for url in references(export):
            rows += self.fetch(url)
        return rows

    def fetch(self, url: str) -> list[list[str]]:
        """Give the rows of one file, fetched until it arrives whole."""
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * 30)
            try:
                answer = self.send("GET", url)
            except requests.RequestException:
                continue
            if answer.headers["Content-Type"].startswith("text/csv"):
                return rows_of(answer.content)
            code = code_of(answer.json())
            if code in STALE:
                self.log_in()
            elif code != CROWDED:
                raise RefusedError(f"code {code}")
        raise RefusedError(f"{url} never arrived")

    def export(self, after: datetime, before: datetime) -> dict[int, list[list[str]]]:
        """Give the rows between two instants, by export; a range over a year takes several."""
        found = {}
        for start, end in years(after, before):
            export = self.wait(self.create(start, end))
            if export["state"] != "Complete" or export["isExpired"]:
                raise RefusedError(f"export {export['id']} is {export['state']}")
            found[export["id"]] = self.download(export)
        return found

    def report(self) -> dict[int, list[list[str]]]:
        """Give the rows of everything that was exported in the last month and is still there."""
        asked = {"sort_by": "created_at", "sort_order": "ascending", "created_after": "-30 days"}
        path = f"export/version/{VERSION}/do/query"
        listed = self.ask("GET", path, params=asked)["result"].get("export", [])
        there = [each for each in listed if each["state"] == "Complete" and not each["isExpired"]]
        return {each["id"]: self.download(self.read(each["id"])) for each in there}

    def prospects(self) -> int:
        """Count the prospects, page by page: after the last id, for an offset costs and shifts."""
        count, last = 0, 0
        while True:
            asked = {"id_greater_than": str(last), "sort_by": "id", "limit": "50"}
            page = self.ask("GET", f"prospect/version/{VERSION}/do/query", params=asked)
            found = page["result"].get("prospect", [])
            if not found:
                return count
            rows = found if isinstance(found, list) else [found]
            count, last = count + len(rows), rows[-1]["id"]


def code_of(facts: dict) -> int | None:
    """Give the error code of an answer; errors come inside HTTP 200 as well."""
    return facts["@attributes"].get("err_code") if "err" in facts else None


def references(export: dict) -> list[str]:
    """Give the URLs of the files: none is nothing, one is a text, more are a list."""
    found = export.get("resultRefs", [])
    return [found] if isinstance(found, str) else found


def rows_of(content: bytes) -> list[list[str]]:
    """Give the rows of a file without its header."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))[1:]


def years(after: datetime, before: datetime) -> list[tuple[datetime, datetime]]:
    """Cut a range into pieces of less than a year; bounds are exclusive, so pieces overlap."""
    pieces = []
    while before - after > timedelta(days=364):
        pieces.append((after, after + timedelta(days=364)))
        after += timedelta(days=364) - timedelta(seconds=1)
    return [*pieces, (after, before)]


def run(credentials: dict[str, str], mission: str, now: datetime) -> dict[int, list[list[str]]]:
    """Carry out a mission; gives the rows by export."""
    client = Client(credentials, oauth=mission == "oauth")
    client.log_in()
    if mission == "report":
        return client.report()
    if mission == "prospects":
        assert client.prospects() > 0
        return {}
    if mission == "ask":
        client.ask("GET", f"export/version/{VERSION}/do/read/id/9999")
    length = timedelta(days=400 if mission == "two-years" else 90)
    return client.export(now - length, now)
