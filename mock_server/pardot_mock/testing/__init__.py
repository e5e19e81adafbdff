"""What tests use from Python: an emulator, live or in-process, and handles on its accounts."""

from typing import TYPE_CHECKING, Any

from pardot_mock.testing.live import AccountHandle, ClockHandle, MockPardot

if TYPE_CHECKING:
    from pardot_mock.testing.application import create_app
    from pardot_mock.testing.interception import intercept

__all__ = ["AccountHandle", "ClockHandle", "MockPardot", "create_app", "intercept"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # A live emulator does without what only the interception needs.
    if name == "intercept":
        from pardot_mock.testing.interception import intercept

        return intercept
    if name == "create_app":
        from pardot_mock.testing.application import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
