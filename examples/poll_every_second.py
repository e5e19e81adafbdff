"""How not to wait for an export: this program looks every second, and without an end.

    pardot-contracts --driver command:"python examples/poll_every_second.py"

says which rule that breaks and which line to change. Its good twin is export_requests.py.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import requests

API = "https://pi.pardot.com/api"
JSON = {"format": "json"}
WANTED = {
    "object": "visitorActivity",
    "fields": ["id", "prospect_id", "type_name", "created_at"],
    "procedure": {
        "name": "filter_by_created_at",
        "arguments": {"created_after": "-3 months", "created_before": "now"},
    },
}


def main(out: Path) -> None:
    """Export into the directory `out`."""
    form = {
        name: os.environ[f"PARDOT_{name.upper()}"] for name in ("email", "password", "user_key")
    }
    session = requests.Session()
    login = session.post(f"{API}/login/version/4", params=JSON, data=form, timeout=30).json()
    authorization = f"Pardot api_key={login['api_key']}, user_key={form['user_key']}"
    session.headers["Authorization"] = authorization
    url = f"{API}/export/version/4/do"
    export = session.post(f"{url}/create", params=JSON, json=WANTED, timeout=30).json()["export"]
    while export["state"] != "Complete":
        time.sleep(1)
        answer = session.get(f"{url}/read/id/{export['id']}", params=JSON, timeout=30).json()
        if "err" in answer:
            sys.exit(answer["err"])
        export = answer["export"]
        if export["state"] == "Failed":
            sys.exit("the export has failed")
    out.mkdir(parents=True, exist_ok=True)
    found = export.get("resultRefs", [])
    for number, reference in enumerate([found] if isinstance(found, str) else found):
        rows = session.get(reference, timeout=30)
        rows.raise_for_status()
        (out / f"{number}.csv").write_bytes(rows.content)


if __name__ == "__main__":
    main(Path(os.environ.get("PARDOT_OUT", ".")))
