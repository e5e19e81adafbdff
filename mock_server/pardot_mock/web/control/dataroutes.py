"""The rows of an account on the control plane: load some, and see how many there are.

The Content-Type says what the rows are; nothing is guessed. A load is all or nothing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import request

from pardot_fixtures.catalog import OBJECTS, find_object
from pardot_mock.data.overlayreading import BadRowError, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint

    from pardot_mock.account import Account
    from pardot_mock.data.overlayreading import RawTable, RowFormat
    from pardot_mock.world import World

Json = dict[str, Any]
CONTENT_TYPES: Mapping[str, RowFormat] = MappingProxyType(
    {
        "text/csv": "csv",
        "application/x-ndjson": "jsonl",
        "application/jsonl": "jsonl",
        "application/json": "jsonl",
        "application/vnd.apache.parquet": "parquet",
    }
)


class UnknownObjectError(LookupError):
    """No rows can be loaded into an object of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is none of {', '.join(loadable())}")


def data_routes(blueprint: Blueprint, world: World) -> None:
    """Register the routes below `/accounts/{a}/data`."""

    @blueprint.errorhandler(BadRowError)
    def bad_row(error: BadRowError) -> tuple[Json, int]:
        shown = {"code": "bad_row", "message": str(error)}
        return {"error": shown, "line": error.line, "column": error.column}, 400

    @blueprint.errorhandler(UnknownObjectError)
    def unknown(error: UnknownObjectError) -> tuple[Json, int]:
        return {"error": {"code": "unknown_object", "message": str(error)}}, 404

    @blueprint.get("/accounts/<account_id>/data")
    def show_data(account_id: str) -> Json:
        return data_view(world.get(account_id))

    @blueprint.post("/accounts/<account_id>/data/<name>")
    def load_rows(account_id: str, name: str) -> tuple[Json, int] | Json:
        account = world.get(account_id)
        canonical = exportable_object(name)
        form = CONTENT_TYPES.get(request.mimetype)
        if form is None:
            sent = request.mimetype or "none"
            message = f"Content-Type: {sent} is none of {', '.join(CONTENT_TYPES)}"
            return {"error": {"code": "bad_content_type", "message": message}}, 400
        return load_table(account, canonical, read_bytes(request.get_data(), form))


def loadable() -> list[str]:
    """Name the objects into which rows can be loaded."""
    return [found.name for found in OBJECTS.values() if found.exportable]


def exportable_object(name: str) -> str:
    """Give the canonical name of an object; raise `UnknownObjectError` if it has no export."""
    found = find_object(name)
    if found is None or not found.exportable:
        raise UnknownObjectError(name)
    return found.name


def load_table(account: Account, name: str, table: RawTable) -> Json:
    """Load rows into the object `name`; raises `BadRowError`, and then loads nothing."""
    rows = account.checked(name, table)
    with account.lock:
        return {"loaded": rows.rows.height, "version": account.load(rows)}


def data_view(account: Account) -> Json:
    """Show how many rows of each object the world has, and how many were loaded beside them."""
    with account.lock:
        dataset = account.results.dataset
        objects = [
            {"object": name, "synthetic": dataset.count(name), "loaded": dataset.loaded(name)}
            for name in loadable()
        ]
        return {"version": dataset.version, "objects": objects}
