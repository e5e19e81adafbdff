"""The commands about rows: `load` puts some into an account, `truth` says what a client must have.

Exit codes of `truth`: 0 the files hold exactly the true rows, 1 they do not, 2 wrong usage or no
such complete export, 4 no emulator answers. Those of `load` are those of the steering commands.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from pardot_mock.controlcli import targeted
from pardot_mock.controlclient import ControlRefused
from pardot_mock.data.overlayreading import MAX_BYTES, BadRowError, format_of
from pardot_mock.data.truth import RowDigest
from pardot_mock.truth import compare, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pardot_mock.controlcli import Target
    from pardot_mock.controltypes import TruthFacts
    from pardot_mock.data.overlayreading import RowFormat
    from pardot_mock.truth import Comparison, Row

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
        limit = f"{size} bytes are more than the {MAX_BYTES >> 20} MiB of one load"
        raise click.UsageError(f"{limit}; split the file, or use Parquet")
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
    state = target.client.export(export, target.account)["state"]
    if state != "Complete":
        raise click.UsageError(f"export {export} is {state}; it has no rows before it is complete")
    facts = target.client.truth(export, target.account)
    if directory is None:
        count = len(facts["files"])
        files = "1 file" if count == 1 else f"{count} files"
        target.show(facts, [f"{facts['rows']} rows in {files}, digest {facts['digest']}"])
        return
    try:
        comparison = _compared(target, export, facts, _Files(directory))
    except _UnlikeFilesError as error:
        target.show({"equal": False, "reason": str(error)}, [str(error)])
        sys.exit(DIFFERENT)
    _show(target, facts, comparison)
    if comparison is not None and not comparison.ok:
        sys.exit(DIFFERENT)


class _UnlikeFilesError(Exception):
    """The files cannot be the result of an export: unreadable, or of other columns."""


class _Files:
    """The CSV files of a folder, which may have their columns in any order."""

    def __init__(self, directory: Path) -> None:
        self._paths = sorted(directory.glob("*.csv"))

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Give every row with its cells in the order of `columns`; default: as they stand."""
        for path in self._paths:
            try:
                yield from self._rows_of(path, columns)
            except (csv.Error, UnicodeDecodeError) as error:
                raise _UnlikeFilesError(f"{path.name} cannot be read: {error}") from error

    def _rows_of(self, path: Path, columns: Sequence[str] | None) -> Iterator[Row]:
        with path.open("rb") as file:
            header, rows = read_table(iter(lambda: file.read(1 << 20), b""))
            wanted = header if columns is None else columns
            if sorted(header) != sorted(wanted):
                message = f"{path.name} has other columns: {', '.join(header) or 'none'}"
                raise _UnlikeFilesError(f"{message}; not {', '.join(wanted)}")
            places = [header.index(name) for name in wanted]
            for row in rows:
                # A row of another length cannot be put in order; it is surplus as it stands.
                whole = len(row) == len(header)
                yield tuple(row[place] for place in places) if whole else row


def _compared(target: Target, export: int, facts: TruthFacts, files: _Files) -> Comparison | None:
    """Compare by count and digest, and only if these differ by rows; None means equal."""
    weighed = RowDigest()
    for row in files.rows():
        weighed.add(row)
    if (weighed.rows, weighed.digest) == (facts["rows"], facts["digest"]):
        return None
    with target.client.true_rows(export, target.account) as pieces:
        header, true_rows = read_table(pieces)
        key = header.index("id") if "id" in header else None
        return compare(true_rows, files.rows(header), key)


def _show(target: Target, facts: TruthFacts, comparison: Comparison | None) -> None:
    equal = comparison is None or comparison.ok
    found: dict[str, Any] = {kind: getattr(comparison, kind, ()) for kind in _KINDS}
    shown = {"equal": equal, "rows": facts["rows"], "digest": facts["digest"], **found}
    target.show(shown, _lines(facts, comparison))


def _lines(facts: TruthFacts, comparison: Comparison | None) -> Iterable[str]:
    if comparison is None or comparison.ok:
        return [f"exactly the {facts['rows']} rows of the truth"]
    return str(comparison).splitlines()
