"""How programs of each language are told to trust a certificate, as a shell writes it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "curl": "export CURL_CA_BUNDLE={ca}",
        "Python, requests": "export REQUESTS_CA_BUNDLE={ca}",
        "Python, urllib, httpx, aiohttp": "export SSL_CERT_FILE={ca}",
        "Node": "export NODE_EXTRA_CA_CERTS={ca}",
        "Ruby, and Go on Linux": "export SSL_CERT_FILE={ca}",
        "PHP": "php -d curl.cainfo={ca} -d openssl.cafile={ca} SCRIPT",
        "Java": "keytool -importcert -noprompt -alias pardot-mock -file {ca} "
        "-keystore pardot-mock.p12 -storetype PKCS12 -storepass changeit && "
        "export JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore=pardot-mock.p12 "
        "-Djavax.net.ssl.trustStorePassword=changeit'",
        "a Debian image": "cp {ca} /usr/local/share/ca-certificates/pardot-mock.crt && "
        "update-ca-certificates",
    }
)
"""By language; `{ca}` is the file."""

_FOREWORD = """\
# The certificate may vouch for the hosts of the service and for nothing else.
# Variables that name one file replace what the program trusts otherwise: set them where it runs,
# not for a whole session. NODE_EXTRA_CA_CERTS and the Debian image add to what is trusted."""


def trust_hints(ca: str) -> str:
    """Give one line per language for the file `ca`, a word of a shell."""
    parts = [_FOREWORD]
    for language, line in HINTS.items():
        parts += ["", f"# {language}", line.format(ca=ca)]
    return "\n".join(parts)
