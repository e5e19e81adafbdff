"""Where the rows can be that have a given value in a column: arithmetic in place of a scan.

What comes back may hold rows that do not have the value after all, never misses one that has, and
is None where only a scan helps.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pardot_mock.data.layout import PAGE_VIEWS_PER_VISIT, PER_PROSPECT, PROSPECTS_PER_DEAL
from pardot_mock.data.tables.assets import VARIATIONS
from pardot_mock.data.tables.prospects import CONTACT_PREFIX, FID_SUFFIX, FIRST_FID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pardot_mock.data.postings import Postings
    from pardot_mock.data.vectors import Index
    from pardot_mock.data.world import World
    from pardot_mock.domain.selections import Condition, Scalar

Place = tuple["World", "Postings"]


def narrowed(
    world: World, postings: Postings, name: str, conditions: Iterable[Condition]
) -> Index | None:
    """Give the sorted indexes among which the rows of `name` are that meet the conditions."""
    for each in conditions:
        if each.test != "among":
            continue
        if each.field == "id":
            return _distinct(own_indexes(world, name, each.values))
        narrow = _NARROWERS.get((name, each.field))
        found = None if narrow is None else narrow((world, postings), each.values)
        if found is not None:
            return _distinct(found)
    return None


def own_indexes(world: World, name: str, ids: Iterable[Scalar]) -> Index:
    """Give the indexes of the synthetic rows with these ids, without those that have none."""
    layout = world.layout
    count, range_of = layout.counts[name], layout.ids[name]
    found = (range_of.index_of(int(each)) for each in ids if isinstance(each, int))
    return _array(index for index in found if index is not None and index < count)


def _array(indexes: Iterable[int]) -> Index:
    found: Index = np.fromiter(indexes, dtype=np.uint64)
    return found


def _distinct(indexes: Index) -> Index:
    return np.unique(indexes)


def _around(starts: Index, width: int, count: int) -> Index:
    """Give `width` indexes from each start on, those below `count`."""
    steps = np.arange(width, dtype=np.uint64)
    every = np.add.outer(starts, steps).astype(np.uint64).ravel()
    return every[every < np.uint64(count)]


def _prospects(place: Place, ids: Iterable[Scalar]) -> Index:
    return own_indexes(place[0], "prospect", ids)


def _by_prospect(name: str) -> Callable[[Place, Iterable[Scalar]], Index | None]:
    def narrow(place: Place, ids: Iterable[Scalar]) -> Index | None:
        starts = _prospects(place, ids) * np.uint64(PER_PROSPECT)
        return _around(starts, PER_PROSPECT, place[0].layout.counts[name])

    return narrow


def _by_email(place: Place, emails: Iterable[Scalar]) -> Index | None:
    """An e-mail address of the synthetic world ends, before the @, in the index of its row."""
    count = place[0].layout.counts["prospect"]
    numbers = (str(email).partition("@")[0].rpartition(".")[2] for email in emails)
    return _array(
        int(number)
        for number in numbers
        if number.isascii() and number.isdecimal() and len(number) < 12 and int(number) < count
    )


def _by_fid(place: Place, fids: Iterable[Scalar]) -> Index | None:
    """A CRM id of the synthetic world holds the index of its row; see `Prospects`."""
    count = place[0].layout.counts["prospect"]
    texts = (str(fid)[len(CONTACT_PREFIX) : -len(FID_SUFFIX)] for fid in fids)
    numbers = (int(text) for text in texts if text.isascii() and text.isdecimal())
    return _array(n - FIRST_FID for n in numbers if 0 <= n - FIRST_FID < count)


def _of_deals(place: Place, ids: Iterable[Scalar]) -> Index:
    """The prospects of deals: the group behind each deal, and the first group for the first."""
    deals = own_indexes(place[0], "opportunity", ids)
    first = np.zeros(np.count_nonzero(deals == 0), dtype=np.uint64)
    starts = np.append((deals + np.uint64(1)) * np.uint64(PROSPECTS_PER_DEAL), first)
    return _around(starts.astype(np.uint64), PROSPECTS_PER_DEAL, place[0].layout.counts["prospect"])


def _activities_of_prospects(place: Place, ids: Iterable[Scalar]) -> Index | None:
    return place[1].of(_prospects(place, ids))


def _activities_of_visitors(place: Place, ids: Iterable[Scalar]) -> Index | None:
    visitors = own_indexes(place[0], "visitor", ids)
    return place[1].of(visitors // np.uint64(PER_PROSPECT))


def _activities_of_deals(place: Place, ids: Iterable[Scalar]) -> Index | None:
    return place[1].of(_of_deals(place, ids))


def _views_of_visits(place: Place, ids: Iterable[Scalar]) -> Index | None:
    visits = own_indexes(place[0], "visit", ids)
    starts = visits * np.uint64(PAGE_VIEWS_PER_VISIT)
    return _around(starts, PAGE_VIEWS_PER_VISIT, place[0].layout.counts["visitPageView"])


def _same_as_visitor(place: Place, ids: Iterable[Scalar]) -> Index | None:
    return own_indexes(place[0], "visitor", ids)


def _same_as_email(place: Place, ids: Iterable[Scalar]) -> Index | None:
    return own_indexes(place[0], "email", ids)


def _variations(place: Place, ids: Iterable[Scalar]) -> Index | None:
    starts = own_indexes(place[0], "dynamicContent", ids) * np.uint64(VARIATIONS)
    return _around(starts, VARIATIONS, place[0].layout.counts["dynamicContentVariation"])


_NARROWERS: Mapping[tuple[str, str], Callable[[Place, Iterable[Scalar]], Index | None]] = (
    MappingProxyType(
        {
            ("prospect", "email"): _by_email,
            ("prospect", "salesforce_fid"): _by_fid,
            ("prospect", "opportunity_id"): _of_deals,
            ("visitor", "prospect_id"): _by_prospect("visitor"),
            ("listMembership", "prospect_id"): _by_prospect("listMembership"),
            ("lifecycleHistory", "prospect_id"): _by_prospect("lifecycleHistory"),
            ("visitorActivity", "prospect_id"): _activities_of_prospects,
            ("visitorActivity", "visitor_id"): _activities_of_visitors,
            ("visitorActivity", "opportunity_id"): _activities_of_deals,
            ("visit", "prospect_id"): _activities_of_prospects,
            ("visit", "visitor_id"): _activities_of_visitors,
            ("visitPageView", "visit_id"): _views_of_visits,
            ("identifiedCompany", "visitor_id"): _same_as_visitor,
            ("visitorReferrer", "visitor_id"): _same_as_visitor,
            ("emailMessage", "email_id"): _same_as_email,
            ("dynamicContentVariation", "dynamic_content_id"): _variations,
        }
    )
)
