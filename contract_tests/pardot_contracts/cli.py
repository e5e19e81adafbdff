"""`pardot-contracts`: run the suite and print which requirements hold.

Exit codes: 0 every executed case passed, 1 a case failed, 2 usage or configuration, 4 the target
does not answer, 5 no case was executed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_contracts.problems import ConfigurationError, TargetUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pardot_contracts.matrix import Matrix

COMMAND = "command:"
MAX_RATE = 1_000_000
OK, FAILED, USAGE, UNREACHABLE, NOTHING_RAN = 0, 1, 2, 4, 5
_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
REPORTS = ("text", "json", "junit", "sarif", "markdown", "html")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite as the command line asks; gives the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["pact"]:
        from pardot_contracts.pact.cli import main as pact

        return pact(words[1:])
    if words[:1] in (["record"], ["compare"]):
        from pardot_contracts.drift.cli import main as drift

        return drift(words)
    options = _parser().parse_args(words)
    try:
        if any(name.startswith(COMMAND) for name in options.driver or ()):
            return _run_program(options)
        _check(options)
        return _run(options)
    except ConfigurationError as error:
        return _give_up(str(error), USAGE)
    except TargetUnreachableError as error:
        return _give_up(str(error), UNREACHABLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pardot-contracts",
        description="Judge a server of the Pardot Export API, or a client of it.",
        epilog="exit codes: 0 passed, 1 failed, 2 usage, 4 target unreachable, 5 nothing ran",
    )
    parser.add_argument(
        "--target",
        default="emulator",
        help="emulator (default; offline), real, or a URL; the last two take PARDOT_EMAIL,"
        " PARDOT_PASSWORD and PARDOT_USER_KEY from the environment unless the server has a"
        " control plane",
    )
    parser.add_argument(
        "--driver",
        action="append",
        help='raw, client, module:Class or command:"program and its words"; may be repeated'
        " (default: raw and client)",
    )
    parser.add_argument("--report", choices=REPORTS, default="text", help="what stdout gets")
    parser.add_argument(
        "--select", metavar="EXPRESSION", help="only cases whose names match, as pytest -k"
    )
    parser.add_argument(
        "--allow-writes",
        action="store_true",
        help="let cases create exports on a server without a control plane",
    )
    parser.add_argument(
        "--call-budget",
        type=_positive,
        metavar="N",
        help="send at most N calls to a server without a control plane (real: 300)",
    )
    parser.add_argument(
        "--matrix",
        choices=("pairwise", "full"),
        default="pairwise",
        help="versions, formats and kinds of authentication: every pair of two of them (default),"
        " or every combination",
    )
    parser.add_argument(
        "--api-version",
        choices=("3", "4"),
        help="only this version; an account of the real service is served in one of them",
    )
    program = parser.add_argument_group("programs", 'what holds for --driver command:"..." alone')
    program.add_argument(
        "--scenario",
        action="append",
        metavar="NAME|FILE",
        help="scenario to play; may be repeated (default: those of docs/contracts.md)",
    )
    program.add_argument(
        "--clock",
        metavar="coupled|RATE",
        type=_pace,
        help="coupled (default): waits of the program move the account's clock and take no time;"
        " RATE: virtual seconds per real second, for a language that cannot be coupled",
    )
    program.add_argument(
        "--timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="real seconds after which a run is ended (default: 120)",
    )
    program.add_argument(
        "--fail-on",
        choices=("must", "should", "never"),
        default="must",
        help="lowest level of a broken rule that ends with 1 (default: must)",
    )
    return parser


def _pace(text: str) -> float | None:
    if text == "coupled":
        return None
    rate = float(text)
    if not 0 < rate <= MAX_RATE:
        raise argparse.ArgumentTypeError(f"{text} is neither coupled nor between 0 and {MAX_RATE}")
    return rate


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _run_program(options: argparse.Namespace) -> int:
    from pardot_contracts.program.command import Program, judge_program
    from pardot_contracts.program.running import Manner
    from pardot_contracts.program.scenarios import chosen
    from pardot_contracts.targets import EMULATOR

    if len(options.driver) > 1 or options.target != EMULATOR:
        raise ConfigurationError("a program is judged alone, and in front of the emulator only")
    program = Program.of(options.driver[0], Manner(options.clock, options.timeout))
    report = judge_program(program, chosen(options.scenario or ()), _tell)
    from pardot_mock.reports import WRITERS

    print(WRITERS[options.report](report))
    if not any(facts["calls"] != "none" for facts in report.sections.values()):
        return _give_up("the program sent no call: that proves nothing", NOTHING_RAN)
    return FAILED if report.failed(options.fail_on) else OK


def _tell(line: str) -> None:
    print(f"pardot-contracts: {line}", file=sys.stderr)


def _check(options: argparse.Namespace) -> None:
    """Find out before anything starts whether the drivers load and the target answers."""
    from pardot_contracts.drivers import kinds_named
    from pardot_contracts.targets import EMULATOR, open_target

    kinds_named(options.driver or ())
    if options.target != EMULATOR:
        target = open_target(
            options.target, allow_writes=options.allow_writes, call_budget=options.call_budget
        )
        target.close()
        print(f"pardot-contracts: {target.describe()}", file=sys.stderr)


def _run(options: argparse.Namespace) -> int:
    import pytest

    collector = _Collector()
    with tempfile.TemporaryDirectory(prefix="pardot-contracts-") as folder:
        junit = Path(folder, "junit.xml")
        aside = options.report != "text"
        # A report for machines owns stdout; what people read meanwhile goes to stderr.
        stdout = contextlib.redirect_stdout(sys.stderr) if aside else contextlib.nullcontext()
        with stdout, _no_other_plugins():
            code = int(pytest.main(_pytest_arguments(options, junit), plugins=[collector]))
        if collector.matrix is not None and code in (OK, FAILED, NOTHING_RAN):
            _print_report(options.report, collector.matrix, junit)
    return _exit_code(code)


@contextlib.contextmanager
def _no_other_plugins() -> Iterator[None]:
    """Let pytest load no plugin that happens to be installed: none may sway or slow the verdict."""
    before = os.environ.get(_AUTOLOAD)
    os.environ[_AUTOLOAD] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_AUTOLOAD]
        else:
            os.environ[_AUTOLOAD] = before


def _pytest_arguments(options: argparse.Namespace, junit: Path) -> list[str]:
    suite = resources.files("pardot_contracts.suite")
    arguments = [
        "--pyargs",
        "pardot_contracts.suite",
        f"-c{suite / 'pytest.ini'}",
        "-p",
        "pardot",
        "-p",
        "no:cacheprovider",
        "-q",
        f"--pardot-target={options.target}",
        f"--pardot-matrix={options.matrix}",
        *(f"--pardot-driver={name}" for name in options.driver or ()),
    ]
    if options.report == "junit":
        arguments.append(f"--junit-xml={junit}")
    if options.select:
        arguments += ["-k", options.select]
    if options.allow_writes:
        arguments.append("--pardot-allow-writes")
    if options.api_version:
        arguments.append(f"--pardot-api-version={options.api_version}")
    if options.call_budget:
        arguments.append(f"--pardot-call-budget={options.call_budget}")
    return arguments


class _Collector:
    """Takes the matrix out of the run."""

    matrix: Matrix | None = None

    def pytest_unconfigure(self, config: object) -> None:
        from pardot_contracts.harness import NAME, Harness

        found = getattr(config, "pluginmanager").get_plugin(NAME)  # noqa: B009
        if isinstance(found, Harness):
            self.matrix = found.matrix


def _print_report(report: str, matrix: Matrix, junit: Path) -> None:
    from pardot_contracts.matrix import as_json, as_markdown
    from pardot_contracts.matrixreport import as_report

    writers: dict[str, Callable[[Matrix], str]] = {"json": as_json, "markdown": as_markdown}
    if report in writers:
        print(writers[report](matrix))
    elif report in ("sarif", "html"):
        from pardot_mock.reports import WRITERS

        print(WRITERS[report](as_report(matrix)))
    elif report == "junit":
        print(junit.read_text("utf-8"))


def _exit_code(pytest_code: int) -> int:
    if pytest_code == NOTHING_RAN:
        return _give_up("no case was executed: that proves nothing", NOTHING_RAN)
    # pytest says 2 for an interrupted run and 3 for a fault of its own: neither is a pass.
    return pytest_code if pytest_code in (OK, FAILED, USAGE, UNREACHABLE) else FAILED


def _give_up(message: str, code: int) -> int:
    print(f"pardot-contracts: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
