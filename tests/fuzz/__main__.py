"""`make fuzz`: many thousands of generated calls and raw bytes; ends with 1 at a server error.

python -m tests.fuzz [--calls N] [--bytes N]
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from itertools import islice

from hypothesis import HealthCheck, given, seed, settings

from pardot_mock import MockPardot
from tests.fuzz.calls import Call, calls, operations
from tests.fuzz.probe import Probe, probing
from tests.fuzz.raw import exchange, requests_of

_BATCH = 2000


def main(arguments: list[str]) -> int:
    """Run and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--bytes", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    given_ = parser.parse_args(arguments)
    began = time.monotonic()
    for batch in range(max(1, given_.calls // _BATCH)):
        # A fresh world for every batch keeps what earlier calls created from slowing later ones.
        with probing() as probe:
            _generated(probe, given_.seed + batch)
            sys.stdout.write(
                f"calls {_BATCH * (batch + 1)}: {probe.served} served and {probe.refused} refused "
                f"of this batch, {time.monotonic() - began:.0f} s\n"
            )
            sys.stdout.flush()
    return _raw(given_.bytes, given_.seed)


def _generated(probe: Probe, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=_BATCH, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=True,
    )  # fmt: skip
    @given(calls())
    def run(call: Call) -> None:
        probe.check(call)

    run()


def _raw(count: int, number: int) -> int:
    with MockPardot(rows=10, rate=0) as mock:
        port = int(mock.url.rsplit(":", 1)[1])
        paths = [path.replace("{version}", "4") for path, _, _, _ in operations()]
        paths += ["/_mock/health", "/_mock/accounts", "/"]
        outcomes = [exchange(port, s) for s in islice(requests_of(number, {}, paths), count)]
        wrong = [each for each in outcomes if each.is_server_error]
        statuses = collections.Counter(str(each.status) for each in outcomes)
    sys.stdout.write(f"raw requests {count}: {dict(sorted(statuses.items()))}\n")
    for each in wrong:
        sys.stdout.write(f"server error {each.status}: {each.sent!r}\n{each.body!r}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
