"""Reads the bodies of the control plane: every key is known, every fault names its field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from flask import request

from pardot_mock.domain.clock import MAX_RATE
from pardot_mock.domain.durations import BadDuration, parse_duration
from pardot_mock.jwtbearer import public_key

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class BadFieldError(ValueError):
    """A body that is refused with HTTP 400; `field` names what is wrong in it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class Body:
    """A JSON object whose fields are taken one by one; what is left over is refused."""

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        self._values = dict(values)
        self._where = where

    def take(self, name: str, read: Callable[[Any], T], default: T) -> T:
        """Read a field with `read`, which raises `ValueError`; absent or null is `default`."""
        value = self._values.pop(name, None)
        if value is None:
            return default
        try:
            return read(value)
        except BadFieldError:
            raise
        except ValueError as error:
            raise BadFieldError(self._where + name, str(error)) from error

    def over(self, values: Mapping[str, Any]) -> Body:
        """Give this body on top of `values`, which count where a field was not sent.

        `quirks` are put together name by name.
        """
        sent = {name: value for name, value in self._values.items() if value is not None}
        both = {**self._values, **values, **sent}
        if isinstance(sent.get("quirks"), dict) and isinstance(values.get("quirks"), Mapping):
            both["quirks"] = {**values["quirks"], **sent["quirks"]}
        return Body(both, self._where)

    def has(self, name: str) -> bool:
        """Whether a field was sent and not yet taken."""
        return self._values.get(name) is not None

    def finish(self) -> None:
        """Refuse every field that nobody has taken."""
        if self._values:
            raise BadFieldError(self._where + next(iter(self._values)), "unknown field")


def json_body() -> Body:
    """Read the body of the current request as a JSON object; an empty body is an empty object."""
    raw = request.get_data()
    try:
        values = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise BadFieldError("body", f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise BadFieldError("body", "not a JSON object")
    return Body(values)


def a_text(value: object) -> str:
    """A printable text of at most 200 characters."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 200:
        raise ValueError(f"{value!r} is not a printable text of 1 to 200 characters")
    return value


def an_id(value: object) -> str:
    """An account id: letters, digits, dot, dash and underscore."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"{value!r} is not an id of letters, digits, dots, dashes and underscores")
    return value


def a_number(low: int, high: int) -> Callable[[object], int]:
    """A whole number from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a whole number from {low} to {high}")
        return value

    return read


def a_rate(value: object) -> float:
    """Virtual seconds per real second; `frozen` is 0 and `real` is 1."""
    if value in ("frozen", "real"):
        return 1.0 if value == "real" else 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(  # noqa: TRY004 - refused with the field
            f"{value!r} is neither a number nor frozen nor real"
        )
    if not 0 <= value <= MAX_RATE:
        raise ValueError(f"{value!r} is not between 0 and {MAX_RATE:.0f}")
    return float(value)


def a_timezone(value: object) -> str:
    """An IANA timezone name."""
    try:
        if isinstance(value, str) and _zone_exists(value):
            return value
    except (ValueError, OSError):
        pass
    raise ValueError(f"{value!r} is not a timezone such as Europe/Berlin")


def _zone_exists(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except KeyError:
        return False


def an_instant(value: object) -> datetime:
    """An ISO 8601 instant; without an offset it is UTC."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or not 1971 <= instant.year <= 2899:
        raise ValueError(f"{value!r} is not an instant such as 2026-01-31T10:00:00Z")
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)


def a_movement(value: object) -> timedelta:
    """A duration such as `90s`, `15m`, `2h`, `7d`, or a number of seconds; it may be negative."""
    try:
        return parse_duration(value)
    except BadDuration as error:
        raise ValueError(str(error)) from error


def a_duration(value: object) -> timedelta:
    """A duration that is not negative."""
    duration = a_movement(value)
    if duration < timedelta(0):
        raise ValueError(f"{value!r} is negative")
    return duration


def one_of(choices: Mapping[str, T]) -> Callable[[object], T]:
    """One of the keys of `choices`, whatever its case; gives the value."""
    by_name = {name.lower(): value for name, value in choices.items()}

    def read(value: object) -> T:
        if isinstance(value, str) and value.lower() in by_name:
            return by_name[value.lower()]
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")

    return read


def a_certificate(value: object) -> str:
    """An RSA certificate or public key in PEM."""
    if not isinstance(value, str):
        raise ValueError("not a PEM text")  # noqa: TRY004 - refused with the field
    public_key(value)
    return value


def a_list(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list whose items are read with `read`."""

    def read_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is not a list")  # noqa: TRY004 - refused with the field
        return tuple(read(item) for item in value)

    return read_all


def an_object(value: object) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is not an object")  # noqa: TRY004 - a fault of the body
    return value
