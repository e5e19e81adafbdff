"""Which exports cover what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import BOUNDS, Wanted, bounds_of, export_request, moment_text
from .ranges import windows

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from .dialect import ExportRequest


def requests_for(
    object_name: str, wanted: Wanted, now: datetime, zone: tzinfo | None
) -> list[ExportRequest]:
    """One export, or several consecutive ones for a range of more than a year.

    Args:
        object_name: name of the object.
        wanted: see `Wanted`.
        now: the present instant, aware.
        zone: timezone of the API user, if known.

    Raises:
        InvalidRequest: see `export_request`.
    """
    request = export_request(object_name, wanted)
    if request.procedure not in BOUNDS or BOUNDS[request.procedure][0] not in request.arguments:
        return [request]
    lower, upper = BOUNDS[request.procedure]
    pieces = windows(*bounds_of(request.procedure, request.arguments), now, zone)
    return [
        request.between(
            {
                lower: moment_text(piece.after),
                upper: None if piece.before is None else moment_text(piece.before, upper=True),
            }
        )
        for piece in pieces
    ]
