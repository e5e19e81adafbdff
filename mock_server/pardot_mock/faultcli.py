"""The command `pardot-mock faults`: plan what the front door will do wrong, and hear the verdict.

Exit codes are those of the other steering commands; `verdict --strict` ends with 1 while a planned
fault has hits left, because a test that never met its fault has shown nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from pardot_mock.controlcli import aligned, targeted
from pardot_mock.faults import FaultKind
from pardot_mock.faults.values import ANY, OPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.controlcli import Target

CHECKS_FAILED = 1


@click.group()
def faults() -> None:
    """Plan faults, list them, clear them, and say which were met."""


@faults.command("list")
@targeted
def list_faults(target: Target) -> None:
    """List the planned faults and how often each has hit."""
    planned = target.client.faults(target.account)
    target.show({"faults": planned}, _lines(planned))


@faults.command("add")
@click.argument("kind", type=click.Choice([str(kind) for kind in FaultKind]))
@click.option(
    "--op",
    type=click.Choice(sorted(OPS)),
    metavar="OP",
    default=ANY,
    show_default=True,
    help="Operation that meets it.",
)
@click.option("--nth", type=click.IntRange(1), help="Only the nth matching call.")
@click.option("--export", type=click.IntRange(0), help="Only calls about this export.")
@click.option("--file", type=click.IntRange(0), help="Only downloads of this file.")
@click.option(
    "--times",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many matching calls meet it.",
)
@click.option("--code", type=int, help="Pardot error code of an error.")
@click.option("--status", type=int, help="HTTP status.")
@click.option("--seconds", type=float, help="How long it lasts, in real seconds.")
@click.option("--after-bytes", type=click.IntRange(0), help="Bytes of the body sent before it.")
@click.option("--bytes-per-second", type=click.IntRange(1), help="Pace of a drip.")
@targeted
def add_fault(target: Target, *, kind: str, times: int, **given: Any) -> None:  # noqa: ANN401
    """Plan a fault of KIND for calls to come; prints its id."""
    chosen = {name: value for name, value in given.items() if value is not None}
    match: dict[str, Any] = {
        name: chosen.pop(name) for name in ("op", "nth", "export", "file") if name in chosen
    }
    fault_id = target.client.add_fault({"kind": kind, **chosen}, match, times, target.account)
    target.show({"id": fault_id}, [str(fault_id)])


@faults.command("clear")
@targeted
def clear_faults(target: Target) -> None:
    """Forget every planned fault."""
    target.client.clear_faults(target.account)
    target.show({"faults": []}, ["no faults are planned"])


@faults.command("verdict")
@click.option("--strict", is_flag=True, help="End with 1 while a planned fault has hits left.")
@targeted
def show_verdict(target: Target, *, strict: bool) -> None:
    """Say how many hits were planned and have happened."""
    verdict = target.client.verdict(target.account)
    head = f"{verdict['consumed']} of {verdict['planned']} planned hits have happened"
    target.show(verdict, [head, *_lines(verdict["unused"])])
    if strict and verdict["unused"]:
        sys.exit(CHECKS_FAILED)


def _lines(planned: list[dict[str, Any]]) -> Iterable[str]:
    return aligned(
        [
            str(fault["id"]),
            fault["effect"]["kind"],
            _words(fault["match"]),
            f"{fault['consumed']}/{fault['times']}",
        ]
        for fault in planned
    )


def _words(match: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in match.items())
