"""The vocabulary as lexicons, made when first asked for and kept for the life of a world."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from pardot_mock.data.columns import Lexicon

if TYPE_CHECKING:
    from pardot_fixtures.vocabulary import Vocabulary

MOST_PAGE_VIEWS = 20

REVENUES = Lexicon(
    ("$250,000", "$1,200,000", "$4,500,000", "$18,000,000", "$75,000,000", "$1,000,000,000")
)
EMPLOYEES = Lexicon(("1-10", "11-50", "51-200", "201-1,000", "1,001-5,000", "5,001+"))
YEARS = Lexicon(("1", "3", "5", "8", "12", "20", "35", "100+"))
GRADES = Lexicon(("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"))
SUITES = Lexicon(("Suite 4, 2nd floor", "Apt. 12", 'Building "C"', "c/o Front Desk", "Hinterhaus"))
INTERACTIONS = Lexicon(
    ("Email Open", "Form Success", "Visit: 3 page views", "Email Click", "Never active.")
)
NETWORKS = Lexicon(("192.0.2.", "198.51.100.", "203.0.113."))
TERMS = Lexicon(("crm", "marketing automation", "lead scoring", "export api"))
CONTENTS = Lexicon(("header", "footer-link", "text_ad", "button, large"))
DEALS = Lexicon(("New Business", "Renewal", "Upsell"))
STATUSES = Lexicon(("Open", "Lost", "Won"))
TIMEZONES = Lexicon(("America/New_York", "Europe/Berlin", "UTC"))
STAGES = Lexicon(("New", "Engaged", "Marketing Qualified", "Sales Qualified", "Won"))
VENDORS = Lexicon(("Google", "Bing", "DuckDuckGo"))
TAGGED = Lexicon(("Prospect", "Campaign", "Email", "Form", "List"))
ROLES = Lexicon(("Administrator", "Marketing", "Sales Manager", "Sales"))


class Lexicons:
    """Lexicons made of a vocabulary, for a world with `companies` prospect accounts."""

    def __init__(self, vocabulary: Vocabulary, companies: int) -> None:
        self.vocabulary = vocabulary
        self._rounds = companies // len(vocabulary.companies)
        self._plain: dict[str, Lexicon] = {}

    def plain(self, name: str) -> Lexicon:
        """Give the list `name` of the vocabulary as it is."""
        if name not in self._plain:
            self._plain[name] = Lexicon(tuple(getattr(self.vocabulary, name)))
        return self._plain[name]

    @cached_property
    def first_names(self) -> Lexicon:
        return Lexicon(tuple(name.text for name in self.vocabulary.first_names))

    @cached_property
    def first_slugs(self) -> Lexicon:
        return Lexicon(tuple(name.slug or "contact" for name in self.vocabulary.first_names))

    @cached_property
    def last_names(self) -> Lexicon:
        return Lexicon(tuple(name.text for name in self.vocabulary.last_names))

    @cached_property
    def last_slugs(self) -> Lexicon:
        return Lexicon(tuple(name.slug or "x" for name in self.vocabulary.last_names))

    @cached_property
    def companies(self) -> Lexicon:
        return Lexicon(tuple(name.text for name in self.vocabulary.companies))

    @cached_property
    def company_slugs(self) -> Lexicon:
        return Lexicon(tuple(name.slug for name in self.vocabulary.companies))

    @cached_property
    def company_numbers(self) -> Lexicon:
        """What tells companies apart that have the same word: nothing, then " 2", " 3", ..."""
        return Lexicon(("", *(f" {number + 2}" for number in range(self._rounds))))

    @cached_property
    def slug_numbers(self) -> Lexicon:
        """The same for their domains."""
        return Lexicon(("", *(f"-{number + 2}" for number in range(self._rounds))))

    @cached_property
    def cities(self) -> Lexicon:
        return Lexicon(tuple(place.city for place in self.vocabulary.places))

    @cached_property
    def states(self) -> Lexicon:
        return Lexicon(tuple(place.state or None for place in self.vocabulary.places))

    @cached_property
    def zips(self) -> Lexicon:
        return Lexicon(tuple(place.zip for place in self.vocabulary.places))

    @cached_property
    def countries(self) -> Lexicon:
        return Lexicon(tuple(place.country for place in self.vocabulary.places))

    @cached_property
    def interests(self) -> Lexicon:
        """One, two or three interests at once."""
        every = self.vocabulary.interests
        return Lexicon(tuple(some for size in (1, 2, 3) for some in combinations(every, size)))


def page_view_texts() -> tuple[str, ...]:
    """Give what a visit says of itself; the plural is the service's own, also for one view."""
    return tuple(f"{count} page views" for count in range(1, MOST_PAGE_VIEWS + 1))
