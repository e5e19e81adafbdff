"""Several consecutive exports that together answer one wish.

One after the other: the service processes one export of an account at a time anyway, and a
queue full of ours would hold up everybody else. The next export is created as soon as the
one before is complete, so it is processed while files are fetched; with a budget it is
created only once those files are there, because they come first.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .progress import OnProgress, ignore
from .results import Results

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from .caller import Caller
    from .dialect import ExportRequest
    from .exports import Exports
    from .job import Export
    from .rows import Row

# A create, at least one look, and at least one file.
CALLS_PER_EXPORT = 3


class Run(Results):
    """What `Pardot.export` returns: iterate over it for rows, or download the files.

    Nothing is sent before the first use. An export that was created is kept in `jobs`, so a
    second use, or one after an error, goes on where the first one ended.

    Attributes:
        requests: the exports to make, oldest range first.
        jobs: those that have been created so far.
    """

    def __init__(
        self,
        exports: Exports,
        caller: Caller,
        requests: list[ExportRequest],
        *,
        typed: bool = False,
        timeout: float | None = None,
        progress: OnProgress = ignore,
    ) -> None:
        self._exports = exports
        self._caller = caller
        self._typed = typed
        self._timeout = timeout
        self._progress = progress
        self.requests: tuple[ExportRequest, ...] = tuple(requests)
        self.jobs: list[Export] = []
        if caller.meter is not None:
            caller.meter.require(CALLS_PER_EXPORT * len(requests), f"{len(requests)} exports")

    def __iter__(self) -> Iterator[Row]:
        return self.rows(typed=self._typed)

    def __repr__(self) -> str:
        return f"<Run of {len(self.requests)} exports, {len(self.jobs)} created>"

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns that were asked for, or None for all."""
        return self.requests[0].fields

    def download(
        self, directory: str | Path, *, keep: bool = False, progress: OnProgress | None = None
    ) -> list[Path]:
        """Fetch the result files of all exports; see `Export.download`."""
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        return [
            path
            for number, job in self._completed(progress or self._progress)
            for path in job.download(
                folder, keep=keep, progress=self._numbered(number, progress or self._progress)
            )
        ]

    def _zone(self) -> tzinfo | None:
        return self._caller.shared.zone

    def _check(self) -> None:
        """Each export is checked when its turn comes."""

    def _files(self, folder: Path, progress: OnProgress) -> Iterator[Path]:
        told = self._progress if progress is ignore else progress
        for number, job in self._completed(told):
            yield from job.files(folder, self._numbered(number, told))

    def _completed(self, progress: OnProgress) -> Iterator[tuple[int, Export]]:
        """Every export once it is complete, with its number from 1."""
        for index in range(len(self.requests)):
            told = self._numbered(index + 1, progress)
            job = self._job(index, told)
            job.wait(self._timeout, told)
            if self._caller.meter is None and index + 1 < len(self.requests):
                self._job(index + 1, self._numbered(index + 2, progress))
            yield index + 1, job

    def _job(self, index: int, progress: OnProgress) -> Export:
        if index == len(self.jobs):
            job = self._exports.request(self.requests[index])
            self.jobs.append(job)
            progress(job.step("created"))
        return self.jobs[index]

    def _numbered(self, part: int, progress: OnProgress) -> OnProgress:
        parts = len(self.requests)
        return lambda step: progress(replace(step, part=part, parts=parts))
