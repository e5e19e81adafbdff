"""The flight recorder: what a failing test leaves behind, as a page to read and as JSON.

Both files stand alone, so that a CI job can keep them. Each test has a name of its own, whichever
worker runs it; a recording holds no credentials.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

SECTION = "pardot flight recorder"
LONGEST_NAME = 80
_IGNORE = "# Made by pytest; recordings of failed tests are nothing to commit.\n*\n"


def record_failure(item: pytest.Item, report: Any) -> None:  # noqa: ANN401 - a test report
    """Write both files and name them in the failure; trouble with that is told there instead."""
    try:
        page = write(item, report)
    except OSError as error:
        report.sections.append((SECTION, f"no recording: {error}"))
        return
    report.sections.append((SECTION, f"{page}\n{page.with_suffix('.json')}"))


def write(item: pytest.Item, report: Any) -> Path:  # noqa: ANN401 - a test report
    """Write the recording of a failed test and give the path of its page."""
    folder = Path(item.config.rootpath, item.config.getoption("pardot_recordings"))
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORE, "utf-8")
    facts = recording(item, report)
    page = folder / f"{file_name(item.nodeid)}.html"
    page.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    page.write_text(as_page(facts), "utf-8")
    return page


def recording(item: pytest.Item, report: Any) -> dict[str, Any]:  # noqa: ANN401 - a test report
    """Give what the files hold."""
    used: dict[str, Any] = item.funcargs  # type: ignore[attr-defined]
    account = used.get("pardot") or used["pardot_intercept"]
    facts = account.record()
    start = f"--pardot-now={facts['started_at']}"
    return {
        "test": item.nodeid,
        "phase": report.when,
        "worker": getattr(item.config, "workerinput", {}).get("workerid", ""),
        "reproduce": f"python -m pytest {shlex.quote(item.nodeid)} {start}",
        "failure": account.blanked(report.longreprtext),
        **facts,
    }


def file_name(nodeid: str) -> str:
    """Give a name for files that is readable, and different for different tests."""
    words = re.sub(r"[^\w.-]+", "-", nodeid).strip("-")[-LONGEST_NAME:]
    return f"{words}-{hashlib.blake2b(nodeid.encode(), digest_size=4).hexdigest()}"


def as_page(facts: dict[str, Any]) -> str:
    """Give the recording as an HTML page that needs nothing else."""
    from pardot_mock.reports.page import document, facts_table, table

    account = facts["account"]
    top = {
        "reproduce": facts["reproduce"],
        "phase": facts["phase"],
        "started at": facts["started_at"],
        "clock": f"{account['clock']['now']} at rate {account['clock']['rate']}",
        "seed": str(account["seed"]),
        "scenario": str(account["scenario"] or "none"),
        "quirks": json.dumps(account["quirks"]),
        "versions": json.dumps(facts["versions"]),
    }
    body = [facts_table(top), "<h2>Failure</h2>", f"<pre>{escape(facts['failure'])}</pre>"]
    for title, rows in _tables(facts):
        body.append(f"<h2>{escape(title)}</h2>")
        if rows:
            heads = list(rows[0])
            cells = ([escape(str(row.get(name, ""))) for name in heads] for row in rows)
            body.append(table(heads, cells))
        else:
            body.append("<p>none</p>")
    whole = escape(json.dumps(facts, indent=2))
    body.append(f"<details><summary>everything as JSON</summary><pre>{whole}</pre></details>")
    return document(facts["test"], body)


def _tables(facts: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    calls = ("at", "op", "method", "path", "status", "error_code", "state", "bytes", "detail")
    entries = facts["journal"]["entries"]
    account = facts["account"]
    return [
        ("Calls", [{name: entry[name] for name in calls} for entry in entries]),
        ("Exports", account["exports"]),
        ("Due", account["calendar"]),
        ("Faults", facts["faults"]),
        ("Broken rules of conduct", facts["grade"]),
    ]
