"""The grade of an account's client on the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Blueprint

    from pardot_mock.world import World


def grade_routes(blueprint: Blueprint, world: World) -> None:
    """Register the route `/accounts/{a}/grade`."""

    @blueprint.get("/accounts/<account_id>/grade")
    def show_grade(account_id: str) -> dict[str, Any]:
        # Loaded when asked for: the rules would be a part of every start.
        from pardot_mock.grading import grade

        return grade(world.get(account_id)).as_object()
