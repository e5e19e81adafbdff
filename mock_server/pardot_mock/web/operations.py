"""What can be called: object and operation, the methods it takes, and who answers it.

The operations of synchronous objects come from the table in `domain.syncobjects`; those without a
handler here are not served yet and answer code 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.domain import writetable
from pardot_mock.domain.exportquery import IMPORT_PARAMETERS, PARAMETERS
from pardot_mock.domain.nearest import nearest
from pardot_mock.domain.syncobjects import SYNC_OBJECTS, operation_name
from pardot_mock.web import (
    emailsending,
    exports,
    imports,
    login,
    lookups,
    prospectwrites,
    sync,
    writes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.web.call import Answer, ApiCall


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API; `name` is its short name in journal, budget and faults.

    `tolerated` is a further method, and the quirk that decides whether it is served.
    `parameters` are the names it knows besides those of every call; None: it takes any.
    `reads_body` tells that its body is JSON and not a form.
    """

    name: str
    methods: frozenset[str]
    answer: Callable[[ApiCall], Answer]
    authenticated: bool = True
    tolerated: tuple[str, str] | None = None
    parameters: frozenset[str] | None = frozenset()
    reads_body: bool = False

    def takes(self, method: str, call: ApiCall) -> bool:
        """Whether `method` is served."""
        if method in self.methods:
            return True
        if self.tolerated is None or self.tolerated[0] != method:
            return False
        return call.quirks[self.tolerated[1]] == "accept"


_GET = frozenset({"GET"})
_POST = frozenset({"POST"})
_PATCH = frozenset({"PATCH"})
_EITHER = frozenset({"GET", "POST"})
_TO_DELETE = frozenset({"POST", "DELETE"})
"""A delete by GET is code 60 (documented)."""

_LOOKING = frozenset({"query", "read", "describe", "stats", "listOneToOne"})
_READ_BY_POST = ("POST", "export_read_post")
_BY_ID = frozenset({"id"})

_FOR_ALL: Mapping[str, Callable[[ApiCall], Answer]] = MappingProxyType(
    {
        "query": sync.query,
        "read": sync.read,
        "create": writes.create,
        "update": writes.update,
        "delete": writes.delete,
        "undelete": writes.undelete,
    }
)
"""Who answers an operation of any object."""

_FOR_ONE: Mapping[tuple[str, str], Callable[[ApiCall], Answer]] = MappingProxyType(
    {
        ("account", "read"): lookups.read_account,
        ("prospect", "create"): prospectwrites.create,
        ("prospect", "update"): prospectwrites.update,
        ("prospect", "upsert"): prospectwrites.upsert,
        ("prospect", "delete"): prospectwrites.delete,
        ("prospect", "assign"): prospectwrites.assign,
        ("prospect", "unassign"): prospectwrites.unassign,
        ("prospect", "batchCreate"): prospectwrites.batch_create,
        ("prospect", "batchUpdate"): prospectwrites.batch_update,
        ("prospect", "batchUpsert"): prospectwrites.batch_upsert,
        ("prospectAccount", "assign"): writes.assign_account,
        ("visitor", "assign"): writes.assign_visitor,
        ("prospectAccount", "describe"): lookups.describe,
        ("email", "stats"): lookups.email_statistics,
        ("email", "send"): emailsending.send,
        ("emailTemplate", "read"): lookups.read_template,
        ("emailTemplate", "listOneToOne"): lookups.list_one_to_one,
    }
)
"""Who answers an operation of one object alone."""


def _parameters(name: str, op: str) -> frozenset[str] | None:
    known = SYNC_OBJECTS[name].parameters(op)
    own = frozenset() if op in _LOOKING else writetable.parameters(name, op)
    return None if own is None else known | own


def _of_objects() -> Mapping[tuple[str, str], Operation]:
    """Give the operations of the synchronous objects that somebody answers."""
    named = ((name, op) for name, found in SYNC_OBJECTS.items() for op in found.operations)
    return {
        (name, op): Operation(
            operation_name(name, op),
            _TO_DELETE if op == "delete" else _EITHER,
            answer,
            parameters=_parameters(name, op),
        )
        for name, op in named
        if (answer := _FOR_ONE.get((name, op)) or _FOR_ALL.get(op)) is not None
    }


_OWN: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("login", ""): Operation(
            "login", _POST, login.log_in, authenticated=False, tolerated=("GET", "login_get")
        ),
        ("export", "create"): Operation("create", _POST, exports.create, reads_body=True),
        ("export", "read"): Operation(
            "read", _GET, exports.read, tolerated=_READ_BY_POST, parameters=_BY_ID
        ),
        ("export", "query"): Operation(
            "query", _GET, exports.query, tolerated=_READ_BY_POST, parameters=PARAMETERS
        ),
        ("export", "downloadResults"): Operation(
            "download", _GET, exports.download, parameters=frozenset({"id", "file"})
        ),
        ("import", "create"): Operation("import.create", _POST, imports.create, reads_body=True),
        ("import", "batch"): Operation(
            "import.batch", _POST, imports.batch, parameters=_BY_ID, reads_body=True
        ),
        ("import", "update"): Operation(
            "import.update", _PATCH, imports.update, parameters=_BY_ID, reads_body=True
        ),
        ("import", "read"): Operation("import.read", _GET, imports.read, parameters=_BY_ID),
        ("import", "query"): Operation(
            "import.query", _GET, imports.query, parameters=IMPORT_PARAMETERS
        ),
        ("import", "downloadErrors"): Operation(
            "import.downloadErrors", _GET, imports.download_errors, parameters=_BY_ID
        ),
    }
)


OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    dict([*_OWN.items(), *_of_objects().items()])
)
"""Every operation that is served, by object and the name after `do`."""


def find_operation(call: ApiCall) -> Operation | None:
    """Find what the path of `call` names; None for an unknown object or operation."""
    name = "" if call.path.object == "login" else call.path.pairs.get("do", "")
    return OPERATIONS.get((call.path.object, name))


def usual_path(object_name: str, do: str) -> str:
    """Give the path of an operation, as it is usually written, in version 4."""
    return f"/api/{object_name}/version/4" + (f"/do/{do}" if do else "")


def nearest_path(call: ApiCall) -> str:
    """Say which operation a call probably means whose path names none; empty if nobody knows."""
    objects = {name for name, _ in OPERATIONS}
    meant = nearest(call.path.object, objects)
    if meant is None:
        return f"known objects are {', '.join(sorted(objects))}"
    names = {do for name, do in OPERATIONS if name == meant}
    if "" in names:
        return f"did you mean {usual_path(meant, '')}?"
    do = nearest(call.path.pairs.get("do", ""), names)
    if do is None:
        return f"operations of {meant} are {', '.join(sorted(names))}: {usual_path(meant, '...')}"
    return f"did you mean {usual_path(meant, do)}?"
