"""What activities leave behind or speak of: visits, page views and opportunities.

A visit is the visit of one activity and has its index; indexes whose activity is of another kind
have no visit. The same holds for page views.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Moments, Numbers, Words
from pardot_mock.data.layout import PAGE_VIEWS_PER_VISIT
from pardot_mock.data.tables.activities import Activities
from pardot_mock.data.tables.block import Block
from pardot_mock.data.vectors import Mask, Seconds, below, chance, high_bits, low_bits

_LONGEST_VISIT = 3600
_PROBABILITY_STEP = 10
_DRIP_PERCENT = 50
_FIRST_DRIP_ACTION = 3_600


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
        seconds[self.page_views == 1] = 0
        return self.created + seconds.astype(np.int64)

    @cached_property
    def page_views(self) -> Seconds:
        """How many pages were seen."""
        return self._activity.details_place().astype(np.int64) + 1

    def col_visitor_id(self) -> Column:
        return self._activity.col_visitor_id()

    def col_prospect_id(self) -> Column:
        return self._activity.col_prospect_id()

    def col_visitor_page_view_count(self) -> Column:
        return Numbers(self.page_views)

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


class VisitPageViews(Block):
    """The pages seen in a visit, from its beginning to its end; see `PAGE_VIEWS_PER_VISIT`."""

    object = "visitPageView"

    @cached_property
    def _visit(self) -> Visits:
        return Visits(self.world, self.index // np.uint64(PAGE_VIEWS_PER_VISIT))

    @cached_property
    def _place(self) -> Seconds:
        return (self.index % np.uint64(PAGE_VIEWS_PER_VISIT)).astype(np.int64)

    @property
    def present(self) -> Mask | None:
        visit = self._visit.present
        seen: Mask = self._place < self._visit.page_views
        return seen if visit is None else seen & visit

    @cached_property
    def created(self) -> Seconds:
        steps = np.maximum(self._visit.page_views - 1, 1)
        return (
            self._visit.created
            + (self._visit.updated - self._visit.created) * np.minimum(self._place, steps) // steps
        )

    def col_visit_id(self) -> Column:
        return self.ids("visit", self._visit.index)

    def col_url(self) -> Column:
        return self.words("url", self.world.lexicons.plain("urls"))

    def col_title(self) -> Column:
        return self.words("title", self.world.lexicons.plain("pages"))


class EmailClicks(Block):
    """A click on a link in an e-mail: what the activity tells, under an id of its own."""

    object = "emailClick"

    @cached_property
    def _activity(self) -> Activities:
        return Activities(self.world, self.index)

    @property
    def present(self) -> Mask | None:
        return self._activity.of_type_name("Email Tracker")

    def col_prospect_id(self) -> Column:
        return self._activity.col_prospect_id()

    def col_url(self) -> Column:
        return self._activity.col_details()

    @cached_property
    def _list_email(self) -> Numbers:
        return self._activity.col_list_email_id()

    @cached_property
    def _template(self) -> Numbers:
        return self._activity.col_email_template_id()

    def col_list_email_id(self) -> Column:
        return self._list_email

    @cached_property
    def _of_drip(self) -> Mask:
        return chance(high_bits(self.bits("drip")), _DRIP_PERCENT)

    @cached_property
    def _of_neither(self) -> Mask:
        return ~_has(self._template) & ~_has(self._list_email)

    def col_drip_program_action_id(self) -> Column:
        action = self.number("drip", _FIRST_DRIP_ACTION, _FIRST_DRIP_ACTION + 40)
        return Numbers(action.values, self._of_neither & self._of_drip)

    def col_email_template_id(self) -> Column:
        """The template, of an e-mail that was not sent to a list."""
        return Numbers(self._template.values, _has(self._template) & ~_has(self._list_email))

    def col_tracker_redirect_id(self) -> Column:
        """The tracked link, of an e-mail that is neither from a list nor from a template."""
        redirects = self.world.layout.counts["customRedirect"]
        valid = self._of_neither & ~self._of_drip
        return self.ids("customRedirect", self.pick("redirect", redirects), valid)


def _has(column: Numbers) -> Mask:
    return np.ones(len(column.values), dtype=np.bool_) if column.valid is None else column.valid


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

    @property
    def status(self) -> Seconds:
        """The status of each deal, a position in `lexicons.STATUSES`."""
        return np.where(self._closed, 1 + self._won, 0)

    def col_status(self) -> Column:
        return Words(self.status, lex.STATUSES)

    def col_closed_at(self) -> Column:
        return Moments(self.updated, self._closed)
