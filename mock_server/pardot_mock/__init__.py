"""An emulator of the Pardot (Salesforce Account Engagement) API around its Export API."""

from pardot_mock._version import __version__

__all__ = ["__version__"]
