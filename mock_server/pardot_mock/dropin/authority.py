"""A certificate authority for one run, and the certificate of the service's hosts.

Keys live in memory; what a client needs in order to trust them is the authority's certificate.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from pardot_mock.dropin.hosts import HOSTS, ORGANISATIONS

JAVA_PASSWORD = "changeit"  # noqa: S105 - of a file that holds no secret
_NAMES = (*HOSTS, f"*{ORGANISATIONS}", "localhost", "127.0.0.1", "::1")
# Some platforms trust a server certificate for 825 days at most.
_VALID = timedelta(days=90)
_SKEW = timedelta(days=1)


class Authority:
    """An authority that nobody has used before."""

    def __init__(self) -> None:
        self._authority = trustme.CA(
            organization_name="pardot-mock", organization_unit_name="Made for one run"
        )

    @property
    def certificate(self) -> bytes:
        """The certificate to trust, as PEM."""
        return self._authority.cert_pem.bytes()

    def java_store(self) -> bytes:
        """Give the certificate as the store a Java machine reads; `JAVA_PASSWORD` opens it."""
        certificate = pkcs12.PKCS12Certificate(
            x509.load_pem_x509_certificate(self.certificate), b"pardot-mock"
        )
        sealed = BestAvailableEncryption(JAVA_PASSWORD.encode())
        return pkcs12.serialize_java_truststore([certificate], sealed)

    def server_context(self) -> ssl.SSLContext:
        """Give the TLS side of a server that stands for the service's hosts."""
        now = datetime.now(UTC).replace(tzinfo=None)
        issued = self._authority.issue_cert(
            *_NAMES, common_name=HOSTS[0], not_before=now - _SKEW, not_after=now + _VALID
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        issued.configure_cert(context)
        return context
