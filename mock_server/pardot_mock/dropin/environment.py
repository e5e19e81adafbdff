"""The environment of a program that is led to the emulator.

Three groups: where to connect (proxy), whom to trust (certificates), and who is calling
(`PARDOT_*`, the names the reference client reads).
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_mock.dropin.hosts import HOSTS, ORGANISATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOOPBACK = "localhost,127.0.0.1,::1"
URL = "PARDOT_MOCK_URL"
TOKEN = "PARDOT_MOCK_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
CA = "PARDOT_MOCK_CA"
JAVA = "JAVA_TOOL_OPTIONS"
PHP = "PHP_INI_SCAN_DIR"
DROPIN = "PARDOT_MOCK_DROPIN"
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
DIRECT = ("NO_PROXY", "no_proxy")
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", CA)
_PRELOAD = "preload.cjs"


def caller_variables(url: str, credentials: Mapping[str, str]) -> dict[str, str]:
    """Give what says who is calling, and where the emulator at `url` is."""
    known = {f"PARDOT_{name.upper()}": value for name, value in credentials.items()}
    return {"PARDOT_BASE_URL": url, "PARDOT_LOGIN_URL": url, **known, URL: url}


def route_variables(
    proxy: tuple[str, int],
    bundle: Path,
    allowed: Iterable[str],
    java: str,
    php: Path,
    base: Mapping[str, str],
) -> dict[str, str]:
    """Give what leads a program through the proxy and makes it trust the file `bundle`.

    `java` are the options of a Java machine, `php` is a folder with settings of PHP. What `base`
    says in variables that hold several options is kept.
    """
    host, port = proxy
    facts = {
        "host": host,
        "port": port,
        "hosts": list(HOSTS),
        "organisations": ORGANISATIONS,
        "allowed": sorted(allowed),
    }
    preload = f"--require {json.dumps(str(Path(__file__).with_name(_PRELOAD)), ensure_ascii=False)}"
    return {
        **dict.fromkeys(PROXIES, f"http://{host}:{port}"),
        **dict.fromkeys(DIRECT, LOOPBACK),
        **dict.fromkeys(BUNDLES, str(bundle)),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": f"{base.get('NODE_OPTIONS', '')} {preload}".strip(),
        JAVA: f"{base.get(JAVA, '')} {java}".strip(),
        # Nothing before the separator stands for the folder that PHP was built with.
        PHP: f"{base.get(PHP, '')}{os.pathsep}{php}",
        DROPIN: json.dumps(facts),
    }


def java_options(proxy: tuple[str, int], store: Path, password: str) -> str:
    """Give the options that lead a Java machine and make it trust `store` alone."""
    host, port = proxy
    route = [
        option
        for scheme in ("http", "https")
        for option in (f"-D{scheme}.proxyHost={host}", f"-D{scheme}.proxyPort={port}")
    ]
    direct = "'-Dhttp.nonProxyHosts=localhost|127.*|[::1]'"
    trust = {"": str(store), "Type": "PKCS12", "Password": password}
    stores = [f"'-Djavax.net.ssl.trustStore{name}={said}'" for name, said in trust.items()]
    return " ".join([*route, direct, *stores])


def php_settings(bundle: Path) -> str:
    """Give the settings that make PHP, which heeds no variable, trust `bundle`."""
    return f'curl.cainfo = "{bundle}"\nopenssl.cafile = "{bundle}"\n'


def export_lines(variables: Mapping[str, str]) -> str:
    """Write variables as a POSIX shell reads them."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def plain_lines(variables: Mapping[str, str]) -> str:
    """Write variables as files of variables have them, where nothing is quoted."""
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def json_text(variables: Mapping[str, str]) -> str:
    """Write variables as one JSON object."""
    return json.dumps(variables, indent=2) + "\n"


def is_ours(name: str) -> bool:
    """Whether a variable is one of those that `exec` sets."""
    tools = ("NODE_USE_ENV_PROXY", "NODE_OPTIONS", JAVA, PHP)
    ours = {*PROXIES, *DIRECT, *BUNDLES, *tools, DROPIN, URL, TOKEN}
    return name in ours or (name.startswith("PARDOT_") and not name.startswith("PARDOT_MOCK_"))
