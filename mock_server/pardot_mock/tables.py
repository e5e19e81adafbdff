"""Prints tables for the command line: aligned text, Markdown, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def markdown_table(rows: Sequence[Mapping[str, str]]) -> str:
    """Give `rows` (all with the same keys) as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([row[name] for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    # Between backticks nothing is markup but the bar that ends a cell.
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts).replace("|", "\\|").replace("\n", "\\n")


def print_table(rows: Sequence[Mapping[str, str]], *, as_json: bool, markdown: bool) -> None:
    """Print `rows`, all with the same keys."""
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif markdown:
        click.echo(markdown_table(rows))
    else:
        for row in rows:
            head, *rest = row.values()
            click.echo(f"{head:<26}" + "  ".join(rest))
