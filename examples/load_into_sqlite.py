"""Keeps a SQLite table of visitor activities up to date with the reference client.

Rows and the mark up to which they are there are written in one transaction, so a run that is cut
off at any moment neither loses nor repeats a row. Against the emulator:
    pardot-mock exec --clock 600 -- python examples/load_into_sqlite.py activities.db
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

from pardot_client import ExportUnavailable, Pardot, RateLimited, TransportFailed

FIELDS = ("id", "prospect_id", "type_name", "details", "created_at")
TABLE = f"CREATE TABLE IF NOT EXISTS activity ({', '.join(FIELDS)}, PRIMARY KEY (id))"
MARK = "CREATE TABLE IF NOT EXISTS mark (until TEXT)"
# Rows may be written a little late, so the present is left alone.
LAG = timedelta(minutes=5)
CREDENTIALS = ("email", "password", "user_key")
TRY_LATER = 75


def load(pardot: Pardot, database: sqlite3.Connection) -> int:
    """Fetch what is new since the last run; gives the number of rows."""
    database.execute(TABLE)
    database.execute(MARK)
    pardot.log_in()
    until = pardot.now() - LAG
    (mark,) = database.execute("SELECT max(until) FROM mark").fetchone()
    # Both bounds are exclusive, so the next run begins a second before the mark.
    after = until - timedelta(days=30) if mark is None else datetime.fromisoformat(mark)
    run = pardot.export(
        "visitorActivity",
        created_after=after - timedelta(seconds=1),
        created_before=until,
        fields=FIELDS,
        budget=200,
    )
    with database:
        rows = [tuple(row.values()) for row in run]
        marks = ", ".join("?" * len(FIELDS))
        database.executemany(f"INSERT INTO activity VALUES ({marks})", rows)  # noqa: S608
        stamp = until.astimezone(UTC).isoformat(timespec="seconds")
        database.execute("INSERT INTO mark VALUES (?)", (stamp,))
    return len(rows)


def main(path: str) -> int:
    """Load once; the exit code tells a scheduler whether to try again."""
    known = {name: os.environ[f"PARDOT_{name.upper()}"] for name in CREDENTIALS}
    with Pardot(**known) as pardot, closing(sqlite3.connect(path)) as database:
        try:
            print(load(pardot, database), "new activities")
        except (TransportFailed, RateLimited, ExportUnavailable) as error:
            print(error, file=sys.stderr)
            return TRY_LATER
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "activities.db"))
