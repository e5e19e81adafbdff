"""What a marketing department makes: campaigns, lists, e-mails, forms and the like.

Small tables of a fixed size, all older than the first activity. Words are dealt in turn from a
random start and not drawn, so that two assets of an object never have the same name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS
from pardot_mock.data import lexicons as lex
from pardot_mock.data.columns import Column, Joined, Lexicon, Marks, Numbers, Words, values_of
from pardot_mock.data.tables.block import Block

if TYPE_CHECKING:
    from pardot_mock.data.world import World

EMAIL_TEMPLATE_CYCLE = 3


class Assets(Block):
    """Things with a name that belong to a campaign."""

    names: ClassVar[str]

    def dealt(self, name: str) -> Words:
        """Deal the words of a vocabulary list to the rows in turn."""
        lexicon = self.world.lexicons.plain(name)
        start = self.world.key(self.object, name) % len(lexicon.words)
        codes = (self.index + np.uint64(start)) % np.uint64(len(lexicon.words))
        return Words(codes.astype(np.int64), lexicon)

    def col_name(self) -> Column:
        return self.dealt(self.names)

    def col_link(self) -> Column:
        """Where a click on the asset leads (not a field of its own)."""
        return self.dealt("urls")

    def number_of_row(self) -> Numbers:
        """Give the number of each row, from 1."""
        return Numbers((self.index + np.uint64(1)).astype(np.int64))

    def col_url(self) -> Column:
        return Joined((f"https://go.example.com/l/{self.object.lower()}/", self.number_of_row()))

    def col_campaign_id(self) -> Numbers:
        campaigns = self.world.layout.counts["campaign"]
        return self.ids("campaign", self.pick("campaign", campaigns))


class Campaigns(Assets):
    object = "campaign"
    names = "campaigns"

    def col_cost(self) -> Column:
        return self.number("cost", 0, 250_000, missing=20)


class Lists(Assets):
    object = "list"
    names = "lists"

    def col_is_public(self) -> Column:
        return self.mark("public", 30)

    def col_is_dynamic(self) -> Column:
        return self.mark("dynamic", 25)

    def col_is_crm_visible(self) -> Column:
        return self.mark("crm_visible", 40)

    def col_title(self) -> Column:
        return self.words("title", self.world.lexicons.plain("campaigns"), missing=50)

    def col_description(self) -> Column:
        return self.words("description", self.world.lexicons.plain("comments"), missing=50)


class Users(Assets):
    object = "user"
    names = "first_names"

    def col_first_name(self) -> Column:
        return self.words("first", self.world.lexicons.first_names)

    def col_last_name(self) -> Column:
        return self.words("last", self.world.lexicons.last_names)

    def col_email(self) -> Column:
        number = Numbers(self.index.astype(np.int64))
        first = self.words("first", self.world.lexicons.first_slugs)
        return Joined((first, ".", number, "@example.com"))

    def col_job_title(self) -> Column:
        return self.words("job", self.world.lexicons.plain("job_titles"))

    def col_role(self) -> Column:
        return self.words("role", lex.ROLES)

    def col_timezone(self) -> Column:
        return self.words("timezone", lex.TIMEZONES)


class Emails(Assets):
    """E-mails that were sent: the first ones to lists, the later ones to single prospects."""

    object = "email"
    names = "subjects"

    def col_isonetoone(self) -> Column:
        return Marks(self.index >= np.uint64(self.world.layout.counts["listEmail"]))

    def col_subject(self) -> Column:
        return self.col_name()

    def col_list_email_id(self) -> Numbers:
        """The list e-mail an e-mail belongs to (not a field of its own)."""
        to_list = self.index < np.uint64(self.world.layout.counts["listEmail"])
        return self.ids("listEmail", self.index, to_list)

    def col_email_template_id(self) -> Numbers:
        """The template an e-mail was made from; every third has none (not a field of its own)."""
        templates = np.uint64(self.world.layout.counts["emailTemplate"])
        made = self.index % np.uint64(EMAIL_TEMPLATE_CYCLE) != 0
        return self.ids("emailTemplate", self.index % templates, made)


class ListEmails(Assets):
    object = "listEmail"
    names = "subjects"

    @cached_property
    def _email(self) -> Emails:
        return Emails(self.world, self.index)

    def col_name(self) -> Column:
        return self._email.col_name()

    def col_subject(self) -> Column:
        return self._email.col_subject()


class EmailMessages(Assets):
    """The texts of e-mails, each in the row of its e-mail."""

    object = "emailMessage"
    names = "subjects"

    @cached_property
    def _subject(self) -> Column:
        return Emails(self.world, self.index).col_subject()

    def col_email_id(self) -> Column:
        return self.ids("email", self.index)

    def col_text(self) -> Column:
        return self._written("Hello,\n\n", "\n\nhttps://www.example.com/unsubscribe\n")

    def col_html(self) -> Column:
        return self._written("<html><body><p>", "</p></body></html>")

    def _written(self, before: str, after: str) -> Column:
        subjects = values_of(self._subject, len(self.index))
        texts = tuple(f"{before}{subject}{after}" for subject in subjects)
        return Words(np.arange(len(texts)), Lexicon(texts))


class EmailTemplates(Assets):
    object = "emailTemplate"
    names = "subjects"

    def col_isonetoone(self) -> Column:
        return Marks(self.index % np.uint64(2) == 0)

    def col_subject(self) -> Column:
        return self.col_name()


class Forms(Assets):
    object = "form"
    names = "forms"

    def col_embedcode(self) -> Column:
        page = ("https://go.example.com/l/form/", self.number_of_row())
        return Joined(('<iframe src="', *page, '" width="100%" height="500"></iframe>'))


class FormHandlers(Assets):
    object = "formHandler"
    names = "forms"


class LandingPages(Assets):
    object = "landingPage"
    names = "landing_pages"


class Files(Assets):
    object = "file"
    names = "files"


class CustomRedirects(Assets):
    object = "customRedirect"
    names = "urls"

    def col_destination_url(self) -> Column:
        return self.col_link()


class SiteSearchQueries(Assets):
    object = "siteSearchQuery"
    names = "searches"


class PaidSearchAds(Assets):
    object = "paidSearchAd"
    names = "campaigns"


class Variations(Assets):
    object = "multivariateTestVariation"
    names = "landing_pages"

    def col_landing_page_id(self) -> Column:
        pages = self.world.layout.counts["landingPage"]
        return self.ids("landingPage", self.index % np.uint64(pages))


class Tags(Assets):
    object = "tag"
    names = "forms"


class LifecycleStages(Assets):
    """The stages of the one lifecycle an account has."""

    object = "lifecycleStage"

    def col_name(self) -> Column:
        return Words(self.index.astype(np.int64), lex.STAGES)

    def col_position(self) -> Column:
        return self.number_of_row()

    def col_is_locked(self) -> Column:
        return Marks(self.index == 0)


class DynamicContents(Assets):
    object = "dynamicContent"
    names = "landing_pages"

    def col_embedcode(self) -> Column:
        return Joined(('<script src="', *self._address(), '"></script>'))

    def col_embedurl(self) -> Column:
        return Joined(self._address())

    def _address(self) -> tuple[str, Numbers]:
        return "https://go.example.com/dcjs/", self.number_of_row()

    def col_basecontent(self) -> Column:
        return Joined(("<p>", self.dealt("forms"), "</p>"))

    def col_basedon(self) -> Column:
        return Words(np.zeros(len(self.index), dtype=np.int64), Lexicon(("Industry",)))


VARIATIONS = 3
"""Variations of each dynamic content."""


class ContentVariations(Assets):
    object = "dynamicContentVariation"
    names = "landing_pages"

    def col_dynamic_content_id(self) -> Column:
        return self.ids("dynamicContent", self.index // np.uint64(VARIATIONS))

    def col_comparison(self) -> Column:
        return Joined(("is ", self.dealt("industries")))

    def col_content(self) -> Column:
        return Joined(("<p>", self.dealt("landing_pages"), "</p>"))


_CUSTOM = tuple(field.name for field in OBJECTS["prospect"].fields if field.custom)
_TEXT, _MULTI_SELECT = ("Text", 1), ("Multi-Select", 6)
_TYPES = tuple(_MULTI_SELECT if name in MULTI_VALUE_FIELDS else _TEXT for name in _CUSTOM)


class CustomFields(Assets):
    """The custom fields of prospects, one row for each in the catalogue."""

    object = "customField"

    def _own(self, texts: tuple[str, ...]) -> Words:
        return Words(self.index.astype(np.int64), Lexicon(texts))

    def col_name(self) -> Column:
        return self._own(tuple(name.replace("_", " ") for name in _CUSTOM))

    def col_field_id(self) -> Column:
        return self._own(_CUSTOM)

    def col_type(self) -> Column:
        return self._own(tuple(name for name, _ in _TYPES))

    def col_type_id(self) -> Column:
        return Numbers(np.array([number for _, number in _TYPES])[self.index.astype(np.int64)])

    def col_crm_id(self) -> Column:
        return self.nothing()

    def col_is_record_multiple_responses(self) -> Column:
        return self.mark("multiple", 0)

    def col_is_use_values(self) -> Column:
        return self.mark("values", 0)


ASSET_BLOCKS: tuple[type[Assets], ...] = (
    Campaigns,
    Lists,
    Users,
    Emails,
    ListEmails,
    EmailTemplates,
    Forms,
    FormHandlers,
    LandingPages,
    Files,
    CustomRedirects,
    SiteSearchQueries,
    PaidSearchAds,
    Variations,
    Tags,
    CustomFields,
    EmailMessages,
    LifecycleStages,
    DynamicContents,
    ContentVariations,
)


def asset_block(world: World, name: str) -> Assets:
    """Give all rows of an object of this module."""
    (found,) = (block for block in ASSET_BLOCKS if block.object == name)
    return found(world, np.arange(world.layout.counts[name], dtype=np.uint64))
