"""A certificate authority, and the certificate of the service's hosts.

An authority may vouch for the hosts of the service, for names of the emulator itself, and for
nothing else: its certificate says so, so trusting it opens no other site to whoever gets its key.
What a client needs in order to trust it is the certificate. The key lives in memory, unless
`authorityfile` keeps it for the next run.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from pardot_mock.dropin.hosts import HOSTS, ORGANISATIONS

JAVA_PASSWORD = "changeit"  # noqa: S105 - of a file that holds no secret
OWN_NAMES = ("localhost", "pardot-mock", "host.docker.internal")
"""Names under which the emulator itself is called, in containers too."""
_LOOPBACK = ("127.0.0.1", "::1")
_NAMES = (*HOSTS, f"*{ORGANISATIONS}", *OWN_NAMES, *_LOOPBACK)
# Some platforms trust a server certificate for 825 days at most.
_VALID = timedelta(days=90)
_AUTHORITY_VALID = timedelta(days=3650)
_SKEW = timedelta(days=1)


class Authority:
    """An authority that nobody has used before; with `pem`, its certificate and key, a known one.

    Raises `ValueError` for PEM that cannot be read.
    """

    def __init__(self, pem: tuple[bytes, bytes] | None = None) -> None:
        certificate, key = pem or _made()
        self._authority = trustme.CA.from_pem(certificate, key)

    @property
    def certificate(self) -> bytes:
        """The certificate to trust, as PEM."""
        return self._authority.cert_pem.bytes()

    @property
    def key(self) -> bytes:
        """The secret key, as PEM."""
        return self._authority.private_key_pem.bytes()

    @property
    def ends(self) -> datetime:
        """When the certificate stops being valid."""
        return x509.load_pem_x509_certificate(self.certificate).not_valid_after_utc

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


def _made() -> tuple[bytes, bytes]:
    """Make an authority: its certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "pardot-mock"),
            # Stores keep certificates by name, and two authorities must not be taken for one.
            x509.NameAttribute(
                NameOID.ORGANIZATIONAL_UNIT_NAME, f"For tests only, {x509.random_serial_number():x}"
            ),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _AUTHORITY_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_for_signing(), critical=True)
        .add_extension(_for_our_names_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), pem


def _for_signing() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _for_our_names_only() -> x509.NameConstraints:
    names = (*HOSTS, ORGANISATIONS.removeprefix("."), *OWN_NAMES)
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    permitted += [x509.IPAddress(ip_network(address)) for address in _LOOPBACK]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
