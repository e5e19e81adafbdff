"""From Python arguments to what an export asks for.

Rules: the procedure follows from the names of the bounds; text is passed on as it is, so
every date expression of the service works; a naive datetime is refused, for nobody could
say in whose zone it is meant. With an explicit procedure nothing is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from .dialect import ExportRequest
from .errors import InvalidRequest

Moment = str | date | datetime
Types = int | str | Iterable[int]

BOUNDS: Mapping[str, tuple[str, str]] = {
    "filter_by_created_at": ("created_after", "created_before"),
    "filter_by_updated_at": ("updated_after", "updated_before"),
    "filter_by_prospect_updated_at": ("prospect_updated_after", "prospect_updated_before"),
}
_SPELLED = {"prospect_only": "prospectOnly"}


def moment_text(moment: Moment) -> str:
    """A point in time as the service reads it.

    Raises:
        InvalidRequest: a datetime without a timezone.
    """
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise InvalidRequest(
                "a datetime needs a timezone; give text to mean the API user's own zone"
            )
        return moment.isoformat(timespec="seconds")
    return moment.isoformat() if isinstance(moment, date) else moment


def json_value(value: object) -> object:
    """An argument as a JSON value."""
    if isinstance(value, date):
        return moment_text(value)
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return list(value)
    return value


def procedure_for(names: Iterable[str]) -> str:
    """The procedure that the names of the bounds belong to.

    Raises:
        InvalidRequest: no bound, bounds of several procedures, or no lower bound.
    """
    given = set(names)
    fitting = [name for name, bounds in BOUNDS.items() if given & set(bounds)]
    if len(fitting) > 1:
        raise InvalidRequest(
            f"{' and '.join(sorted(given))} belong to different procedures; use one kind of bound"
        )
    if not fitting:
        raise InvalidRequest("an export needs a lower bound, such as created_after")
    lower, upper = BOUNDS[fitting[0]]
    if lower not in given:
        raise InvalidRequest(f"{upper} needs {lower} beside it")
    return fitting[0]


def export_request(
    object_name: str,
    given: Mapping[str, object],
    *,
    fields: Iterable[str] | None = None,
    procedure: str | None = None,
    arguments: Mapping[str, object] | None = None,
) -> ExportRequest:
    """Put together what an export asks for.

    Args:
        object_name: name of the object, such as visitorActivity.
        given: arguments by their Python name; None means not given.
        fields: names of the columns, or None for all.
        procedure: name of the procedure; chosen from the names of the bounds if None.
        arguments: further arguments by the name the service uses.

    Raises:
        InvalidRequest: no procedure can be chosen, or a datetime has no timezone.
    """
    if isinstance(fields, str):
        raise InvalidRequest("fields must be a list of names, not one text")
    known = {_SPELLED.get(name, name): value for name, value in given.items() if value is not None}
    known.update(arguments or {})
    if procedure is None:
        bounds = {name for pair in BOUNDS.values() for name in pair}
        procedure = procedure_for(bounds & set(known))
    return ExportRequest(
        object_name,
        procedure,
        {name: json_value(value) for name, value in known.items()},
        None if fields is None else tuple(fields),
    )
