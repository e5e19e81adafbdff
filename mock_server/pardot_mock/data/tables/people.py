"""Who belongs to a prospect: visitors and list memberships.

Prospect j owns the visitors 3j (always known to be theirs) and 3j+1 (known in half of the cases);
visitor 3j+2 is a stranger. Its memberships 3j, 3j+1, 3j+2 are in three different lists.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Lexicon, Numbers, Words
from pardot_mock.data.layout import PER_PROSPECT, PROSPECTS_PER_TAG
from pardot_mock.data.tables.block import Block
from pardot_mock.data.vectors import (
    Index,
    Mask,
    Seconds,
    below,
    chance,
    draws,
    high_bits,
    low_bits,
    positions,
    seconds_at,
)

if TYPE_CHECKING:
    from pardot_mock.data.world import World

_SECOND_DEVICE_PERCENT = 50
_DELETED_PERCENT = 5
_LIST_STRIDE = 13
_TAGGED_ASSET_PERCENT = 25
_TAGGED_ASSETS = ("campaign", "email", "form", "list")
"""In the order of `lex.TAGGED`, behind the prospects."""


def identified(world: World, contact: Index, device: Index) -> Mask:
    """Tell which visitors (device 0 to 2 of a prospect) are known to be that prospect."""
    second = chance(
        low_bits(draws(world.key("visitor", "second"), contact)), _SECOND_DEVICE_PERCENT
    )
    known: Mask = (device == 0) | ((device == 1) & second)
    return known


class Visitors(Block):
    """Browsers that were seen, known or not."""

    object = "visitor"

    @cached_property
    def _contact(self) -> Index:
        return self.index // np.uint64(PER_PROSPECT)

    def col_prospect_id(self) -> Column:
        device = self.index - self._contact * np.uint64(PER_PROSPECT)
        return self.ids("prospect", self._contact, identified(self.world, self._contact, device))

    def col_page_view_count(self) -> Column:
        return self.number("page_views", 1, 60)

    def col_ip_address(self) -> Column:
        network = self.words("network", lex.NETWORKS)
        return Joined((network, self.number("host", 1, 254)))

    def col_hostname(self) -> Column:
        domain = self.words("domain", self.world.lexicons.company_slugs)
        valid = chance(low_bits(self.bits("hostname")), 60)
        return Joined(("host-", self.number("host", 1, 254), ".", domain, ".example"), valid)

    def _vocabulary(self, name: str, missing: float = 5) -> Words:
        return self.words(name, self.world.lexicons.plain(name), missing=missing)

    def col_browser(self) -> Column:
        return self._vocabulary("browsers")

    def col_browser_version(self) -> Column:
        return Joined((self.number("browser_version", 60, 140), ".0"))

    def col_operating_system(self) -> Column:
        return self._vocabulary("systems")

    def col_operating_system_version(self) -> Column:
        return Joined((self.number("system_major", 8, 17), ".", self.number("system_minor", 0, 9)))

    def col_language(self) -> Column:
        return self._vocabulary("languages")

    def col_screen_height(self) -> Column:
        return self.number("height", 640, 2160)

    def col_screen_width(self) -> Column:
        return self.number("width", 360, 3840)

    def col_is_flash_enabled(self) -> Column:
        return self.mark("flash", 2)

    def col_is_java_enabled(self) -> Column:
        return self.mark("java", 4)

    def col_campaign_parameter(self) -> Column:
        return self._vocabulary("campaigns", 70)

    def col_medium_parameter(self) -> Column:
        return self._vocabulary("mediums", 70)

    def col_source_parameter(self) -> Column:
        return self._vocabulary("channels", 70)

    def col_content_parameter(self) -> Column:
        return self.words("content", lex.CONTENTS, missing=80)

    def col_term_parameter(self) -> Column:
        return self.words("term", lex.TERMS, missing=80)


class Memberships(Block):
    """Prospects in lists; at most one membership for each pair."""

    object = "listMembership"

    @cached_property
    def _contact(self) -> Index:
        return self.index // np.uint64(PER_PROSPECT)

    @property
    def deleted(self) -> Mask:
        return chance(low_bits(self.bits("deleted")), _DELETED_PERCENT)

    def col_list_id(self) -> Column:
        lists = self.world.layout.counts["list"]
        nth = self.index - self._contact * np.uint64(PER_PROSPECT)
        first = below(low_bits(draws(self.world.key(self.object, "list"), self._contact)), lists)
        chosen = np.remainder(first + nth * np.uint64(_LIST_STRIDE), lists, dtype=np.uint64)
        return self.ids("list", chosen)

    def col_prospect_id(self) -> Column:
        return self.ids("prospect", self._contact)

    def col_opted_out(self) -> Column:
        return self.mark("opted_out", 6)

    def col_did_opt_in(self) -> Column:
        return self.mark("opted_in", 10)


class LifecycleHistories(Block):
    """The first steps of each prospect through the lifecycle, one stage after the other."""

    object = "lifecycleHistory"

    @cached_property
    def _contact(self) -> Index:
        return self.index // np.uint64(PER_PROSPECT)

    @cached_property
    def _step(self) -> Index:
        return self.index - self._contact * np.uint64(PER_PROSPECT)

    def col_prospect_id(self) -> Column:
        return self.ids("prospect", self._contact)

    def col_previous_stage_id(self) -> Column:
        return self.ids("lifecycleStage", self._step)

    def col_next_stage_id(self) -> Column:
        return self.ids("lifecycleStage", self._step + np.uint64(1))

    def col_seconds_elapsed(self) -> Column:
        """Since the step before; of the first, since the prospect was created."""
        first = self._step == 0
        before = np.where(first, self.index, self.index - np.minimum(self.index, np.uint64(1)))
        earlier = LifecycleHistories(self.world, before).created
        born = seconds_of(self.world, "prospect", self._contact)
        return Numbers(self.created - np.where(first, born, earlier))


class TagObjects(Block):
    """What carries a tag: mostly prospects, sometimes an asset."""

    object = "tagObject"

    @cached_property
    def _kind(self) -> Index:
        """The place in `lex.TAGGED`: 0, a prospect, in three rows of four."""
        bits = self.bits("kind")
        assets = below(high_bits(bits), len(_TAGGED_ASSETS)) + np.uint64(1)
        return np.where(chance(low_bits(bits), _TAGGED_ASSET_PERCENT), assets, np.uint64(0))

    def col_tag_id(self) -> Column:
        return self.ids("tag", self.pick("tag", self.world.layout.counts["tag"]))

    def col_type(self) -> Column:
        return Words(self._kind.astype(np.int64), lex.TAGGED)

    def col_object_id(self) -> Column:
        found = self.ids("prospect", self.index * np.uint64(PROSPECTS_PER_TAG)).values
        for place, name in enumerate(_TAGGED_ASSETS, start=1):
            other = self.ids(name, self.pick(name, self.world.layout.counts[name])).values
            found = np.where(self._kind == place, other, found)
        return Numbers(found)


class IdentifiedCompanies(Block):
    """The company a browser seems to belong to, in the row of the visitor."""

    object = "identifiedCompany"

    @property
    def present(self) -> Mask | None:
        return chance(low_bits(self.bits("known")), 60)

    def _placed(self, lexicon: Lexicon) -> Words:
        return Words(self.pick("place", len(lexicon.words)).astype(np.int64), lexicon)

    def col_visitor_id(self) -> Column:
        return self.ids("visitor", self.index)

    def col_name(self) -> Column:
        return self.words("company", self.world.lexicons.companies)

    def col_street_address(self) -> Column:
        street = self.words("street", self.world.lexicons.plain("streets"))
        return Joined((self.number("house", 1, 999), " ", street))

    def col_city(self) -> Column:
        return self._placed(self.world.lexicons.cities)

    def col_state(self) -> Column:
        return self._placed(self.world.lexicons.states)

    def col_postal_code(self) -> Column:
        return self._placed(self.world.lexicons.zips)

    def col_country(self) -> Column:
        return self._placed(self.world.lexicons.countries)

    def col_email(self) -> Column:
        return Joined(
            ("info@", self.words("company", self.world.lexicons.company_slugs), ".example")
        )


class VisitorReferrers(Block):
    """Where a browser came from first, in the row of the visitor."""

    object = "visitorReferrer"

    @property
    def present(self) -> Mask | None:
        return chance(low_bits(self.bits("known")), 50)

    def col_visitor_id(self) -> Column:
        return self.ids("visitor", self.index)

    def col_referrer(self) -> Column:
        return self.words("url", self.world.lexicons.plain("urls"))

    def col_vendor(self) -> Column:
        return self.words("vendor", lex.VENDORS)

    def col_type(self) -> Column:
        return Words(np.zeros(len(self.index), dtype=np.int64), Lexicon(("Natural Search",)))

    def col_query(self) -> Column:
        return self.words("query", self.world.lexicons.plain("searches"), missing=30)


def seconds_of(world: World, name: str, index: Index) -> Seconds:
    """Give when the rows of another object at `index` were created."""
    timeline = world.layout.timelines[name]
    return seconds_at(timeline, positions(timeline, index))
