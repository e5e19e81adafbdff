"""Who may import whom, as one table, and the check that walks the imports.

A module belongs to the first row whose `owners` contain it. It may import its own row, what
`may` names, the standard library, and the third parties in `uses`. Imports inside functions and
for type checkers count like any other: knowing a type is knowing the layer.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .source import FIRST_PARTY, Import, Module, within

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN: Final = "pardot_mock.domain"
CATALOG: Final = "pardot_fixtures.catalog"
WORLD: Final = (
    "pardot_mock.world",
    "pardot_mock.account",
    "pardot_mock.accountrows",
    "pardot_mock.newaccount",
    "pardot_mock.results",
    "pardot_mock.changes",
    "pardot_mock.importing",
    "pardot_mock.journal",
    "pardot_mock.truth",
    "pardot_mock.truthcells",
    "pardot_mock.grading",
    "pardot_mock.explaining",
    "pardot_mock.credentials",
    "pardot_mock.oauthgrants",
    "pardot_mock.tokens",
    "pardot_mock.jwtbearer",
)
BELOW_WORLD: Final = (
    DOMAIN,
    "pardot_mock.data",
    "pardot_mock.vault",
    "pardot_mock.faults",
    "pardot_mock.scenarios",
    "pardot_mock.conduct",
)
VERSION: Final = "pardot_mock._version"


@dataclass(frozen=True)
class Layer:
    """One row: `rule` is what a failing test prints; `lazily` may be imported in functions only.

    `uses` of None means any third party.
    """

    rule: str
    owners: tuple[str, ...]
    may: tuple[str, ...] = ()
    uses: frozenset[str] | None = frozenset()
    lazily: tuple[str, ...] = ()
    any_third_party_lazily: bool = False


LAYERS: Final = (
    Layer("the domain knows only itself and the catalogue", (DOMAIN,), (CATALOG,)),
    Layer("wire translates the domain and nothing else", ("pardot_mock.wire",), (DOMAIN,)),
    Layer(
        "data answers the domain from the fixtures",
        ("pardot_mock.data",),
        (DOMAIN, "pardot_fixtures"),
        frozenset({"numpy", "polars"}),
    ),
    Layer("the vault knows bytes only", ("pardot_mock.vault",), (), frozenset({"cryptography"})),
    Layer("faults speak domain values", ("pardot_mock.faults",), (DOMAIN,)),
    Layer(
        "conduct judges values and knows domain values only", ("pardot_mock.conduct",), (DOMAIN,)
    ),
    Layer("scenarios speak domain values", ("pardot_mock.scenarios",), (DOMAIN,)),
    Layer(
        "the world holds the layers below and speaks no wire",
        WORLD,
        (*BELOW_WORLD, CATALOG),
        frozenset({"cryptography"}),
    ),
    Layer(
        "the store keeps world values",
        ("pardot_mock.store",),
        (*WORLD, *BELOW_WORLD),
        frozenset(),
        any_third_party_lazily=True,
    ),
    Layer(
        "web shows the layers below and starts nothing",
        ("pardot_mock.web",),
        (*WORLD, *BELOW_WORLD, CATALOG, VERSION, "pardot_mock.wire", "pardot_mock.store"),
        frozenset({"flask", "werkzeug"}),
    ),
    Layer(
        "the server is the one starter that may know Flask",
        ("pardot_mock.server",),
        ("pardot_mock",),
        frozenset({"flask", "werkzeug", "waitress", "cryptography"}),
    ),
    Layer(
        "the drop-in leads programs to the emulator and knows nothing of the API",
        ("pardot_mock.dropin",),
        ("pardot_mock.faults", "pardot_mock.journal"),
        frozenset({"cryptography", "requests", "trustme", "urllib3"}),
    ),
    Layer(
        "starters use the whole emulator but not Flask",
        ("pardot_mock",),
        ("pardot_fixtures",),
        frozenset(
            {"click", "requests", "responses", "rich", "testcontainers", "waitress", "cryptography"}
        ),
        # The demo and the test helpers hand out a client, the pages tell what the suite shows.
        lazily=(
            "pardot_client",
            "pardot_contracts.coverage",
            "pardot_contracts.drift.last",
            "pardot_contracts.evidence",
        ),
    ),
    Layer(
        "the client stands alone and needs requests only",
        ("pardot_client",),
        (),
        frozenset({"requests"}),
        any_third_party_lazily=True,
    ),
    Layer(
        "the suite shares no table with what it judges",
        ("pardot_contracts.suite",),
        ("pardot_contracts",),
        frozenset({"hypothesis", "pytest", "requests"}),
    ),
    Layer(
        "the client driver knows the client, and nobody else in the harness does",
        ("pardot_contracts.clientdriver",),
        ("pardot_contracts", "pardot_client"),
    ),
    Layer(
        "the harness meets product and client when it runs",
        ("pardot_contracts",),
        (),
        frozenset({"click", "defusedxml", "hypothesis", "pytest", "requests"}),
        lazily=("pardot_mock", "pardot_client", "pardot_fixtures"),
        any_third_party_lazily=True,
    ),
    Layer(
        "fixtures know nobody",
        ("pardot_fixtures",),
        (),
        frozenset({"faker", "numpy", "polars"}),
    ),
)


def layer_of(name: str) -> Layer:
    """The layer of a module; raises LookupError for a module outside the four packages."""
    for layer in LAYERS:
        if within(name, *layer.owners):
            return layer
    raise LookupError(f"{name} belongs to no layer")


def violations(module: Module) -> Iterator[str]:
    """One line for each import that its layer does not allow, ending with the rule's name."""
    layer = layer_of(module.name)
    for found in module.imports:
        if not _allowed(layer, found):
            yield f"{module.path}:{found.line} imports {found.target}: {layer.rule}"


def _allowed(layer: Layer, found: Import) -> bool:
    top = found.top
    if top in sys.stdlib_module_names:
        return True
    if top in FIRST_PARTY:
        return _allowed_inside(layer, found)
    if layer.any_third_party_lazily and (found.lazy or found.typing):
        return True
    return layer.uses is None or top in layer.uses


def _allowed_inside(layer: Layer, found: Import) -> bool:
    if within(found.target, *layer.owners, *layer.may):
        return True
    return (found.lazy or found.typing) and within(found.target, *layer.lazily)
