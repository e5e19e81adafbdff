"""One whole export with Python's requests: log in, create, poll, download every result file.

Hosts are written out, as in a program for production. Against the emulator:
    pardot-mock exec --clock 60 -- python examples/export_requests.py out/
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import requests

LOGIN = "https://pi.pardot.com/api/login/version/4"
EXPORT = "https://pi.pardot.com/api/export/version/4/do"
JSON = {"format": "json"}
WANTED = {
    "object": "visitorActivity",
    "fields": ["id", "prospect_id", "type_name", "created_at"],
    "procedure": {
        "name": "filter_by_created_at",
        "arguments": {"created_after": "-3 months", "created_before": "now"},
    },
}


def main(out: Path) -> int:
    """Export into the directory `out`; gives the exit code."""
    poll = float(os.environ.get("POLL_SECONDS", "60"))
    form = {
        name: os.environ[f"PARDOT_{name.upper()}"] for name in ("email", "password", "user_key")
    }
    with requests.Session() as session:
        key = answer(session.post(LOGIN, params=JSON, data=form, timeout=30))["api_key"]
        session.headers["Authorization"] = f"Pardot api_key={key}, user_key={form['user_key']}"
        made = answer(session.post(f"{EXPORT}/create", params=JSON, json=WANTED, timeout=30))
        export = made["export"]
        url = f"{EXPORT}/read/id/{export['id']}"
        while export["state"] in ("Waiting", "Processing"):
            export = answer(session.get(url, params=JSON, timeout=30))["export"]
            print(f"export {export['id']} is {export['state']}")
            if export["state"] != "Complete":
                time.sleep(poll)
        if export["state"] != "Complete":
            return 1
        out.mkdir(parents=True, exist_ok=True)
        for reference in references(export.get("resultRefs")):
            path = out / f"{reference.rsplit('/', 1)[1]}.csv"
            with (
                session.get(reference, stream=True, timeout=30) as download,
                path.open("wb") as file,
            ):
                download.raise_for_status()
                for piece in download.iter_content(1024 * 1024):
                    file.write(piece)
            print(f"wrote {path}")
    return 0


def answer(response: requests.Response) -> dict:
    """Give the JSON of an answer; end the program if the service turned the call down."""
    facts = response.json()
    if "err" in facts:
        sys.exit(f"the service answered: {facts['err']}")
    return facts


def references(found: str | list[str] | None) -> list[str]:
    """Give the result URLs: none is nothing, one is a string, more are a list."""
    if found is None:
        return []
    return [found] if isinstance(found, str) else found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
