"""From Python arguments to what an export asks for.

Rules: the procedure follows from the names of the bounds; text is passed on as it is, so
every date expression of the service works; a naive datetime is refused, for nobody could
say in whose zone it is meant. With an explicit procedure nothing is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TypedDict

from .dialect import ExportRequest
from .errors import InvalidRequest

Moment = str | date | datetime
Types = int | str | Iterable[int]


class Wanted(TypedDict, total=False):
    """What an export may be asked for, by Python name.

    Bounds are exclusive on both sides. Text is read by the service in the API user's zone and
    may be any expression it knows, such as `last_7_days`; a datetime must be aware.

    Keys:
        created_after, created_before: choose filter_by_created_at.
        updated_after, updated_before: choose filter_by_updated_at.
        prospect_updated_after, prospect_updated_before: choose filter_by_prospect_updated_at.
        fields: names of the columns; all if None.
        type: numbers of the activity types.
        prospect_only: only activities of a known prospect.
        deleted: True, False or "all".
        procedure: name of the procedure, if it cannot be told from the bounds.
        arguments: further arguments by the name the service uses.
    """

    created_after: Moment | None
    created_before: Moment | None
    updated_after: Moment | None
    updated_before: Moment | None
    prospect_updated_after: Moment | None
    prospect_updated_before: Moment | None
    fields: Iterable[str] | None
    type: Types | None
    prospect_only: bool | None
    deleted: bool | str | None
    procedure: str | None
    arguments: Mapping[str, object] | None


BOUNDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "filter_by_created_at": ("created_after", "created_before"),
        "filter_by_updated_at": ("updated_after", "updated_before"),
        "filter_by_prospect_updated_at": ("prospect_updated_after", "prospect_updated_before"),
    }
)
_SPELLED = MappingProxyType({"prospect_only": "prospectOnly"})
_NO_ARGUMENT = frozenset({"fields", "procedure", "arguments"})


def moment_text(moment: Moment, *, upper: bool = False) -> str:
    """A point in time as the service reads it, in whole seconds.

    Args:
        moment: text, a date, or an aware datetime.
        upper: it is an exclusive upper bound, so a fraction of a second is rounded up.

    Raises:
        InvalidRequest: a datetime without a timezone.
    """
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise InvalidRequest(
                "a datetime needs a timezone; give text to mean the API user's own zone"
            )
        if upper and moment.microsecond:
            moment += timedelta(seconds=1)
        return moment.isoformat(timespec="seconds")
    return moment.isoformat() if isinstance(moment, date) else moment


def _json_value(name: str, value: object) -> object:
    if isinstance(value, date):
        return moment_text(value, upper=name.endswith("_before"))
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return list(value)
    return value


def bounds_of(procedure: str, arguments: Mapping[str, object]) -> tuple[Moment, Moment | None]:
    """The lower and upper bound among the arguments of a procedure.

    Raises:
        InvalidRequest: there is no lower bound that can be read.
    """
    lower, upper = (arguments.get(name) for name in BOUNDS.get(procedure, ("", "")))
    if not isinstance(lower, str | date):
        raise InvalidRequest(f"the bounds of {procedure} are not known, so it cannot be split")
    return lower, upper if isinstance(upper, str | date) else None


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


def export_request(object_name: str, wanted: Wanted) -> ExportRequest:
    """Put together what an export asks for.

    Args:
        object_name: name of the object, such as visitorActivity.
        wanted: see `Wanted`; None means not given.

    Raises:
        InvalidRequest: no procedure can be chosen, a datetime has no timezone, or a name is
            not known.
    """
    fields = wanted.get("fields")
    if isinstance(fields, str):
        raise InvalidRequest("fields must be a list of names, not one text")
    if unknown := sorted(set(wanted) - set(Wanted.__annotations__)):
        raise InvalidRequest(f"an export knows no {', '.join(unknown)}")
    known: dict[str, object] = {
        _SPELLED.get(name, name): value
        for name, value in wanted.items()
        if value is not None and name not in _NO_ARGUMENT
    }
    known.update(wanted.get("arguments") or {})
    procedure = wanted.get("procedure")
    if procedure is None:
        bounds = {name for pair in BOUNDS.values() for name in pair}
        procedure = procedure_for(bounds & set(known))
    return ExportRequest(
        object_name,
        procedure,
        {name: _json_value(name, value) for name, value in known.items()},
        None if fields is None else tuple(fields),
    )
