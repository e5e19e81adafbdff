"""The imports of one account: their files in the vault, and what they do when they are complete.

A batch is sealed as it comes in and read again, decrypted, when the import completes; then it is
destroyed. Rows are written some thousand at a time, so memory does not grow with the file.
"""

from __future__ import annotations

import csv
import io
import itertools
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_mock.domain.errors import Refused
from pardot_mock.domain.importrows import ERROR_COLUMN, Outcome, RowRules
from pardot_mock.domain.imports import Batch, Import, ImportDesk
from pardot_mock.domain.limits import DailyUsage
from pardot_mock.domain.prospectfields import new_prospect
from pardot_mock.domain.queue import next_due
from pardot_mock.truth import read_table
from pardot_mock.vault.errors import VaultFullError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pardot_mock.changes import Changes
    from pardot_mock.vault import Vault

FIRST_IMPORT_ID = 501
ROWS_AT_ONCE = 5_000
"""Rows of a file that are looked up and written together."""

_FILE = "rows"


@dataclass(frozen=True, slots=True)
class ErrorsFile:
    """The rows an import could not use, ready to be sent."""

    size: int
    chunks: Iterator[bytes]


class Importing:
    """The imports of one account, their files held in `vault` under the name of the account."""

    def __init__(self, account_id: str, vault: Vault) -> None:
        self.desk = ImportDesk()
        self.outcomes: dict[int, Outcome] = {}
        self.batches = DailyUsage()
        self.next_id = FIRST_IMPORT_ID
        self._account_id = account_id
        self._vault = vault
        self._names = itertools.count(1)
        self._kept: set[str] = set()
        self._settled: tuple[ImportDesk, datetime] | None = None

    def keep(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Seal a file; give its name and size in bytes. Raises what `chunks` and vault do.

        The caller holds no lock, so that room can be made by settling other accounts.
        """
        name = f"{self._account_id}/import-batch/{next(self._names)}"
        sealed = self._vault.seal(name, _FILE, chunks, may_make_room=True)
        self._kept.add(name)
        return name, sealed.size

    @contextmanager
    def table(self, name: str) -> Iterator[tuple[list[str], Iterator[Sequence[str]]]]:
        """Read a kept file: its header, and its rows that are not blank."""
        with closing(self._vault.open(name, _FILE)) as opened:
            header, rows = read_table(opened, strict=True)
            yield header, (row for row in rows if row)

    def drop(self, name: str) -> None:
        """Destroy a kept file."""
        self._vault.shred(name)
        self._kept.discard(name)

    def drop_all(self) -> None:
        """Destroy every file."""
        for name in list(self._kept):
            self.drop(name)

    def batches_today(self, now: datetime, zone: ZoneInfo) -> int:
        """Count the batches of the account's calendar day."""
        return self.batches.on(now, zone).used

    def open(self, one: Import, now: datetime, zone: ZoneInfo) -> None:
        """Put a new import on the desk, with the batches it has already."""
        self.next_id += 1
        self.desk = self.desk.opened(one)
        for _ in one.batches:
            self._count_batch(now, zone)

    def add(self, one: Import, batch: Batch, now: datetime, zone: ZoneInfo) -> None:
        """Give an open import one batch more."""
        self.desk = self.desk.replaced(one.with_batch(batch, now))
        self._count_batch(now, zone)

    def submit(self, one: Import, now: datetime) -> None:
        """Put an open import at the end of the queue."""
        self.desk = self.desk.submitted(one.id, now)

    def _count_batch(self, now: datetime, zone: ZoneInfo) -> None:
        self.batches = self.batches.on(now, zone).charged("batch")

    def settle(self, now: datetime, complete: Callable[[Import, datetime], Outcome]) -> None:
        """Bring the imports up to `now`; each that completes is handed to `complete` when it does.

        Files are destroyed as soon as nobody can ask for them any more.
        """
        # Nothing becomes due twice within a second, and every call comes by here.
        settled = self._settled
        if settled is not None and settled[0] is self.desk and settled[1] == now:
            return
        while (due := next_due(self.desk.queue)) is not None and due <= now:
            self.desk = self.desk.at(due)
            done = [one for one in self.desk.queue.ready if one.id not in self.outcomes]
            for one in done:
                self.outcomes[one.id] = complete(one, due)
                self._drop_batches(one)
            self._drop_closed()
        lapsed = len(self.desk.lapsed)
        self.desk = self.desk.at(now)
        for one in self.desk.lapsed[lapsed:]:
            self._drop_batches(one)
        self._settled = (self.desk, now)

    def _drop_closed(self) -> None:
        for one in self.desk.queue.closed:
            self._drop_batches(one)
            self.drop(self._errors_name(one))

    def _drop_batches(self, one: Import) -> None:
        for batch in one.batches:
            if batch.name in self._kept:
                self.drop(batch.name)

    def _errors_name(self, one: Import) -> str:
        return f"{self._account_id}/import-errors/{one.id}"

    def errors(self, one: Import) -> ErrorsFile | None:
        """Give the rows that an import could not use; None if there are none, or not any more."""
        name = self._errors_name(one)
        sealed = self._vault.sealed(name, _FILE)
        return None if sealed is None else ErrorsFile(sealed.size, self._vault.open(name, _FILE))

    def run(
        self,
        one: Import,
        rules: RowRules,
        begin: Callable[[], Changes],
        write: Callable[[Changes], object],
    ) -> Outcome:
        """Make and change the prospects of a complete import; keep the rows that are no use.

        `begin` gives changes to be made, `write` keeps them.
        """
        total = [Outcome()]

        def refused_lines() -> Iterator[bytes]:
            for batch in one.batches:
                with self.table(batch.name) as (header, rows):
                    yield csv_lines([[*header, ERROR_COLUMN]])
                    while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
                        part = _Part(begin(), rules, header)
                        part.take(some)
                        write(part.changes)
                        total[0] = total[0].plus(part.created, part.updated, len(part.refused))
                        yield csv_lines(part.refused)

        name, lines = self._errors_name(one), refused_lines()
        try:
            self._vault.seal(name, _FILE, lines)
            self._kept.add(name)
        except VaultFullError:
            # What is of use is imported all the same; only who was refused is not told.
            for _ in lines:
                pass
        if not total[0].errors:
            self.drop(name)
        return total[0]


class _Part:
    """Some rows of one file, as changes of prospects."""

    def __init__(self, changes: Changes, rules: RowRules, header: Sequence[str]) -> None:
        self.changes = changes
        self.created = 0
        self.updated = 0
        self.refused: list[list[str]] = []
        self._rules = rules
        self._header = header

    def take(self, rows: Sequence[Sequence[str]]) -> None:
        """Take every row; one that is no use is kept with what is wrong behind it."""
        email_at = self._header.index("email")
        self.changes.prepare_emails(row[email_at].strip() for row in rows if len(row) > email_at)
        for row in rows:
            try:
                self._take(row)
            except Refused as refused:
                self.refused.append([*row, refused.message()])

    def _take(self, row: Sequence[str]) -> None:
        values = self._rules.values(self._header, row)
        self.changes.check_references(values)
        current = self.changes.by_email(values["email"])
        if current is None:
            given = {name: value for name, value in values.items() if value is not None}
            self.changes.create("prospect", new_prospect(given))
            self.created += 1
            return
        self._rules.refuse_archived(current)
        changed = self._rules.changes(current, values)
        self.changes.change("prospect", current, {**changed, "is_deleted": False})
        self.updated += 1


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue().encode()
