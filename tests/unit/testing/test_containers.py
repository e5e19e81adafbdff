"""The class for Testcontainers, against a stand-in of it: no engine runs here."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock import MockPardot
from pardot_mock.cli import main as command_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class StandIn:
    """Remembers what it is told; its container is an emulator on this machine."""

    def __init__(self, image: str) -> None:
        self.image = image
        self.env: dict[str, str] = {}
        self.ports: tuple[int, ...] = ()
        self.extra: dict[str, Any] = {}
        self.mock: MockPardot | None = None

    def with_env(self, name: str, value: str) -> None:
        assert isinstance(value, str)
        self.env[name] = value

    def with_exposed_ports(self, *ports: int) -> None:
        self.ports = ports

    def with_kwargs(self, **extra: Any) -> None:
        self.extra = extra

    def start(self) -> None:
        self.mock = MockPardot().start()

    def stop(self) -> None:
        if self.mock:
            self.mock.stop()

    def get_container_host_ip(self) -> str:
        return "127.0.0.1"

    def get_exposed_port(self, port: int) -> int:
        assert port in self.ports
        return int(self.mock.url.rpartition(":")[2]) if self.mock else 1


@pytest.fixture
def containers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    core = ModuleType("testcontainers.core.container")
    core.DockerContainer = StandIn  # type: ignore[attr-defined]
    for name in ("testcontainers", "testcontainers.core"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, core.__name__, core)
    yield importlib.import_module("pardot_mock.testing.containers")
    sys.modules.pop("pardot_mock.testing.containers")


def test_a_container_is_told_options_of_serve_and_awaited(containers: ModuleType) -> None:
    made = containers.PardotMockContainer("of-mine", scenario="slow", rows=7, quiet=True)
    told = {name.removeprefix("PARDOT_MOCK_").lower(): value for name, value in made.env.items()}
    options = {parameter.name for parameter in command_line.commands["serve"].params}
    assert told.keys() <= options
    assert told.pop("control_token") == made.control_token
    rest = {"tls": "true", "tls_port": "443", "scenario": "slow", "rows": "7", "quiet": "true"}
    assert (made.image, told) == ("of-mine", rest)
    assert made.start() is made
    assert made.url == made.mock.url
    with pytest.raises(RuntimeError, match="answered 404"):
        made.certificate()
    made.stop()


def test_one_that_never_answers_is_given_up(
    containers: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandIn, "start", lambda _: None)
    monkeypatch.setattr(containers, "_PATIENCE", 0.0)
    with pytest.raises(TimeoutError, match="no emulator answers at"):
        containers.PardotMockContainer().start()
