"""One whole export with Python's requests: log in, create, wait, download every result file.

Hosts are written out, as in a program for production. Against the emulator:
    pardot-mock exec --clock 60 -- python examples/export_requests.py out/
What it does right is judged by
    pardot-contracts --driver command:"python examples/export_requests.py"
"""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path

import requests

LOGIN = "https://pi.pardot.com/api/login/version/4"
EXPORT = "https://pi.pardot.com/api/export/version/4/do"
JSON = {"format": "json"}
ATTEMPTS = 4
STALE_KEY, CROWDED = 1, 66
UNIT = float(os.environ.get("POLL_SECONDS", "60"))
WANTED = {
    "object": "visitorActivity",
    "fields": ["id", "prospect_id", "type_name", "created_at"],
    "procedure": {
        "name": "filter_by_created_at",
        "arguments": {"created_after": "-3 months", "created_before": "now"},
    },
}


class Service:
    """The service with one session; logs in when it has to, and repeats what may be repeated."""

    def __init__(self) -> None:
        self.session = requests.Session()
        names = ("email", "password", "user_key")
        self.form = {name: os.environ[f"PARDOT_{name.upper()}"] for name in names}

    def log_in(self) -> None:
        """Get an api_key; it is good for an hour."""
        self.session.headers.pop("Authorization", None)
        key = self.call("POST", LOGIN, data=self.form)["api_key"]
        authorization = f"Pardot api_key={key}, user_key={self.form['user_key']}"
        self.session.headers["Authorization"] = authorization

    def call(self, method: str, url: str, into: Path | None = None, **options: object) -> dict:
        """Give the answer as JSON, or write the file that is answered to `into`."""
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * UNIT / 2)
            try:
                facts = self._send(method, url, into, options)
            except (requests.RequestException, ValueError) as error:
                # An export whose answer was lost may exist: asking again could make a second one.
                if url.endswith("/create"):
                    raise
                print(f"trying again: {error}", file=sys.stderr)
                continue
            code = facts.get("@attributes", {}).get("err_code")
            if code == STALE_KEY and attempt == 0:
                self.log_in()
            elif code != CROWDED:
                return facts
        sys.exit(f"gave up: {url}")

    def _send(self, method: str, url: str, into: Path | None, options: dict) -> dict:
        with self.session.request(
            method, url, params=JSON, timeout=30, stream=True, **options
        ) as answer:
            if answer.status_code >= 500:
                raise ValueError(f"HTTP {answer.status_code}")
            if into is None or "json" in answer.headers.get("Content-Type", ""):
                return answer.json()
            size = 0
            with into.open("wb") as file:
                for piece in answer.iter_content(1024 * 1024):
                    size += file.write(piece)
            if size != int(answer.headers["Content-Length"]):
                raise ValueError(f"{size} bytes of {answer.headers['Content-Length']}")
            return {}


def main(out: Path) -> int:
    """Export into the directory `out`; gives the exit code."""
    service = Service()
    service.log_in()
    export = checked(service.call("POST", f"{EXPORT}/create", json=WANTED))["export"]
    look = 0
    while export["state"] in ("Waiting", "Processing"):
        print(f"export {export['id']} is {export['state']}")
        look += 1
        time.sleep(math.ceil(look * look / 5 + 1) * UNIT)
        export = checked(service.call("GET", f"{EXPORT}/read/id/{export['id']}"))["export"]
    print(f"export {export['id']} is {export['state']}")
    if export["state"] != "Complete":
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for reference in references(export.get("resultRefs")):
        path = out / f"{reference.rsplit('/', 1)[1]}.csv"
        checked(service.call("GET", reference, into=path))
        print(f"wrote {path}")
    return 0


def checked(facts: dict) -> dict:
    """Give an answer; end the program if the service turned the call down."""
    if "err" in facts:
        sys.exit(f"the service answered: {facts['err']}")
    return facts


def references(found: str | list[str] | None) -> list[str]:
    """Give the result URLs: none is nothing, one is a string, more are a list."""
    if found is None:
        return []
    return [found] if isinstance(found, str) else found


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PARDOT_OUT", ".")
    sys.exit(main(Path(where)))
