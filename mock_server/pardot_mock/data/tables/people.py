"""Who belongs to a prospect: visitors and list memberships.

Prospect j owns the visitors 3j (always known to be theirs) and 3j+1 (known in half of the cases);
visitor 3j+2 is a stranger. Its memberships 3j, 3j+1, 3j+2 are in three different lists.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Words
from pardot_mock.data.layout import PER_PROSPECT
from pardot_mock.data.tables.block import Block
from pardot_mock.data.vectors import Index, Mask, below, chance, draws, low_bits

if TYPE_CHECKING:
    from pardot_mock.data.world import World

_SECOND_DEVICE_PERCENT = 50
_DELETED_PERCENT = 5
_LIST_STRIDE = 13


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
