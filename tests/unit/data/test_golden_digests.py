"""The bytes of a fixed seed, pinned: a change here changes every account of every user."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from tests.unit.data.worlds import EXPORTED, query, world

if TYPE_CHECKING:
    from collections.abc import Mapping

GOLDEN: Mapping[str, tuple[int, str, str]] = MappingProxyType(
    {
        "visitorActivity": (
            5_000,
            "daa5aa9cf93e161bdea548b5f3d99c3b",
            "6cb284ca9eac60b4ef3706d54c4d93b183c1bb754d66349cd31965747818b283",
        ),
        "prospect": (
            200,
            "5c3c6d3fca0e0c04ea97625075eb4f77",
            "143c4f7ee83771a2009f8f72a4a6383b929463dba1b7c693ec0789710b747e40",
        ),
        "visitor": (
            600,
            "16edd416d877aa9308e784f299d662e7",
            "29a0af9d11a3c91a31101650a7a432eaa349351571a17a38135022c9609b7080",
        ),
        "listMembership": (
            600,
            "8a73db0bcf6d86415a7045ffad318384",
            "e2accb0c465a42c0579c353703d87a5064f696aa73340b438205cd30b9954d41",
        ),
        "prospectAccount": (
            25,
            "0b1eea3f494a7495f507f15f9b75e147",
            "0592121a5ad3e327ba28b21bbcc387db7de3c6d1531e928f42881300f1705a79",
        ),
    }
)


@pytest.mark.parametrize("name", EXPORTED)
def test_the_rows_and_the_bytes_of_a_seed_never_change(name: str) -> None:
    dataset = world(20200118, 5000)
    asked = query(name, timezone="America/New_York")
    truth = dataset.truth(asked, dataset.slices(asked, 1000))
    assert (truth.rows, truth.digest, truth.files[0].sha256) == GOLDEN[name]
