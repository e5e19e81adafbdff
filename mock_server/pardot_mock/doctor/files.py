"""Would files do: disk, certificates, settings."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from pardot_mock.doctor.finding import Finding, ok, problem, warning
from pardot_mock.dropin.environment import BUNDLES
from pardot_mock.settings import SettingsError, Wanted, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ENOUGH = 2 * 1024**3
_MARK = b"-----BEGIN CERTIFICATE-----"
_FEW_FILES = 1024


def disk(folder: Path) -> Iterator[Finding]:
    """Look whether sealed result files can be written to `folder`, and how many."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        yield problem("disk", f"{folder} cannot be written", "choose another one with --data-dir")
        return
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB are free in {place}"
    if free < _ENOUGH:
        todo = "ten million rows take about 1 GiB: make room, or choose another place (--data-dir)"
        yield warning("disk", text, todo)
    else:
        yield ok("disk", text)


def authority(folder: Path) -> Iterator[Finding]:
    """Look whether the authority of `serve --tls` that is kept in `folder` can be used."""
    from pardot_mock.dropin.authorityfile import (
        SECRET_NAME,
        AuthorityError,
        kept_authority,
        public_file,
    )

    path = public_file(folder)
    if not path.with_name(SECRET_NAME).exists():
        yield ok("certificates", f"none yet; `serve --tls` and `pardot-mock ca` make {path}")
        return
    try:
        ends = kept_authority(folder).ends
    except AuthorityError as error:
        yield problem("certificates", str(error), "do so, then `pardot-mock ca --hints`")
    else:
        yield ok("certificates", f"{path} is valid until {ends:%Y-%m-%d}")


def trust(base: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether the variables that name files to trust name such files."""
    told = {name: base[name] for name in BUNDLES if base.get(name)}
    for name, value in told.items():
        try:
            # A folder of certificates is as good; what it holds is for OpenSSL to read.
            with open(value, "rb") as file:  # noqa: PTH123 - as the programs will
                holds = _MARK in file.read()
        except IsADirectoryError:
            continue
        except OSError as error:
            yield problem(name, f"{value} cannot be read: {error.strerror}", f"unset {name}")
            continue
        if not holds:
            yield problem(name, f"{value} holds no certificate", f"unset {name}")


def settings(folder: Path, known: Mapping[str, Wanted]) -> Iterator[Finding]:
    """Look whether the settings file in `folder` says what `serve` understands."""
    try:
        found = read_settings(folder, known)
    except SettingsError as error:
        yield problem("settings", str(error), "mend the file")
    else:
        yield ok("settings", f"{len(found)} settings" if found else "no settings file")


def open_files() -> Iterator[Finding]:
    """Look how many files and connections a process may have open."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 <= most < _FEW_FILES:
        todo = f"ulimit -n {_FEW_FILES}"
        yield warning("open files", f"{most} at most, which many connections use up", todo)
    else:
        yield ok("open files", "enough")
