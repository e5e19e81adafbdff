"""What an installed wheel must do, outside the repository and with nothing but its dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INTERCEPT: Final = """
import requests
from pardot_mock.testing import intercept
with intercept(rate=0) as account:
    form = {name: account.credentials[name] for name in ("email", "password", "user_key")}
    requests.post("https://pi.pardot.com/api/login/version/4", data=form, timeout=9)
    print([entry.op for entry in account.journal()])
"""
LIVE: Final = """
from pardot_client import Pardot
from pardot_mock import MockPardot
with MockPardot(rate=0, rows=3000) as mock:
    account = mock.account()
    known = {name: account.credentials[name] for name in ("email", "password", "user_key")}
    with Pardot(**known, base_url=account.url, version=4) as pardot:
        job = pardot.exports.create("visitorActivity", created_after="-90 days")
        account.clock.advance(minutes=10)
        rows = list(job.refresh().rows())
    print("all rows" if len(rows) == account.truth(job.id).rows > 0 else len(rows))
"""
FIXTURE: Final = """
def test_a_fresh_account_is_given(pardot, pardot_clock):
    pardot_clock.advance(days=7)
    assert pardot.journal() == []
"""
WORLD: Final = """
from pardot_fixtures.catalog import OBJECTS
print(len(OBJECTS), "objects")
"""
HARD_CODED: Final = """
import os, requests
form = {name: os.environ["PARDOT_" + name.upper()] for name in ("email", "password", "user_key")}
print(requests.post("https://pi.pardot.com/api/login/version/4", data=form, timeout=9).text)
try:
    requests.get("https://example.com/", timeout=9)
except requests.ConnectionError as error:
    print(error)
"""
FIXTURE_FILE: Final = "test_fixture.py"


@dataclass(frozen=True)
class Proof:
    """A command of the environment, and what its output must contain."""

    what: str
    command: tuple[str, ...]
    says: tuple[str, ...]


def proofs(python: str) -> tuple[Proof, ...]:
    """Give the proofs; `python` is the interpreter of the environment."""
    in_process = (python, "-W", "error", "-c")
    inside = ("pardot-mock", "exec", "--quiet", "--scenario", "single-file", "--")
    export = ("pardot-export", "visitorActivity", "--created-after", "-90 days", "--out", "out")
    return (
        Proof("the demo", ("pardot-mock", "demo", "--rows", "2000"), ("refused with 178",)),
        Proof(
            "exec",
            (*inside, python, "-c", HARD_CODED),
            ("<api_key>", "offline, see --allow example.com"),
        ),
        Proof("pardot-export", (*inside, *export), ("visitorActivity-1001",)),
        Proof("the certificate", ("pardot-mock", "ca", "--data-dir", "."), ("BEGIN CERTIFICATE",)),
        Proof("intercept", (*in_process, INTERCEPT), ("['login']",)),
        Proof("the client", (*in_process, LIVE), ("all rows",)),
        Proof("the fixtures", (*in_process, WORLD), ("objects",)),
        Proof("the pytest plugin", (python, "-m", "pytest", "-q", FIXTURE_FILE), ("1 passed",)),
        Proof(
            "the contract suite",
            ("pardot-contracts", "--driver", "raw", "--select", "test_login"),
            ("0 failed",),
        ),
    )
