"""The grade of an account's client on the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_mock.grading import grade

if TYPE_CHECKING:
    from flask import Blueprint

    from pardot_mock.world import World


def grade_routes(blueprint: Blueprint, world: World) -> None:
    """Register the route `/accounts/{a}/grade`."""

    @blueprint.get("/accounts/<account_id>/grade")
    def show_grade(account_id: str) -> dict[str, Any]:
        return grade(world.get(account_id)).as_object()
