"""Which kinds of activity occur, how often, and the assets they are about.

All assets of all kinds stand in one flat list, so that a whole block of activities of mixed kinds
finds its id, campaign and details with one lookup each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pardot_fixtures.catalog import ACTIVITY_KINDS
from pardot_mock.data.columns import Lexicon, values_of
from pardot_mock.data.lexicons import page_view_texts
from pardot_mock.data.tables.assets import Assets, Emails, asset_block

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_fixtures.catalog import ActivityKind
    from pardot_mock.data.columns import Numbers
    from pardot_mock.data.vectors import Mask, Seconds
    from pardot_mock.data.world import World

# Ten-thousandths of all activities by type_name and type (chosen; e-mail and visits dominate).
_SHARES: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {
        "Email": MappingProxyType(
            {
                6: 3400,
                11: 1800,
                12: 50,
                13: 100,
                14: 10,
                15: 20,
                16: 10,
                35: 20,
                36: 80,
                37: 10,
            }
        ),
        "Email Tracker": MappingProxyType({1: 600}),
        "Form": MappingProxyType({2: 400, 3: 40, 4: 180}),
        "Form Handler": MappingProxyType({3: 20, 4: 120}),
        "Landing Page": MappingProxyType({2: 400, 3: 20, 4: 90}),
        "Landing Page Tracker": MappingProxyType({1: 90}),
        "Multivariate Landing Page": MappingProxyType({2: 40}),
        "File": MappingProxyType({2: 160, 1: 30}),
        "Custom Redirect": MappingProxyType({21: 120, 1: 20}),
        "Visit": MappingProxyType({20: 1400}),
        "Page View": MappingProxyType({2: 400}),
        "Site Search": MappingProxyType({7: 100}),
        "Paid Search Ad": MappingProxyType({1: 60}),
        "Opportunity Associated": MappingProxyType({19: 50}),
        "Opportunity Created": MappingProxyType({8: 40}),
        "Opportunity Won": MappingProxyType({9: 20}),
        "Opportunity Lost": MappingProxyType({10: 15}),
        "Opportunity Reopened": MappingProxyType({18: 5}),
        "Opportunity Unassociated": MappingProxyType({38: 5}),
        "Webinar": MappingProxyType({23: 50, 24: 20, 25: 25}),
        "Event": MappingProxyType({28: 15, 29: 10}),
        "Video": MappingProxyType({27: 30, 30: 10, 34: 15}),
        "Social Post": MappingProxyType({26: 20}),
    }
)

_ASSET_OBJECTS = MappingProxyType(
    {
        "email_id": "email",
        "form_id": "form",
        "form_handler_id": "formHandler",
        "landing_page_id": "landingPage",
        "multivariate_test_variation_id": "multivariateTestVariation",
        "file_id": "file",
        "custom_redirect_id": "customRedirect",
        "site_search_query_id": "siteSearchQuery",
        "paid_search_ad_id": "paidSearchAd",
    }
)
_CLICKS = frozenset({"Email Tracker", "Landing Page Tracker"})
_FORMS = frozenset({"Form", "Form Handler", "Landing Page"})
_SUCCESS = 4
_PREFERENCE_PAGES = frozenset({12, 15, 16})
ENDS_OF_DEALS = ("Opportunity Created", "Opportunity Lost", "Opportunity Won")
"""What is told of a deal that is open, lost or won: in the order of `lexicons.STATUSES`."""


class Actor(IntEnum):
    """Who is behind an activity."""

    PROSPECT = 0
    """A prospect without a browser: a mail was sent, a deal was won."""
    KNOWN_VISITOR = 1
    """A prospect in their own browser: a click in a mail, a form that was filled in."""
    VISITOR = 2
    """Any browser, with or without a prospect."""


class ActivityMix:
    """Arrays by kind (in the order of `ACTIVITY_KINDS`) and by flat asset position.

    A kind without assets has one flat position per text it can show. Ids are 0 where there is
    none; the flat positions of kind k begin at `first[k]`, and there are `count[k]` of them.
    """

    def __init__(self, world: World) -> None:
        shares = [_SHARES[kind.type_name][kind.type] for kind in ACTIVITY_KINDS]
        self.kind_of_slot = np.repeat(np.arange(len(shares), dtype=np.int64), shares)
        self.types = np.array([kind.type for kind in ACTIVITY_KINDS], dtype=np.int64)
        self.type_names = Lexicon(tuple(kind.type_name for kind in ACTIVITY_KINDS))
        self.ends_deal = np.isin(np.array(self.type_names.words), ENDS_OF_DEALS[1:])
        self.kind_of_status = np.array(
            [self.type_names.words.index(name) for name in ENDS_OF_DEALS], dtype=np.int64
        )
        self.actors = np.array([_actor(kind) for kind in ACTIVITY_KINDS], dtype=np.uint64)
        shelves = [_shelf(world, kind) for kind in ACTIVITY_KINDS]
        self.count = np.array([len(shelf.details) for shelf in shelves], dtype=np.uint64)
        self.first = np.cumsum(self.count) - self.count
        self.details = Lexicon(tuple(text for shelf in shelves for text in shelf.details))
        self.asset_ids = np.concatenate([shelf.ids for shelf in shelves])
        self.campaign_ids = np.concatenate([shelf.campaign_ids for shelf in shelves])
        self.list_email_ids = np.concatenate([shelf.list_email_ids for shelf in shelves])
        self.template_ids = np.concatenate([shelf.template_ids for shelf in shelves])

    def kinds_with(self, id_field: str) -> Mask:
        """Tell by kind whether its id stands in the column `id_field`."""
        return np.array([kind.id_field == id_field for kind in ACTIVITY_KINDS])


@dataclass(frozen=True)
class _Shelf:
    """The assets of one kind: what they show, and their ids (0: none)."""

    details: list[str | None]
    ids: Seconds
    campaign_ids: Seconds
    list_email_ids: Seconds
    template_ids: Seconds


def _actor(kind: ActivityKind) -> Actor:
    if kind.type_name in _FORMS and kind.type == _SUCCESS:
        return Actor.KNOWN_VISITOR
    if kind.type_name == "Email Tracker" or kind.type in _PREFERENCE_PAGES:
        return Actor.KNOWN_VISITOR
    without_browser = kind.id_field in ("email_id", "opportunity_id", None)
    return Actor.PROSPECT if without_browser else Actor.VISITOR


def _shelf(world: World, kind: ActivityKind) -> _Shelf:
    name = _ASSET_OBJECTS.get(kind.id_field or "")
    if name is None:
        texts = _texts_without_asset(world, kind)
        none = np.zeros(len(texts), dtype=np.int64)
        return _Shelf(texts, none, none, none, none)
    assets = asset_block(world, name)
    none = np.zeros(len(assets.index), dtype=np.int64)
    emails = assets if isinstance(assets, Emails) else None
    return _Shelf(
        details=_texts(assets, "link" if kind.type_name in _CLICKS else "name"),
        ids=_ids(assets.ids(name, assets.index)),
        campaign_ids=_ids(assets.col_campaign_id()),
        list_email_ids=none if emails is None else _ids(emails.col_list_email_id()),
        template_ids=none if emails is None else _ids(emails.col_email_template_id()),
    )


def _texts(assets: Assets, column: str) -> list[str | None]:
    return values_of(assets.column(column), len(assets.index))


def _ids(column: Numbers) -> Seconds:
    ids = column.values.astype(np.int64)
    return ids if column.valid is None else np.where(column.valid, ids, 0)


def _texts_without_asset(world: World, kind: ActivityKind) -> list[str | None]:
    """Give what kinds without an asset can show; an opportunity shows nothing."""
    vocabulary = world.lexicons.vocabulary
    if kind.id_field == "opportunity_id":
        return [None]
    if kind.id_field == "visit_id":
        return list(page_view_texts())
    return list(vocabulary.pages if kind.id_field else vocabulary.events)
