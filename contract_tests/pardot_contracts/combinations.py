"""Which versions, formats and kinds of authentication a case is run in.

Every pair of values of two different dimensions occurs together in at least one run (pairwise):
four runs cover two versions, two formats and two kinds of authentication. A mistake that needs
three particular values at once is found by the full product only, which is eight runs.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from pardot_contracts.facts import AUTHS
from pardot_contracts.reply import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS = ("3", "4")
PAIRWISE = "pairwise"
FULL = "full"
MATRICES = (PAIRWISE, FULL)


@dataclass(frozen=True, slots=True)
class Way:
    """One combination: API version, format of the answers, and how calls are authenticated."""

    version: str
    form: str
    auth: str

    @property
    def pairs(self) -> frozenset[tuple[tuple[int, str], ...]]:
        """The pairs of values that this combination tries together."""
        return frozenset(combinations(enumerate(astuple(self)), 2))

    @property
    def label(self) -> str:
        """How it is written in test ids, such as `v4-json` or `v3-xml-oauth`."""
        return f"v{self.version}-{self.form}" + ("" if self.auth == AUTHS[0] else f"-{self.auth}")


def every_way(
    versions: Sequence[str] = VERSIONS,
    forms: Sequence[str] = FORMATS,
    auths: Sequence[str] = AUTHS,
) -> list[Way]:
    """Give every combination."""
    return [Way(*values) for values in product(versions, forms, auths)]


def pairwise(ways: Sequence[Way]) -> list[Way]:
    """Give few of `ways` that together try every pair which occurs in any of them."""
    open_pairs = frozenset[tuple[tuple[int, str], ...]]().union(*(way.pairs for way in ways))
    chosen: list[Way] = []
    while open_pairs:
        best = max(ways, key=lambda way: len(way.pairs & open_pairs))
        chosen.append(best)
        open_pairs -= best.pairs
    return [way for way in ways if way in chosen]
