"""The commands about rows: `load` puts some into an account, `truth` says what a client must have.

Exit codes of `truth`: 0 the files hold exactly the true rows, 1 they do not, 2 wrong usage, no
such complete export or no files, 4 no emulator answers. Those of `load` are those of the steering
commands.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from pardot_mock.controlcli import targeted
from pardot_mock.controlclient import ControlRefused
from pardot_mock.data.overlayreading import MAX_BYTES, BadRowError, format_of, too_large_load
from pardot_mock.statusline import status
from pardot_mock.truth import compare, read_table, weighs
from pardot_mock.truthfiles import ClientFiles, UnlikeFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pardot_mock.controlcli import Target
    from pardot_mock.controltypes import TruthFacts
    from pardot_mock.data.overlayreading import RowFormat
    from pardot_mock.truth import Comparison

DIFFERENT = 1
USAGE = 2
CONTENT_TYPES: Mapping[RowFormat, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "jsonl": "application/x-ndjson",
        "parquet": "application/vnd.apache.parquet",
    }
)
_KINDS = ("lost", "duplicated", "altered", "surplus")


@click.command()
@click.argument("object_name", metavar="OBJECT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@targeted
def load(target: Target, object_name: str, file: Path) -> None:
    """Load the rows of FILE (.csv, .jsonl, .ndjson, .json, .parquet) into OBJECT, all or none."""
    try:
        form = format_of(file)
    except BadRowError as error:
        raise click.UsageError(str(error)) from error
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise click.UsageError(too_large_load(size))
    rows = file.read_bytes()
    facts = target.client.load(object_name, rows, CONTENT_TYPES[form], target.account)
    lines = [f"{facts['loaded']} rows loaded into {object_name}, version {facts['version']}"]
    target.show(facts, lines)


@click.command()
@click.argument("export", type=click.IntRange(1))
@click.option(
    "--check",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Hold every *.csv of this folder against the truth.",
)
@targeted
def truth(target: Target, export: int, directory: Path | None) -> None:
    """Say which rows a client must have of EXPORT, and whether a folder of files has them."""
    try:
        _truth(target, export, directory)
    except ControlRefused as refused:
        # An exit code of 1 would say that rows are missing.
        raise click.UsageError(f"refused: {refused.message}") from refused


def _truth(target: Target, export: int, directory: Path | None) -> None:
    with status(lambda: f"the rows of export {export} are being computed"):
        facts = target.client.truth(export, target.account)
    if directory is None:
        count = len(facts["files"])
        files = "1 file" if count == 1 else f"{count} files"
        target.show(facts, [f"{facts['rows']} rows in {files}, digest {facts['digest']}"])
        return
    found = ClientFiles(directory)
    # An export without rows has no files to download.
    if facts["rows"] and not found.paths:
        raise click.UsageError(f"{directory} holds no file that ends in .csv")
    try:
        comparison = _compared(target, export, facts, found)
    except UnlikeFilesError as error:
        target.show({"equal": False, "reason": str(error)}, str(error).splitlines())
        sys.exit(DIFFERENT)
    _show(target, facts, comparison)
    if comparison is not None and not comparison.ok:
        sys.exit(DIFFERENT)


def _compared(
    target: Target, export: int, facts: TruthFacts, files: ClientFiles
) -> Comparison | None:
    """Compare by count and digest, and only if these differ by rows; None means equal."""
    fields = facts["fields"]
    with status(files.progress):
        if weighs(files.rows(fields), len(fields)) == (facts["rows"], facts["digest"]):
            return None
    with (
        status(lambda: f"the files differ: looking at every row, {files.progress()}"),
        target.client.true_rows(export, target.account) as pieces,
    ):
        _, true_rows = read_table(pieces)
        key = fields.index("id") if "id" in fields else None
        return compare(true_rows, files.rows(fields), key)


def _show(target: Target, facts: TruthFacts, comparison: Comparison | None) -> None:
    equal = comparison is None or comparison.ok
    found: dict[str, Any] = {kind: getattr(comparison, kind, ()) for kind in _KINDS}
    shown = {"equal": equal, "rows": facts["rows"], "digest": facts["digest"], **found}
    target.show(shown, _lines(facts, comparison))


def _lines(facts: TruthFacts, comparison: Comparison | None) -> Iterable[str]:
    if comparison is None or comparison.ok:
        return [f"exactly the {facts['rows']} rows of the truth"]
    return str(comparison).splitlines()
