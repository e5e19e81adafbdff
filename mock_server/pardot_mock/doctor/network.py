"""Would programs find the emulator: ports, proxies, the hosts file."""

from __future__ import annotations

import http.client
import json
import os
import socket
from typing import TYPE_CHECKING

from pardot_mock.doctor.finding import Finding, ok, problem, warning
from pardot_mock.dropin.environment import DROPIN, PROXIES, URL
from pardot_mock.dropin.hosts import HOSTS, is_emulated, reachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATIENCE = 3.0
_PRIVILEGED = 1024
_LOOPBACK = ("127.0.0.1", "localhost")


def port(name: str, host: str, number: int) -> Iterator[Finding]:
    """Look whether `number` can be bound on `host`, or an emulator has it already."""
    subject, family = f"port {number}", socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # As a server binds: a port whose last connections still linger counts as free.
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            if os.name == "posix":
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, number))
    except PermissionError:
        yield problem(
            subject,
            "this user may not bind it",
            f"choose a port from {_PRIVILEGED} on with --{name}, or give the right to bind it",
        )
    except OSError as error:
        yield _taken(name, host, number, error)
    else:
        yield ok(subject, f"free for --{name}")


def _taken(name: str, host: str, number: int, error: OSError) -> Finding:
    subject, who = f"port {number}", who_answers(reachable(host), number)
    if who:
        return ok(subject, f"{who} answers there")
    reason = error.strerror or str(error)
    return problem(subject, f"it cannot be bound: {reason}", f"choose another one with --{name}")


def who_answers(host: str, number: int) -> str:
    """Tell who of ours answers at a port; empty if nobody does."""
    client = http.client.HTTPConnection(host, number, timeout=_PATIENCE)
    try:
        client.request("GET", "/_mock/health")
        text = client.getresponse().read(4096).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        client.close()
    if text.startswith("pardot-mock:"):
        return "the TLS side of an emulator"
    try:
        health = json.loads(text)
        version, known = health["version"], health["capabilities"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f"an emulator, version {version}," if isinstance(known, list) else ""


def proxies(base: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether proxy variables would lead calls of a loopback address astray."""
    if DROPIN in base:
        yield ok("proxy", "this is inside `pardot-mock exec`: its proxy is set")
        return
    told = sorted({name for name in PROXIES if base.get(name)})
    direct = {
        part.strip() for part in (base.get("NO_PROXY") or base.get("no_proxy") or "").split(",")
    }
    if not told:
        yield ok("proxy", "no proxy is set")
    elif "*" in direct or direct.issuperset(_LOOPBACK):
        yield ok("proxy", f"{', '.join(told)}: loopback goes directly")
    else:
        yield warning(
            "proxy",
            f"{', '.join(told)}: calls of 127.0.0.1 may go to the proxy instead of the emulator",
            "export NO_PROXY=localhost,127.0.0.1,::1",
        )


def hosts_file(path: Path) -> Iterator[Finding]:
    """Look where the hosts file leads the hosts of the service."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    words = [line.partition("#")[0].split() for line in lines]
    led = {
        name.lower(): line[0] for line in words if line for name in line[1:] if is_emulated(name)
    }
    if not led:
        yield ok("hosts file", "the hosts of the service are not led anywhere")
        return
    missing = [name for name in HOSTS[:1] if name not in led]
    places = ", ".join(f"{name} to {address}" for name, address in sorted(led.items()))
    todo = "it works with `serve --tls --tls-port 443`; without an emulator, nothing answers"
    if missing:
        todo += f"; {missing[0]} is not among them"
    yield warning("hosts file", f"{path} leads {places}", todo)


def running(base: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether the emulator answers that the environment names."""
    url = base.get(URL)
    if not url:
        return
    from pardot_mock.controlclient import ControlClient, ControlRefused, Unreachable

    todo = f"start it, or unset {URL}"
    try:
        with ControlClient(url, timeout=_PATIENCE) as client:
            version = client.health()["version"]
    except (Unreachable, ControlRefused, ValueError) as error:
        yield problem(URL, str(error), todo)
    else:
        yield ok(URL, f"an emulator, version {version}, answers at {url}")
