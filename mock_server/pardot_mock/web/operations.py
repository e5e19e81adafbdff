"""What can be called: object and operation, the methods it takes, and who answers it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.web import exports, login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.web.call import Answer, ApiCall


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API; `name` is its short name in journal, budget and faults.

    `tolerated` is a further method, and the quirk that decides whether it is served.
    """

    name: str
    methods: frozenset[str]
    answer: Callable[[ApiCall], Answer]
    authenticated: bool = True
    tolerated: tuple[str, str] | None = None

    def takes(self, method: str, call: ApiCall) -> bool:
        """Whether `method` is served."""
        if method in self.methods:
            return True
        if self.tolerated is None or self.tolerated[0] != method:
            return False
        return call.quirks[self.tolerated[1]] == "accept"


_GET = frozenset({"GET"})
_POST = frozenset({"POST"})
_READ_BY_POST = ("POST", "export_read_post")

OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("login", ""): Operation(
            "login", _POST, login.log_in, authenticated=False, tolerated=("GET", "login_get")
        ),
        ("export", "create"): Operation("create", _POST, exports.create),
        ("export", "read"): Operation("read", _GET, exports.read, tolerated=_READ_BY_POST),
        ("export", "query"): Operation("query", _GET, exports.query, tolerated=_READ_BY_POST),
        ("export", "downloadResults"): Operation("download", _GET, exports.download),
    }
)


def find_operation(call: ApiCall) -> Operation | None:
    """Find what the path of `call` names; None for an unknown object or operation."""
    name = "" if call.path.object == "login" else call.path.pairs.get("do", "")
    return OPERATIONS.get((call.path.object, name))
