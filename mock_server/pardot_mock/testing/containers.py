"""The emulator in a container of its own, for tests that use Testcontainers.

Needs a container engine and the extra `containers`; the image is built from the Dockerfile of this
project.

with PardotMockContainer("pardot-mock") as mock:
    requests.get(f"{mock.url}/_mock/health")
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from testcontainers.core.container import DockerContainer

from pardot_mock.dropin.hosts import HOSTS

PORT = 8000
TLS_PORT = 443
_PATIENCE = 30.0
_PAUSE = 0.05


class PardotMockContainer(DockerContainer):
    """A container of `image` that serves an account with the published demo credentials.

    `options` are those of `pardot-mock serve`, such as `scenario="slow"`, `rows=1000`; they are
    handed over in the environment. `start` returns when the emulator answers and raises
    `TimeoutError` if it does not within 30 seconds.
    """

    def __init__(self, image: str = "pardot-mock", **options: object) -> None:
        super().__init__(image)
        self.control_token = secrets.token_urlsafe(24)
        told = {"control_token": self.control_token, "tls": True, "tls_port": TLS_PORT, **options}
        for name, value in told.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self.with_env(f"PARDOT_MOCK_{name.upper()}", text)
        self.with_exposed_ports(PORT, TLS_PORT)
        self.with_kwargs(sysctls={"net.ipv4.ip_unprivileged_port_start": "0"})

    def start(self) -> PardotMockContainer:
        """Start the container and wait until the emulator answers."""
        super().start()
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            if time.monotonic() > end:
                raise TimeoutError(f"no emulator answers at {self.url}")
            time.sleep(_PAUSE)
        return self

    @property
    def url(self) -> str:
        """The base URL as this machine reaches it."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names to give it in a network, so that programs in other containers find it."""
        return HOSTS

    def certificate(self) -> str:
        """Give the certificate that programs must trust, as PEM."""
        status, body = self._get("/_mock/ca.pem")
        if status != http.client.OK:
            raise RuntimeError(f"the emulator answered {status} instead of its certificate")
        return body

    def _answers(self) -> bool:
        try:
            status, body = self._get("/_mock/health")
            known: Any = json.loads(body)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        return status == http.client.OK and known.get("status") == "ok"

    def _get(self, path: str) -> tuple[int, str]:
        # Not through a proxy, whatever the environment says: the engine is on this machine.
        client = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read().decode()
        finally:
            client.close()
