"""The Salesforce OAuth endpoints: token, authorize, revoke, introspect, userinfo, discovery."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template_string, request

from pardot_mock.domain.oauth import GrantError, read_scopes
from pardot_mock.oauthgrants import read_grant
from pardot_mock.tokens import (
    issue_token,
    offer_code,
    organisation_id,
    salesforce_id,
    secret_of,
    signature,
)
from pardot_mock.web.faulting import spoiled_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.account import Account
    from pardot_mock.oauthgrants import Grant
    from pardot_mock.world import World

Json = dict[str, Any]
LOGIN_URL = "https://login.salesforce.com"
_NO_STORE = (("Cache-Control", "no-cache, no-store"), ("Pragma", "no-cache"))
_JSON = "application/json;charset=UTF-8"
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Allow access?</title>
<h1>Allow access?</h1>
<p>The application <b>{{ client_id }}</b> asks for access to the account <b>{{ account }}</b>
as <b>{{ user }}</b>, with the scopes {{ scopes }}.</p>
<form method="post" action="?{{ query }}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form></html>
"""


def oauth_blueprint(world: World) -> Blueprint:
    """Give the routes of the OAuth endpoints."""
    blueprint = Blueprint("oauth", __name__)

    @blueprint.errorhandler(GrantError)
    def refused(error: GrantError) -> Response:
        body = {"error": error.error, "error_description": error.description}
        return _json(body, error.status)

    _token_routes(blueprint, world)
    _authorize_routes(blueprint, world)
    _information_routes(blueprint, world)
    return blueprint


def _json(body: Json, status: int = 200) -> Response:
    import json

    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status=status, content_type=_JSON, headers=_NO_STORE)


def _parameters() -> dict[str, str]:
    """Give the parameters of a call: form before query string, and HTTP Basic for the client."""
    found = {**request.args.to_dict(), **request.form.to_dict()}
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise GrantError("invalid_client", "invalid client credentials", 401) from error
        name, _, secret = text.partition(":")
        found = {"client_id": name, "client_secret": secret, **found}
    return found


def _token_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/services/oauth2/token")
    def token() -> Response:
        grant = read_grant(_parameters(), world)
        return spoiled_token(grant.account, request.environ, lambda: _json(_token_answer(grant)))

    @blueprint.route("/services/oauth2/revoke", methods=["GET", "POST"])
    def revoke() -> Response:
        value = _parameters().get("token", "")
        found = world.by_token(value)
        if found is None:
            raise GrantError("unsupported_token_type", "this token type is not supported")
        with found.lock:
            found.oauth = found.oauth.revoke(value)
        return Response(status=200, headers=_NO_STORE)

    @blueprint.post("/services/oauth2/introspect")
    def introspect() -> Response:
        given = _parameters()
        found = world.by_client_id(given.get("client_id", ""))
        if found is None:
            raise GrantError("invalid_client_id", "client identifier invalid", 401)
        secret = secret_of(found[0], found[1])
        if not hmac.compare_digest(given.get("client_secret", "").encode(), secret.encode()):
            raise GrantError("invalid_client", "invalid client credentials", 401)
        return _json(_introspection(world, given.get("token", "")))


def _token_answer(grant: Grant) -> Json:
    account = grant.account
    with account.lock:
        now = account.settle()
        token = issue_token(account, grant.user, grant.scopes, grant.from_refresh, now)
    issued_at = str(int(now.timestamp() * 1000))
    identity = f"{LOGIN_URL}/id/{organisation_id(account)}/{salesforce_id(account, grant.user)}"
    answer: Json = {
        "access_token": token,
        "instance_url": f"https://{account.id.lower()}.my.salesforce.com",
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
        "signature": signature(account, identity, issued_at),
    }
    if grant.with_refresh is not None:
        answer["refresh_token"] = grant.with_refresh
    if grant.shows_scope:
        answer["scope"] = " ".join(sorted(grant.scopes))
    if account.quirks.on("token_expires_in"):
        answer["expires_in"] = account.quirks.number("access_token_minutes") * 60
    return answer


def _authorize_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/services/oauth2/authorize")
    def ask() -> str:
        given = request.args
        account, user = _asking(given, world)
        return render_template_string(
            _PAGE,
            client_id=given["client_id"],
            account=account.info.name,
            user=user.email,
            scopes=", ".join(sorted(read_scopes(given.get("scope")))),
            query=urlencode(given.to_dict()),
        )

    @blueprint.post("/services/oauth2/authorize")
    def decide() -> Any:  # noqa: ANN401
        given = {**request.args.to_dict(), **request.form.to_dict()}
        account, user = _asking(given, world)
        answer = {"state": given["state"]} if "state" in given else {}
        if given.get("decision") != "allow":
            description = "end-user denied authorization"
            answer |= {"error": "access_denied", "error_description": description}
        else:
            scopes = read_scopes(given.get("scope"))
            challenge = given.get("code_challenge")
            with account.lock:
                now = account.settle()
                uri = given["redirect_uri"]
                answer["code"] = offer_code(account, user, uri, scopes, challenge, now)
        joint = "&" if urlsplit(given["redirect_uri"]).query else "?"
        return redirect(f"{given['redirect_uri']}{joint}{urlencode(answer)}")


def _asking(given: Mapping[str, str], world: World) -> tuple[Account, Any]:
    """Check an authorization request before anything is sent to its redirect address."""
    found = world.by_client_id(given.get("client_id", ""))
    if found is None:
        raise GrantError("invalid_client_id", "client identifier invalid")
    if given.get("response_type") != "code":
        raise GrantError("unsupported_response_type", "response type not supported")
    target = urlsplit(given.get("redirect_uri", ""))
    if target.scheme not in ("http", "https") or not target.netloc or target.fragment:
        raise GrantError("redirect_uri_mismatch", "redirect_uri must match configuration")
    return found


def _information_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.route("/services/oauth2/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        account = world.by_token(token)
        access = _live(account, token)
        if account is None or access is None:
            return Response("Bad_OAuth_Token", status=403, content_type="text/html")
        user = account.users[access.user_id]
        return _json(
            {
                "sub": f"{LOGIN_URL}/id/{organisation_id(account)}/{salesforce_id(account, user)}",
                "user_id": salesforce_id(account, user),
                "organization_id": organisation_id(account),
                "preferred_username": user.email,
                "email": user.email,
                "zoneinfo": user.timezone,
            }
        )

    @blueprint.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        base = f"{request.scheme}://{request.host}"
        services = f"{base}/services/oauth2"
        return _json(
            {
                "issuer": base,
                "authorization_endpoint": f"{services}/authorize",
                "token_endpoint": f"{services}/token",
                "revocation_endpoint": f"{services}/revoke",
                "introspection_endpoint": f"{services}/introspect",
                "userinfo_endpoint": f"{services}/userinfo",
                "response_types_supported": ["code"],
                "scopes_supported": ["api", "openid", "pardot_api", "refresh_token"],
            }
        )


def _live(account: Account | None, token: str) -> Any:  # noqa: ANN401
    if account is None:
        return None
    with account.lock:
        return account.oauth.live(token, account.settle())


def _introspection(world: World, token: str) -> Json:
    account = world.by_token(token)
    access = _live(account, token)
    if account is None or access is None:
        return {"active": False}
    return {
        "active": True,
        "scope": " ".join(sorted(access.scopes)),
        "username": account.users[access.user_id].email,
        "token_type": "access_token",
        "iat": int(access.issued_at.timestamp()),
        "exp": int(access.expires_at.timestamp()),
    }
