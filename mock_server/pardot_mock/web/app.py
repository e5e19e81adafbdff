"""Puts the shell together: the emulated API and the control plane of one world."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from pardot_mock.web.api import MAX_BODY, ApiDoor
from pardot_mock.web.control.routes import control_blueprint, error_view
from pardot_mock.web.oauth import oauth_blueprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pardot_mock.web.api import Application
    from pardot_mock.world import World


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

    def add_routes() -> None:
        app.register_blueprint(oauth_blueprint(world))
        app.register_blueprint(control_blueprint(world, secret, control_token, certificate))
        _answer_errors(app)

    others = _Late(app.wsgi_app, add_routes)
    app.wsgi_app = ApiDoor(world, public_url, others)  # type: ignore[method-assign]
    return app


class _Late:
    """A WSGI application that is made ready by its first call.

    Compiling routes costs more than all the rest of a start, and many tests never need them.
    """

    def __init__(self, application: Application, make_ready: Callable[[], None]) -> None:
        self._application = application
        self._make_ready: Callable[[], None] | None = make_ready
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self._make_ready is not None:
            with self._lock:
                if self._make_ready is not None:
                    self._make_ready()
                    self._make_ready = None
        return self._application(environ, start_response)


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> tuple[dict[str, Any], int]:
        code = (error.name or "error").lower().replace(" ", "_")
        description = error.description or error.name or code
        if request.path.startswith("/services/"):
            # OAuth errors are JSON of this shape (documented); the texts are chosen.
            shown = {"error": "invalid_request", "error_description": description}
            return shown, error.code or 500
        return error_view(code, description), error.code or 500
