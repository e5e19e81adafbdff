"""The command that explains an answer: `pardot-mock explain ID`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pardot_mock.controlcli import reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.controlcli import Target
    from pardot_mock.controltypes import ExplanationFacts


@click.command()
@click.argument("request_id", metavar="ID")
@reaching
def explain(target: Target, request_id: str) -> None:
    """Say why a recent call was answered as it was.

    ID is the value of the header X-Pardot-Mock-Request-Id, also shown by `journal --json`.
    """
    facts = target.client.explain(request_id)
    target.show(facts, _lines(facts))


def _lines(facts: ExplanationFacts) -> Iterator[str]:
    call = facts["call"]
    yield f"{call['method']} {call['path']}  account {facts['account'] or 'unknown'}"
    yield facts["said"]
    if facts["why"]:
        yield f"why      {facts['why']}"
    if facts["nearest"]:
        yield f"nearest  {facts['nearest']}"
    for warning in facts["warnings"]:
        yield f"warning  {warning}"
    yield ""
    for each in facts["requirements"]:
        yield f"{each['id']:<14}  {each['evidence']:<10}  {each['text']}"
    yield ""
    for quirk in facts["quirks"]:
        changed = "" if quirk["value"] == quirk["default"] else " (changed)"
        value = f"{quirk['value']}{changed} of {quirk['alternatives']}"
        yield f"{quirk['name']:<26}  {quirk['evidence']:<10}  {value}"
