"""Where the last run ended, so that the next one goes on without gap or overlap.

A mark is the exclusive upper bound of the last run; the next run starts one second before it,
which is the first second not yet exported. A mark never lies in the future, for rows are
still being written there, and names an offset wherever the zone is known, for clocks that
change would make a second of wall time an hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pardot_client.arguments import BOUNDS, Wanted, export_request
from pardot_client.errors import InvalidRequest
from pardot_client.ranges import instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

_SECOND = timedelta(seconds=1)
# How far the zones of the world lie apart from UTC.
_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=12)


@dataclass(frozen=True)
class Stretch:
    """What one run shall export.

    Attributes:
        wanted: the request with its bounds filled in.
        key: names the kind of export in the file.
        until: the mark to set once everything is in place, or None if there is nothing new.
    """

    wanted: Wanted
    key: str
    until: str | None


def stretch(
    account: tuple[str, str],
    object_name: str,
    wanted: Wanted,
    marks: Mapping[str, str],
    now: datetime,
    zone: tzinfo | None = None,
) -> Stretch:
    """The bounds of the next run.

    Args:
        account: the API host and who is calling.
        object_name: name of the object.
        wanted: what was asked for; its lower bound counts for the first run only.
        marks: the marks of earlier runs.
        now: aware; the upper bound unless an earlier one was asked for.
        zone: timezone of the API user, in which bounds without an offset are meant.

    Raises:
        InvalidRequest: no lower bound, a bound that only the service can read, or one that
            may lie in the future or not.
    """
    request = export_request(object_name, wanted)
    if request.procedure not in BOUNDS:
        raise InvalidRequest("--since-last needs a procedure whose bounds are known")
    lower, upper = BOUNDS[request.procedure]
    filters = {
        name: value for name, value in request.arguments.items() if name not in {lower, upper}
    }
    key = json.dumps([*account, object_name.lower(), request.procedure, filters], sort_keys=True)
    ends = _ends(upper, request.arguments.get(upper), now, zone)
    mark = marks.get(key)
    begins = request.arguments[lower] if mark is None else _a_second_before(mark)
    bounds = {lower: begins, upper: ends}
    nothing_new = not _is_later(upper, ends, str(mark or begins))
    filled = Wanted(**{**wanted, **bounds})  # type: ignore[typeddict-item]
    return Stretch(filled, key, None if nothing_new else ends)


def _ends(name: str, asked: object, now: datetime, zone: tzinfo | None) -> str:
    """The upper bound: what was asked for, but never a moment that is still to come."""
    present = now.isoformat(timespec="seconds")
    if asked is None:
        return present
    moment = _read(name, str(asked))
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    if moment.tzinfo is not None:
        return present if moment > now else moment.isoformat(timespec="seconds")
    wall = moment.replace(tzinfo=UTC)
    if wall + _WESTERNMOST <= now:
        return str(asked)
    if wall - _EASTERNMOST > now:
        return present
    raise InvalidRequest(
        f"--since-last cannot tell whether {name} {asked} has passed: "
        "give it an offset such as +00:00, or give --timezone"
    )


def _read(name: str, moment: str) -> datetime:
    read = instant_of(moment)
    if read is None:
        raise InvalidRequest(f"--since-last needs {name} as a date, not {moment!r}")
    return read


def _a_second_before(mark: str) -> str:
    moment = _read("its mark", mark) - _SECOND
    return moment.isoformat(sep="T" if moment.tzinfo else " ", timespec="seconds")


def _is_later(name: str, ends: str, begins: str) -> bool:
    end, begin = _read(name, ends), instant_of(begins)
    if begin is None or (begin.tzinfo is None) != (end.tzinfo is None):
        # The service can compare what cannot be compared here.
        return True
    return end > begin
