"""Looks at the machine and says what would keep the emulator, or programs led to it, from working.

Every check gives findings and changes nothing. Nothing is asked over a network but loopback.
"""

from pardot_mock.doctor.finding import Finding, Level

__all__ = ["Finding", "Level"]
