"""A journal in formats of others: HAR for viewers, Pact for consumer contracts."""

from __future__ import annotations

from pardot_mock.interchange.har import har_of
from pardot_mock.interchange.pact import pact_of

__all__ = ["har_of", "pact_of"]
