"""An emulator of the Pardot (Salesforce Account Engagement) API around its Export API."""

from typing import TYPE_CHECKING, Any

from pardot_mock._version import __version__

if TYPE_CHECKING:
    from pardot_mock.testing import MockPardot

__all__ = ["MockPardot", "__version__"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # Loaded when asked for, so that the command line starts without the test helpers.
    if name == "MockPardot":
        from pardot_mock.testing import MockPardot

        return MockPardot
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
