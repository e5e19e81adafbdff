"""What activities leave behind or speak of: visits, page views and opportunities.

A visit is the visit of one activity and has its index; indexes whose activity is of another kind
have no visit. The same holds for page views.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Moments, Numbers, Words
from pardot_mock.data.tables.activities import Activities
from pardot_mock.data.tables.block import Block
from pardot_mock.data.vectors import Mask, Seconds, below, low_bits

_LONGEST_VISIT = 3600
_PROBABILITY_STEP = 10


class Visits(Block):
    """A visitor's stay on the web site, from the first page view to the last."""

    object = "visit"

    @cached_property
    def _activity(self) -> Activities:
        return Activities(self.world, self.index)

    @property
    def present(self) -> Mask | None:
        return self._activity.of_kind("visit_id")

    @cached_property
    def updated(self) -> Seconds:
        """The last page view."""
        left = (self.world.spec.end - self.created).astype(np.uint64)
        longest = np.minimum(left, np.uint64(_LONGEST_VISIT))
        seconds = below(low_bits(self.bits("duration")), longest)
        seconds[self._page_views() == 1] = 0
        return self.created + seconds.astype(np.int64)

    def _page_views(self) -> Seconds:
        return self._activity.details_place().astype(np.int64) + 1

    def col_visitor_id(self) -> Column:
        return self._activity.col_visitor_id()

    def col_prospect_id(self) -> Column:
        return self._activity.col_prospect_id()

    def col_visitor_page_view_count(self) -> Column:
        return Numbers(self._page_views())

    def col_first_visitor_page_view_at(self) -> Column:
        return Moments(self.created)

    def col_last_visitor_page_view_at(self) -> Column:
        return Moments(self.updated)

    def col_duration_in_seconds(self) -> Column:
        return Numbers(self.updated - self.created)

    def _vocabulary(self, name: str) -> Words:
        return self.words(name, self.world.lexicons.plain(name), missing=70)

    def col_campaign_parameter(self) -> Column:
        return self._vocabulary("campaigns")

    def col_medium_parameter(self) -> Column:
        return self._vocabulary("mediums")

    def col_source_parameter(self) -> Column:
        return self._vocabulary("channels")

    def col_content_parameter(self) -> Column:
        return self.words("content", lex.CONTENTS, missing=80)

    def col_term_parameter(self) -> Column:
        return self.words("term", lex.TERMS, missing=80)


class PageViews(Block):
    """A view of a page that somebody declared important."""

    object = "visitorPageView"

    @cached_property
    def _activity(self) -> Activities:
        return Activities(self.world, self.index)

    @property
    def present(self) -> Mask | None:
        return self._activity.of_kind("visitor_page_view_id")

    def col_url(self) -> Column:
        return self.words("url", self.world.lexicons.plain("urls"))

    def col_title(self) -> Column:
        return self._activity.col_details()


class Opportunities(Block):
    """Deals that are open, won or lost."""

    object = "opportunity"

    @cached_property
    def _stage(self) -> Words:
        return self.words("stage", self.world.lexicons.plain("stages"))

    @cached_property
    def _closed(self) -> Mask:
        stages = self.world.lexicons.vocabulary.stages
        return np.array([stage.startswith("Closed") for stage in stages])[self._stage.values]

    def col_campaign_id(self) -> Column:
        return self.ids("campaign", self.pick("campaign", self.world.layout.counts["campaign"]))

    def col_name(self) -> Column:
        company = self.words("company", self.world.lexicons.companies)
        campaign = self.words("topic", self.world.lexicons.plain("campaigns"))
        return Joined((company, " · ", campaign))

    def col_value(self) -> Column:
        cents = self.number("value", 50_000, 90_000_000).values
        return Numbers(cents / 100)

    def col_probability(self) -> Column:
        steps = self.number("probability", 1, 9).values.astype(np.int64)
        return Numbers(np.where(self._closed, 100 * self._won, steps * _PROBABILITY_STEP))

    @property
    def _won(self) -> Seconds:
        stages = self.world.lexicons.vocabulary.stages
        return np.array([stage.endswith("Won") for stage in stages], dtype=np.int64)[
            self._stage.values
        ]

    def col_type(self) -> Column:
        return self.words("type", lex.DEALS, missing=20)

    def col_stage(self) -> Column:
        return self._stage

    def col_status(self) -> Column:
        return Words(np.where(self._closed, 1 + self._won, 0), lex.STATUSES)

    def col_closed_at(self) -> Column:
        return Moments(self.updated, self._closed)
