"""Puts the shell together: the emulated API and the control plane of one world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from pardot_mock.web.api import api_blueprint
from pardot_mock.web.control.routes import control_blueprint, error_view
from pardot_mock.web.oauth import oauth_blueprint

if TYPE_CHECKING:
    from pardot_mock.world import World

MAX_BODY = 16 * 1024 * 1024


def create_app(
    world: World,
    *,
    secret: str = "",
    control_token: str | None = None,
    public_url: str | None = None,
    certificate: bytes | None = None,
) -> Flask:
    """Give the WSGI application of `world`.

    `secret` makes the credentials of fresh accounts; `control_token` guards the control plane;
    `public_url` is the base of result URLs, otherwise taken from each request; `certificate` (PEM)
    is the one to trust, if the emulator speaks TLS.
    """
    app = Flask("pardot_mock", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.compact = True  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(api_blueprint(world, public_url))
    app.register_blueprint(oauth_blueprint(world))
    app.register_blueprint(control_blueprint(world, secret, control_token, certificate))

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> tuple[dict[str, Any], int]:
        code = (error.name or "error").lower().replace(" ", "_")
        description = error.description or error.name or code
        if request.path.startswith("/services/"):
            # OAuth errors are JSON of this shape (documented); the texts are chosen.
            shown = {"error": "invalid_request", "error_description": description}
            return shown, error.code or 500
        return error_view(code, description), error.code or 500

    return app
