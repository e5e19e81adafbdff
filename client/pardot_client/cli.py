"""`pardot-export`: rows of an account into files, for people and for other programs."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .command import outcome
from .command.environment import credentials_from
from .command.lock import alone_with
from .command.marks import Stretch, stretch
from .command.options import parse, wanted
from .command.outputs import convert, require
from .command.reporters import Reporter, reporter_for
from .command.state import Pending, load, recover, settle, stage_for
from .errors import PardotError
from .pardot import Pardot
from .policies import Polling

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from .job import Export
    from .progress import Progress
    from .run import Run

_EXPECTED = (PardotError, OSError, ModuleNotFoundError)


@dataclass
class _Told:
    """Hands steps on and remembers which export is under way."""

    reporter: Reporter
    export_id: int | None = None

    def __call__(self, step: Progress) -> None:
        self.export_id = step.export_id
        self.reporter.step(step)


def main(
    arguments: Sequence[str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    connect: Callable[..., Pardot] = Pardot,
) -> int:
    """Run the command.

    Args:
        arguments: the command line without its first word; default is this process's.
        environment: where credentials are looked up; default is this process's.
        connect: makes the client.

    Returns:
        The exit code; see `pardot-export --help`.
    """
    options = parse(sys.argv[1:] if arguments is None else arguments)
    reporter = reporter_for(
        as_json=options.json, quiet=options.quiet, results=sys.stdout, notes=sys.stderr
    )
    variables = os.environ if environment is None else environment
    try:
        with _ending_on_terminate():
            return _reported(options, variables, connect, _Told(reporter))
    except BrokenPipeError:
        # Whoever read the output has gone, so there is nobody left to tell.
        _fall_silent()
        return outcome.UNHEARD


def _reported(
    options: argparse.Namespace,
    environment: Mapping[str, str],
    connect: Callable[..., Pardot],
    told: _Told,
) -> int:
    """Run, and say how it ended."""
    try:
        with told.reporter:
            files, message = _run(options, environment, connect, told)
    except BrokenPipeError:
        raise
    except (*_EXPECTED, KeyboardInterrupt) as error:
        ended = outcome.outcome_of(error)
        how = None if options.since_last else _how_to_resume(told.export_id, ended.code)
        message = "; ".join(filter(None, (str(error) or "interrupted", ended.hint, how)))
        details = {"exit": ended.code, "export_id": told.export_id}
        told.reporter.finish("error", message, **outcome.details_of(error), **details)
        return ended.code
    told.reporter.finish("done", message, files=[str(path) for path in files])
    return outcome.DONE


def _how_to_resume(export_id: int | None, code: int) -> str | None:
    lost = code in {outcome.EXPORT_LOST, outcome.WRONG_REQUEST}
    return None if export_id is None or lost else f"go on with --resume {export_id}"


@contextlib.contextmanager
def _ending_on_terminate() -> Iterator[None]:
    """Let SIGTERM end the command as tidily as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _fall_silent() -> None:
    """Keep the interpreter from writing to a closed pipe once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _connected(
    options: argparse.Namespace, environment: Mapping[str, str], connect: Callable[..., Pardot]
) -> Pardot:
    hosts = {"base_url": options.base_url, "login_url": options.login_url}
    unit: float = options.poll_unit
    return connect(
        **{
            **credentials_from(environment, options.auth),
            **{name: url for name, url in hosts.items() if url is not None},
            "version": None if options.api_version == "auto" else int(options.api_version),
            "format": options.api_format,
            "timezone": options.timezone,
            "polling": Polling(unit=unit, at_least=min(30.0, unit)),
        }
    )


def _run(
    options: argparse.Namespace,
    environment: Mapping[str, str],
    connect: Callable[..., Pardot],
    told: _Told,
) -> tuple[list[Path], str]:
    # Before anything is sent: a call spent in vain is lost for the day.
    require(options.format)
    options.out.mkdir(parents=True, exist_ok=True)
    with _connected(options, environment, connect) as pardot:
        if options.resume is not None:
            return _finish(options, pardot, _resumed(options, pardot, told), told)
        if options.since_last:
            return _since_last(options, pardot, told)
        return _finish(options, pardot, _made(options, pardot, told), told)


def _resumed(options: argparse.Namespace, pardot: Pardot, told: _Told) -> Export:
    job = pardot.exports.resume(options.resume)
    told.export_id = job.id
    return job.wait(options.timeout, told)


def _made(
    options: argparse.Namespace, pardot: Pardot, told: _Told, part: Stretch | None = None
) -> Run:
    asked = wanted(options) if part is None else part.wanted
    return pardot.export(
        options.object, timeout=options.timeout, budget=options.budget, progress=told, **asked
    )


def _since_last(options: argparse.Namespace, pardot: Pardot, told: _Told) -> tuple[list[Path], str]:
    path: Path = options.state or options.out / ".pardot-export.json"
    with alone_with(path):
        state, recovered = recover(path, load(path))
        # A login costs nothing and tells the time of the service, whose rows these are.
        pardot.log_in()
        now = pardot.now() - timedelta(seconds=options.lag)
        account = (pardot.base_url, pardot.account)
        part = stretch(account, options.object, wanted(options), state.marks, now, pardot.zone)
        if part.until is None:
            return [*recovered], "nothing new since the last run"
        with stage_for(path, options.out) as stage:
            run = _made(options, pardot, told, part)
            names = [file.name for file in _fetched(options, pardot, run, told, stage)]
            out, until = str(options.out.resolve()), part.until
            settle(path, state, Pending(part.key, until, str(stage), out, tuple(names)))
        files = [*recovered, *(options.out / name for name in names)]
        return files, f"{_summary(files, options.out)}, up to {part.until}"


def _finish(
    options: argparse.Namespace, pardot: Pardot, results: Export | Run, told: _Told
) -> tuple[list[Path], str]:
    files = _fetched(options, pardot, results, told, options.out)
    return files, _summary(files, options.out)


def _fetched(
    options: argparse.Namespace, pardot: Pardot, results: Export | Run, told: _Told, out: Path
) -> list[Path]:
    """Fetch the files in the form that was asked for; they are in `out`, whole or not at all."""
    if options.format == "csv" and not options.merge:
        return results.download(out, keep=options.resume is not None, progress=told)
    with tempfile.TemporaryDirectory(prefix=".pardot-", dir=out) as folder:
        sources = results.download(folder, progress=told)
        return convert(
            sources,
            out,
            options.format,
            merged_name=_merged_name(sources) if options.merge else None,
            zone=pardot.zone,
        )


def _summary(files: Sequence[Path], out: Path) -> str:
    if not files:
        return "no rows matched"
    size = sum(path.stat().st_size for path in files)
    return f"{len(files)} file{'s'[: len(files) > 1]}, {size:,} bytes in {out}"


def _merged_name(sources: Sequence[Path]) -> str:
    """OBJECT-EXPORT, or OBJECT-FIRST-LAST for several exports."""
    stems = [path.stem.rsplit("-", 1)[0] for path in sources]
    if not stems or stems[0] == stems[-1]:
        return stems[0] if stems else "export"
    return f"{stems[0]}-{stems[-1].rsplit('-', 1)[1]}"


if __name__ == "__main__":
    sys.exit(main())
