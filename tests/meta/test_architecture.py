"""The imports keep to the layers, and the check would notice if they did not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .layers import LAYERS, Layer, layer_of, violations
from .source import Module, modules


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_imports_only_what_its_layer_may(module: Module) -> None:
    assert list(violations(module)) == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.rule)
def test_a_rule_refuses_an_import_it_does_not_name(layer: Layer) -> None:
    bad = Module(f"{layer.owners[0]}.sample", "import nobody_knows_this\n")
    assert list(violations(bad)) == [f"snippet.py:1 imports nobody_knows_this: {layer.rule}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pardot_mock.domain.queue", "from pardot_mock.world import World"),
        ("pardot_mock.domain.queue", "from ..world import World"),
        ("pardot_mock.domain.queue", "from pardot_fixtures import world"),
        ("pardot_mock.domain.queue", "import pardot_mock"),
        ("pardot_mock.domain.queue", "import numpy"),
        ("pardot_mock.domain.queue", "def f():\n    from pardot_mock.data import rows"),
        ("pardot_mock.domain.queue", "if TYPE_CHECKING:\n    from flask import Request"),
        ("pardot_mock.domain.queue", "importlib.import_module('pardot_mock.web')"),
        ("pardot_mock.wire.encoding", "from pardot_mock.data import rows"),
        ("pardot_mock.data.rows", "from pardot_mock.wire import csvfile"),
        ("pardot_mock.vault.keys", "from pardot_mock.domain import exports"),
        ("pardot_mock.world", "from pardot_mock.wire import encoding"),
        ("pardot_mock.account", "from pardot_mock.web.call import Call"),
        ("pardot_mock.store.sqlite", "import sqlalchemy"),
        ("pardot_mock.web.app", "from pardot_mock.server import serve"),
        ("pardot_mock.web.app", "from pardot_mock import cli"),
        ("pardot_mock.web.app", "import pardot_client"),
        ("pardot_mock.cli", "from flask import Flask"),
        ("pardot_mock.testing.live", "def f():\n    import flask"),
        ("pardot_mock.cli", "import pardot_client"),
        ("pardot_mock.cli", "def f():\n    import pardot_contracts"),
        ("pardot_client.rows", "from pardot_fixtures.catalog import OBJECTS"),
        ("pardot_client.rows", "def f():\n    import pardot_mock"),
        ("pardot_client.rows", "import polars"),
        ("pardot_contracts.suite.test_login", "from pardot_mock.domain.errors import ERRORS"),
        ("pardot_contracts.suite.test_login", "def f():\n    from pardot_client import fields"),
        ("pardot_contracts.suite.test_login", "from pardot_fixtures import catalog"),
        ("pardot_contracts.plugin", "import pardot_mock"),
        ("pardot_fixtures.world", "from pardot_mock.domain import rows"),
    ],
)
def test_an_import_across_a_layer_is_found(name: str, text: str) -> None:
    found = list(violations(Module(name, text)))
    assert len(found) == 1
    assert found[0].endswith(f": {layer_of(name).rule}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pardot_mock.domain.queue", "from pardot_fixtures.catalog import OBJECTS\nimport re"),
        ("pardot_mock.domain.queue", "from .exports import Export\nfrom . import dates"),
        ("pardot_mock.web.app", "import flask, werkzeug\nfrom pardot_mock.world import World"),
        ("pardot_mock.store.sql", "def f():\n    import sqlalchemy"),
        ("pardot_mock.demo", "def f():\n    from pardot_client import Pardot"),
        ("pardot_client.job", "import requests\ndef f():\n    import polars, rich"),
        ("pardot_contracts.plugin", "import pytest\ndef f():\n    from pardot_mock import a"),
    ],
)
def test_an_import_within_the_rules_passes(name: str, text: str) -> None:
    assert list(violations(Module(name, text))) == []


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


HEAVY = frozenset({"cryptography", "faker", "numpy", "polars", "rich", "sqlalchemy"})


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import pardot_mock, pardot_mock.cli", HEAVY | {"flask", "requests", "pytest"}),
        ("import pardot_mock.web.app", HEAVY),
        ("import pardot_contracts.plugin", HEAVY | {"flask", "requests", "pardot_mock"}),
        ("import pardot_client", HEAVY | {"flask", "pardot_mock", "pardot_fixtures", "click"}),
    ],
)
def test_starting_up_loads_nothing_heavy(statement: str, unwanted: frozenset[str]) -> None:
    assert sorted(_loaded_by(statement) & unwanted) == []


def test_what_is_loaded_would_be_noticed() -> None:
    assert "numpy" in _loaded_by("import numpy")
