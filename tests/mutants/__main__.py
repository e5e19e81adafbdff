"""`make mutants`: every planted wrong emulator and wrong client must be found, the right ones not.

python -m tests.mutants [ID...]      only those; `-j N` runs N at once (default 2)
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.mutants.source import mutants
from tests.mutants.trial import FOUND, NOT_FOUND, prepare, run_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

RIGHT = "right"
BROKEN = 2


@dataclass(frozen=True)
class Verdict:
    """How a trial ended: `good` if a mutant was found, or the right one was not."""

    id: str
    good: bool
    by: str
    seconds: float


def emulator_trial(job: tuple[str, tuple[str, ...]]) -> tuple[str, int, str, float]:
    """Run cases against a mutant; gives its id, the code, what failed first, and the seconds."""
    name, cases = job
    began = time.monotonic()
    mutant = next((mutant for mutant in mutants() if mutant.id == name), None)
    try:
        code, by = run_cases(mutant, cases)
    except Exception as error:
        # A stale line, or an emulator that does not even start, proves nothing.
        code, by = BROKEN, f"{type(error).__name__}: {error}"
    return name, code, by, time.monotonic() - began


def client_trial(name: str) -> Verdict:
    """Play a wrong client through its scenario."""
    from tests.mutants.clients import broken_rules
    from tests.mutants.clienttable import wrong_clients

    began = time.monotonic()
    client = next(client for client in wrong_clients() if client.id == name)
    found = broken_rules(client.applied(), client.scenario, client.id)
    told = ", ".join(sorted(found)) or "nothing"
    return Verdict(name, client.broken in found, told, time.monotonic() - began)


def emulators(pool: Callable[..., Iterator[tuple[str, int, str, float]]]) -> Iterator[Verdict]:
    """Try the cases that should find each mutant, then all cases for those they did not find."""
    missed: list[tuple[str, tuple[str, ...]]] = []
    for name, code, by, seconds in pool(emulator_trial, [(m.id, m.caught_by) for m in mutants()]):
        if code == NOT_FOUND:
            missed.append((name, ()))
        else:
            yield Verdict(name, code == FOUND, by or f"the trial broke ({code})", seconds)
    for name, code, by, seconds in pool(emulator_trial, [*missed, (RIGHT, ())]):
        expected = NOT_FOUND if name == RIGHT else FOUND
        told = f"{by} (by none of caught_by)" if by else "every case passed"
        yield Verdict(f"{name} emulator", code == expected, told, seconds)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("ids", nargs="*")
    parser.add_argument("-j", type=int, default=2)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    prepare()
    # A process for each trial, made from this one, which has loaded everything but the emulator.
    context = multiprocessing.get_context("fork")
    with context.Pool(options.j, maxtasksperchild=1) as pool:

        def spread(function: Callable[..., object], jobs: Sequence[object]) -> Iterator[object]:
            chosen = [job for job in jobs if not options.ids or _name(job) in options.ids]
            return pool.imap_unordered(function, chosen, chunksize=1)

        verdicts = []
        for verdict in _all(spread):
            verdicts.append(verdict)
            word = "ok  " if verdict.good else "BAD "
            print(f"{word} {verdict.seconds:5.1f} s  {verdict.id}: {verdict.by}", flush=True)
    good = sum(verdict.good for verdict in verdicts)
    score = 100 * good / len(verdicts) if verdicts else 0
    seconds = time.monotonic() - began
    print(f"mutation score: {score:.1f} % ({good} of {len(verdicts)}) in {seconds:.0f} s")
    return 0 if verdicts and good == len(verdicts) else 1


def _name(job: object) -> str:
    return str(job[0] if isinstance(job, tuple) else job)


def _all(spread: Callable[..., Iterator]) -> Iterator[Verdict]:
    yield from emulators(spread)
    from tests.mutants.clienttable import wrong_clients

    yield from spread(client_trial, [client.id for client in wrong_clients()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
