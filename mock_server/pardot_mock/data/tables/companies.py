"""Companies that prospects work for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.columns import Column, Joined, Words
from pardot_mock.data.tables.block import Block
from pardot_mock.data.vectors import Index, below, chance, high_bits, low_bits

if TYPE_CHECKING:
    from pardot_mock.data.world import World

_ASSIGNED_PERCENT = 60


class CompanyNames:
    """Names and domains of prospect accounts; beyond the vocabulary they are numbered."""

    def __init__(self, world: World, account: Index) -> None:
        names = world.lexicons.companies
        number, code = np.divmod(account, np.uint64(len(names.words)))
        self._codes = code.astype(np.int64)
        self._number = number.astype(np.int64)
        self._lexicons = world.lexicons

    def name(self) -> Joined:
        """Give the name as people write it."""
        text = Words(self._codes, self._lexicons.companies)
        return Joined((text, Words(self._number, self._lexicons.company_numbers)))

    def domain(self) -> tuple[Words, Words, str]:
        """Give the parts of a host name below a top-level domain that is reserved for examples."""
        slug = Words(self._codes, self._lexicons.company_slugs)
        return (slug, Words(self._number, self._lexicons.slug_numbers), ".example")


class Accounts(Block):
    """Prospect accounts."""

    object = "prospectAccount"

    def col_name(self) -> Column:
        return CompanyNames(self.world, self.index).name()

    def col_industry(self) -> Column:
        return self.words("industry", self.world.lexicons.plain("industries"), missing=20)

    def col_account_tier(self) -> Column:
        return self.words("tier", self.world.lexicons.plain("tiers"), missing=35)

    def col_user_id(self) -> Column:
        bits = self.bits("user")
        user = below(low_bits(bits), self.world.layout.counts["user"])
        return self.ids("user", user, chance(high_bits(bits), _ASSIGNED_PERCENT))
