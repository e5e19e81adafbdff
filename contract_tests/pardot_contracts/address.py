"""Where a driver calls, and what every call of a run goes through."""

from __future__ import annotations

from dataclasses import dataclass, field

from pardot_contracts.channel import Channel
from pardot_contracts.meter import Meter


@dataclass(frozen=True, slots=True)
class Address:
    """A server: the API at `base_url`, OAuth tokens at `login_url` (default: the same host)."""

    base_url: str
    login_url: str = ""
    meter: Meter = field(default_factory=Meter)
    channel: Channel = field(default_factory=Channel)

    @property
    def token_url(self) -> str:
        """Where access tokens are bought."""
        return f"{self.login_url or self.base_url}/services/oauth2/token"
