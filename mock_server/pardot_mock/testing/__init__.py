"""What tests use from Python: a live emulator and handles on its accounts."""

from pardot_mock.testing.live import AccountHandle, ClockHandle, MockPardot

__all__ = ["AccountHandle", "ClockHandle", "MockPardot"]
