"""`pardot-contracts pact`: verify somebody's Pact file, and list the states it may name.

Exit codes: 0 every interaction was answered as expected, 1 one was not, 2 a file or a state that
cannot be understood, 5 the files hold no interaction.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FAILED, USAGE, NOTHING_RAN = 0, 1, 2, 5
REPORTS = ("text", "json", "junit", "sarif", "markdown", "html")


def main(arguments: Sequence[str]) -> int:
    """Run `pact verify` or `pact states`; gives the exit code."""
    parser = argparse.ArgumentParser(prog="pardot-contracts pact", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="hold Pact files against the emulator")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--report", choices=REPORTS, default="text")
    commands.add_parser("states", help="list the provider states that are known")
    options = parser.parse_args(arguments)
    try:
        return _states() if options.command == "states" else _verify(options.files, options.report)
    except ConfigurationError as error:
        print(f"pardot-contracts: {error}", file=sys.stderr)
        return USAGE


def _states() -> int:
    from pardot_contracts.pact.states import names

    print("\n".join(names()))
    return OK


def _verify(files: Sequence[Path], report: str) -> int:
    from pardot_contracts.pact.reading import read
    from pardot_contracts.pact.verify import verify

    interactions = [interaction for file in files for interaction in read(file)]
    if not interactions:
        print("pardot-contracts: no interaction: that proves nothing", file=sys.stderr)
        return NOTHING_RAN
    found = verify(interactions, " ".join(map(str, files)))
    from pardot_mock.reports import WRITERS

    print(WRITERS[report](found))
    return FAILED if found.broken else OK
