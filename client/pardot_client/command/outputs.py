"""Result files in the form that was asked for: whole or not at all.

Files are fetched as CSV. Whatever is made of them is written beside its final name and
renamed when it is complete, so an interruption leaves nothing half-written.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pardot_client.errors import TransferBroken
from pardot_client.frames import library, polars_frame
from pardot_client.rows import read_cells, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path


class Writer(Protocol):
    """Makes one file out of complete CSV files."""

    def __call__(self, sources: Sequence[Path], target: Path, zone: tzinfo | None) -> None: ...


def _check_headers(sources: Sequence[Path]) -> None:
    headers = {tuple(next(read_cells(path))) for path in sources}
    if len(headers) > 1:
        raise TransferBroken("the files have different columns, so they cannot be merged")


def _write_csv(sources: Sequence[Path], target: Path, zone: tzinfo | None) -> None:  # noqa: ARG001
    with target.open("wb") as merged:
        for number, path in enumerate(sources):
            with path.open("rb") as source:
                header = source.readline()
                if number == 0:
                    merged.write(header)
                shutil.copyfileobj(source, merged, 1024 * 1024)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _write_jsonl(sources: Sequence[Path], target: Path, zone: tzinfo | None) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
    with target.open("w", encoding="utf-8", newline="\n") as lines:
        for path in sources:
            for row in read_rows(path, typed=True, zone=zone):
                lines.write(f"{encode(row)}\n")


def _write_parquet(sources: Sequence[Path], target: Path, zone: tzinfo | None) -> None:
    polars_frame(sources, (), zone).write_parquet(target)


def require(form: str) -> None:
    """Make sure that a format can be written here.

    Raises:
        ModuleNotFoundError: it needs a library that is not installed.
    """
    if form == "parquet":
        library("polars")


def writer_for(form: str) -> Writer:
    """The writer of a format: csv, jsonl or parquet."""
    return {"csv": _write_csv, "jsonl": _write_jsonl, "parquet": _write_parquet}[form]


@contextlib.contextmanager
def _complete(target: Path) -> Iterator[Path]:
    """A path to write to that becomes the target when all went well."""
    part = target.with_name(f"{target.name}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def convert(
    sources: Sequence[Path],
    out: Path,
    form: str,
    *,
    merged_name: str | None,
    zone: tzinfo | None,
) -> list[Path]:
    """Make the files that were asked for.

    Args:
        sources: complete CSV files in another folder.
        out: where the files shall be.
        form: csv, jsonl or parquet.
        merged_name: name without suffix of the one file to make, or None for one per source.
        zone: the creator's timezone, for timestamps.

    Returns:
        The files; none if there were no sources.

    Raises:
        TransferBroken: the sources do not fit together.
        ModuleNotFoundError: see `require`.
    """
    if merged_name is None:
        groups = [([path], path.stem) for path in sources]
    else:
        _check_headers(sources)
        groups = [(list(sources), merged_name)] if sources else []
    write, made = writer_for(form), []
    for group, stem in groups:
        target = out / f"{stem}.{form}"
        with _complete(target) as part:
            write(group, part, zone)
        made.append(target)
    return made
