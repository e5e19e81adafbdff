"""`pardot-contracts record` and `pardot-contracts compare`.

Exit codes: 0 nothing differs, 2 usage or configuration, 3 drift was found, 4 the target does not
answer, 5 the recording is empty. With a command, `record` ends with its exit code.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_contracts.problems import ConfigurationError, TargetUnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pardot_contracts.drift.proxy import RecordingProxy
    from pardot_contracts.drift.recording import Recording

OK, USAGE, DRIFT, UNREACHABLE, NOTHING_RAN = 0, 2, 3, 4, 5
REPORTS = ("text", "json", "junit", "sarif", "markdown", "html")


def main(arguments: Sequence[str]) -> int:
    """Run `record` or `compare`; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _record(options) if options.command == "record" else _compare(options)
    except ConfigurationError as error:
        return _give_up(str(error), USAGE)
    except TargetUnreachableError as error:
        return _give_up(str(error), UNREACHABLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pardot-contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    record = commands.add_parser("record", help="write down how a server answers, shapes only")
    record.add_argument("--target", default="real", help="real (default) or a URL")
    record.add_argument("--out", type=Path, default=Path("recording.json"), metavar="FILE")
    record.add_argument("--allow-writes", action="store_true", help="pass creates and the like on")
    record.add_argument("--call-budget", type=int, metavar="N", help="pass on N calls at most")
    record.add_argument("words", nargs="*", metavar="COMMAND", help="a client to run, after --")
    compare = commands.add_parser("compare", help="hold a recording against the emulator")
    compare.add_argument("file", type=Path, metavar="FILE")
    compare.add_argument("--report", choices=REPORTS, default="text")
    compare.add_argument(
        "--remember", type=Path, metavar="FILE", help="write the date and the result there"
    )
    return parser


def _record(options: argparse.Namespace) -> int:
    from pardot_contracts.drift.proxy import TOKEN_HOST, RecordingProxy
    from pardot_contracts.drift.recording import Recording
    from pardot_contracts.meter import Meter
    from pardot_contracts.targets import REAL, REAL_BUDGET, base_url_of

    url = base_url_of(options.target)
    budget = REAL_BUDGET if options.target == REAL else None
    recording = Recording(url, datetime.now(UTC).isoformat(timespec="seconds"))
    proxy = RecordingProxy(
        url,
        recording,
        Meter(options.call_budget or budget, read_only=not options.allow_writes),
        token_url=TOKEN_HOST if options.target == REAL else url,
    )
    with proxy:
        code = _while_somebody_calls(proxy, options.words)
    recording.write(options.out)
    kinds = len(recording.exchanges)
    print(f"pardot-contracts: {kinds} kinds of calls in {options.out}", file=sys.stderr)
    return code if kinds or code else NOTHING_RAN


def _while_somebody_calls(proxy: RecordingProxy, words: Sequence[str]) -> int:
    print(f"ready {proxy.url}", flush=True)
    if words:
        environment = {"PARDOT_BASE_URL": proxy.url, "PARDOT_LOGIN_URL": proxy.url}
        return subprocess.run(words, env={**os.environ, **environment}, check=False).returncode  # noqa: S603
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    return OK


def _compare(options: argparse.Namespace) -> int:
    from pardot_contracts.drift.comparing import compare
    from pardot_contracts.drift.recording import read
    from pardot_mock.reports import WRITERS

    recording = read(options.file)
    if not recording.exchanges:
        return _give_up("the recording is empty: that proves nothing", NOTHING_RAN)
    report = compare(recording)
    print(WRITERS[options.report](report))
    if options.remember:
        _remember(options.remember, recording, len(report.broken))
    return DRIFT if report.broken else OK


def _remember(path: Path, recording: Recording, drifted: int) -> None:
    from pardot_contracts.drift.last import remember

    facts = {
        "compared_at": f"{datetime.now(UTC):%Y-%m-%d}",
        "recorded_at": recording.began[:10],
        "target": recording.target,
        "exchanges": len(recording.exchanges),
        "drifted": drifted,
    }
    remember(path, facts)


def _give_up(message: str, code: int) -> int:
    print(f"pardot-contracts: {message}", file=sys.stderr)
    return code
