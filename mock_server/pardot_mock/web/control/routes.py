"""The routes of the control plane."""

from __future__ import annotations

import csv
import hmac
import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from pardot_mock._version import __version__
from pardot_mock.credentials import DEFAULT_ID
from pardot_mock.domain.clock import BackwardsError, Clock, ClockError
from pardot_mock.domain.exports import ExportState
from pardot_mock.domain.queue import IllegalMoveError
from pardot_mock.newaccount import account_options
from pardot_mock.scenarios.scenario import ScenarioError
from pardot_mock.truth import ExportTruth, NoTruthError
from pardot_mock.web.control import views
from pardot_mock.web.control.bodies import (
    BadFieldError,
    Body,
    a_certificate,
    a_duration,
    a_list,
    a_movement,
    a_rate,
    an_instant,
    json_body,
    one_of,
)
from pardot_mock.web.control.dataroutes import data_routes
from pardot_mock.web.control.explainroutes import explain_routes
from pardot_mock.web.control.faultroutes import fault_routes
from pardot_mock.web.control.graderoutes import grade_routes
from pardot_mock.web.control.sizes import too_large_view
from pardot_mock.web.control.storageroutes import STORAGE, storage_routes
from pardot_mock.web.control.wishes import (
    read_access,
    read_account_wish,
    read_background,
    read_plan,
    read_quirks,
    read_user_change,
    read_version,
)
from pardot_mock.world import AccountExistsError, UnknownAccountError, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.account import Account
    from pardot_mock.domain.accounts import User
    from pardot_mock.domain.exports import Export
    from pardot_mock.newaccount import AccountWish, UserWish

CAPABILITIES = (
    "accounts",
    "clock",
    "calendar",
    "plan",
    "queue",
    "exports",
    "truth",
    "state",
    "journal",
    "budget",
    "faults",
    "scenarios",
    "grade",
    "data",
    "explain",
    "openapi",
)
Json = dict[str, Any]
_PUBLIC = frozenset({"/_mock/health", "/_mock/ca.pem"})
"""What holds no secret and is wanted before a client knows any."""
_FORECAST = timedelta(minutes=90)


class ControlError(Exception):
    """A control call that cannot be done: `status` and `code` say why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def control_blueprint(
    world: World, secret: str, token: str | None, certificate: bytes | None = None
) -> Blueprint:
    """Give the control plane; with `token` every call but the public ones must present it."""
    blueprint = Blueprint("control", __name__, url_prefix="/_mock")
    _guard(blueprint, token)
    _errors(blueprint)
    _server_routes(blueprint, world)
    _certificate_route(blueprint, certificate)
    _account_routes(blueprint, world, secret)
    _clock_routes(blueprint, world)
    _queue_routes(blueprint, world)
    _export_routes(blueprint, world)
    _journal_routes(blueprint, world)
    fault_routes(blueprint, world)
    grade_routes(blueprint, world)
    data_routes(blueprint, world)
    explain_routes(blueprint, world)
    storage_routes(blueprint, world)
    return blueprint


def _guard(blueprint: Blueprint, token: str | None) -> None:
    @blueprint.before_request
    def check_token() -> None:
        if token is None or request.path in _PUBLIC or request.path.startswith(STORAGE):
            return
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise ControlError(401, "unauthorized", "send the control token as a Bearer token")


def _errors(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(ControlError)
    def refused(error: ControlError) -> tuple[Json, int]:
        return error_view(error.code, str(error)), error.status

    @blueprint.errorhandler(BadFieldError)
    def bad_field(error: BadFieldError) -> tuple[Json, int]:
        return error_view("bad_field", str(error)) | {"field": error.field}, 400

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> tuple[Json, int]:
        return too_large_view(request.path, request.content_length), 413

    @blueprint.errorhandler(UnknownAccountError)
    def unknown(error: UnknownAccountError) -> tuple[Json, int]:
        return error_view("unknown_account", f"there is no account {error.args[0]!r}"), 404


def error_view(code: str, message: str) -> Json:
    """Give the body of an error of the control plane."""
    return {"error": {"code": code, "message": message}}


def _certificate_route(blueprint: Blueprint, certificate: bytes | None) -> None:
    @blueprint.get("/ca.pem")
    def ca_pem() -> Response:
        if certificate is None:
            raise ControlError(404, "no_tls", "this emulator speaks no TLS: serve --tls, or exec")
        return Response(certificate, mimetype="application/x-pem-file")


def _server_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/health")
    def health() -> Json:
        return {"status": "ok", "version": __version__, "capabilities": list(CAPABILITIES)}

    @blueprint.get("/scenarios")
    def list_scenarios() -> Json:
        return {"scenarios": views.scenario_views()}

    @blueprint.get("/state")
    def state() -> Json:
        shown = [_locked(account, views.state_view) for account in world.accounts()]
        vault = {"bytes": world.vault.used_bytes, "quota": world.vault.quota_bytes}
        accounts = {each["id"]: each for each in shown}
        return {"version": __version__, "vault": vault, "accounts": accounts}


def _account_routes(blueprint: Blueprint, world: World, secret: str) -> None:
    @blueprint.get("/accounts")
    def list_accounts() -> Json:
        return {"accounts": [_locked(a, views.account_view) for a in world.accounts()]}

    @blueprint.post("/accounts")
    def create_account() -> tuple[Json, int]:
        wish = read_account_wish(json_body(), world.unused_id())
        return _locked(_made(world, wish, secret), views.account_view), 201

    @blueprint.get("/accounts/<account_id>")
    def show_account(account_id: str) -> Json:
        return _locked(world.get(account_id), views.account_view)

    @blueprint.patch("/accounts/<account_id>")
    def change_account(account_id: str) -> Json:
        account, body = world.get(account_id), json_body()
        with account.lock:
            _change(account, body)
        return _locked(account, views.account_view)

    @blueprint.delete("/accounts/<account_id>")
    def delete_account(account_id: str) -> Response:
        if account_id == DEFAULT_ID:
            raise ControlError(409, "default_account", "the default account can only be reset")
        world.delete(account_id)
        return Response(status=204)

    @blueprint.post("/accounts/<account_id>/reset")
    def reset_account(account_id: str) -> Json:
        json_body().finish()
        account = world.get(account_id)
        with account.lock:
            account.reset()
        return _locked(account, views.account_view)


def _made(world: World, wish: AccountWish, secret: str) -> Account:
    """Make the account of `wish`; what is wrong with it becomes an error of its field."""
    try:
        return world.create(account_options(wish, secret))
    except ClockError as error:
        raise BadFieldError("rate", str(error)) from error
    except ScenarioError as error:
        raise BadFieldError("scenario", str(error)) from error
    except AccountExistsError as error:
        raise ControlError(409, "account_exists", str(error)) from error


def _change(account: Account, body: Body) -> None:
    """Check the whole change before any of it is made."""
    has_version = body.has("api_version")
    version = read_version(body)
    quirks = account.quirks.with_(read_quirks(body))
    by_email = {user.email.lower(): user for user in account.users.values()}
    changed: list[User] = []
    no_wishes: tuple[UserWish, ...] = ()
    for wish in body.take("users", a_list(read_user_change), no_wishes):
        user = by_email.get(wish.email.lower())
        if user is None:
            raise BadFieldError("users.email", f"there is no user {wish.email!r}")
        changed.append(replace(user, timezone=wish.timezone or user.timezone))
    access = read_access(body, account.info.access)
    certificate = body.take("jwt_certificate", a_certificate, account.jwt_certificate)
    body.finish()
    account.settle()
    account.jwt_certificate = certificate
    account.info = replace(account.info, access=access)
    account.quirks = quirks
    for user in changed:
        account.change_user(user)
    if has_version:
        account.switch_version(version)


def _clock_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/accounts/<account_id>/clock")
    def show_clock(account_id: str) -> Json:
        return _locked(world.get(account_id), lambda account: views.clock_view(account, ()))

    @blueprint.post("/accounts/<account_id>/clock")
    def move_clock(account_id: str) -> Json:
        account, body = world.get(account_id), json_body()
        with account.lock:
            move = _read_move(body, account)
            try:
                events = account.move_clock(move)
            except BackwardsError as error:
                raise ControlError(409, "backwards", str(error)) from error
            except ClockError as error:
                raise BadFieldError("clock", str(error)) from error
            return views.clock_view(account, events)

    @blueprint.get("/accounts/<account_id>/calendar")
    def show_calendar(account_id: str) -> Json:
        def show(account: Account) -> Json:
            due = account.due()
            return {"now": views.instant(account.now()), "events": views.event_views(due)}

        return _locked(world.get(account_id), show)


def _queue_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/accounts/<account_id>/plan")
    def add_plan(account_id: str) -> Json:
        account, rule = world.get(account_id), read_plan(json_body())
        with account.lock:
            account.plan_rules = (*account.plan_rules, rule)
        return {"plans": len(account.plan_rules)}

    @blueprint.post("/accounts/<account_id>/queue")
    def add_background(account_id: str) -> tuple[Json, int]:
        account = world.get(account_id)
        count, plan = read_background(json_body())
        with account.lock:
            made = account.add_background(count, plan)
            return {"exports": [views.export_view(account, export) for export in made]}, 201


Move = Callable[[Clock, float], Clock]


def _read_move(body: Body, account: Account) -> Move:
    """Read the one movement a body asks for."""
    wanted = [name for name in ("advance", "set", "to", "rate") if body.has(name)]
    if len(wanted) != 1:
        raise BadFieldError("body", "one of advance, set, to or rate is needed")
    move = _MOVES[wanted[0]](body, account)
    body.finish()
    return move


def _advance(body: Body, _: Account) -> Move:
    duration = body.take("advance", a_movement, None)
    if duration is None:
        raise BadFieldError("advance", "missing")
    return lambda clock, real: clock.advance(duration, real)


def _set(body: Body, _: Account) -> Move:
    at = body.take("set", an_instant, None)
    if at is None:
        raise BadFieldError("set", "missing")
    return lambda clock, real: clock.moved_to(at, real)


def _next(body: Body, account: Account) -> Move:
    body.take("to", one_of({"next": True}), default=True)
    return account.to_next()


def _rate(body: Body, _: Account) -> Move:
    rate = body.take("rate", a_rate, 1.0)
    return lambda clock, real: clock.at_rate(rate, real)


_MOVES = MappingProxyType({"advance": _advance, "set": _set, "to": _next, "rate": _rate})


def _journal_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/accounts/<account_id>/journal")
    def show_journal(account_id: str) -> Json:
        since = request.args.get("since")
        at = Body({"since": since}).take("since", an_instant, None)
        journal = world.get(account_id).journal
        return views.journal_view(journal, request.args.get("op"), at)

    @blueprint.delete("/accounts/<account_id>/journal")
    def clear_journal(account_id: str) -> Response:
        world.get(account_id).journal.clear()
        return Response(status=204)

    @blueprint.get("/accounts/<account_id>/budget")
    def show_budget(account_id: str) -> Json:
        wanted = Body({"for": request.args.get("for")})
        duration = wanted.take("for", a_duration, _FORECAST)
        return _locked(world.get(account_id), lambda a: views.budget_view(a, duration))


def _export_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/accounts/<account_id>/exports")
    def list_exports(account_id: str) -> Json:
        def show(account: Account) -> Json:
            account.settle()
            exports = account.queue.by_id.values()
            return {"exports": [views.export_view(account, export) for export in exports]}

        return _locked(world.get(account_id), show)

    @blueprint.get("/accounts/<account_id>/exports/<int:export_id>")
    def show_export(account_id: str, export_id: int) -> Json:
        def show(account: Account) -> Json:
            return views.export_view(account, _export(account, export_id))

        return _locked(world.get(account_id), show)

    @blueprint.get("/accounts/<account_id>/exports/<int:export_id>/truth")
    def show_truth(account_id: str, export_id: int) -> Json:
        return views.truth_view(_truth(world.get(account_id), export_id))

    @blueprint.get("/accounts/<account_id>/exports/<int:export_id>/truth/rows")
    def show_true_rows(account_id: str, export_id: int) -> Response:
        truth = _truth(world.get(account_id), export_id)
        return Response(_csv(truth), content_type="text/csv; charset=utf-8")

    @blueprint.post("/accounts/<account_id>/exports/<int:export_id>/force")
    def force_export(account_id: str, export_id: int) -> Json:
        account, body = world.get(account_id), json_body()
        ends = {str(s): s for s in (ExportState.COMPLETE, ExportState.FAILED)}
        state = body.take("state", one_of(ends), None)
        body.finish()
        if state is None:
            raise BadFieldError("state", "missing")
        with account.lock:
            _export(account, export_id)
            try:
                account.force_export(export_id, state)
            except IllegalMoveError as error:
                raise ControlError(409, "illegal_move", str(error)) from error
            return views.export_view(account, _export(account, export_id))


def _export(account: Account, export_id: int) -> Export:
    account.settle()
    export = account.queue.by_id.get(export_id)
    if export is None:
        raise ControlError(404, "unknown_export", f"there is no export {export_id}")
    return export


def _truth(account: Account, export_id: int) -> ExportTruth:
    with account.lock:
        export = _export(account, export_id)
    # Weighing millions of rows takes a while; the account goes on meanwhile.
    try:
        return ExportTruth(account.results, export)
    except NoTruthError as error:
        raise ControlError(409, "not_complete", str(error)) from error


def _csv(truth: ExportTruth) -> Iterator[bytes]:
    for row in itertools.chain([truth.fields], truth.each()):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue().encode()


def _locked(account: Account, show: Callable[[Account], Json]) -> Json:
    with account.lock:
        return show(account)
