"""The command that tells whom to trust: ca."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from pardot_mock.serveoptions import ENVIRONMENT

USAGE = 2


@click.command("ca", context_settings={"auto_envvar_prefix": ENVIRONMENT})
@click.option("--path", "as_path", is_flag=True, help="Print where the file lies instead.")
@click.option("--hints", is_flag=True, help="Print how each language is told to trust it.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where `serve --data-dir` keeps it; without it, the folder of this user's data.",
)
def ca(*, as_path: bool, hints: bool, data_dir: Path | None) -> None:
    """Print the certificate to trust.

    Inside `pardot-mock exec` that of the run, elsewhere the one `serve --tls` uses, which is made
    once and stays. Its key can vouch for the hosts of the service and for nothing else.
    """
    path = _certificate(data_dir)
    if hints:
        from pardot_mock.dropin.trusthints import trust_hints

        click.echo(trust_hints(shlex.quote(str(path))))
    elif as_path:
        click.echo(path)
    else:
        click.echo(_text(path), nl=False)


def _certificate(data_dir: Path | None) -> Path:
    from pardot_mock.dropin.authorityfile import (
        AuthorityError,
        default_folder,
        kept_authority,
        public_file,
    )
    from pardot_mock.dropin.environment import CA

    if data_dir is None and (told := os.environ.get(CA)):
        return Path(told)
    folder = (data_dir or default_folder(os.environ)).absolute()
    try:
        kept_authority(folder)
    except AuthorityError as error:
        raise click.UsageError(str(error)) from error
    return public_file(folder)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"pardot-mock: {path} cannot be read: {error}", err=True)
        sys.exit(USAGE)
