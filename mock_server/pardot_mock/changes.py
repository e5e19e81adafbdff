"""Rows that one call or one import makes and changes, until they are written as one version.

What was changed already is found again here, so a batch sees its own first half. Nothing is
written before `rows` is asked for: a call that is refused half-way leaves no trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_fixtures.catalog import OBJECTS
from pardot_mock.domain.errors import Refused
from pardot_mock.domain.prospectfields import REFERENCES
from pardot_mock.domain.selections import Condition, RowSelection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from pardot_mock.data import Dataset
    from pardot_mock.data.rowsource import RowSource
    from pardot_mock.domain.errors import ErrorCode

Row = dict[str, Any]
MOST_SHARING = 10_000
"""Prospects of one e-mail that are looked at."""


class Changes:
    """Changes of the rows of one account at the instant `now`; its owner holds the account's lock.

    `rows` is where rows are found, `dataset` where they are kept.
    """

    def __init__(self, dataset: Dataset, rows: RowSource, now: datetime) -> None:
        self.now = now
        self._dataset = dataset
        self._source = rows
        self._changed: dict[tuple[str, int], Row] = {}
        self._next: dict[str, int] = {}
        self._found: dict[tuple[str, int], Row] = {}
        self._known: dict[str, list[int]] = {}
        self._own: dict[str, set[int]] = {}

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Give every row that was made or changed, once, as it is now."""
        for (name, _), row in self._changed.items():
            yield name, row

    def find(self, name: str, row_id: int) -> Row | None:
        """Give a row as it is now, with `is_deleted`; None if there is none."""
        mine = self._changed.get((name, row_id)) or self._found.get((name, row_id))
        return mine if mine is not None else self._dataset.find(name, row_id)

    def living(self, name: str, row_id: int | None, code: ErrorCode) -> Row:
        """Give a row that is there and not deleted; refuse anything else with `code`."""
        row = None if row_id is None else self.find(name, row_id)
        if row is None or row["is_deleted"]:
            raise Refused(code, detail=f"there is no {name} {row_id}")
        return row

    def create(self, name: str, values: Mapping[str, Any]) -> Row:
        """Make a row with a new id, created now."""
        new_id = self._next.get(name) or self._dataset.next_id(name)
        self._next[name] = new_id + 1
        stamps = {"created_at": self.now, "updated_at": self.now}
        known = {field.name for field in OBJECTS[name].fields}
        own = {field: at for field, at in stamps.items() if field in known}
        row = {**dict.fromkeys(known), **values, "id": new_id, **own, "is_deleted": False}
        return self._put(name, row)

    def change(self, name: str, row: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
        """Set some values of a row, which is thereby updated now."""
        touched = {"updated_at": self.now} if "updated_at" in row else {}
        return self._put(name, {**row, **values, **touched})

    def _put(self, name: str, row: Row) -> Row:
        self._changed[name, row["id"]] = row
        if name == "prospect" and row.get("email"):
            self._own.setdefault(row["email"].lower(), set()).add(row["id"])
        return row

    def prepare_emails(self, emails: Iterable[str]) -> None:
        """Look up the prospects of many e-mails at once, so that none is looked up by itself."""
        unknown = {key for email in emails if (key := email.lower()) not in self._known}
        if not unknown:
            return
        self._known |= {email: [] for email in unknown}
        condition = Condition("email", "among", tuple(sorted(unknown)))
        most = MOST_SHARING + len(unknown)
        selection = RowSelection("prospect", (condition,), limit=most, deleted="all", counted=False)
        rows = self._source.query(selection, ("id", "email")).rows
        for row in rows:
            # Rows are compared by more than lower case: ß stands for ss there.
            if (email := row["email"].lower()) in unknown:
                self._known[email].append(row["id"])
        for row_id, row in self._dataset.find_many("prospect", [r["id"] for r in rows]).items():
            self._found["prospect", row_id] = row

    def with_email(self, email: str) -> list[Row]:
        """Give the prospects that have this e-mail now, whatever its case, deleted ones too."""
        self.prepare_emails([email])
        wanted = email.lower()
        ids = {*self._known[wanted], *self._own.get(wanted, ())}
        found = (self.find("prospect", row_id) for row_id in sorted(ids))
        return [row for row in found if row is not None and (row["email"] or "").lower() == wanted]

    def by_email(self, email: str) -> Row | None:
        """Give the prospect an e-mail means: a living one before deleted ones, of several the one
        that was active last (chosen); None if nobody has it.
        """
        return max(self.with_email(email), key=_liveliness, default=None)

    def check_references(self, values: Mapping[str, Any]) -> None:
        """Refuse values of a prospect that name a record there is not."""
        for field, (name, code) in REFERENCES.items():
            if values.get(field) is not None:
                self.living(name, values[field], code)


def _liveliness(row: Row) -> tuple[bool, float, float, int]:
    active = row["last_activity_at"].timestamp() if row.get("last_activity_at") else 0.0
    return (not row["is_deleted"], active, row["updated_at"].timestamp(), row["id"])
