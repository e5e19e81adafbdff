"""One export, from its creation to its rows.

    Waiting -> Processing -> Complete -> (seven days) -> expired
                          -> Failed

A job holds what the service said last; `refresh` asks again. Results come in one of three
shapes: no reference at all (nothing matched), one, or several; all of them mean rows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .dialect import echoed
from .download import Transfer, discard_parts, fetch
from .errors import (
    BudgetExceeded,
    ExportExpired,
    ExportFailed,
    ExportTimedOut,
    ExportUnavailable,
    ExportUnfinished,
    GarbledAnswer,
    InvalidRequest,
    NotFound,
)
from .hosts import reference_url
from .parallel import in_order
from .progress import OnProgress, Progress, Stage, ignore, one_at_a_time
from .results import Results
from .waiting import Waiting

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from .answers import Answer
    from .caller import Caller
    from .dialect import ExportFacts, ExportRequest

COMPLETE = "Complete"
_OVER = frozenset({COMPLETE, "Failed", "Canceled", "Cancelled"})
_LONGEST_NAME = 64
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class Export(Results):
    """An export at the service. Made by `Pardot.exports`, not by hand.

    Attributes:
        id: its number.
        request: what was asked for, if this process or the service's echo knows it.
        answer: the service's last answer about it.
    """

    def __init__(
        self,
        caller: Caller,
        facts: ExportFacts,
        request: ExportRequest | None,
        *,
        answer: Answer,
        refs_known: bool = True,
        again: Callable[[ExportRequest], Export],
    ) -> None:
        self._caller = caller
        self.answer: Answer = answer
        self._facts = facts
        self._refs_known = refs_known
        self._again = again
        self.id: int = facts.id
        self.request: ExportRequest | None = request or echoed(facts)

    def __repr__(self) -> str:
        expired = ", expired" if self.is_expired else ""
        return f"<Export {self.id} {self.object or '?'}: {self.state}{expired}>"

    @property
    def facts(self) -> ExportFacts:
        """All that the service said last."""
        return self._facts

    @property
    def state(self) -> str:
        """Waiting, Processing, Complete or Failed, when last looked at."""
        return self._facts.state

    @property
    def is_expired(self) -> bool:
        """Whether the results were gone when last looked at."""
        return self._facts.is_expired

    @property
    def refs(self) -> tuple[str, ...]:
        """URLs of the result files; their order means nothing."""
        return self._facts.refs

    @property
    def object(self) -> str | None:
        """Name of the exported object, if known."""
        return self.request.object_name if self.request else None

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns that were asked for, or None if all were or nobody knows."""
        return self.request.fields if self.request else None

    @property
    def created_at(self) -> str | None:
        """Wall time of the creation in the zone of the asking user."""
        return self._facts.created_at

    @property
    def updated_at(self) -> str | None:
        """Wall time of the last change in the zone of the asking user."""
        return self._facts.updated_at

    @property
    def done(self) -> bool:
        """Whether looking again would change nothing but the expiry."""
        return self.is_expired or self.state in _OVER

    def refresh(self) -> Export:
        """Ask the service how the export stands; one call.

        Returns:
            This job.

        Raises:
            NotFound: the service does not know it.
            PardotError: see `Caller.call`.
        """
        answer = self._caller.call(lambda dialect: dialect.read(self.id))
        facts = self._caller.dialect.export_of(answer.payload)
        if facts is None:
            raise GarbledAnswer("the answer describes no export", answer=answer)
        self.answer = answer
        self._facts, self._refs_known = facts, True
        return self

    def wait(self, timeout: float | None = None, progress: OnProgress = ignore) -> Export:
        """Look again and again, ever less often, until the export is complete.

        Args:
            timeout: seconds until `ExportTimedOut`; None is the deadline of the policy.
            progress: told before every pause and after every look.

        Returns:
            This job, complete.

        Raises:
            ExportFailed: it ended in state Failed.
            ExportExpired: its results are gone.
            ExportTimedOut: the time was up; `wait` may be called again.
            PardotError: looking failed; see `Caller.call`. `wait` may be called again.
        """
        shared = self._caller.shared
        limit = shared.polling.deadline if timeout is None else timeout
        waiting = Waiting(shared.polling, limit, shared.clock.monotonic())
        while not self.done:
            pause = waiting.pause(shared.clock.monotonic())
            if pause is None:
                raise ExportTimedOut(
                    f"export {self.id} is still {self.state}, and no look is left within "
                    f"{limit:g} seconds",
                    job=self,
                    answer=self.answer,
                )
            progress(self.step("waiting", polls=waiting.polls - 1, next_poll=pause))
            shared.sleep(pause)
            self._look()
            progress(self.step("polled", polls=waiting.polls))
        self.require_results()
        progress(self.step("complete", polls=waiting.polls))
        return self

    def _look(self) -> None:
        try:
            self.refresh()
        except BudgetExceeded as error:
            error.job = self
            raise

    def require_results(self) -> None:
        """Make sure that there are results to be had.

        Raises:
            ExportFailed: it ended in state Failed.
            ExportExpired: its results are gone.
            ExportUnfinished: it is not complete yet.
        """
        if self.is_expired:
            why = (
                "its results were kept for seven days"
                if self.state == COMPLETE
                else "it was not finished within seven days"
            )
            why = f"export {self.id} has expired: {why}"
            raise ExportExpired(why, job=self, answer=self.answer)
        if not self.done:
            why = f"export {self.id} is still {self.state}"
            raise ExportUnfinished(why, job=self, answer=self.answer)
        if self.state != COMPLETE:
            why = f"export {self.id} ended as {self.state}"
            raise ExportFailed(why, job=self, answer=self.answer)

    def again(self) -> Export:
        """Create the same export once more.

        Raises:
            InvalidRequest: the original request is not known.
            PardotError: see `Exports.create`.
        """
        if self.request is None:
            raise InvalidRequest(f"what export {self.id} asked for is not known here")
        return self._again(self.request)

    def download(
        self, directory: str | Path, *, keep: bool = False, progress: OnProgress = ignore
    ) -> list[Path]:
        """Fetch all result files, several at a time.

        Args:
            directory: made if it does not exist.
            keep: leave files alone that are already there from an earlier, interrupted run.
            progress: told about every block and file, from several threads.

        Returns:
            Where the files are; none if nothing matched. Names are OBJECT-EXPORT-FILE.csv.

        Raises:
            ExportUnavailable: failed, expired or unfinished.
            TransferBroken: a file never arrived whole; no part of it is left behind.
            PardotError: see `Caller.call`.
        """
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        return list(self.files(folder, progress, keep=keep))

    def files(
        self, folder: Path, progress: OnProgress = ignore, *, keep: bool = False
    ) -> Iterator[Path]:
        """Fetch the result files and hand them over one by one; see `download`."""
        self._check()
        return self._fetched(folder, one_at_a_time(progress), keep=keep)

    def _files(self, folder: Path, progress: OnProgress) -> Iterator[Path]:
        return self._fetched(folder, one_at_a_time(progress))

    def _zone(self) -> tzinfo | None:
        return self._caller.shared.zone

    def _check(self) -> None:
        if not self._refs_known:
            # Lists name no files, so an absent reference there does not mean "no rows".
            self.refresh()
        self.require_results()
        meter = self._caller.meter
        if meter is not None:
            meter.require(len(self.refs), f"fetching the {len(self.refs)} files of {self!r}")

    def _fetched(self, folder: Path, progress: OnProgress, *, keep: bool = False) -> Iterator[Path]:
        transfers = self._transfers(folder, progress)
        files = len(transfers)

        def work(task: tuple[int, Transfer], stop: threading.Event) -> Path:
            number, transfer = task
            if not (keep and transfer.target.exists()):
                fetch(self._caller, transfer, stop)
            size = transfer.target.stat().st_size
            progress(
                self.step("downloaded", file=number, files=files, bytes_done=size, bytes_total=size)
            )
            return transfer.target

        try:
            yield from in_order(
                enumerate(transfers, 1), work, min(files, self._caller.shared.concurrency)
            )
        except (ExportUnavailable, NotFound) as error:
            self._explain(error)
            raise
        finally:
            discard_parts(transfers)

    def _explain(self, error: ExportUnavailable | NotFound) -> None:
        """Raise what a refused file really means, if the export tells."""
        self.refresh()
        try:
            self.require_results()
        except ExportUnavailable as better:
            raise better from error

    def _transfers(self, folder: Path, progress: OnProgress) -> list[Transfer]:
        base_url, files = self._caller.dialect.base_url, len(self.refs)

        def reporter(number: int) -> Callable[[int, int | None], None]:
            def report(arrived: int, total: int | None) -> None:
                progress(
                    self.step(
                        "downloading",
                        file=number,
                        files=files,
                        bytes_done=arrived,
                        bytes_total=total,
                    )
                )

            return report

        return [
            Transfer(reference_url(ref, base_url), folder / name, self.fields, reporter(number))
            for number, (ref, name) in enumerate(
                zip(self.refs, self._file_names(self.refs), strict=True), 1
            )
        ]

    def _file_names(self, refs: Iterable[str]) -> Iterator[str]:
        """A name of its own for each file, fit for every file system."""
        kind = _UNSAFE.sub("", self.object or "")[:_LONGEST_NAME] or "export"
        taken = set()
        for number, ref in enumerate(refs, 1):
            last = ref.split("?")[0].rstrip("/").rpartition("/")[2]
            usable = last.isascii() and last.isdigit() and last not in taken
            taken.add(last)
            yield f"{kind}-{self.id}-{last[:_LONGEST_NAME] if usable else f'part{number}'}.csv"

    def step(self, stage: Stage, **details: int | float | None) -> Progress:
        """Where the export stands, for a progress callback."""
        return Progress(stage, self.id, self.state, **details)  # type: ignore[arg-type]
