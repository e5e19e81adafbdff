"""The result files of an account: listed when first looked at, sealed when first fetched.

Which rows a file holds is fixed by the query, the world, and the version of the loaded rows at
completion, so a listing can be made at any time; the bytes are written once, sealed in the vault,
and gone for good when the export is forgotten.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.exports import ExportState
from pardot_mock.domain.identity import derive_hex, file_ids
from pardot_mock.truth import read_rows
from pardot_mock.vault.errors import FileGoneError, KeyGoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pardot_mock.data import Dataset, FileSlice, Truth
    from pardot_mock.data.overlaychecks import CheckedRows
    from pardot_mock.domain.exports import Export
    from pardot_mock.vault import Sealing, StoredFile, Vault


WHOLE_ROWS = 65_536
"""The rows up to which a file is sealed before it is sent: that takes some 40 ms at most."""

MOST_BYTES_PER_ROW = 1000
"""More than any row of the synthetic world takes: for the room that a file may need."""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One CSV file of an export: its id and the slice of rows it holds."""

    id: int
    slice: FileSlice


@dataclass(frozen=True, slots=True)
class Download:
    """A result file ready to be sent: `size` bytes of CSV, decrypted while they are read.

    `size` is None for a file that is sent while it is being sealed.
    """

    size: int | None
    chunks: Iterator[bytes]


class Results:
    """The result files of one account, held in `vault` under the name of the account."""

    def __init__(self, account_id: str, seed: int, dataset: Dataset, vault: Vault) -> None:
        self.dataset = dataset
        self._account_id = account_id
        self._seed = seed
        self._vault = vault
        self._listed: dict[int, tuple[ResultFile, ...]] = {}
        self._pinned: dict[int, int] = {}
        self._truths: dict[int, tuple[Truth, tuple[int, ...]]] = {}
        self._forgotten: set[int] = set()
        self._closed = False
        self._forgetting = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether everything was forgotten, because the account was reset or deleted."""
        return self._closed

    def files(self, export: Export) -> tuple[ResultFile, ...]:
        """List the files of an export that has results; none when no row matches."""
        return self._listing(export) if export.has_results else ()

    def _listing(self, export: Export) -> tuple[ResultFile, ...]:
        """List the files in an order that means nothing: neither that of time nor that of ids."""
        listed = self._listed.get(export.id)
        if listed is None:
            version = self._pinned.get(export.id, self.dataset.version)
            slices = self.dataset.slices(export.request.query, export.plan.rows_per_file, version)
            ids = file_ids(self._seed, export.id, len(slices))
            files = [ResultFile(i, s) for i, s in zip(ids, slices, strict=True)]
            listed = tuple(sorted(files, key=lambda file: self._place(export.id, file.id)))
            self._listed[export.id] = listed
        return listed

    def _place(self, export_id: int, file_id: int) -> str:
        return derive_hex("place", self._seed, export_id, file_id)

    def load(self, checked: CheckedRows, exports: Iterable[Export]) -> int:
        """Load rows beside the world and give the version they make; see `Dataset.load`.

        Those of `exports` that are complete keep the rows they have: a load changes only what
        completes after it. An export that is not pinned has seen no load since it was complete,
        so a listing never depends on who looked when.
        """
        self._pin(exports)
        return self.dataset.load(checked)

    def write(
        self, rows: Iterable[tuple[str, Mapping[str, Any]]], exports: Iterable[Export]
    ) -> int:
        """Put rows in place and give the version they make; see `Dataset.write` and `load`."""
        self._pin(exports)
        return self.dataset.write(rows)

    def _pin(self, exports: Iterable[Export]) -> None:
        for export in exports:
            if export.state is ExportState.COMPLETE:
                self._pinned.setdefault(export.id, self.dataset.version)

    def open(self, export: Export, file: ResultFile, *, whole: bool = False) -> Download:
        """Give a file of `export` for sending; the first call writes and seals it.

        The first time, a file of more than `WHOLE_ROWS` rows is sent while it is being sealed,
        unless `whole` is asked for or the disk quota might not suffice: what is refused is refused
        before its first byte. Raises what the vault raises when the files are gone or the quota is
        used up.
        """
        try:
            return self._open(export, file, whole=whole)
        except FileGoneError:
            # Somebody cleaned up on the disk. The rows are still known, so they are sealed again.
            return self._open(export, file, whole=whole)

    def _open(self, export: Export, file: ResultFile, *, whole: bool) -> Download:
        name, key = str(file.id), self._vault_name(export.id)
        if self._vault.sealed(key, name) is None:
            sealing = self._start(export, file)
            if file.slice.rows > WHOLE_ROWS and not whole and _has_room(sealing, file):
                return Download(None, sealing.follow())
            sealing.wait()
        opened = self._vault.open(key, name)
        return Download(opened.size, opened)

    def _start(self, export: Export, file: ResultFile) -> Sealing:
        query, dataset = export.request.query, self.dataset
        with self._forgetting:
            # Who found the file a moment ago must not bring an expired export's files back.
            if self._closed or export.id in self._forgotten:
                raise KeyGoneError(f"export {export.id} has been forgotten")
            key, name = self._vault_name(export.id), str(file.id)
            return self._vault.start(key, name, lambda: dataset.csv(query, file.slice))

    def prepare(self) -> None:
        """Load what the first file needs, on a thread of its own, so that nobody waits for it."""
        if "pardot_mock.data.engine" in sys.modules:
            # With the libraries there, the tables of a world take less than a thread for them.
            return
        threading.Thread(target=self.dataset.prepare, name="pardot-mock-rows", daemon=True).start()

    def truth(self, export: Export) -> tuple[Truth, tuple[int, ...]]:
        """Give the rows of `export` as a correct client must have them, and the ids of its files.

        They outlive the expiry, for a test that looks back; before completion there are none. What
        is complete never changes, so it is computed once: two seconds for a million rows.
        """
        known = self._truths.get(export.id)
        if known is None:
            complete = export.state is ExportState.COMPLETE
            files = self._listing(export) if complete else ()
            truth = self.dataset.truth(export.request.query, [file.slice for file in files])
            known = truth, tuple(file.id for file in files)
            if complete:
                self._truths[export.id] = known
        return known

    def file_ids(self, export: Export) -> tuple[int, ...]:
        """List the ids of the files that a complete export has, or had until it expired."""
        complete = export.state is ExportState.COMPLETE
        return tuple(file.id for file in self._listing(export)) if complete else ()

    def true_rows(self, export: Export) -> Iterator[tuple[str, ...]]:
        """Give every row of a complete export as cells, computed anew from the data."""
        if export.state is ExportState.COMPLETE:
            for file in self._listing(export):
                yield from read_rows(self.dataset.csv(export.request.query, file.slice))

    def stored(self, export_id: int) -> list[tuple[int, StoredFile]]:
        """List the sealed files of an export as they lie on the disk, each with its id."""
        sealed = self._vault.stored(self._vault_name(export_id))
        return sorted(((int(name), stored) for name, stored in sealed.items()), key=itemgetter(0))

    def forget(self, export_id: int) -> None:
        """Destroy the key and the files of an export."""
        self._listed.pop(export_id, None)
        with self._forgetting:
            self._forgotten.add(export_id)
            self._vault.shred(self._vault_name(export_id))

    def forget_all(self) -> None:
        """Destroy the keys and the files of every export, for good: nothing is opened any more."""
        with self._forgetting:
            self._closed = True
        for export_id in list(self._listed):
            self.forget(export_id)

    def _vault_name(self, export_id: int) -> str:
        return f"{self._account_id}/{export_id}"


def _has_room(sealing: Sealing, file: ResultFile) -> bool:
    """Keep room for a whole file; loaded rows may be of any size, so for them there is none."""
    return file.slice.loaded is None and sealing.disk.promise(file.slice.rows * MOST_BYTES_PER_ROW)
