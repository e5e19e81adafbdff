"""The commands that steer a running emulator: clock, accounts, journal, budget.

Exit codes: 0 done, 1 refused by the emulator, 2 wrong usage, 4 no emulator answers.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pardot_mock.domain.accounts import Access
from pardot_mock.domain.durations import BadDuration, parse_duration
from pardot_mock.domain.worlds import MAX_ROWS, MAX_SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pardot_mock.controlclient import ControlClient
    from pardot_mock.controltypes import (
        AccountFacts,
        BudgetFacts,
        CalendarFacts,
        ClockFacts,
        EntryFacts,
        JournalFacts,
    )

REFUSED = 1
UNREACHABLE = 4


class Target:
    """Where a command goes: a client, the account it is about, and how to print."""

    def __init__(self, client: ControlClient, account: str, *, as_json: bool) -> None:
        self.client = client
        self.account = account
        self._as_json = as_json

    def show(self, facts: object, lines: Iterable[str]) -> None:
        """Print `facts` as JSON if that was asked for, else `lines`."""
        if self._as_json:
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for line in lines:
            click.echo(_printable(line))


def reach_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options that say which emulator it is for."""
    token = click.option(
        "--token",
        envvar=["PARDOT_MOCK_TOKEN", "PARDOT_MOCK_CONTROL_TOKEN"],
        help="Control token, if the emulator asks for one.",
    )
    url = click.option(
        "--url",
        envvar="PARDOT_MOCK_URL",
        default="http://127.0.0.1:8000",
        show_default=True,
        help="Base URL of the emulator.",
    )
    return url(token(command))


def reaching(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options that say which emulator it is for, and the exit codes."""

    @reach_options
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(command)
    def run(
        url: str,
        token: str | None,
        *,
        as_json: bool,
        account: str = "",
        **rest: Any,  # noqa: ANN401
    ) -> None:
        with _connected(url, token) as client:
            command(Target(client, account, as_json=as_json), **rest)

    return run


def targeted(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options that say which account of which emulator it is for."""
    account = click.option(
        "--account",
        envvar="PARDOT_MOCK_ACCOUNT",
        default="default",
        show_default=True,
        help="Id of the account.",
    )
    return account(reaching(command))


@contextmanager
def _connected(url: str, token: str | None) -> Iterator[ControlClient]:
    from pardot_mock.controlclient import ControlClient, ControlRefused, Unreachable

    try:
        client = ControlClient(url, token)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error
    with client:
        try:
            yield client
        except ControlRefused as refused:
            click.echo(_printable(f"refused: {refused.message}"), err=True)
            sys.exit(REFUSED)
        except Unreachable as error:
            click.echo(_printable(str(error)), err=True)
            sys.exit(UNREACHABLE)


def _duration(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None:
            parse_duration(value)
    except BadDuration as error:
        raise click.BadParameter(str(error)) from error
    return value


def _instant(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None:
            datetime.fromisoformat(value)
    except ValueError as error:
        message = f"{value!r} is not an instant such as 2026-01-31T10:00:00Z"
        raise click.BadParameter(message) from error
    return value


def _pace(_: click.Context, __: click.Parameter, value: str | None) -> float | str | None:
    if value is None or value in ("real", "frozen"):
        return value
    try:
        return float(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither a number nor frozen nor real") from error


@click.group()
def clock() -> None:
    """Show and move the clock of an account."""


@clock.command("show")
@targeted
def show_clock(target: Target) -> None:
    """Show the present instant and the pace."""
    _show_clock(target, target.client.clock(target.account))


@clock.command("advance")
@click.argument("duration", callback=_duration)
@targeted
def advance_clock(target: Target, duration: str) -> None:
    """Move forward by DURATION such as 90s, 15m, 2h or 7d."""
    _show_clock(target, target.client.advance(duration, target.account))


@clock.command("set")
@click.argument("iso", callback=_instant)
@targeted
def set_clock(target: Target, iso: str) -> None:
    """Move forward to an instant; without an offset it is UTC."""
    _show_clock(target, target.client.set_clock(iso, target.account))


@clock.command("next")
@targeted
def next_event(target: Target) -> None:
    """Move forward to the next due event."""
    _show_clock(target, target.client.next(target.account))


@clock.command("rate")
@click.argument("rate", callback=_pace, metavar="N|real|frozen")
@targeted
def set_rate(target: Target, rate: float | str) -> None:
    """Set the pace in virtual seconds per real second."""
    _show_clock(target, target.client.rate(rate, target.account))


@clock.command("calendar")
@targeted
def show_calendar(target: Target) -> None:
    """List what is due if nobody does anything."""
    calendar = target.client.calendar(target.account)
    target.show(calendar, _event_lines(calendar))


def _show_clock(target: Target, clock: ClockFacts) -> None:
    head = f"{_short(clock['now'])} UTC  rate {clock['rate']:g}"
    target.show(clock, [head, *_event_lines(clock)])


def _event_lines(facts: ClockFacts | CalendarFacts) -> Iterator[str]:
    events = facts["events"]
    return aligned([_short(e["at"]), e["kind"], str(e["subject"])] for e in events)


@click.group()
def accounts() -> None:
    """List, make, reset and delete accounts."""


@accounts.command("list")
@reaching
def list_accounts(target: Target) -> None:
    """List the accounts."""
    listed = target.client.accounts()
    head = ["id", "version", "edition", "rows", "scenario", "now"]
    target.show({"accounts": listed}, aligned([head, *(_account_row(each) for each in listed)]))


def _account_row(account: AccountFacts) -> list[str]:
    version = account["api_version"]
    return [
        account["id"],
        "3+4" if version is None else str(version),
        account["edition"],
        str(account["rows"]),
        account["scenario"],
        _short(account["now"]),
    ]


def _scenario(_: click.Context, __: click.Parameter, value: str | None) -> object:
    """Send a file of one's own as an object: the emulator may run on another machine."""
    from pardot_mock.scenarios.catalogue import from_file, is_file_name
    from pardot_mock.scenarios.scenario import ScenarioError

    if value is None or not is_file_name(value):
        return value
    try:
        return from_file(Path(value)).as_object()
    except ScenarioError as error:
        raise click.BadParameter(str(error)) from error


def _quirks(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    for name, equals, _value in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE")
    return {name: value for name, _equals, value in pairs}


@accounts.command("create")
@click.option("--id", "--account", "id", help="Id of the account; made up without it.")
@click.option("--name", help="Name of the account.")
@click.option("--scenario", callback=_scenario, metavar="NAME|FILE", help="What it starts with.")
@click.option("--seed", type=click.IntRange(0, MAX_SEED), help="Seed of the data.")
@click.option("--rows", type=click.IntRange(0, MAX_ROWS), help="Number of visitor activities.")
@click.option("--now", callback=_instant, metavar="ISO", help="Instant at which it starts.")
@click.option("--rate", callback=_pace, metavar="N|real|frozen", help="Pace of its clock.")
@click.option("--timezone", help="Timezone such as Europe/Berlin.")
@click.option("--edition", help="Edition, which decides the calls of a day.")
@click.option("--api-version", type=click.Choice(["3", "4"]), help="Bind it to one version.")
@click.option("--access", type=click.Choice(list(map(str, Access))), help="Whether it is open.")
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    callback=_quirks,
    metavar="NAME=VALUE",
    help="Set a quirk; may be repeated.",
)
@reaching
def create_account(target: Target, **fields: Any) -> None:  # noqa: ANN401
    """Make an account and print its credentials."""
    given = {name: value for name, value in fields.items() if value not in (None, {})}
    if "api_version" in given:
        given["api_version"] = int(given["api_version"])
    made = target.client.create_account(**given)
    rows = [["id", made["id"]], *([name, str(value)] for name, value in _credentials(made))]
    target.show(made, aligned(rows))


def _credentials(account: AccountFacts) -> Iterable[tuple[str, object]]:
    return account["credentials"].items()


@accounts.command("reset")
@click.argument("id", required=False)
@targeted
def reset_account(target: Target, id: str | None) -> None:  # noqa: A002
    """Bring an account back to its start: ID, else the one of --account."""
    back = target.client.reset_account(id or target.account)
    target.show(back, [f"{back['id']} is back at its start, {_short(back['now'])} UTC"])


@accounts.command("delete")
@click.argument("id", required=False)
@targeted
def delete_account(target: Target, id: str | None) -> None:  # noqa: A002
    """Remove an account with its files: ID, else the one of --account."""
    name = id or target.account
    target.client.delete_account(name)
    target.show({"deleted": name}, [f"{name} is gone"])


@click.command()
@click.option("--op", help="Calls of one operation only: login, create, read, query, download.")
@click.option("--since", callback=_instant, metavar="ISO", help="Calls at and after this instant.")
@click.option("--clear", is_flag=True, help="Forget every call.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "har", "pact"]),
    default="text",
    show_default=True,
    help="HAR 1.2 for viewers of HTTP, or a Pact file of version 3.",
)
@click.option(
    "--consumer", default="consumer", show_default=True, help="Who it is, for --format pact."
)
@targeted
def journal(
    target: Target, op: str | None, since: str | None, form: str, consumer: str, *, clear: bool
) -> None:
    """Show what clients sent to an account, oldest first."""
    if clear:
        if op or since:
            raise click.UsageError("--clear forgets all calls: leave --op and --since out")
        target.client.clear_journal(target.account)
        target.show({"cleared": True}, [f"the journal of {target.account} is empty"])
        return
    kept = target.client.journal(op, since, target.account)
    if form == "text":
        target.show(kept, _journal_lines(kept))
    else:
        click.echo(json.dumps(_exchanged(kept, form, consumer), indent=2, ensure_ascii=False))


def _exchanged(kept: JournalFacts, form: str, consumer: str) -> Any:  # noqa: ANN401 - JSON
    from pardot_mock.interchange import har_of, pact_of

    if form == "json":
        return kept
    if form == "pact":
        return pact_of(kept["entries"], consumer)
    return har_of(kept["entries"], "https://pi.pardot.com")


def _journal_lines(kept: JournalFacts) -> Iterator[str]:
    if kept["dropped"]:
        yield f"{kept['dropped']} older calls had to make room and are lost"
    rows = aligned(_entry_row(entry) for entry in kept["entries"])
    for row, entry in zip(rows, kept["entries"], strict=True):
        yield row
        yield from _notes(entry)


def _notes(entry: EntryFacts) -> Iterator[str]:
    if entry["hint"]:
        yield f"    {entry['hint']}"
    yield from (f"    warning: {warning}" for warning in entry["warnings"])


def _entry_row(entry: EntryFacts) -> list[str]:
    code = entry["error_code"]
    return [
        _short(entry["at"]),
        entry["op"],
        str(entry["status"]),
        "-" if code is None else str(code),
        entry["method"],
        entry["path"],
        entry["detail"],
    ]


@click.command()
@click.option(
    "--for",
    "duration",
    callback=_duration,
    default="90m",
    show_default=True,
    help="Time of polling to foretell the cost of.",
)
@targeted
def budget(target: Target, duration: str) -> None:
    """Show the daily allowance of an account and what is used of it."""
    facts = target.client.budget(duration, target.account)
    target.show(facts, aligned(_budget_rows(facts)))


def _budget_rows(facts: BudgetFacts) -> Iterator[list[str]]:
    yield ["used", f"{facts['used']} of {facts['limit']}"]
    yield from ([f"  {op}", str(count)] for op, count in facts["by_op"].items())
    yield ["remaining", str(facts["remaining"])]
    yield ["resets", f"{_short(facts['resets_at'])} UTC"]
    yield ["forecast", facts["forecast"]["text"]]


def aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give `rows` with their columns below each other; the last one is as long as it is."""
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _short(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _printable(line: str) -> str:
    """Show control characters, which a client can put into a path, instead of obeying them."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
