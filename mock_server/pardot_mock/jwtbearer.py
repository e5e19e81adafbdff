"""Signed assertions of the JWT bearer flow: RS256, checked with the application's certificate."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pardot_mock.domain.oauth import GrantError

AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
MAX_VALIDITY = timedelta(minutes=5)


def assertion_issuer(assertion: str) -> str:
    """Give the connected application an assertion claims to come from; it is not verified here."""
    return str(_claims(assertion).get("iss", ""))


def verified_subject(assertion: str, certificate: str | None, now: datetime) -> str:
    """Give the user name an assertion stands for; raise `GrantError` unless everything holds.

    `certificate` is the PEM of the application's certificate or public key; without one no user
    has approved the application.
    """
    if certificate is None:
        raise GrantError("invalid_grant", "user hasn't approved this consumer")
    _verify(assertion, certificate)
    claims = _claims(assertion)
    if claims.get("aud") not in AUDIENCES:
        raise GrantError("invalid_grant", "Audience validation failed")
    _check_expiry(claims.get("exp"), now)
    return str(claims.get("sub", ""))


def _check_expiry(value: object, now: datetime) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GrantError("invalid_grant", "invalid assertion")
    try:
        expires = datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise GrantError("invalid_grant", "invalid assertion") from error
    if not now < expires <= now + MAX_VALIDITY:
        raise GrantError("invalid_grant", "expired")


def _claims(assertion: str) -> dict[str, Any]:
    try:
        claims = json.loads(_decoded(assertion.split(".")[1]))
    except (ValueError, IndexError, RecursionError) as error:
        raise GrantError("invalid_grant", "invalid assertion") from error
    if not isinstance(claims, dict):
        raise GrantError("invalid_grant", "invalid assertion")
    return claims


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _verify(assertion: str, certificate: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    key = public_key(certificate)
    signed, _, signature = assertion.rpartition(".")
    try:
        header = json.loads(_decoded(signed.split(".")[0]))
        if not isinstance(header, dict) or header.get("alg") != "RS256":
            raise GrantError("invalid_grant", "invalid assertion")
        raw = _decoded(signature)
        key.verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature) as error:
        raise GrantError("invalid_grant", "invalid assertion") from error


def public_key(pem: str) -> Any:  # noqa: ANN401
    """Read the RSA public key of a certificate or key in PEM; raise `ValueError` for another."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    data = pem.encode()
    if "BEGIN CERTIFICATE" in pem:
        key = load_pem_x509_certificate(data).public_key()
    else:
        key = load_pem_public_key(data)  # type: ignore[assignment]
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key is not an RSA key")  # noqa: TRY004 - refused with the field
    return key
