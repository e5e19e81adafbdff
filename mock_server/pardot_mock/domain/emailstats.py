"""What happened to an e-mail, counted over its activities.

The numbers are those of the activities that a client can query, so both tell the same. Which
activity counts as what is inferred from the names of the types; the rates are percentages of the
delivered e-mails with two decimals (the form is documented), 0 where nothing was delivered.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TYPES: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "sent": frozenset({6}),
        "clicks": frozenset({1}),
        "soft_bounced": frozenset({36}),
        "hard_bounced": frozenset({13}),
        "opt_outs": frozenset({12, 35}),
        "spam_complaints": frozenset({14}),
        "opens": frozenset({11}),
    }
)


def email_stats(activities: Iterable[Mapping[str, Any]]) -> Mapping[str, int | str]:
    """Count the activities of one e-mail, each with its `type` and `prospect_id`."""
    rows = [(row["type"], row["prospect_id"]) for row in activities]
    total = {name: sum(kind in types for kind, _ in rows) for name, types in _TYPES.items()}
    unique = {
        name: len({who for kind, who in rows if kind in _TYPES[name]})
        for name in ("clicks", "opens")
    }
    delivered = max(0, total["sent"] - total["soft_bounced"] - total["hard_bounced"])
    return {
        "sent": total["sent"],
        "delivered": delivered,
        "total_clicks": total["clicks"],
        "unique_clicks": unique["clicks"],
        "soft_bounced": total["soft_bounced"],
        "hard_bounced": total["hard_bounced"],
        "opt_outs": total["opt_outs"],
        "spam_complaints": total["spam_complaints"],
        "opens": total["opens"],
        "unique_opens": unique["opens"],
        "delivery_rate": _rate(delivered, total["sent"]),
        "opens_rate": _rate(unique["opens"], delivered),
        "click_through_rate": _rate(total["clicks"], delivered),
        "unique_click_through_rate": _rate(unique["clicks"], delivered),
        "click_open_ratio": _rate(unique["clicks"], unique["opens"]),
        "opt_out_rate": _rate(total["opt_outs"], delivered),
        "spam_complaint_rate": _rate(total["spam_complaints"], delivered),
    }


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole if whole else 0:.2f}%"
