"""The rows of a synthetic world as columns: the part that needs numpy.

A world remembers nothing but keys, lexicons and small tables of assets; rows are computed when
asked for and forgotten.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_fixtures.vocabulary import load_vocabulary
from pardot_mock.data.hashing import stream
from pardot_mock.data.lexicons import Lexicons
from pardot_mock.data.tables.activities import Activities
from pardot_mock.data.tables.assets import ASSET_BLOCKS
from pardot_mock.data.tables.companies import Accounts
from pardot_mock.data.tables.mix import ActivityMix
from pardot_mock.data.tables.people import (
    IdentifiedCompanies,
    LifecycleHistories,
    Memberships,
    TagObjects,
    VisitorReferrers,
    Visitors,
)
from pardot_mock.data.tables.prospects import Prospects
from pardot_mock.data.tables.traces import (
    EmailClicks,
    Opportunities,
    PageViews,
    VisitPageViews,
    Visits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.data.layout import Layout
    from pardot_mock.data.tables.block import Block
    from pardot_mock.data.vectors import Index

_BLOCKS: tuple[type[Block], ...] = (
    Activities,
    Prospects,
    Visitors,
    Memberships,
    Accounts,
    Opportunities,
    Visits,
    PageViews,
    VisitPageViews,
    EmailClicks,
    LifecycleHistories,
    TagObjects,
    IdentifiedCompanies,
    VisitorReferrers,
    *ASSET_BLOCKS,
)
_BY_NAME: Mapping[str, type[Block]] = MappingProxyType({block.object: block for block in _BLOCKS})


class World:
    """The rows of every object of one `Layout`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.spec = layout.spec
        self._keys: dict[tuple[str, str], int] = {}

    def block(self, name: str, index: Index) -> Block:
        """Give the rows of the object `name` at `index`."""
        return _BY_NAME[name](self, index)

    def key(self, name: str, purpose: str) -> int:
        """Give the key of the random stream of an object for a purpose."""
        found = self._keys.get((name, purpose))
        if found is None:
            found = self._keys[name, purpose] = stream(self.spec.seed, name, purpose)
        return found

    @cached_property
    def lexicons(self) -> Lexicons:
        """The words this world chooses from."""
        return Lexicons(load_vocabulary(), self.layout.counts["prospectAccount"])

    @cached_property
    def mix(self) -> ActivityMix:
        """Which kinds of activity there are, how often, and about which assets."""
        return ActivityMix(self)
