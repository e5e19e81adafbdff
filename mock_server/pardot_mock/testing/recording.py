"""Everything about an account at one moment, as plain JSON values without credentials.

For whoever looks into a failure later: the calls, the clock, what was planned and what was due.
"""

from __future__ import annotations

import platform
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pardot_mock import __version__
from pardot_mock.grading import grade
from pardot_mock.journal import REDACTED, SECRETS
from pardot_mock.web.control import views
from pardot_mock.web.control.faultroutes import fault_views, verdict_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.account import Account

_SHORTEST_SECRET = 6
"""Shorter values are words that occur anywhere, and blanking them would hide what happened."""


def recording_of(account: Account) -> dict[str, Any]:
    """Give state, journal, faults and grade of an account; credentials are blanked."""
    with account.lock:
        plans = [asdict(rule) for rule in account.plan_rules]
        facts = {
            "versions": {"pardot-mock": __version__, "python": platform.python_version()},
            "started_at": views.instant(account.started_at),
            "account": views.state_view(account),
            "plan": asdict(account.plan),
            "plans": plans,
            "faults": list(fault_views(account.faults)),
            "fault_verdict": verdict_view(account.faults),
            "journal": views.journal_view(account.journal, None, None),
        }
    graded = grade(account)
    facts["grade"] = [rule for rule in graded.as_object()["rules"] if rule["status"] == "fail"]
    found: dict[str, Any] = blanked(facts, secrets_of(account))
    return found


def secrets_of(account: Account) -> tuple[str, ...]:
    """Give every credential of an account, the longest ones first."""
    from pardot_mock.credentials import credentials

    with account.lock:
        users = list(account.users.values())
        known = [credentials(account.info, user) for user in users]
        keys = [key.key for key in account.sessions.keys.values()]
        tokens = [*account.oauth.tokens, *account.oauth.codes]
    values = [value for each in known for name, value in each.items() if name in SECRETS]
    found = {value for value in (*values, *keys, *tokens) if len(value) >= _SHORTEST_SECRET}
    return tuple(sorted(found, key=len, reverse=True))


def blanked(value: Any, secrets: Iterable[str]) -> Any:  # noqa: ANN401 - JSON
    """Give a value with each secret, wherever it stands in a text, replaced by asterisks."""
    if isinstance(value, str):
        return _blanked_text(value, secrets)
    if isinstance(value, dict):
        return {str(name): blanked(item, secrets) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [blanked(item, secrets) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _blanked_text(text: str, secrets: Iterable[str]) -> str:
    known = tuple(secrets)
    for secret in known:
        text = text.replace(secret, REDACTED)

    def shortened(found: re.Match[str]) -> str:
        ends = (found[1], found[2])
        fits = any(s.startswith(ends[0]) and s.endswith(ends[1]) for s in known)
        return REDACTED if fits else found[0]

    # pytest shows a long value by its two ends.
    return re.sub(r"([\w!-]{4,})\.\.\.([\w!-]{4,})", shortened, text) if "..." in text else text
