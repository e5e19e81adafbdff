"""Telling people and programs how it goes.

Progress goes to stderr and only to a terminal; results go to stdout. With `--json` every
step is one line of JSON on stdout, and nothing else is.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from pardot_client.progress import Progress


class Reporter(Protocol):
    """Is told everything; a context manager around the whole run."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def step(self, progress: Progress) -> None:
        """An export has come further."""
        ...

    def finish(self, event: str, message: str, **details: object) -> None:
        """The run is over: `done` or `error`."""
        ...


class Quiet:
    """Says nothing until it is over."""

    def __init__(self, results: IO[str], notes: IO[str]) -> None:
        self._results, self._notes = results, notes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        """Nothing is held open."""

    def step(self, progress: Progress) -> None:
        """Keep quiet."""

    def finish(self, event: str, message: str, **details: object) -> None:
        """Results on stdout, one file a line; the message on stderr."""
        files = details.get("files")
        for path in files if isinstance(files, list) else []:
            self._results.write(f"{path}\n")
        note = message if event == "done" else f"pardot-export: {message}"
        self._notes.write(f"{note}\n")


class Lines(Quiet):
    """A line for every change of state; for terminals without rich."""

    def step(self, progress: Progress) -> None:
        """Write what changed."""
        if text := _sentence(progress):
            self._notes.write(f"{text}\n")
            self._notes.flush()


def _sentence(step: Progress) -> str | None:
    part = f" ({step.part} of {step.parts})" if step.parts > 1 else ""
    export = f"export {step.export_id}{part}"
    match step.stage:
        case "waiting":
            return f"{export} is {step.state}; looking again in {step.next_poll:.0f} s"
        case "downloaded":
            return f"{export}: file {step.file} of {step.files}, {step.bytes_done:,} bytes"
        case "created" | "complete":
            return f"{export} is {step.state}"
        case _:
            return None


class Events:
    """One line of JSON for every step."""

    def __init__(self, results: IO[str]) -> None:
        self._results = results

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        """Nothing is held open."""

    def step(self, progress: Progress) -> None:
        """Write the step, unless it is one of the many about arriving bytes."""
        if progress.stage != "downloading":
            details = asdict(progress)
            self._write(details.pop("stage"), details)

    def finish(self, event: str, message: str, **details: object) -> None:
        """Write the last line."""
        self._write(event, {"message": message, **details})

    def _write(self, event: str, details: dict[str, Any]) -> None:
        known = {name: value for name, value in details.items() if value is not None}
        self._results.write(f"{json.dumps({'event': event, **known}, default=str)}\n")
        self._results.flush()


class Bars(Quiet):
    """Progress bars of rich: one for the queue and the processing, one for each file."""

    def __init__(self, results: IO[str], notes: IO[str]) -> None:
        super().__init__(results, notes)
        from rich import progress as bars
        from rich.console import Console

        self.progress: bars.Progress = bars.Progress(
            bars.SpinnerColumn(),
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.fields[amount]}"),
            bars.TimeElapsedColumn(),
            console=Console(file=notes),
            transient=True,
        )
        self._tasks: dict[tuple[int, int], bars.TaskID] = {}

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *details: object) -> None:
        self.progress.stop()

    def step(self, progress: Progress) -> None:
        """Move the bar that the step belongs to."""
        if progress.stage == "downloaded":
            self._remove((progress.export_id, progress.file or 0))
        elif progress.stage == "complete":
            self._remove((progress.export_id, 0))
        elif progress.file is not None:
            self._show((progress.export_id, progress.file), self._file_name(progress), progress)
        else:
            name = f"export {progress.export_id} {progress.state}"
            self._show((progress.export_id, 0), name, progress)

    @staticmethod
    def _file_name(step: Progress) -> str:
        return f"export {step.export_id} file {step.file} of {step.files}"

    def _show(self, key: tuple[int, int], name: str, step: Progress) -> None:
        if key not in self._tasks:
            self._tasks[key] = self.progress.add_task(name, total=None, amount="")
        wait = "" if step.next_poll is None else f"looking again in {step.next_poll:.0f} s"
        amount = f"{step.bytes_done:,} bytes" if step.file is not None else wait
        self.progress.update(
            self._tasks[key],
            description=name,
            completed=step.bytes_done,
            total=step.bytes_total,
            amount=amount,
        )

    def _remove(self, key: tuple[int, int]) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self.progress.remove_task(task)


def reporter_for(*, as_json: bool, quiet: bool, results: IO[str], notes: IO[str]) -> Reporter:
    """The reporter that fits the terminal and the options."""
    if as_json:
        return Events(results)
    if quiet or not notes.isatty():
        return Quiet(results, notes)
    if importlib.util.find_spec("rich") is None:
        return Lines(results, notes)
    return Bars(results, notes)
