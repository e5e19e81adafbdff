"""The command that looks for what is wrong: doctor."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pardot_mock.serveoptions import ENVIRONMENT, TLS_PORT, known_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.doctor import Finding

FOUND = 1
_HOSTS_FILE = Path("/etc/hosts")


@click.command(context_settings={"auto_envvar_prefix": ENVIRONMENT})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address serve would bind.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--tls-port", default=TLS_PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(host: str, port: int, tls_port: int, data_dir: Path | None, *, as_json: bool) -> None:
    """Look for what would keep the emulator from working, and say what to do.

    Exits 1 if there is a problem; warnings alone are none. Nothing is changed, and nothing but
    loopback is called.
    """
    found = list(_findings(host, port, tls_port, data_dir))
    worst = sorted({finding.level for finding in found}, key=("problem", "warning", "ok").index)[0]
    if as_json:
        facts = {"worst": worst, "findings": [finding.view() for finding in found]}
        click.echo(json.dumps(facts, indent=2))
    else:
        for finding in found:
            click.echo(f"{finding.level:<8} {finding.subject:<14} {finding.message}")
            if finding.todo:
                click.echo(f"{'':<8} {'':<14} -> {finding.todo}")
    sys.exit(FOUND if worst == "problem" else 0)


def _findings(host: str, port: int, tls_port: int, data_dir: Path | None) -> Iterator[Finding]:
    from pardot_mock.doctor import files, installation, network
    from pardot_mock.dropin.authorityfile import default_folder

    base = os.environ
    yield from installation.python()
    yield from installation.packages()
    yield from installation.zones()
    yield from network.port("port", host, port)
    yield from network.port("tls-port", host, tls_port)
    yield from network.running(base)
    yield from network.proxies(base)
    yield from network.hosts_file(_HOSTS_FILE)
    yield from files.authority(data_dir or default_folder(base))
    yield from files.trust(base)
    yield from files.settings(Path(), known_settings())
    yield from files.disk(data_dir or Path(tempfile.gettempdir()))
    yield from files.open_files()
