"""What pytest must know to run the suite: cases, their requirements, and when a run counts.

Rules: every case names requirements that exist; a case that needs what the target lacks is skipped
with the reason; a run in which no case was executed is not a success but exit code 5; a target that
does not answer ends the run with 4, a wrong setting with 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.combinations import FULL, VERSIONS, Way, every_way, pairwise
from pardot_contracts.drivers import RAW, DriverKind, kinds_named
from pardot_contracts.facts import AUTHS
from pardot_contracts.matrix import Case, Matrix, Outcome, as_text
from pardot_contracts.problems import (
    BudgetSpentError,
    ConfigurationError,
    MissingCapabilityError,
    TargetUnreachableError,
)
from pardot_contracts.reply import FORMATS
from pardot_contracts.requirements import CAPABILITIES, Requirement, load, needs_of
from pardot_contracts.targets import EMULATOR, Target, auths_offered, open_target

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

SUITE = Path(__file__).parent / "suite"
NAME = "pardot-contract-suite"
USAGE, UNREACHABLE, NOTHING_RAN = 2, 4, 5
DEFAULT_DRIVERS = ("raw", "client")
_DIMENSIONS = ("form", "auth", "matrix")
_NOBODY = "neither driver nor target goes a way that this case is about"
_NOT_RAW = "judges raw HTTP, not a client"


@dataclass(frozen=True)
class Ways:
    """The combinations that a case may be run in; `forms` are the formats that it is about."""

    every: Sequence[Way]
    forms: Collection[str]
    full: bool

    def chosen(self, known: Collection[Way] | None = None) -> list[Way]:
        """Give those that are run, of all or of `known`: each, or few that try every pair."""
        ways = [way for way in self.every if known is None or way in known]
        # Pairs are counted before the format is: a case about one format needs no pair twice.
        return [w for w in (ways if self.full else pairwise(ways)) if w.form in self.forms]

    def versions(self) -> list[str]:
        """Give the versions that occur."""
        return list(dict.fromkeys(way.version for way in self.every))


class Harness:
    """The pytest plugin of one run; `matrix` fills while the cases are judged."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.matrix = Matrix(load())
        self._target: Target | None = None
        self._open: dict[str, tuple[Outcome, str]] = {}
        try:
            names = config.getoption("pardot_driver") or DEFAULT_DRIVERS
            self.kinds: list[DriverKind] = kinds_named(names)
            self._auths = auths_offered(config.getoption("pardot_target"))
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from error

    @property
    def target(self) -> Target:
        """The target of this run, opened when the first case asks for it."""
        if self._target is None:
            option = self.config.getoption
            try:
                self._target = open_target(
                    option("pardot_target"),
                    allow_writes=option("pardot_allow_writes"),
                    call_budget=option("pardot_call_budget"),
                )
            except ConfigurationError as error:
                pytest.exit(f"contract suite: {error}", returncode=USAGE)
            except TargetUnreachableError as error:
                pytest.exit(f"contract suite: {error}", returncode=UNREACHABLE)
            self.matrix.target = self._target.describe()
        return self._target

    def requirements_of(self, item: pytest.Item) -> list[Requirement]:
        """Give the requirements that a case names; raise a usage error for a wrong marker."""
        ids = [id_ for mark in item.iter_markers("requirement") for id_ in mark.args]
        unknown = [id_ for id_ in ids if id_ not in self.matrix.catalogue]
        if not ids or unknown:
            what = f"unknown requirement {unknown[0]!r}" if unknown else "no requirement"
            raise pytest.UsageError(f"{item.nodeid}: {what}")
        return [self.matrix.catalogue[id_] for id_ in ids]

    def check_needs(self, item: pytest.Item) -> None:
        """Skip a case whose needs this target does not meet."""
        wanted = set(needs_of(self.requirements_of(item)))
        wanted |= {need for mark in item.iter_markers("needs") for need in mark.args}
        unknown = sorted(wanted - set(CAPABILITIES))
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: unknown need {unknown[0]!r}")
        lacking = sorted(wanted - self.target.capabilities)
        if lacking:
            pytest.skip(f"the target lacks {', '.join(lacking)}")

    @pytest.hookimpl
    def pytest_report_header(self) -> str | None:
        """Say beforehand what a server that is not ours will be asked, and how often at most."""
        theirs = self.config.getoption("pardot_target") != EMULATOR
        return f"contract target: {self.target.describe()}" if theirs else None

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each case the drivers, or the raw formats, that it asks for."""
        if not _in_suite(metafunc.definition.path):
            return
        ways = self._ways(metafunc.definition)
        if "driver_kind" in metafunc.fixturenames:
            self._parametrize(metafunc, "driver_kind", self._kinds(ways), _NOBODY)
        raw = any(kind.name == RAW for kind in self.kinds)
        choices: dict[str, Sequence[Any]] = {
            "raw_way": ways.chosen(),
            "raw_form": [form for form in FORMATS if form in ways.forms],
            "version": ways.versions(),
        }
        for name in choices:
            if name in metafunc.fixturenames:
                values = choices[name] if raw else []
                self._parametrize(metafunc, name, values, _NOBODY if raw else _NOT_RAW)

    def _ways(self, case: pytest.Item) -> Ways:
        """Give the combinations that a case is meant for and that the target offers."""
        option = self.config.getoption
        marked = {name: {mark.args[0] for mark in case.iter_markers(name)} for name in _DIMENSIONS}
        versions = option("pardot_api_version") or VERSIONS
        auths = [auth for auth in self._auths if auth in (marked["auth"] or AUTHS)]
        every = every_way([v for v in VERSIONS if v in versions], FORMATS, auths)
        full = FULL in {option("pardot_matrix")} | marked["matrix"]
        return Ways(every, marked["form"] or FORMATS, full)

    def _kinds(self, ways: Ways) -> list[DriverKind]:
        """Give the kinds of each driver that go these ways."""
        found: list[DriverKind] = []
        for _, group in groupby(self.kinds, key=lambda kind: kind.name):
            known = {kind.way: kind for kind in group}
            found += [known[way] for way in ways.chosen(known)]
        return found

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Check every marker before anything is deselected, and hand the ids to the reports."""
        for item in items:
            if _in_suite(item.path):
                ids = [requirement.id for requirement in self.requirements_of(item)]
                self.matrix.named.update(ids)
                item.user_properties.extend(("requirement", id_) for id_ in ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Turn what a case could not have into a skip."""
        try:
            return (yield)
        except (MissingCapabilityError, BudgetSpentError) as error:
            if not _in_suite(pyfuncitem.path):
                raise
            pytest.skip(str(error))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Enter a finished case into the matrix."""
        ids = tuple(str(value) for name, value in report.user_properties if name == "requirement")
        if not ids:
            return
        if report.outcome != "passed" or report.when == "call":
            known, _ = self._open.get(report.nodeid, ("passed", ""))
            if known != "failed":
                self._open[report.nodeid] = (report.outcome, _reason(report))
        if report.when == "teardown" and report.nodeid in self._open:
            outcome, reason = self._open.pop(report.nodeid)
            self.matrix.cases.append(Case(report.nodeid, ids, outcome, reason))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the target and refuse to call a run without a judged case a success."""
        if self._target is not None:
            self._target.close()
        told = getattr(self.config, "workeroutput", None)
        if told is not None:
            told |= {NAME: {"named": sorted(self.matrix.named), "target": self.matrix.target}}
            return
        suite_ran = bool(self.matrix.named or self.matrix.cases)
        idle = suite_ran and not self.matrix.executed
        if idle and session.exitstatus == pytest.ExitCode.OK and not _only_lists(self.config):
            session.exitstatus = pytest.ExitCode(NOTHING_RAN)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - of pytest-xdist
        """Take over what a worker of a distributed run knows of the suite."""
        told = getattr(node, "workeroutput", {}).get(NAME, {})
        self.matrix.named.update(told.get("named", ()))
        self.matrix.target = told.get("target") or self.matrix.target

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the matrix below the results."""
        if _only_lists(self.config) or not (self.matrix.named or self.matrix.cases):
            return
        terminalreporter.section("contract matrix")
        terminalreporter.write_line(as_text(self.matrix))
        if not self.matrix.executed:
            terminalreporter.write_line("no case was executed: that proves nothing", red=True)

    @staticmethod
    def _parametrize(
        metafunc: pytest.Metafunc, name: str, choices: Sequence[Any], otherwise: str
    ) -> None:
        values: list[Any] = [pytest.param(value, id=_label(value)) for value in choices]
        nobody = [pytest.param(None, id="-", marks=pytest.mark.skip(reason=otherwise))]
        metafunc.parametrize(name, values or nobody)


def harness_of(config: pytest.Config) -> Harness:
    """Give the harness of this run, registering it if the suite is met only now."""
    found = config.pluginmanager.get_plugin(NAME)
    if found is None:
        if not hasattr(config.option, "pardot_target"):
            raise pytest.UsageError("the contract suite needs its pytest plugin: -p pardot")
        found = Harness(config)
        config.pluginmanager.register(found, NAME)
    return found


def _label(value: DriverKind | Way | str) -> str:
    if isinstance(value, Way):
        return f"{RAW}-{value.label}"
    if isinstance(value, DriverKind):
        return value.label
    return f"v{value}" if value in VERSIONS else value


def _in_suite(path: Path) -> bool:
    return SUITE in path.parents


def _only_lists(config: pytest.Config) -> bool:
    return bool(config.option.collectonly)


def _reason(report: pytest.TestReport) -> str:
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""
