"""From the words of `--driver command:"..."` to a report."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_contracts.problems import ConfigurationError
from pardot_contracts.program.judging import handed_over, judge_run
from pardot_contracts.program.running import Manner, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pardot_contracts.program.running import Played
    from pardot_contracts.program.scenarios import Scenario
    from pardot_mock.reports import Report, Result

PREFIX = "command:"
TITLE = "Conduct of a program"


@dataclass(frozen=True, slots=True)
class Program:
    """A program under test: its words, and how it is run."""

    words: tuple[str, ...]
    manner: Manner

    @classmethod
    def of(cls, driver: str, manner: Manner) -> Program:
        """Read `command:...` as a shell would; raise `ConfigurationError` if nothing is there."""
        try:
            words = shlex.split(driver.removeprefix(PREFIX))
        except ValueError as error:
            raise ConfigurationError(f"driver {driver!r}: {error}") from error
        if not words:
            raise ConfigurationError(f"driver {driver!r} names no command")
        return cls(tuple(words), manner)


def judge_program(
    program: Program, scenarios: Sequence[Scenario], tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Run the program through every scenario and judge it; `tell` hears of each run.

    Raises `ConfigurationError` if it cannot be started or a scenario does not work.
    """
    from pardot_mock.reports import Report

    results: list[Result] = []
    sections: dict[str, Mapping[str, str]] = {}
    with ExitStack() as stages:
        runs: list[Played] = []
        for scenario in scenarios:
            stage = stages.enter_context(Stage(scenario, program.manner))
            played = stage.play(program.words)
            stage.stop_serving()
            runs.append(played)
            sections[scenario.name] = _facts(played)
            tell(f"{scenario.name}: {sections[scenario.name]['run']}")
        # Only a program that hands over rows at all can be missing some.
        shows_rows = any(handed_over(played)[0] for played in runs)
        for played in runs:
            results += judge_run(played, program.words, shows_rows=shows_rows)
    return Report(TITLE, shlex.join(program.words), tuple(results), {}, sections)


def _facts(played: Played) -> dict[str, str]:
    calls = played.account.journal.entries()
    ops = dict.fromkeys(entry.op for entry in calls)
    counted = ", ".join(f"{op} {sum(e.op == op for e in calls)}" for op in ops)
    code = played.ended.code
    return {
        "shows": played.scenario.shows,
        "calls": counted or "none",
        "run": f"exit code {'none' if code is None else code}, "
        f"{played.ended.seconds:.1f} s of real time, "
        f"{played.virtual.total_seconds():.0f} s on the account's clock",
    }
