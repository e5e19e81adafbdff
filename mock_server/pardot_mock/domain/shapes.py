"""How a record of each object looks: its keys in the order of the answers, in both formats.

A shape is a list of parts. What it does not name is a plain value of the catalogue: every default
field is shown, in the place it has there, but for those that the shape hides. `output` and whether
the record was read or found by a query decide which parts are shown:

    full     every part (documented)
    simple   no collections (documented for prospects, inferred for the others)
    mobile   the few fields documented for prospects and visitors, else as simple (inferred)
    bulk     own fields only; a joined campaign is its id (documented)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pardot_fixtures.catalog import MULTI_VALUE_FIELDS, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pardot_fixtures.catalog import Field

Output: TypeAlias = Literal["full", "simple", "mobile", "bulk"]
OUTPUTS: tuple[Output, ...] = ("full", "simple", "mobile", "bulk")

_JOINED: frozenset[Output] = frozenset({"full", "simple"})
_FULL: frozenset[Output] = frozenset({"full"})
_ALL: frozenset[Output] = frozenset(OUTPUTS)


@dataclass(frozen=True, slots=True)
class Value:
    """A column under its own name, or that of `source`; `absent` leaves a missing value out.

    `wrapped` writes the value below a key `value`, repeated for several (recorded).
    `query_only` is not shown when the record is read by itself.
    """

    key: str
    source: str = ""
    absent: bool = False
    wrapped: bool = False
    query_only: bool = False
    outputs: frozenset[Output] = _ALL

    @property
    def column(self) -> str:
        """The column that holds the value."""
        return self.source or self.key


@dataclass(frozen=True, slots=True)
class One:
    """The record of `object` whose column `to` holds the value of `by`; absent if there is none.

    With `latest_at` it is the latest of several, and shown only where that column has a value.

    `view` names its fields, or the output it is shown in. `inner` is a further element around it.
    In bulk, the bare id stands under `bulk`. `read_only` is shown only in a record read by itself,
    and then takes the place of the value `instead`.
    """

    key: str
    object: str
    by: str
    view: tuple[str, ...] | Output
    inner: str = ""
    bulk: str = ""
    read_only: bool = False
    instead: str = ""
    to: str = "id"
    latest_at: str = ""
    outputs: frozenset[Output] = _JOINED


@dataclass(frozen=True, slots=True)
class Some:
    """Every record of `object` whose `column` holds the value of the parent's column `by`.

    They stand as `element` below `key`, which is null when there is none (recorded); without
    `key` the element repeats by itself.
    """

    key: str
    element: str
    object: str
    column: str
    view: tuple[str, ...] | Output
    by: str = "id"
    read_only: bool = False
    shape: str = ""
    outputs: frozenset[Output] = _FULL

    @property
    def name(self) -> str:
        """The name under which a `Record` keeps the records."""
        return self.key or self.element


@dataclass(frozen=True, slots=True)
class Fixed:
    """Facts that are the same in every record: a default that no account of the emulator changes.

    A tuple below a key is a collection.
    """

    key: str
    tree: Mapping[str, Any]
    read_only: bool = True
    outputs: frozenset[Output] = _FULL


@dataclass(frozen=True, slots=True)
class Custom:
    """The place of the fields that the account has defined itself, each by its name."""

    key: str = ""


Part: TypeAlias = Value | One | Some | Fixed | Custom


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts of a record, and the fields of `output=mobile` where they are documented.

    `hidden` are the default fields of the object that no record shows.
    """

    parts: tuple[Part, ...] = ()
    mobile: tuple[str, ...] = ()
    evidence: str = "documented"
    hidden: tuple[str, ...] = ()

    def shown(self, view: tuple[str, ...] | Output, *, read: bool) -> Iterator[Part]:
        """Give the parts that a view shows: named keys, or those of an output."""
        names = view if isinstance(view, tuple) else ()
        if view == "mobile":
            names, view = self.mobile, "simple"
        if names:
            yield from (part for part in self.parts if key_of(part) in names)
            return
        replaced = {part.instead for part in self.parts if isinstance(part, One) and read}
        for part in self.parts:
            if self._is_shown(part, view, read=read) and key_of(part) not in replaced - {""}:
                yield part

    def _is_shown(self, part: Part, view: Any, *, read: bool) -> bool:  # noqa: ANN401
        if isinstance(part, Custom):
            return True
        if isinstance(part, Value):
            return view in part.outputs and not (part.query_only and read)
        if isinstance(part, One) and part.bulk and view == "bulk":
            return True
        return view in part.outputs and (read or not part.read_only)


def whole(shape: Shape, fields: Iterable[Field]) -> Shape:
    """Give a shape with every default field of `fields` that it neither shows nor hides.

    Each stands behind the field that is before it in `fields`. Custom fields are left to the part
    `Custom` where there is one.
    """
    parts, place = list(shape.parts), 0
    elsewhere = any(isinstance(part, Custom) for part in parts)
    for field in fields:
        shown = [n for n, part in enumerate(parts, start=1) if field.name in _columns(part)]
        if shown:
            place = shown[0]
        elif field.default and field.name not in shape.hidden and not (field.custom and elsewhere):
            parts.insert(place, Value(field.name))
            place += 1
    return replace(shape, parts=tuple(parts))


def _columns(part: Part) -> tuple[str, ...]:
    """Give the columns that a part shows the value of, by itself or as what it stands for."""
    if isinstance(part, Value):
        return (part.column,)
    return (part.bulk,) if isinstance(part, One) and part.bulk else ()


def key_of(part: Part) -> str:
    """Give the key under which a part is shown."""
    return part.name if isinstance(part, Some) else part.key


def _values(names: str, *, absent: bool = False) -> tuple[Value, ...]:
    return tuple(Value(name, absent=absent) for name in names.split())


def _campaign(*more: str, bulk: str = "campaign_id") -> One:
    return One("campaign", "campaign", "campaign_id", ("id", "name", *more), bulk=bulk)


def custom_value(name: str, *, several: bool) -> Value:
    """Give the part that shows a custom field of prospects: only where it has a value (recorded).

    A field of `several` values shows each below a key `value` (recorded).
    """
    return Value(name, absent=True, wrapped=several)


CUSTOM_FIELDS = tuple(
    custom_value(field.name, several=field.name in MULTI_VALUE_FIELDS)
    for field in OBJECTS["prospect"].fields
    if field.custom
)
"""The custom fields of prospects with which every account begins."""

_ASSIGNED = One("assigned_to", "user", "user_id", "simple", inner="user")
_STAMPS = "created_at updated_at"
_UTM = "campaign_parameter medium_parameter source_parameter content_parameter term_parameter"

_CRITERIA = ("Company Size", "Industry", "Location", "Job Title", "Department")
_PROFILE: Mapping[str, Any] = MappingProxyType(
    {
        "id": 1,
        "name": "Default",
        "profile_criteria": tuple(
            MappingProxyType({"id": number, "name": name, "matches": "Unknown"})
            for number, name in enumerate(_CRITERIA, start=1)
        ),
    }
)
"""The profile of every prospect (chosen): the emulator grades nobody."""

_PROSPECT = Shape(
    (
        *_values(
            "id campaign_id salutation first_name last_name email password company"
        ),
        Value("prospect_account_id", query_only=True),
        *_values(
            "website job_title department country address_one address_two city state territory zip"
            " phone fax source annual_revenue employees industry years_in_business comments notes"
            " score grade last_activity_at recent_interaction crm_lead_fid crm_contact_fid"
            " crm_owner_fid crm_account_fid salesforce_fid crm_last_sync crm_url is_do_not_email"
            " is_do_not_call opted_out is_reviewed is_starred created_at updated_at"
        ),
        One("campaign", "campaign", "campaign_id", ("id", "name")),
        _ASSIGNED,
        One("last_activity", "visitorActivity", "id", "simple", inner="visitor_activity",
            to="prospect_id", latest_at="last_activity_at"),
        Custom(),
        Fixed("profile", _PROFILE),
        Some("visitors", "visitor", "visitor", "prospect_id", "simple", read_only=True),
        Some("visitor_activities", "visitor_activity", "visitorActivity", "prospect_id", "simple",
             read_only=True),
        Some("lists", "list_subscription", "listMembership", "prospect_id", "full",
             read_only=True, shape="list_subscription"),
    ),
    mobile=("id", "first_name", "last_name", "email", "company"),
    evidence="recorded",
)  # fmt: skip

_ACTIVITY_IDS = (
    "email_id email_template_id list_email_id form_id form_handler_id site_search_query_id"
    " landing_page_id paid_search_ad_id multivariate_test_variation_id visitor_page_view_id"
    " file_id custom_redirect_id visit_id opportunity_id"
)
_ACTIVITY = Shape(
    (
        Value("id"),
        *_values("visitor_id prospect_id", absent=True),
        *_values("type type_name details"),
        *_values(_ACTIVITY_IDS, absent=True),
        _campaign("cost"),
        *_values(_STAMPS),
    ),
    evidence="client",
)

_VISITOR = Shape(
    (
        *_values("id prospect_id"),
        One("prospect", "prospect", "prospect_id", "mobile", read_only=True, outputs=_FULL,
            instead="prospect_id"),
        *_values(
            "page_view_count ip_address hostname browser browser_version operating_system"
            " operating_system_version language screen_height screen_width is_flash_enabled"
            f" is_java_enabled {_UTM} {_STAMPS}"
        ),
        One("identified_company", "identifiedCompany", "id", "full", to="visitor_id",
            read_only=True, outputs=_FULL),
        One("visitor_referrer", "visitorReferrer", "id", "full", to="visitor_id",
            read_only=True, outputs=_FULL),
        Some("visitor_activities", "visitor_activity", "visitorActivity", "visitor_id", "simple",
             read_only=True),
    ),
    mobile=("id", "prospect_id", "page_view_count", "ip_address", "hostname", "created_at",
            "updated_at"),
    evidence="client",
)  # fmt: skip

FLAGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        found.name: frozenset(field.name for field in found.fields if field.kind == "flag")
        for found in OBJECTS.values()
    }
)
"""The fields of an object that are 1 when set and null when not (recorded)."""

_SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "visitorActivity": _ACTIVITY,
        "prospect": _PROSPECT,
        "visitor": _VISITOR,
        "visit": Shape(
            (Some("visitor_page_views", "visitor_page_view", "visitPageView", "visit_id", "full"),),
            evidence="client",
        ),
        "visitPageView": Shape(),
        "list": Shape(),
        "listMembership": Shape(evidence="recorded"),
        "list_subscription": Shape(
            (
                Value("id"),
                Value("did_opt_in"),
                Value("did_opt_out", source="opted_out"),
                *_values(_STAMPS),
                One("list", "list", "list_id", "simple"),
            ),
            evidence="client",
        ),
        "campaign": Shape(hidden=("created_at", "updated_at")),
        "user": Shape(evidence="client"),
        "account": Shape(
            _values(
                "id company level website vanity_domain plugin_campaign_id tracking_code_template"
                f" address1 address2 city state territory zip country phone fax {_STAMPS}"
            )
        ),
        "customField": Shape(evidence="recorded"),
        "prospectAccount": Shape((_ASSIGNED,), evidence="client"),
        "opportunity": Shape(
            (
                *_values("id name value probability type stage status"),
                Value("closed_at", absent=True),
                *_values(_STAMPS),
                _campaign(),
                Some("prospects", "prospect", "prospect", "opportunity_id", "mobile"),
                Some("opportunity_activities", "visitor_activity", "visitorActivity",
                     "opportunity_id", "simple"),
            )
        ),
        "emailClick": Shape(
            _values("list_email_id drip_program_action_id email_template_id tracker_redirect_id",
                    absent=True)
        ),
        "email": Shape(
            (
                *_values("id name isOneToOne subject"),
                One("message", "emailMessage", "id", ("text", "html"), to="email_id",
                    outputs=_FULL),
                Value("created_at"),
            )
        ),
        "emailMessage": Shape(hidden=("id",)),
        "emailTemplate": Shape(evidence="inferred"),
        "form": Shape((_campaign(),)),
        "customRedirect": Shape((_campaign(),)),
        "dynamicContent": Shape(
            (
                *_values("id name embedCode embedUrl baseContent basedOn"),
                Some("", "variation", "dynamicContentVariation", "dynamic_content_id", "full"),
                *_values(_STAMPS),
            )
        ),
        "dynamicContentVariation": Shape(hidden=("id",)),
        "lifecycleHistory": Shape(),
        "lifecycleStage": Shape(),
        "tag": Shape(),
        "tagObject": Shape(),
        "identifiedCompany": Shape(),
        "visitorReferrer": Shape(),
    }
)  # fmt: skip

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        name: whole(shape, OBJECTS[name].fields) if name in OBJECTS else shape
        for name, shape in _SHAPES.items()
    }
)
"""The shape of every object that is shown, by its name."""


@lru_cache(maxsize=256)
def parts_shown(name: str, view: tuple[str, ...] | Output, *, read: bool) -> tuple[Part, ...]:
    """Give the parts of a shape that a view shows; see `Shape.shown`."""
    return tuple(SHAPES[name].shown(view, read=read))
