"""People with an e-mail address."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Lexicon, Marks, Moments, Numbers, Words
from pardot_mock.data.lastactivity import NEVER
from pardot_mock.data.layout import PROSPECTS_PER_DEAL
from pardot_mock.data.tables.block import Block
from pardot_mock.data.tables.companies import CompanyNames
from pardot_mock.data.vectors import Index, Mask, Seconds, below, chance, high_bits, low_bits

FIRST_FID = 20_000_000
CONTACT_PREFIX, FID_SUFFIX = "0035e00", "AAA"
"""A contact's CRM id: the prefix, the first number plus the prospect's index, the suffix."""

_ARCHIVED_PERCENT = 4
_ASSIGNED_PERCENT = 70
_LEAD_PERCENT = 92


class Prospects(Block):
    """Prospects; deleted ones are archived, not gone."""

    object = "prospect"

    @property
    def deleted(self) -> Mask:
        return chance(low_bits(self.bits("archived")), _ARCHIVED_PERCENT)

    @cached_property
    def _account(self) -> Index:
        timeline = self.world.layout.timelines["prospectAccount"]
        accounts = self.position * np.uint64(timeline.count) // np.uint64(timeline.units)
        return below(low_bits(self.bits("account")), np.maximum(accounts, np.uint64(1)))

    @cached_property
    def _company(self) -> CompanyNames:
        return CompanyNames(self.world, self._account)

    @cached_property
    def _place(self) -> Index:
        return self.pick("place", len(self.world.lexicons.cities.words))

    @cached_property
    def _last_activity(self) -> Seconds:
        return self.world.last_activities[self.index]

    @property
    def _active(self) -> Mask:
        active: Mask = self._last_activity != NEVER
        return active

    @cached_property
    def _in_crm(self) -> Mask:
        return chance(low_bits(self.bits("crm")), 40)

    def _vocabulary(self, name: str, missing: float) -> Words:
        return self.words(name, self.world.lexicons.plain(name), missing=missing)

    def _placed(self, lexicon: Lexicon) -> Words:
        return Words(self._place.astype(np.int64), lexicon)

    def _fid(self, prefix: str, number: Numbers, valid: Mask | None) -> Joined:
        return Joined((prefix, number, FID_SUFFIX), valid)

    def _own_number(self) -> Numbers:
        return Numbers((self.index + np.uint64(FIRST_FID)).astype(np.int64))

    def col_campaign_id(self) -> Column:
        return self.ids("campaign", self.pick("campaign", self.world.layout.counts["campaign"]))

    def col_salutation(self) -> Column:
        return self._vocabulary("salutations", 60)

    def col_first_name(self) -> Column:
        return self.words("first", self.world.lexicons.first_names, missing=3)

    def col_last_name(self) -> Column:
        return self.words("last", self.world.lexicons.last_names, missing=2)

    def col_email(self) -> Column:
        first = self.words("first", self.world.lexicons.first_slugs)
        last = self.words("last", self.world.lexicons.last_slugs)
        number = Numbers(self.index.astype(np.int64))
        return Joined((first, ".", last, ".", number, "@", *self._company.domain()))

    def col_password(self) -> Column:
        return self.nothing()

    def col_company(self) -> Column:
        return self._company.name()

    def col_prospect_account_id(self) -> Column:
        return self.ids("prospectAccount", self._account)

    def col_website(self) -> Column:
        valid = chance(low_bits(self.bits("website")), 70)
        return Joined(("https://www.", *self._company.domain()), valid)

    def col_job_title(self) -> Column:
        return self._vocabulary("job_titles", 10)

    def col_department(self) -> Column:
        return self._vocabulary("departments", 35)

    def col_country(self) -> Column:
        return self._placed(self.world.lexicons.countries)

    def col_address_one(self) -> Column:
        street = self.words("street", self.world.lexicons.plain("streets"))
        valid = chance(low_bits(self.bits("address")), 65)
        return Joined((self.number("house", 1, 999), " ", street), valid)

    def col_address_two(self) -> Column:
        return self.words("suite", lex.SUITES, missing=85)

    def col_city(self) -> Column:
        return self._placed(self.world.lexicons.cities)

    def col_state(self) -> Column:
        return self._placed(self.world.lexicons.states)

    def col_territory(self) -> Column:
        return self._vocabulary("territories", 30)

    def col_zip(self) -> Column:
        return self._placed(self.world.lexicons.zips)

    def _phone(self, purpose: str, percent: float) -> Joined:
        valid = chance(high_bits(self.bits(purpose)), percent)
        return Joined(("+1 555 01", self.number(purpose, 10, 99), " ext. 7"), valid)

    def col_phone(self) -> Column:
        return self._phone("phone", 75)

    def col_fax(self) -> Column:
        return self._phone("fax", 10)

    def col_source(self) -> Column:
        return self._vocabulary("sources", 20)

    def col_annual_revenue(self) -> Column:
        return self.words("revenue", lex.REVENUES, missing=50)

    def col_employees(self) -> Column:
        return self.words("employees", lex.EMPLOYEES, missing=45)

    def col_industry(self) -> Column:
        return self._vocabulary("industries", 25)

    def col_years_in_business(self) -> Column:
        return self.words("years", lex.YEARS, missing=70)

    def col_comments(self) -> Column:
        return self._vocabulary("comments", 55)

    def col_notes(self) -> Column:
        return self.words("notes", self.world.lexicons.plain("comments"), missing=80)

    def col_score(self) -> Column:
        return self.number("score", 0, 250)

    def col_grade(self) -> Column:
        return self.words("grade", lex.GRADES, missing=15)

    def col_last_activity_at(self) -> Column:
        """The creation of the latest activity, of whatever kind (chosen)."""
        return Moments(np.where(self._active, self._last_activity, self.created), self._active)

    def col_recent_interaction(self) -> Column:
        recent = self.words("interaction", lex.INTERACTIONS)
        never = len(lex.INTERACTIONS.words) - 1
        codes = np.where(self._active, np.minimum(recent.values, never - 1), never)
        return Words(codes, recent.lexicon)

    def col_crm_lead_fid(self) -> Column:
        is_lead = ~self._in_crm & chance(low_bits(self.bits("lead")), _LEAD_PERCENT)
        return self._fid("00Q5e00", self._own_number(), is_lead)

    def col_crm_contact_fid(self) -> Column:
        return self._fid(CONTACT_PREFIX, self._own_number(), self._in_crm)

    def col_crm_owner_fid(self) -> Column:
        owner = self.number("owner", FIRST_FID, FIRST_FID + 5)
        return self._fid("0055e00", owner, self._in_crm)

    def col_crm_account_fid(self) -> Column:
        number = Numbers((self._account + np.uint64(FIRST_FID)).astype(np.int64))
        return self._fid("0015e00", number, self._in_crm)

    def col_salesforce_fid(self) -> Column:
        return self.col_crm_contact_fid()

    def col_crm_last_sync(self) -> Column:
        return Moments(self.updated, self._in_crm)

    def col_crm_url(self) -> Column:
        fid = (
            f"https://example.my.salesforce.com/{CONTACT_PREFIX}",
            self._own_number(),
            FID_SUFFIX,
        )
        return Joined(fid, self._in_crm)

    def col_is_do_not_email(self) -> Column:
        return self.mark("do_not_email", 5)

    def col_is_do_not_call(self) -> Column:
        return self.mark("do_not_call", 7)

    def col_is_reviewed(self) -> Column:
        return self.mark("reviewed", 40)

    def col_is_starred(self) -> Column:
        return self.mark("starred", 3)

    def col_opted_out(self) -> Column:
        return self.mark("opted_out", 6)

    def col_is_archived(self) -> Column:
        return Marks(self.deleted)

    def col_user_id(self) -> Column:
        """The user to whom a prospect is assigned; some are assigned to nobody."""
        bits = self.bits("user")
        user = below(low_bits(bits), self.world.layout.counts["user"])
        return self.ids("user", user, chance(high_bits(bits), _ASSIGNED_PERCENT))

    def col_opportunity_id(self) -> Column:
        """The deal of the neighbourhood; see `Activities.col_opportunity_id`."""
        deal = np.maximum(self.index // np.uint64(PROSPECTS_PER_DEAL), np.uint64(1))
        return self.ids("opportunity", deal - np.uint64(1))

    def col_favorite_color(self) -> Column:
        return self._vocabulary("colors", 40)

    def col_region(self) -> Column:
        return self._vocabulary("regions", 10)

    def col_interests(self) -> Column:
        return self.words("interests", self.world.lexicons.interests, missing=30)

    def col_renewal_date(self) -> Column:
        year = self.number("renewal_year", 2021, 2029)
        month, day = self.number("renewal_month", 10, 12), self.number("renewal_day", 10, 28)
        valid = chance(low_bits(self.bits("renewal")), 25)
        return Joined((year, "-", month, "-", day), valid)
