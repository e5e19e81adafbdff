"""Sends the calls of a Pact file to the emulator and compares what is answered.

Credentials in the file are those of somebody's test, so they are replaced: the Authorization header
by one of the same scheme, `email`, `password` and `user_key` of a login by those of the account,
unless the state says that they have ended. Ids in paths are those that the state gives.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import requests

from pardot_contracts.pact.matching import mismatches
from pardot_contracts.pact.reading import ABSENT, Interaction
from pardot_contracts.pact.states import SECONDS, bearer, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pardot_contracts.pact.states import Prepared
    from pardot_mock.reports import Report, Result
    from pardot_mock.testing import MockPardot

_LOGIN = ("email", "password", "user_key")
_PATH_IDS = (
    ("export_id", re.compile(r"(?<=/id/)[0-9]+")),
    ("file_id", re.compile(r"(?<=/file/)[0-9]+")),
)
MOST_SHOWN = 10
UNIT = "Pardot-Business-Unit-Id"


def verify(interactions: Sequence[Interaction], subject: str) -> Report:
    """Verify every interaction with an account of its own.

    Raises `ConfigurationError` for a state that is not known.
    """
    from pardot_mock import MockPardot
    from pardot_mock.reports import Report

    with MockPardot() as mock:
        results = tuple(_verified(mock, interaction) for interaction in interactions)
    return Report("Consumer contract", subject, results)


def _verified(mock: MockPardot, interaction: Interaction) -> Result:
    from pardot_mock.reports import Result

    prepared = prepare(mock, interaction.states)
    try:
        found = list(differences(interaction, send(interaction, prepared)))
    finally:
        prepared.account.delete()
    shown = found[:MOST_SHOWN] + (["..."] if len(found) > MOST_SHOWN else [])
    return Result(
        interaction.description,
        "contract",
        "must",
        "fail" if found else "pass",
        "\n".join(shown) or "answered as the consumer expects",
        source="the pact of the consumer",
        says=interaction.description,
    )


def send(interaction: Interaction, prepared: Prepared) -> requests.Response:
    """Send the call of an interaction as the user of a prepared account."""
    headers = {name: _header(name, value, prepared) for name, value in interaction.headers.items()}
    names = {name.lower() for name in headers}
    if headers.get("Authorization", "").startswith("Bearer") and UNIT.lower() not in names:
        headers[UNIT] = prepared.credentials["business_unit_id"]
    return requests.request(
        interaction.method,
        f"{prepared.account.url}{_path(interaction, prepared)}",
        params=[(name, value) for name, given in interaction.query.items() for value in given],
        headers=headers,
        data=_body(interaction, prepared),
        timeout=SECONDS,
        allow_redirects=False,
    )


def _header(name: str, value: str, prepared: Prepared) -> str:
    if name.lower() == "authorization":
        if not value.lower().startswith("bearer"):
            return prepared.authorization
        return prepared.bearer or bearer(prepared.account)
    if name.lower() == UNIT.lower():
        return prepared.credentials["business_unit_id"]
    return value


def _path(interaction: Interaction, prepared: Prepared) -> str:
    path = interaction.path_expression or interaction.path
    for name, value in prepared.values.items():
        path = path.replace(f"${{{name}}}", value)
    if not interaction.path_expression:
        for name, pattern in _PATH_IDS:
            if name in prepared.values:
                path = pattern.sub(prepared.values[name], path)
    return path


def _body(interaction: Interaction, prepared: Prepared) -> Any:  # noqa: ANN401 - what requests takes
    body = interaction.body
    if body is ABSENT or body is None:
        return None
    if not isinstance(body, str):
        return json.dumps(body)
    if "/login" in interaction.path:
        known = prepared.credentials
        pairs = parse_qsl(body, keep_blank_values=True)
        return [(name, known[name] if name in _LOGIN else value) for name, value in pairs]
    return body


def differences(interaction: Interaction, answer: requests.Response) -> Iterator[str]:
    """Say in a line each where an answer is not what the interaction calls for."""
    if answer.status_code != interaction.status:
        yield f"status {answer.status_code} instead of {interaction.status}: {answer.text[:200]}"
        return
    for name, value in interaction.answer_headers.items():
        yield from _header_differences(interaction, name, value, answer)
    if interaction.answer_body is not ABSENT:
        yield from _body_differences(interaction, answer)


def _header_differences(
    interaction: Interaction, name: str, value: str, answer: requests.Response
) -> Iterator[str]:
    found = answer.headers.get(name)
    rules = interaction.header_rules.get(name.lower())
    if found is None:
        yield f"header {name} is missing"
    elif rules is None and _plain(found) != _plain(value):
        yield f"header {name}: {found!r} instead of {value!r}"
    for rule in rules or ():
        if found is not None and "regex" in rule and not re.search(rule["regex"], found):
            yield f"header {name}: {found!r} does not match {rule['regex']}"


def _plain(value: str) -> str:
    return re.sub(r"\s*([,;])\s*", r"\1", value).lower()


def _body_differences(interaction: Interaction, answer: requests.Response) -> Iterator[str]:
    expected = interaction.answer_body
    is_json = "json" in answer.headers.get("Content-Type", "")
    try:
        actual = answer.json() if is_json else answer.text
    except ValueError:
        yield f"the body is not JSON: {answer.text[:200]!r}"
        return
    if isinstance(expected, str) and is_json:
        actual = answer.text
    yield from mismatches(expected, actual, interaction.body_rules)
