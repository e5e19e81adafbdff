"""Explanations of recent answers, and the description of the API, on the control plane."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import request

from pardot_mock.explaining import Explanation, explain
from pardot_mock.web.control.views import entry_view

if TYPE_CHECKING:
    from flask import Blueprint

    from pardot_mock.domain.quirks import Quirks
    from pardot_mock.journal import Entry
    from pardot_mock.world import World

Json = dict[str, Any]


def explain_routes(blueprint: Blueprint, world: World) -> None:
    """Register `/explain/{request_id}` and `/openapi.json`."""

    @blueprint.get("/openapi.json")
    def show_openapi() -> Json:
        from pardot_mock.web.openapi import openapi_document

        return openapi_document(f"{request.scheme}://{request.host}/")

    @blueprint.get("/explain/<request_id>")
    def explain_call(request_id: str) -> Json | tuple[Json, int]:
        found = find_call(world, request_id)
        if found is None:
            message = f"there is no call {request_id!r} among the recent ones"
            return {"error": {"code": "unknown_call", "message": message}}, 404
        account_id, (entry, quirks) = found
        return explanation_view(explain(entry, quirks), account_id)


def find_call(world: World, request_id: str) -> tuple[str | None, tuple[Entry, Quirks]] | None:
    """Find a recent call and the account it belongs to, if any."""
    for account in world.accounts():
        if (found := account.recent.find(request_id)) is not None:
            return account.id, found
    stranger = world.strangers.find(request_id)
    return None if stranger is None else (None, stranger)


def explanation_view(explanation: Explanation, account_id: str | None) -> Json:
    """Show an explanation as JSON."""
    return {
        "id": explanation.call.id,
        "account": account_id,
        "said": explanation.said,
        "why": explanation.why,
        "nearest": explanation.nearest,
        "warnings": list(explanation.call.warnings),
        "requirements": [asdict(each) for each in explanation.requirements],
        "quirks": [asdict(each) for each in explanation.quirks],
        "call": entry_view(explanation.call),
    }
