"""Checks a create request and understands it as a `RowQuery`.

The checks run in the order object, fields, procedure, arguments (inferred), so a request with two
faults gets the code of the first. Unknown names are refused, never ignored. A property that is
null counts as absent (chosen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pardot_fixtures.catalog import ACTIVITY_TYPES, ObjectType, find_object
from pardot_mock.domain.customfields import OF_THE_CATALOGUE, described, unknown_to_catalogue
from pardot_mock.domain.dates import BadDate, one_year_after, parse_instant
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exports import ExportRequest
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS, Procedure
from pardot_mock.domain.rows import CsvFormat, Deleted, RowQuery

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.accounts import User
    from pardot_mock.domain.customfields import CustomFields
    from pardot_mock.domain.quirks import Quirks

MAX_FIELDS = 150
RANGE_TOO_LONG = "the range is longer than one year"
"""What the journal says of a create that should have been split."""

_PROPERTIES = frozenset({"object", "fields", "procedure"})
_PROCEDURE_PROPERTIES = frozenset({"name", "arguments"})


@dataclass(frozen=True, slots=True)
class _Context:
    """Who asks, when, and under which quirks."""

    now: datetime
    zone: ZoneInfo
    quirks: Quirks


def read_request(
    body: Mapping[str, Any],
    *,
    now: datetime,
    user: User,
    quirks: Quirks,
    custom: CustomFields = OF_THE_CATALOGUE,
) -> ExportRequest:
    """Check the JSON object of a create request; raise `Refused` with the documented code.

    `now` is the instant of the request: it is the upper bound where none is given. Dates without
    a zone are read in the timezone of `user`, in which the rows will also be written. `custom` are
    the fields of prospects that the account has defined.
    """
    context = _Context(now, user.zone, quirks)
    given = {name: value for name, value in body.items() if value is not None}
    object_type = described(_read_object(given), custom)
    _refuse_unknown(given, _PROPERTIES, "the request")
    fields = _read_fields(given.get("fields"), object_type, quirks)
    procedure, arguments = _read_procedure(given, object_type)
    after, before = _read_bounds(procedure, arguments, context)
    columns = _columns(fields, object_type)
    query = RowQuery(
        object=object_type.name,
        fields=columns,
        time_field=procedure.time_field,
        after=after,
        before=before,
        timezone=user.timezone,
        types=_read_types(arguments.get("type")),
        prospect_only=_read_boolean("prospectOnly", arguments.get("prospectOnly", False)),
        deleted=_read_deleted(object_type.name, procedure, arguments, quirks),
        inclusive=quirks["date_bounds"] == "inclusive",
        csv=csv_format(quirks),
        custom=unknown_to_catalogue(object_type.name, columns),
    )
    return ExportRequest(given["object"], fields, procedure.name, arguments, query)


def csv_format(quirks: Quirks) -> CsvFormat:
    """Give the way result files are written under `quirks`."""
    return CsvFormat(
        bom=quirks.on("csv_bom"),
        quoting=quirks.text("csv_quoting"),  # type: ignore[arg-type]
        line_end="\r\n" if quirks["csv_line_end"] == "crlf" else "\n",
        boolean=quirks.text("csv_boolean"),  # type: ignore[arg-type]
        multi_separator=quirks.text("csv_multi_separator"),  # type: ignore[arg-type]
        form_handler=quirks.text("form_handler_name"),
    )


def _refuse_unknown(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        detail = f"{where} has no property {unknown[0]!r}"
        raise Refused(ErrorCode.INVALID_PROPERTY, detail, asked=unknown[0], known=known)


def _read_object(body: Mapping[str, Any]) -> ObjectType:
    if "object" not in body:
        raise Refused(ErrorCode.MISSING_PROPERTY, detail="object is missing")
    name = body["object"]
    found = find_object(name) if isinstance(name, str) else None
    if found is None or found.name not in EXPORT_OBJECTS:
        detail = f"object {name!r} cannot be exported"
        known = tuple(EXPORT_OBJECTS)
        raise Refused(ErrorCode.INVALID_PROPERTY, detail, asked=str(name), known=known)
    return found


def _read_fields(fields: object, object_type: ObjectType, quirks: Quirks) -> tuple[str, ...] | None:
    if fields is None:
        return None
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail="fields is not an array of strings")
    bad_field = ErrorCode(quirks.number("bad_field_code"))
    if len(fields) > MAX_FIELDS:
        raise Refused(bad_field, detail=f"{len(fields)} fields are more than {MAX_FIELDS}")
    for name in fields:
        field = object_type.field(name)
        if field is None or not field.exportable:
            detail = f"{object_type.name} exports no field {name!r}"
            known = object_type.export_fields
            raise Refused(bad_field, detail, asked=name, known=known)
    return tuple(fields)


def _columns(fields: tuple[str, ...] | None, object_type: ObjectType) -> tuple[str, ...]:
    """Give the columns under their canonical names, each once (chosen), in the asked order."""
    if not fields:
        return object_type.export_fields
    found = [field.name for name in fields if (field := object_type.field(name)) is not None]
    return tuple(dict.fromkeys(found))


def _read_procedure(
    body: Mapping[str, Any], object_type: ObjectType
) -> tuple[Procedure, Mapping[str, Any]]:
    if "procedure" not in body:
        raise Refused(ErrorCode.MISSING_PROPERTY, detail="procedure is missing")
    wanted = body["procedure"]
    if not isinstance(wanted, Mapping):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail="procedure is not an object")
    if wanted.get("name") is None:
        raise Refused(ErrorCode.MISSING_PROPERTY, detail="procedure.name is missing")
    _refuse_unknown(wanted, _PROCEDURE_PROPERTIES, "procedure")
    name = wanted["name"]
    if not isinstance(name, str):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail="procedure.name is not a string")
    procedures = EXPORT_OBJECTS[object_type.name].procedures
    procedure = procedures.get(name)
    if procedure is None:
        detail = f"{object_type.name} has no procedure {name!r}"
        known = tuple(procedures)
        raise Refused(ErrorCode.UNKNOWN_PROCEDURE, detail, asked=name, known=known)
    return procedure, _read_arguments(procedure, wanted.get("arguments"))


def _read_arguments(procedure: Procedure, arguments: object) -> Mapping[str, Any]:
    # Some languages write an empty map as an empty array.
    if arguments is None or arguments == []:
        arguments = {}
    if not isinstance(arguments, Mapping):
        raise Refused(ErrorCode.INVALID_PROPERTY, detail="procedure.arguments is not an object")
    unknown = sorted(set(arguments) - procedure.arguments)
    if unknown:
        detail = f"{procedure.name} has no argument {unknown[0]!r}"
        known = procedure.arguments
        raise Refused(ErrorCode.UNKNOWN_ARGUMENT, detail, asked=unknown[0], known=known)
    given = {name: value for name, value in arguments.items() if value is not None}
    if procedure.after not in given:
        detail = f"{procedure.name} needs {procedure.after}"
        raise Refused(ErrorCode.MISSING_ARGUMENT, detail=detail)
    return given


def _bad_argument(detail: str) -> Refused:
    return Refused(ErrorCode.INVALID_ARGUMENT, detail=detail)


def _read_bounds(
    procedure: Procedure, arguments: Mapping[str, Any], context: _Context
) -> tuple[datetime, datetime]:
    after = _read_time(procedure.after, arguments[procedure.after], context)
    before = context.now
    if procedure.before in arguments:
        before = _read_time(procedure.before, arguments[procedure.before], context)
        if before <= after:
            raise _bad_argument(f"{procedure.before} is not later than {procedure.after}")
    tolerance = timedelta(seconds=context.quirks.number("year_tolerance_seconds"))
    if before > one_year_after(after, context.zone) + tolerance:
        raise _bad_argument(RANGE_TOO_LONG)
    return after, before


def _read_time(name: str, value: object, context: _Context) -> datetime:
    if not isinstance(value, str):
        raise _bad_argument(f"{name} is not a date: {value!r}")
    colon_form = context.quirks["malformed_date"] == "accept"
    try:
        return parse_instant(value, now=context.now, zone=context.zone, colon_form=colon_form)
    except BadDate as error:
        raise _bad_argument(f"{name}: {error}") from error


def _read_types(value: object) -> frozenset[int] | None:
    """Read activity types: an array of numbers, one number, or a comma-separated string."""
    if value is None:
        return None
    items = value.split(",") if isinstance(value, str) else value
    numbers = [_type_number(item) for item in (items if isinstance(items, list) else [items])]
    if not numbers:
        raise _bad_argument("type is empty")
    return frozenset(numbers)


def _type_number(item: object) -> int:
    text = item.strip() if isinstance(item, str) else item
    number = int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 4 else text
    if isinstance(number, bool) or not isinstance(number, int) or number not in ACTIVITY_TYPES:
        raise _bad_argument(f"type {item!r} is not an activity type number")
    return number


def _read_boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _bad_argument(f"{name} is neither true nor false: {value!r}")


def _read_deleted(
    object_name: str, procedure: Procedure, arguments: Mapping[str, Any], quirks: Quirks
) -> Deleted:
    if "deleted" not in procedure.options:
        return "all"
    rule = quirks["prospect_deleted"] if object_name == "prospect" else "any"
    if "deleted" not in arguments:
        if rule == "required":
            detail = f"{procedure.name} needs deleted"
            raise Refused(ErrorCode.MISSING_ARGUMENT, detail=detail)
        return "false"
    value = arguments["deleted"]
    if value == "all":
        return "all"
    if rule != "any":
        raise _bad_argument(f"deleted of {object_name} can only be all, not {value!r}")
    return "true" if _read_boolean("deleted", value) else "false"
