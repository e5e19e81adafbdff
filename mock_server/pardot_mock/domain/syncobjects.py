"""The synchronous objects of versions 3 and 4, as data.

One row says everything about an object that its handlers need: what can be done with it, what
names a record, which parameters a query takes, how it is sorted, and the code for a bad id. The
source is the object table of the reference; what differs is marked with its evidence. How a
record looks stands in `shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain import syncfilters as by
from pardot_mock.domain.errors import ErrorCode
from pardot_mock.domain.syncfilters import CREATED, ID_ABOVE, IDS, UPDATED, Filter

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYWHERE = frozenset({"version", "format", "do"})
"""Parameters that every call takes."""

PAGING = frozenset({"limit", "offset"})
SORTING = frozenset({"sort_by", "sort_order"})


@dataclass(frozen=True, slots=True)
class Key:
    """A way to name one record: parameters that must all be given, and the columns they equal.

    `codes` are for bad values, the last one also for a record that is not there. `differs` is the
    code where the key that counts names another record than this one. `several` marks a key that
    may fit more than one record. `versions` are the API versions that know it.
    """

    params: tuple[str, ...]
    columns: tuple[str, ...]
    codes: tuple[ErrorCode, ...]
    differs: ErrorCode = ErrorCode.INVALID_QUERY
    several: bool = False
    versions: frozenset[int] = frozenset({3, 4})

    @property
    def code(self) -> ErrorCode:
        """The code for a record that is not there."""
        return self.codes[-1]


@dataclass(frozen=True, slots=True)
class SyncObject:
    """One object of the synchronous API.

    `operations` are the names after `do`. `sorts` maps a column to whether it descends where no
    order is asked for; without any, records come by ascending id and sorting is not a parameter.
    Of the filters, `must` names those of which a query needs exactly one, `alone` those that
    exclude each other, `needs` what another needs beside it; `overrides` maps one to those that do
    not count beside it, `defaults` to what it is where it is not sent. `read_params` are further
    parameters of a read, `no_key` the code of one that names no record. `deleted_param` tells
    whether a query can ask for deleted records, `lifts_cap` whether `output=mobile` takes more
    than a page, `picks` whether a query takes `fields`, `pages` whether it takes an offset.
    """

    name: str
    element: str
    operations: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    filters: tuple[Filter, ...] = ()
    sorts: Mapping[str, bool] = field(default_factory=dict)
    must: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    needs: Mapping[str, str] = field(default_factory=dict)
    overrides: Mapping[str, frozenset[str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    read_params: frozenset[str] = frozenset()
    no_key: ErrorCode = ErrorCode.INVALID_ID
    deleted_param: bool = False
    lifts_cap: bool = False
    picks: bool = False
    pages: bool = True
    evidence: str = "documented"

    def parameters(self, operation: str) -> frozenset[str]:
        """Give every parameter that an operation knows; all others are ignored (documented)."""
        known = EVERYWHERE | {"output"}
        if operation == "query":
            known |= {each.name for each in self.filters} | {"limit"}
            known |= (PAGING if self.pages else frozenset()) | (SORTING if self.sorts else set())
            return known | ({"fields"} if self.picks else set()) | self._deleted
        named = {param for key in self.keys for param in key.params}
        return known | named | self.read_params

    @property
    def _deleted(self) -> frozenset[str]:
        return frozenset({"deleted"}) if self.deleted_param else frozenset()


def _id(code: ErrorCode = ErrorCode.INVALID_ID) -> Key:
    return Key(("id",), ("id",), (code,))


def _sorts(columns: str) -> Mapping[str, bool]:
    """Read `name` for a column that ascends by default, `-name` for one that descends."""
    return MappingProxyType({name.lstrip("-"): name.startswith("-") for name in columns.split()})


_READ = ("query", "read")
_WRITE = ("create", "update", "delete")
_STAMPS = "-created_at id -updated_at"
_V3 = frozenset({3})
_V4 = frozenset({4})

_VISITOR_ACTIVITY = SyncObject(
    "visitorActivity",
    "visitor_activity",
    _READ,
    (_id(),),
    (
        *CREATED,
        *UPDATED,
        *IDS,
        by.only("prospect_only", "prospect_id"),
        by.ACTIVITY_TYPE,
        by.only("custom_url_only", "custom_redirect_id"),
        *(by.only(f"{name}_only", f"{name}_id")
          for name in ("email", "file", "form", "form_handler", "landing_page")),
        by.ids("campaign_id", "campaign_id", ErrorCode.INVALID_CAMPAIGN_ID),
        by.ids("custom_url_id", "custom_redirect_id"),
        *(by.ids(f"{name}_id", f"{name}_id")
          for name in ("email", "file", "form", "form_handler", "landing_page")),
        by.ids("prospect_id", "prospect_id", ErrorCode.INVALID_PROSPECT_ID),
        by.ids("visitor_id", "visitor_id", ErrorCode.INVALID_VISITOR_ID),
    ),
    _sorts("-created_at id -prospect_id -visitor_id -updated_at"),
    alone=frozenset(f"{name}_only" for name in
                    ("custom_url", "email", "file", "form", "form_handler", "landing_page")),
)  # fmt: skip

_PROSPECT = SyncObject(
    "prospect",
    "prospect",
    ("query", "read", "create", "update", "upsert", "assign", "unassign", "delete",
     "batchCreate", "batchUpdate", "batchUpsert"),
    (
        _id(ErrorCode.INVALID_PROSPECT_ID),
        Key(("email",), ("email",), (ErrorCode.INVALID_PROSPECT_EMAIL,),
            differs=ErrorCode.PROSPECT_ID_EMAIL_MISMATCH, several=True),
        Key(("fid",), ("salesforce_fid",), (ErrorCode.INVALID_PROSPECT_FID,),
            differs=ErrorCode.PROSPECT_ID_FID_MISMATCH, versions=_V4),
    ),
    (
        *CREATED,
        *UPDATED,
        *IDS,
        by.holding("assigned", "user_id", ErrorCode.INVALID_ASSIGNED),
        by.ASSIGNED_TO,
        *by.GRADE,
        by.holding("is_starred", "is_starred", ErrorCode.INVALID_IS_STARRED),
        *by.times("last_activity", "last_activity_at"),
        by.not_holding("last_activity_never", "last_activity_at"),
        by.IN_LIST,
        by.NEW,
        *by.numbers("score", ErrorCode.INVALID_SCORE),
    ),
    _sorts("-created_at id -last_activity_at -updated_at"),
    overrides=MappingProxyType({
        "new": frozenset({"assigned", "assigned_to_user"}),
        "assigned_to_user": frozenset({"assigned"}),
    }),
    read_params=frozenset({"limit_related_records"}),
    no_key=ErrorCode.NO_SUCH_PROSPECT_AND_NO_EMAIL,
    deleted_param=True,
    lifts_cap=True,
    picks=True,
)  # fmt: skip

_OBJECTS = (
    _VISITOR_ACTIVITY,
    _PROSPECT,
    SyncObject(
        "visitor", "visitor", ("query", "read", "assign"),
        (_id(ErrorCode.INVALID_VISITOR_ID),),
        (*CREATED, *UPDATED, *IDS, by.only("only_identified", "prospect_id"),
         by.ids("prospect_ids", "prospect_id", ErrorCode.INVALID_PROSPECT_ID)),
        _sorts(_STAMPS),
        defaults=MappingProxyType({"only_identified": "true"}),
        lifts_cap=True, picks=True,
    ),
    SyncObject(
        "visit", "visit", _READ,
        (_id(ErrorCode.INVALID_VISIT_ID),),
        (by.ids("ids", "id", ErrorCode.INVALID_VISIT_ID),
         by.ids("visitor_ids", "visitor_id", ErrorCode.INVALID_VISITOR_ID),
         by.ids("prospect_ids", "prospect_id", ErrorCode.INVALID_PROSPECT_ID)),
        must=frozenset({"ids", "visitor_ids", "prospect_ids"}),
    ),
    SyncObject(
        "list", "list", (*_READ, *_WRITE),
        (_id(ErrorCode.INVALID_LIST_ID),),
        (*CREATED, *UPDATED, *IDS, by.exact("name", "name")),
        _sorts("-created_at id name -updated_at"),
        lifts_cap=True,
    ),
    SyncObject(
        "listMembership", "list_membership", (*_READ, *_WRITE),
        (_id(), Key(("list_id", "prospect_id"), ("list_id", "prospect_id"),
                    (ErrorCode.INVALID_LIST_ID, ErrorCode.INVALID_PROSPECT_ID))),
        (*CREATED, *UPDATED, *IDS, by.one_id("list_id", "list_id", ErrorCode.INVALID_LIST_ID)),
        _sorts("-created_at id"),
        deleted_param=True, lifts_cap=True,
    ),
    SyncObject(
        "campaign", "campaign", ("query", "read", "create", "update"),
        (_id(ErrorCode.INVALID_CAMPAIGN_ID),),
        (*CREATED, *UPDATED, *IDS, by.exact("name", "name")),
        _sorts("-created_at id name -updated_at -cost"),
        lifts_cap=True,
    ),
    SyncObject(
        "user", "user", _READ,
        (_id(ErrorCode.INVALID_USER_ID),
         Key(("email",), ("email",), (ErrorCode.INVALID_USER_EMAIL,),
             differs=ErrorCode.USER_ID_EMAIL_MISMATCH)),
        (*CREATED, *IDS),
        _sorts("-created_at id"),
        lifts_cap=True,
    ),
    SyncObject("account", "account", ("read",)),
    SyncObject(
        "customField", "customField", (*_READ, *_WRITE),
        (_id(),), (*CREATED, *IDS), _sorts("-created_at id name"),
        lifts_cap=True,
    ),
    SyncObject(
        "prospectAccount", "prospectAccount",
        ("query", "read", "create", "update", "assign", "describe"),
        (_id(ErrorCode.INVALID_PROSPECT_ACCOUNT_ID),),
        (*CREATED, *UPDATED, *IDS, by.exact("name", "name")),
        _sorts("-created_at id name updated_at"),
        lifts_cap=True, picks=True,
    ),
    SyncObject(
        "opportunity", "opportunity", (*_READ, *_WRITE, "undelete"),
        (_id(ErrorCode.INVALID_OPPORTUNITY_ID),),
        (*CREATED, *IDS, *by.numbers("probability", ErrorCode.INVALID_PROBABILITY),
         *by.numbers("value", ErrorCode.INVALID_OPPORTUNITY_VALUE), *by.DEAL_OF),
        _sorts("-created_at id -probability -value"),
    ),
    SyncObject(
        "emailClick", "emailClick", ("query",), (),
        (*CREATED, ID_ABOVE,
         *(by.one_id(name, name) for name in ("list_email_id", "drip_program_action_id",
                                              "email_template_id", "tracker_redirect_id"))),
        pages=False,
    ),
    SyncObject("email", "email", ("read", "stats", "send"), (_id(),),
               read_params=frozenset({"include_message"})),
    SyncObject("emailTemplate", "emailTemplate", ("read", "listOneToOne"),
               (_id(ErrorCode.TEMPLATE_NOT_FOUND),), read_params=frozenset({"archived"}),
               no_key=ErrorCode.INVALID_TEMPLATE_ID),
    *(SyncObject(name, name, _READ, (_id(),), (*CREATED, *UPDATED, *IDS), _sorts(_STAMPS),
                 lifts_cap=True)
      for name in ("form", "customRedirect", "dynamicContent")),
    SyncObject("lifecycleHistory", "lifecycleHistory", _READ, (_id(),), (*CREATED, *IDS),
               _sorts("created_at id"), lifts_cap=True),
    SyncObject("lifecycleStage", "lifecycleStage", _READ, (_id(),), IDS, _sorts("position id"),
               lifts_cap=True),
    SyncObject(
        "tag", "tag", _READ, (_id(),),
        (*CREATED, *UPDATED, *IDS, by.exact("name", "name")),
        _sorts("-created_at id name -updated_at"),
        lifts_cap=True,
    ),
    SyncObject(
        "tagObject", "tagObject", _READ, (_id(),),
        (*CREATED, *IDS, by.one_id("tag_id", "tag_id"), by.exact("type", "type"),
         by.one_id("object_id", "object_id")),
        _sorts("-created_at id"),
        needs=MappingProxyType({"object_id": "type"}),
        lifts_cap=True,
    ),
)  # fmt: skip

SYNC_OBJECTS: Mapping[str, SyncObject] = MappingProxyType({each.name: each for each in _OBJECTS})
"""Every synchronous object by its name in the URL."""


def operation_name(object_name: str, operation: str) -> str:
    """Give the name of an operation in journal, budget and faults: `prospect.query`."""
    return f"{object_name}.{operation}"


SYNC_OPERATIONS = tuple(
    operation_name(each.name, operation) for each in _OBJECTS for operation in each.operations
)
"""The names of all operations of the synchronous objects."""
