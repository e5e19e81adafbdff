"""Signed assertions for the JWT bearer grant: a key of one's own, its public part, and RS256."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BITS = 2048
EXPONENT = 65537


class SigningKey:
    """An RSA key made for one run; `public` is the PEM that the connected app is given."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._key = generate_private_key(EXPONENT, BITS)
        public = self._key.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.public = pem.decode("ascii")

    def assertion(self, claims: Mapping[str, object]) -> str:
        """Sign `claims` as a compact JWT with RS256."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        signed = f"{_part({'alg': 'RS256'})}.{_part(claims)}"
        signature = self._key.sign(signed.encode("ascii"), PKCS1v15(), SHA256())
        return f"{signed}.{_encoded(signature)}"


def _part(content: Mapping[str, object]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
