"""The commands for programs that are not to be changed: exec, env."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from pardot_mock.controlcli import reach_options
from pardot_mock.serveoptions import (
    ENVIRONMENT,
    cannot_serve,
    config_of,
    serve_options,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pardot_mock.account import Account
    from pardot_mock.dropin.opening import DropIn
    from pardot_mock.instance import Instance

REFUSED = 1
USAGE = 2
UNREACHABLE = 4


@click.command(
    "exec",
    context_settings={"auto_envvar_prefix": ENVIRONMENT, "allow_interspersed_args": False},
)
@serve_options(port=0)
@click.option(
    "--allow",
    multiple=True,
    metavar="HOST",
    help="Host that may really be reached; may be repeated. Without it nothing leaves.",
)
@click.option(
    "--couple-sleep",
    is_flag=True,
    help="Let the sleeps of COMMAND move the clock of its account instead of taking time.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_command(command: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Run COMMAND so that its calls of the service reach an emulator made for it.

    The emulator takes a free port unless --port is given on the command line. The exit code is
    that of COMMAND, or 127 if it cannot be started.
    """
    from pardot_mock.dropin.authority import Authority
    from pardot_mock.dropin.opening import DropIn
    from pardot_mock.instance import Instance
    from pardot_mock.scenarios.scenario import ScenarioError

    allow, quiet = options.pop("allow"), options.pop("quiet")
    couple = options.pop("couple_sleep")
    ready_file: Path | None = options.pop("ready_file")
    source = click.get_current_context().get_parameter_source("port")
    if source is not ParameterSource.COMMANDLINE:
        # A port that is meant for serve would be taken whenever one serves already.
        options["port"] = 0
    config = config_of(options)
    authority = config.authority or Authority()
    try:
        instance = Instance(replace(config, authority=authority))
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        click.echo(cannot_serve(config, error), err=True)
        sys.exit(USAGE)
    try:
        instance.start()
        try:
            report = _silent if quiet else _say
            dropin = DropIn(instance.server.address, authority, allow, report)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--allow") from error
        with dropin:
            if ready_file is not None:
                write_whole(ready_file, instance.url + "\n")
            code = _run(command, instance, dropin, couple=couple)
            if not quiet:
                _say(_summary(instance, dropin))
    finally:
        instance.close()
    sys.exit(code)


def _run(command: tuple[str, ...], instance: Instance, dropin: DropIn, *, couple: bool) -> int:
    from pardot_mock.credentials import credentials
    from pardot_mock.dropin.child import NOT_STARTED, NotStartedError, run_child
    from pardot_mock.dropin.environment import TOKEN, caller_variables

    known = credentials(instance.default.info, instance.default.owner)
    environment = {**os.environ, **dropin.variables(os.environ)}
    environment |= caller_variables(instance.url, known)
    if instance.control_token:
        environment[TOKEN] = instance.control_token
    try:
        with coupled(instance.default, environment) if couple else nullcontext(environment) as led:
            return run_child(command, led)
    except NotStartedError as error:
        _say(f"cannot start {error}")
        return NOT_STARTED


@contextmanager
def coupled(account: Account, base: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Give `base` with what makes a program's sleeps move the clock of `account`, within the
    block.
    """
    from pardot_mock.dropin.waits import Told, Waits

    def wait(told: Told) -> None:
        span = timedelta(seconds=told.seconds or 0)
        with account.lock:
            account.move_clock(lambda clock, real: clock.advance(span, real))

    with (
        tempfile.TemporaryDirectory(prefix="pardot-mock-") as folder,
        Waits(wait, Path(folder)) as waits,
    ):
        yield {**base, **waits.variables(base)}


def _summary(instance: Instance, dropin: DropIn) -> str:
    from pardot_mock.dropin.summary import summary

    journal = instance.default.journal
    return summary(journal.entries(), journal.dropped, dropin.refused)


def _say(line: str) -> None:
    click.echo(f"pardot-mock: {line}", err=True)


def _silent(_: str) -> None:
    pass


@click.command("env")
@reach_options
@click.option("--account", envvar="PARDOT_MOCK_ACCOUNT", default="default", show_default=True)
@click.option(
    "--format",
    "style",
    type=click.Choice(["shell", "plain", "json"]),
    default="shell",
    show_default=True,
    help="plain: NAME=value, as files of variables have it.",
)
def env(url: str, token: str | None, account: str, style: str) -> None:
    """Print a running emulator's variables for a shell: eval "$(pardot-mock env)".

    Inside `pardot-mock exec` they include the proxy and the trust file.
    """
    from pardot_mock.controlclient import ControlClient, ControlRefused, Unreachable
    from pardot_mock.dropin.environment import (
        DROPIN,
        TOKEN,
        URL,
        caller_variables,
        export_lines,
        is_ours,
        json_text,
        plain_lines,
    )

    try:
        with ControlClient(url, token) as client:
            known = client.account(account)["credentials"]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error
    except ControlRefused as refused:
        _say(f"refused: {refused.message}")
        sys.exit(REFUSED)
    except Unreachable as error:
        _say(str(error))
        sys.exit(UNREACHABLE)
    variables = caller_variables(url.rstrip("/"), {name: str(known[name]) for name in known})  # type: ignore[literal-required]
    if token:
        variables[TOKEN] = token
    if DROPIN in os.environ and os.environ.get(URL) == url:
        around = {name: value for name, value in os.environ.items() if is_ours(name)}
        variables = {**around, **variables}
    written = {"shell": export_lines, "plain": plain_lines, "json": json_text}[style]
    click.echo(written(variables), nl=False)
