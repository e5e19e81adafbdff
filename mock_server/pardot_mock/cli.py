"""The command line `pardot-mock`."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from pardot_mock._version import __version__
from pardot_mock.serveoptions import (
    ENVIRONMENT,
    cannot_serve,
    config_of,
    serve_options,
    write_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pardot_mock.instance import Config, Instance

USAGE = 2
PORT = 8000
GRACE_SECONDS = 8.0
"""How long calls under way may take to end; those who stop containers wait for ten seconds."""
LAZY = MappingProxyType(
    {
        "accounts": "controlcli",
        "budget": "controlcli",
        "ca": "cacli",
        "doctor": "doctorcli",
        "clock": "controlcli",
        "env": "execcli",
        "explain": "explaincli",
        "exec": "execcli:exec_command",
        "faults": "faultcli",
        "grade": "gradecli",
        "journal": "controlcli",
        "load": "datacli",
        "truth": "datacli",
    }
)
"""Commands that are loaded when they are called: each is found under its name in its module,
or under the name after the colon."""


class _Commands(click.Group):
    """The commands of this module and those of `LAZY`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *LAZY})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LAZY:
            return super().get_command(ctx, cmd_name)
        module, _, name = LAZY[cmd_name].partition(":")
        found = importlib.import_module(f"pardot_mock.{module}")
        command: click.Command = getattr(found, name or cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """An emulator of the Pardot API around its asynchronous Export API."""


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)


@main.command(context_settings={"auto_envvar_prefix": ENVIRONMENT})
@serve_options(port=PORT)
def serve(**options: Any) -> None:  # noqa: ANN401
    """Serve the emulator until Ctrl-C or SIGTERM."""
    ready_file: Path | None = options.pop("ready_file")
    quiet: bool = options.pop("quiet")
    # What is made at start-up stays: collecting it costs a tenth of the start and finds nothing.
    gc.disable()
    _serve(config_of(options), ready_file, quiet=quiet)


def _serve(config: Config, ready_file: Path | None, *, quiet: bool) -> None:
    from pardot_mock.instance import Instance
    from pardot_mock.ownprocess import set_up
    from pardot_mock.scenarios.scenario import ScenarioError

    set_up()
    try:
        instance = Instance(config, lambda line: click.echo(f"pardot-mock: {line}", err=True))
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        click.echo(cannot_serve(config, error), err=True)
        sys.exit(USAGE)
    signal.signal(signal.SIGTERM, lambda *_: _finish(instance))
    try:
        click.echo(f"ready {instance.url}")
        if instance.tls_url:
            click.echo(f"tls {instance.tls_url}")
        if not quiet:
            from pardot_mock.greeting import greeting

            click.echo(greeting(instance))
        if ready_file is not None:
            write_whole(ready_file, instance.url + "\n")
        gc.freeze()
        gc.enable()
        instance.run()
    except KeyboardInterrupt:
        pass
    finally:
        instance.close()


def _finish(instance: Instance) -> None:
    """End when the calls under way are answered; at once if told so again."""
    signal.signal(signal.SIGTERM, _interrupt)
    instance.server.finish(GRACE_SECONDS)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@main.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the emulated API."""
    import json

    from pardot_mock.web.openapi import openapi_document

    click.echo(json.dumps(openapi_document(), indent=2))


@main.command()
@click.option(
    "--rows",
    default=20_000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Visitor activities of the demo account.",
)
def demo(rows: int) -> None:
    """Walk one export from login to expiry."""
    from pardot_mock.demo import run

    sys.exit(run(rows))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def quirks(*, as_json: bool, markdown: bool) -> None:
    """List the quirks with their values and evidence."""
    from pardot_mock.pages import quirk_rows
    from pardot_mock.tables import print_table

    print_table(quirk_rows(), as_json=as_json, markdown=markdown)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def requirements(*, as_json: bool, markdown: bool) -> None:
    """List what the emulator promises, with evidence and the cases that show it."""
    from pardot_mock.pages import requirement_rows
    from pardot_mock.tables import print_table

    print_table(requirement_rows(), as_json=as_json, markdown=markdown)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def objects(*, as_json: bool, markdown: bool) -> None:
    """List the objects with their operations, filters and exports."""
    from pardot_mock.objectspage import object_rows
    from pardot_mock.tables import print_table

    print_table(object_rows(), as_json=as_json, markdown=markdown)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def scenarios(*, as_json: bool, markdown: bool) -> None:
    """List the scenarios with what a client meets in each."""
    from pardot_mock.pages import scenario_rows
    from pardot_mock.tables import print_table

    print_table(scenario_rows(), as_json=as_json, markdown=markdown)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def errors(*, as_json: bool, markdown: bool) -> None:
    """List the error codes with their literal texts."""
    from pardot_mock.pages import error_rows
    from pardot_mock.tables import print_table

    print_table(error_rows(), as_json=as_json, markdown=markdown)
