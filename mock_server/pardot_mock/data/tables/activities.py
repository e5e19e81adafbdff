"""Visitor activities: who did what, when, and with which asset.

One draw decides the kind and the asset, one the person. Popularity has a heavy tail: prospects
stand in groups of 64, and a group's favourite gets many times the share of its wallflower. An
activity only ever refers to people who were there before it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.columns import Column, Numbers, Words
from pardot_mock.data.layout import MAX_ACTIVITY_LAG, PER_PROSPECT, PROSPECTS_PER_DEAL
from pardot_mock.data.tables.block import Block
from pardot_mock.data.tables.mix import Actor
from pardot_mock.data.tables.people import identified
from pardot_mock.data.vectors import Index, Mask, Seconds, below, chance, draws, high_bits, low_bits

if TYPE_CHECKING:
    from pardot_mock.data.world import World

_GROUP = 64
_TAIL_STEPS = 4096
# The cube makes the tail heavy: rank 0 of a group is chosen 25 times as often as the average rank
# in the upper half. Integers, so that no machine rounds otherwise.
_RANK = np.array(
    [_GROUP * step**3 // _TAIL_STEPS**3 for step in range(_TAIL_STEPS)], dtype=np.uint64
)
# Sixteenths: the own browser, the second one, the stranger's.
_DEVICE = np.array([0] * 7 + [1] * 4 + [2] * 5, dtype=np.uint64)
_RANK.setflags(write=False)
_DEVICE.setflags(write=False)
_UPDATED_LATER_PERCENT = 12
_ASSET_FIELDS = (
    "email_id",
    "email_template_id",
    "list_email_id",
    "form_id",
    "form_handler_id",
    "site_search_query_id",
    "landing_page_id",
    "paid_search_ad_id",
    "multivariate_test_variation_id",
    "file_id",
    "custom_redirect_id",
    "campaign_id",
)


class Activities(Block):
    """What prospects and visitors did."""

    object = "visitorActivity"
    shared = frozenset({"type", "type_name", "details", *_ASSET_FIELDS})

    def patterns(self) -> tuple[Index, Block]:
        """Give what each activity is about, and an activity about each asset."""
        return self._asset, _AboutEach(self.world)

    @cached_property
    def kind(self) -> Seconds:
        """The kind of each activity, a position in `ACTIVITY_KINDS`.

        Whether a deal was won or lost follows from the deal.
        """
        mix = self.world.mix
        kind = mix.kind_of_slot[below(low_bits(self._what), len(mix.kind_of_slot))]
        ends = np.flatnonzero(mix.ends_deal[kind])
        if len(ends):
            deals = Activities(self.world, self.index[ends])._deal
            kind[ends] = mix.kind_of_status[self.world.status_of_deals(deals)]
        return kind

    @cached_property
    def _what(self) -> Index:
        return self.bits("what")

    @cached_property
    def _asset(self) -> Index:
        """The flat position of each asset in the mix."""
        mix = self.world.mix
        return mix.first[self.kind] + below(high_bits(self._what), mix.count[self.kind])

    @cached_property
    def _who(self) -> Index:
        return self.bits("who")

    @cached_property
    def contact(self) -> Index:
        """The prospect whose circle each activity belongs to."""
        timeline = self.world.layout.timelines[self.object]
        prospects = np.uint64(self.world.layout.counts["prospect"])
        there = np.maximum(self.position * prospects // np.uint64(timeline.units), np.uint64(1))
        anyone = below(low_bits(self._who), there)
        group = anyone // np.uint64(_GROUP)
        rank = _RANK[(self._who >> np.uint64(32)) & np.uint64(_TAIL_STEPS - 1)]
        favourite = draws(self.world.key(self.object, "favourite"), group) % np.uint64(_GROUP)
        liked = group * np.uint64(_GROUP) + (rank ^ favourite)
        return np.where(liked < there, liked, anyone)

    @cached_property
    def device(self) -> Index:
        """Which visitor of the contact it was: 0 to 2."""
        device = _DEVICE[self._who >> np.uint64(60)]
        return np.where(self._actor == Actor.VISITOR, device, np.uint64(0))

    @cached_property
    def _actor(self) -> Index:
        return self.world.mix.actors[self.kind]

    @cached_property
    def known(self) -> Mask:
        """Whether the prospect behind each activity is known."""
        return identified(self.world, self.contact, self.device)

    @cached_property
    def updated(self) -> Seconds:
        """Mostly the creation; otherwise at most `MAX_ACTIVITY_LAG` seconds after it."""
        bits = self.bits("updated")
        left = (self.world.spec.end - self.created).astype(np.uint64)
        lag = below(high_bits(bits), np.minimum(left, np.uint64(MAX_ACTIVITY_LAG)))
        lag[~chance(low_bits(bits), _UPDATED_LATER_PERCENT)] = 0
        return self.created + lag.astype(np.int64)

    def of_kind(self, id_field: str) -> Mask:
        """Tell which activities have their asset in the column `id_field`."""
        return self.world.mix.kinds_with(id_field)[self.kind]

    def of_type_name(self, name: str) -> Mask:
        """Tell which activities have this `type_name`."""
        return np.array([each == name for each in self.world.mix.type_names.words])[self.kind]

    def of_types(self, types: frozenset[int]) -> Mask:
        """Tell which activities are of one of these types."""
        return np.isin(self.world.mix.types, sorted(types))[self.kind]

    def details_place(self) -> Index:
        """Give the place of each activity's text among the texts of its kind."""
        return self._asset - self.world.mix.first[self.kind]

    def col_prospect_id(self) -> Numbers:
        return self.ids("prospect", self.contact, self.known)

    def col_visitor_id(self) -> Numbers:
        visitor = self.contact * np.uint64(PER_PROSPECT) + self.device
        return self.ids("visitor", visitor, self._actor != Actor.PROSPECT)

    def col_type(self) -> Column:
        return Numbers(self.world.mix.types[self.kind])

    def col_type_name(self) -> Column:
        return Words(self.kind, self.world.mix.type_names)

    def col_details(self) -> Column:
        return Words(self._asset.astype(np.int64), self.world.mix.details)

    def _of_asset(self, ids: Seconds) -> Numbers:
        found = ids[self._asset]
        return Numbers(found, found != 0)

    def _own_column(self, id_field: str) -> Numbers:
        return Numbers(self._asset_id, self.of_kind(id_field))

    @cached_property
    def _asset_id(self) -> Seconds:
        return self.world.mix.asset_ids[self._asset]

    def col_email_id(self) -> Column:
        return self._own_column("email_id")

    def col_email_template_id(self) -> Numbers:
        return self._of_asset(self.world.mix.template_ids)

    def col_list_email_id(self) -> Numbers:
        return self._of_asset(self.world.mix.list_email_ids)

    def col_form_id(self) -> Column:
        return self._own_column("form_id")

    def col_form_handler_id(self) -> Column:
        return self._own_column("form_handler_id")

    def col_site_search_query_id(self) -> Column:
        return self._own_column("site_search_query_id")

    def col_landing_page_id(self) -> Column:
        return self._own_column("landing_page_id")

    def col_paid_search_ad_id(self) -> Column:
        return self._own_column("paid_search_ad_id")

    def col_multivariate_test_variation_id(self) -> Column:
        return self._own_column("multivariate_test_variation_id")

    def col_visitor_page_view_id(self) -> Column:
        return self.ids("visitorPageView", self.index, self.of_kind("visitor_page_view_id"))

    def col_file_id(self) -> Column:
        return self._own_column("file_id")

    def col_custom_redirect_id(self) -> Column:
        return self._own_column("custom_redirect_id")

    def col_campaign_id(self) -> Column:
        return self._of_asset(self.world.mix.campaign_ids)

    def col_visit_id(self) -> Column:
        return self.ids("visit", self.index, self.of_kind("visit_id"))

    @cached_property
    def _deal(self) -> Index:
        """The deal of the prospect's neighbourhood that was opened before the prospect came."""
        deal = self.contact // np.uint64(PROSPECTS_PER_DEAL)
        earlier: Index = np.maximum(deal, np.uint64(1)) - np.uint64(1)
        return earlier

    def col_opportunity_id(self) -> Column:
        return self.ids("opportunity", self._deal, self.of_kind("opportunity_id"))


class _AboutEach(Activities):
    """An activity about each asset of the mix: of all else they have nothing."""

    def __init__(self, world: World) -> None:
        super().__init__(world, np.arange(len(world.mix.asset_ids), dtype=np.uint64))

    @cached_property
    def kind(self) -> Seconds:
        kinds = np.arange(len(self.world.mix.count), dtype=np.int64)
        return np.repeat(kinds, self.world.mix.count.astype(np.int64))

    @property
    def _asset(self) -> Index:
        return self.index


def contact_bounds(world: World, index: Index) -> tuple[Index, Index]:
    """Give bounds, both included, between which the contact of each activity lies.

    They follow from where the row stands instead of from when it happened, and from the first
    draw alone, so they cost a small part of the contact itself. A group may be taken for another
    at its edges; that is why both bounds are widened to whole groups.
    """
    count = np.uint64(max(1, world.layout.counts[Activities.object]))
    prospects = np.uint64(world.layout.counts["prospect"])
    drawn = low_bits(draws(world.key(Activities.object, "who"), index))
    fewest = np.maximum(index * prospects // count, np.uint64(1))
    most = (index + np.uint64(1)) * prospects // count + np.uint64(1)
    low, high = below(drawn, fewest), below(drawn, most)
    group = np.uint64(_GROUP)
    return low // group * group, high // group * group + (group - np.uint64(1))
