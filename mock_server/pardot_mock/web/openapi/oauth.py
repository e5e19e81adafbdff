"""Describes the Salesforce OAuth calls."""

from __future__ import annotations

from typing import Any

from pardot_mock.web.openapi.schemas import reference

Json = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_BASE = "/services/oauth2"
_GRANTS = (
    "password",
    "refresh_token",
    "client_credentials",
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
)
_CREDENTIALS = ("client_id", "client_secret", "username", "password", "refresh_token", "code",
                "redirect_uri", "code_verifier", "assertion")  # fmt: skip


def oauth_paths() -> Json:
    """Give the paths of the OAuth endpoints."""
    token = {"grant_type": {"type": "string", "enum": list(_GRANTS)}}
    token |= {name: {"type": "string"} for name in _CREDENTIALS}
    one_token = {"token": {"type": "string"}}
    client = {name: {"type": "string"} for name in ("client_id", "client_secret")}
    return {
        f"{_BASE}/token": {"post": _form("oauth.token", token, _json(_token_answer()))},
        f"{_BASE}/revoke": {"post": _form("oauth.revoke", one_token, {"description": "Revoked"})},
        f"{_BASE}/introspect": {
            "post": _form("oauth.introspect", {**client, **one_token}, _json(_introspection()))
        },
        f"{_BASE}/userinfo": {"get": _get("oauth.userinfo", _json({"type": "object"}))},
        "/.well-known/openid-configuration": {
            "get": _get("oauth.discovery", _json({"type": "object"}))
        },
    }


def _token_answer() -> Json:
    texts = ("access_token", "instance_url", "id", "token_type", "issued_at", "signature")
    properties: Json = {name: {"type": "string"} for name in (*texts, "refresh_token", "scope")}
    properties["expires_in"] = {"type": "integer"}
    return {"type": "object", "required": list(texts), "properties": properties}


def _introspection() -> Json:
    return {"type": "object", "required": ["active"],
            "properties": {"active": {"type": "boolean"}}}  # fmt: skip


def _json(schema: Json) -> Json:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _operation(name: str, done: Json) -> Json:
    refused = {
        "description": "Refused",
        "content": {
            "application/json": {"schema": reference("OAuthError")},
            "text/html": {"schema": {"type": "string"}},
        },
    }
    return {"operationId": name, "tags": ["oauth"], "security": [],
            "responses": {"200": done, "default": refused}}  # fmt: skip


def _get(name: str, done: Json) -> Json:
    return _operation(name, done)


def _form(name: str, properties: Json, done: Json) -> Json:
    schema = {"type": "object", "properties": properties}
    body = {"required": True, "content": {_FORM: {"schema": schema}}}
    return {**_operation(name, done), "requestBody": body}
