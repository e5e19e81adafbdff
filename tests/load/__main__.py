"""`make bench`: measures beside references in one run and prints a table; asserts nothing."""

from __future__ import annotations

import sys

from tests.load import big, client, generation, polls, startup, streaming
from tests.load.report import Report

SUITES = {
    "startup": startup.measure,
    "polls": polls.measure,
    "generation": generation.measure,
    "streaming": streaming.measure,
    "client": client.measure,
    "big": big.measure,
}
SHORT = tuple(name for name in SUITES if name != "big")


def main(names: list[str]) -> int:
    """Run the named suites, or all but the big one; give the exit code."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.stderr.write(f"there is no suite {unknown[0]!r}; known are {', '.join(SUITES)}\n")
        return 2
    report = Report()
    for name in names or SHORT:
        report.title(name)
        SUITES[name](report)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
