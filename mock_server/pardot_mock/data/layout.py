"""How many rows every object has, what their ids are, and when they were created.

Plain arithmetic: it costs the same for a thousand rows and for a billion, and needs no numpy.

Rows that belong together are close in time because they are close in index. A prospect j has the
visitors 3j, 3j+1, 3j+2 and the memberships 3j, 3j+1, 3j+2, and is created in the first eighth of
its part of time; so who refers to whom is arithmetic as well, and resolves by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.data.hashing import GOLDEN, MASK, below, draw, stream
from pardot_mock.data.rhythm import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pardot_mock.data.spec import WorldSpec
    from pardot_mock.domain.rows import RowQuery

ACTIVITIES_PER_PROSPECT = 25
FEWEST_PROSPECTS = 50
PER_PROSPECT = 3
"""Visitors, and list memberships, of a prospect."""

PROSPECTS_PER_DEAL = 5
PROSPECTS_PER_TAG = 2
"""Every second prospect has a tag."""

PAGE_VIEWS_PER_VISIT = 20
"""Indexes that the page views of one visit take; most visits have fewer."""

PROSPECTS_PER_ACCOUNT = 8

MAX_ACTIVITY_LAG = 30 * 86_400
"""Seconds after which an activity is never updated again: bounds the search by updated_at."""

_ASSET_AGE = 400 * 86_400
"""How long before the first row the assets began to be made: whatever is used exists already."""

ASSET_COUNTS: Mapping[str, int] = MappingProxyType(
    {
        "campaign": 24,
        "list": 40,
        "user": 6,
        "email": 240,
        "listEmail": 150,
        "emailTemplate": 60,
        "form": 20,
        "formHandler": 12,
        "landingPage": 30,
        "file": 40,
        "customRedirect": 40,
        "siteSearchQuery": 100,
        "paidSearchAd": 12,
        "multivariateTestVariation": 16,
        "customField": 4,
        "tag": 20,
        "emailMessage": 240,
        "lifecycleStage": 5,
        "dynamicContent": 8,
        "dynamicContentVariation": 24,
    }
)
"""Objects of which every world has the same number."""

# Ids are `base + step * index + jitter` with a jitter below `step`; magnitudes as seen in the wild.
_ID_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "visitorActivity": (1_400_000_000, 3),
        "listMembership": (829_000_000, 3),
        "prospect": (59_000_000, 13),
        "visitor": (304_000_000, 5),
        "prospectAccount": (2_300_000, 7),
        "visit": (510_000_000, 2),
        "visitorPageView": (2_100_000_000, 2),
        "opportunity": (1_900_000, 11),
        "campaign": (14_800, 5),
        "list": (33_100, 9),
        "user": (2_300, 4),
        "email": (167_000_000, 11),
        "listEmail": (41_000_000, 11),
        "emailTemplate": (13_100, 7),
        "form": (5_200, 7),
        "formHandler": (3_100, 7),
        "landingPage": (7_400, 7),
        "file": (21_000, 7),
        "customRedirect": (88_000, 7),
        "siteSearchQuery": (61_000, 3),
        "paidSearchAd": (4_100, 7),
        "multivariateTestVariation": (900, 7),
        "customField": (9_000, 7),
        "tag": (1_200, 7),
        "tagObject": (6_700_000, 5),
        "emailMessage": (177_000_000, 11),
        "lifecycleStage": (700, 3),
        "lifecycleHistory": (93_000_000, 3),
        "emailClick": (71_000_000, 2),
        "dynamicContent": (2_700, 7),
        "dynamicContentVariation": (5_500, 3),
        "visitPageView": (9_000_000_000, 2),
        "identifiedCompany": (12_000_000, 3),
        "visitorReferrer": (230_000_000, 3),
    }
)
_BASE_SHIFTS = 997

# A membership begins after its prospect, which is created early in the part of time of both.
_EIGHTHS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "prospect": (0, 1),
        "listMembership": (4, 8),
        "lifecycleHistory": (4, 8),
        "tagObject": (4, 8),
    }
)
# The first prospect, with all that the first activities may refer to, is there from the beginning.
_FOUNDERS: Mapping[str, int] = MappingProxyType(
    {"prospect": 1, "visitor": PER_PROSPECT, "prospectAccount": 1, "opportunity": 1}
)

# Objects of which at most one row belongs to each activity; the others have no row there.
SPARSE = frozenset({"visit", "visitorPageView", "emailClick"})

WITH_DELETED = frozenset({"prospect", "listMembership"})
"""Objects of which some rows are deleted; nothing is ever deleted of the others."""


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids of an object: unique, ascending with the index, with gaps."""

    base: int
    step: int

    def id_of(self, index: int) -> int:
        """Give the id of row `index`."""
        jitter = below(((index * GOLDEN) & MASK) >> 32, self.step)
        return self.base + index * self.step + jitter

    def index_of(self, row_id: int) -> int | None:
        """Give the index that has `row_id`, if there were enough rows; None for a gap."""
        index = (row_id - self.base) // self.step
        return index if index >= 0 and self.id_of(index) == row_id else None

    def first_above(self, row_id: int) -> int:
        """Give the first index whose id is greater than `row_id`, if there were enough rows."""
        index = max(0, (row_id - self.base) // self.step)
        return index if self.id_of(index) > row_id else index + 1


class Layout:
    """The arithmetic of one world."""

    def __init__(self, spec: WorldSpec) -> None:
        self.spec = spec
        prospects = max(FEWEST_PROSPECTS, spec.rows // ACTIVITIES_PER_PROSPECT) if spec.rows else 0
        self.counts: Mapping[str, int] = MappingProxyType(
            {
                "visitorActivity": spec.rows,
                "prospect": prospects,
                "visitor": prospects * PER_PROSPECT,
                "listMembership": prospects * PER_PROSPECT,
                "prospectAccount": -(-prospects // PROSPECTS_PER_ACCOUNT),
                "opportunity": -(-prospects // PROSPECTS_PER_DEAL),
                "visit": spec.rows,
                "visitorPageView": spec.rows,
                "emailClick": spec.rows,
                "visitPageView": spec.rows * PAGE_VIEWS_PER_VISIT,
                "lifecycleHistory": prospects * PER_PROSPECT,
                "tagObject": -(-prospects // PROSPECTS_PER_TAG),
                "identifiedCompany": prospects * PER_PROSPECT,
                "visitorReferrer": prospects * PER_PROSPECT,
                **ASSET_COUNTS,
            }
        )

    @cached_property
    def timelines(self) -> Mapping[str, Timeline]:
        """When the rows of each object were created."""
        return MappingProxyType({name: self._timeline(name) for name in self.counts})

    @cached_property
    def ids(self) -> Mapping[str, IdRange]:
        """The ids of each object; every seed has its own."""
        return MappingProxyType({name: self._id_range(name) for name in self.counts})

    @property
    def oldest(self) -> int:
        """The earliest second in which anything was made."""
        return self.spec.begin - 2 * _ASSET_AGE

    def candidates(self, query: RowQuery) -> range:
        """Give the indexes among which the rows of a query lie: an index range, by bisection.

        For created_at it is exactly the time range. For updated_at it begins earlier, by the
        longest lag an object has, or at the first row where lags are unbounded.
        """
        timeline = self.timelines[query.object]
        low, high = time_bounds(query)
        stop = timeline.first_at(high)
        if query.time_field == "created_at":
            return range(min(timeline.first_at(low), stop), stop)
        if query.object == "visitorActivity":
            return range(min(timeline.first_at(low - MAX_ACTIVITY_LAG), stop), stop)
        return range(stop)

    def takes_every_candidate(self, query: RowQuery) -> bool:
        """Tell whether a query selects all its candidates, so that nothing needs to be scanned."""
        if query.time_field != "created_at" or query.object in SPARSE:
            return False
        if query.object == "visitorActivity" and (query.types is not None or query.prospect_only):
            return False
        return query.deleted == "all" or (
            query.deleted == "false" and query.object not in WITH_DELETED
        )

    def _timeline(self, name: str) -> Timeline:
        spec = self.spec
        key = stream(spec.seed, name, "created")
        count = self.counts[name]
        if name == "campaign":
            # Every asset belongs to a campaign, so campaigns come first.
            return Timeline(key, count, self.oldest, spec.begin - _ASSET_AGE)
        if name in ASSET_COUNTS:
            return Timeline(key, count, spec.begin - _ASSET_AGE, spec.begin)
        if name in SPARSE:
            # A visit is as old as the activity that tells of it.
            key = stream(spec.seed, "visitorActivity", "created")
        early, late = _EIGHTHS.get(name, (0, 8))
        return Timeline(key, count, spec.begin, spec.end, early, late, _FOUNDERS.get(name, 0))

    def _id_range(self, name: str) -> IdRange:
        base, step = _ID_RANGES[name]
        shift = draw(stream(self.spec.seed, name, "id"), 0) % _BASE_SHIFTS
        return IdRange(base + shift, step)


def time_bounds(query: RowQuery) -> tuple[int, int]:
    """Give the epoch seconds of a query: the first inside, and the first behind the last inside."""
    low, high = _whole_second(query.after), _whole_second_up(query.before)
    if query.inclusive:
        return _whole_second_up(query.after), _whole_second(query.before) + 1
    return low + 1, high


def _whole_second(instant: datetime) -> int:
    return int(instant.timestamp() // 1)


def _whole_second_up(instant: datetime) -> int:
    return -int(-instant.timestamp() // 1)
