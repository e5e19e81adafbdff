"""Provider states: what an account of the emulator has to be like for an interaction.

| state | what it is |
|---|---|
| none, `an ordinary account` | a fresh account, its clock standing still |
| `an export that is Waiting`, `Processing`, `Complete`, `Failed` or `expired` | one in that state |
| `an export that is Complete with several files`, `without a file` | by what `resultRefs` is |
| `an api_key that has ended` | the key is 61 minutes old |
| `no calls left for today` | the daily allowance is used up |
| the name of a scenario | an account that starts so |

A state with an export gives `export_id` and, once it is Complete, `file_id`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_contracts.pact.reading import State
    from pardot_mock.testing import AccountHandle, MockPardot

EXPORT = "an export that is "
ENDED = "an api_key that has ended"
SPENT = "no calls left for today"
ORDINARY = "an ordinary account"
SEVERAL, WITHOUT = "Complete with several files", "Complete without a file"
EXPORT_STATES = ("Waiting", "Processing", "Complete", SEVERAL, WITHOUT, "Failed", "expired")
SECONDS = 30
WANTED = "visitorActivity"
ONE_FILE, MANY_FILES = 1_000_000, 50


@dataclass(slots=True)
class Prepared:
    """An account in its state: its Authorization headers by scheme, and the values it gives."""

    account: AccountHandle
    authorization: str
    bearer: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the account's user logs in with."""
        return self.account.credentials


def names() -> list[str]:
    """Give the states that can be named, scenarios last."""
    from pardot_mock.scenarios.catalogue import catalogue

    exports = [f"{EXPORT}{state}" for state in EXPORT_STATES]
    return [ORDINARY, *exports, ENDED, SPENT, *(scenario.name for scenario in catalogue())]


def prepare(mock: MockPardot, states: Sequence[State]) -> Prepared:
    """Make an account that is like all of `states`.

    Raises `ConfigurationError` for a state that is not known.
    """
    known = names()
    for state in states:
        if state.name not in known:
            listed = "; ".join(known)
            raise ConfigurationError(f"the state {state.name!r} is not known; known are: {listed}")
    wanted = [state.name for state in states]
    scenarios = [name for name in wanted if not name.startswith(("an ", "no "))]
    settings: dict[str, Any] = {"rate": 0, "rows": 3000}
    if scenarios or SPENT in wanted:
        settings = {"rate": 0, "scenario": scenarios[0] if scenarios else "quota-zero"}
    account = mock.account(**settings)
    prepared = Prepared(account, _log_in(account))
    for name in wanted:
        if name.startswith(EXPORT):
            _export(prepared, name.removeprefix(EXPORT))
    if ENDED in wanted:
        account.clock.advance(minutes=61)
    return prepared


def _log_in(account: AccountHandle) -> str:
    known = account.credentials
    form = {name: known[name] for name in ("email", "password", "user_key")}
    answer = requests.post(f"{account.url}/api/login?format=json", data=form, timeout=SECONDS)
    key = answer.json().get("api_key", "none")
    return f"Pardot api_key={key}, user_key={known['user_key']}"


def bearer(account: AccountHandle) -> str:
    """Buy an access token of the account."""
    known = account.credentials
    names = ("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token"} | {name: known[name] for name in names}
    url = f"{account.url}/services/oauth2/token"
    return f"Bearer {requests.post(url, data=form, timeout=SECONDS).json()['access_token']}"


def _export(prepared: Prepared, state: str) -> None:
    account = prepared.account
    kind = "failing" if state == "Failed" else "timed"
    size = MANY_FILES if state == SEVERAL else ONE_FILE
    account.plan(kind, wait="5m", work="5m", rows_per_file=size)
    # Nobody did anything before the world of the account begins.
    years = ("-5 years", "-4 years") if state == WITHOUT else ("-90 days", "now")
    bounds = dict(zip(("created_after", "created_before"), years, strict=True))
    body = {"object": WANTED, "procedure": {"name": "filter_by_created_at", "arguments": bounds}}
    made = requests.post(
        f"{account.url}/api/export/version/4/do/create?format=json",
        json=body,
        headers={"Authorization": prepared.authorization},
        timeout=SECONDS,
    ).json()
    number = int(made["export"]["id"])
    account.clock.advance(minutes={"Waiting": 0, "Processing": 6}.get(state, 11))
    prepared.values["export_id"] = str(number)
    if state in ("Complete", SEVERAL, "expired"):
        prepared.values["file_id"] = str(account.truth(number).files[0]["id"])
    if state == "expired":
        account.clock.advance(days=7)
        prepared.authorization = _log_in(account)
