"""The rows of a synthetic world as columns: the part that needs numpy.

A world remembers nothing but keys, lexicons and small tables of assets; rows are computed when
asked for and forgotten.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.data.hashing import stream
from pardot_mock.data.lastactivity import last_activities
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

    from pardot_fixtures.vocabulary import Vocabulary
    from pardot_mock.data.layout import Layout
    from pardot_mock.data.tables.block import Block
    from pardot_mock.data.vectors import Index, Seconds

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
    """The rows of every object of one `Layout`, in words of the `vocabulary`."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self.layout = layout
        self._vocabulary = vocabulary
        self.spec = layout.spec
        self._keys: dict[tuple[str, str], int] = {}

    def block(self, name: str, index: Index) -> Block:
        """Give the rows of the object `name` at `index`."""
        return _BY_NAME[name](self, index)

    def shared(self, name: str) -> frozenset[str]:
        """Give the fields of an object that follow from the pattern of a row; see `Block`."""
        return _BY_NAME[name].shared

    def key(self, name: str, purpose: str) -> int:
        """Give the key of the random stream of an object for a purpose."""
        found = self._keys.get((name, purpose))
        if found is None:
            found = self._keys[name, purpose] = stream(self.spec.seed, name, purpose)
        return found

    @cached_property
    def lexicons(self) -> Lexicons:
        """The words this world chooses from."""
        return Lexicons(self._vocabulary, self.layout.counts["prospectAccount"])

    def status_of_deals(self, index: Index) -> Seconds:
        """Tell of opportunities whether they are open, lost or won; see `Opportunities.status`."""
        return Opportunities(self, index).status

    @cached_property
    def last_activities(self) -> Seconds:
        """When each prospect was active last; found by one look at all activities."""
        return last_activities(self)

    @cached_property
    def mix(self) -> ActivityMix:
        """Which kinds of activity there are, how often, and about which assets."""
        return ActivityMix(self)
