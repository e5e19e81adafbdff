"""pytest plugin: fixtures for projects that test against the emulator, and the suite's options.

It loads with every pytest run of an environment that has this package, so it imports pytest alone;
everything else comes when a fixture is first used.

Fixtures: `pardot_server` (one emulator for the session), `pardot` (a fresh account for each test),
`pardot_intercept` (the same without a socket, for the service's own hosts),
`pardot_clock`, `pardot_faults`, `pardot_journal` and `pardot_budget` (of that account),
`pardot_sleep` (sleeps of your client move its clock) and `pardot_client` (the reference client
logged in to it). Choose how the account looks with
`@pytest.mark.pardot(scenario=..., seed=..., now=..., quirks=...)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_FIXTURES = frozenset({"pardot", "pardot_intercept"})
SUITE_NAME = "pardot_contracts.suite"
_MARKERS = (
    "pardot(scenario, seed, now, quirks, ...): how the account of this test looks",
    "pardot_sleep(module, ...): the modules whose sleeps the fixture of that name couples",
    "requirement(id, ...): the requirements that a contract case covers",
    "needs(capability, ...): what a contract case wants from its target beyond its requirements",
    "form(name): the one format, xml or json, that a contract case is about",
    "auth(kind): the one kind of authentication, api_key or oauth, that a contract case is about",
    "matrix(full): a contract case that runs in every combination, not in every pair of values",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the contract suite."""
    group = parser.getgroup("pardot", "contract suite for the Pardot Export API")
    group.addoption(
        "--pardot-target",
        default="emulator",
        metavar="TARGET",
        help="emulator (default), real, or the URL of a server",
    )
    group.addoption(
        "--pardot-driver",
        action="append",
        metavar="DRIVER",
        help="raw, client or module:Class; may be repeated (default: raw and client)",
    )
    group.addoption(
        "--pardot-allow-writes",
        action="store_true",
        help="let cases create things on a server that has no control plane",
    )
    group.addoption(
        "--pardot-call-budget",
        type=int,
        metavar="N",
        help="send at most N calls to a server that has no control plane",
    )
    group.addoption(
        "--pardot-matrix",
        choices=("pairwise", "full"),
        default="pairwise",
        help="combinations of version, format and authentication: every pair (default), or all",
    )
    group.addoption(
        "--pardot-api-version",
        choices=("3", "4"),
        help="only this version; an account of the real service is served in one of them",
    )

    group.addoption(
        "--pardot-now",
        metavar="ISO",
        help="instant at which accounts of the fixtures start, where a test does not say",
    )
    group.addoption(
        "--pardot-recordings",
        default="pardot-recordings",
        metavar="DIR",
        help="where failing tests leave what happened in their account (default: %(default)s)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a failing test leave a recording of its account, while the account is still there."""
    report = yield
    used = getattr(item, "funcargs", {})
    if report.failed and report.when != "teardown" and _FIXTURES & used.keys():
        from pardot_contracts.flight import record_failure

        record_failure(item, report)
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the harness if the suite was asked for by name."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if any(argument.startswith(SUITE_NAME) for argument in config.args):
        from pardot_contracts.harness import harness_of

        harness_of(config)


@pytest.fixture(scope="session")
def pardot_server() -> Iterator[Any]:
    """Serve the emulator on a free port until the session ends; see `pardot_mock.MockPardot`."""
    from pardot_mock import MockPardot

    with MockPardot() as server:
        yield server


@pytest.fixture
def pardot(pardot_server: Any, request: pytest.FixtureRequest) -> Iterator[Any]:  # noqa: ANN401
    """Give a fresh, isolated account; its clock stands still unless the marker says `rate`."""
    account = pardot_server.account(**_settings(request))
    yield account
    account.delete()


@pytest.fixture
def pardot_intercept(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Answer requests to the service's hosts in this process; gives the account, as `pardot`."""
    from pardot_mock.testing import intercept

    with intercept(**_settings(request)) as account:
        yield account


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give how the account of a test looks: by its markers, of which the nearest counts most."""
    options: dict[str, Any] = {"rate": 0}
    if start := request.config.getoption("pardot_now"):
        options["now"] = start
    for marker in reversed(list(request.node.iter_markers("pardot"))):
        options |= marker.kwargs
    return options


@pytest.fixture
def pardot_clock(pardot: Any) -> Any:  # noqa: ANN401 - lazy type
    """Give the clock of the account: `advance(days=7)`, `now()`."""
    return pardot.clock


@pytest.fixture
def pardot_sleep(pardot: Any, request: pytest.FixtureRequest) -> Iterator[Any]:  # noqa: ANN401
    """Let sleeps of the client move the account's clock: `pardot_sleep("my_client", ...)`.

    The modules can be named by `@pytest.mark.pardot_sleep("my_client")` as well; then they are
    coupled from the start. What a call gives is the coupling of `pardot_mock.testing.sleeping`.
    """
    from contextlib import ExitStack

    from pardot_mock.testing.sleeping import coupled_sleep

    with ExitStack() as couplings:

        def couple(*modules: Any) -> Any:  # noqa: ANN401 - names or modules; lazy type
            return couplings.enter_context(coupled_sleep(pardot, modules=modules))

        for marker in request.node.iter_markers("pardot_sleep"):
            couple(*marker.args)
        yield couple


@pytest.fixture
def pardot_faults(pardot: Any) -> Any:  # noqa: ANN401 - lazy type
    """Give the faults of the account: `add("truncate", op="download")`, `verdict()`."""
    return pardot.faults


@pytest.fixture
def pardot_journal(pardot: Any) -> Any:  # noqa: ANN401 - lazy type
    """Give what lists the calls that came to the account: `pardot_journal("read")`."""
    return pardot.journal


@pytest.fixture
def pardot_budget(pardot: Any) -> Any:  # noqa: ANN401 - lazy type
    """Give what tells the daily allowance and its use: `pardot_budget()["remaining"]`."""
    return pardot.budget


@pytest.fixture
def pardot_client(pardot: Any) -> Iterator[Any]:  # noqa: ANN401 - lazy type
    """Give the reference client with the account's credentials."""
    from pardot_client import Pardot

    mine = pardot.credentials
    with Pardot(
        email=mine["email"],
        password=mine["password"],
        user_key=mine["user_key"],
        base_url=pardot.url,
    ) as client:
        yield client
