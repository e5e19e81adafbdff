"""The way of a call: one ordered list of steps, each of which may refuse it.

The order is inferred: what is called, by which method, by whom, in which version, within which
limits. Faults come last, so that they meet only calls that would have been served. What the body
says is checked by the operation itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pardot_mock.account import LimitReachedError
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.limits import LONGEST_URI
from pardot_mock.web import login
from pardot_mock.web.access import BareAnswerError, require_open
from pardot_mock.web.authentication import attribute, authenticate
from pardot_mock.web.faulting import meet_faults
from pardot_mock.web.operations import Operation, find_operation, nearest_path
from pardot_mock.wire.dialects import V3, V4, dialect_for

if TYPE_CHECKING:
    from pardot_mock.domain.quirks import Quirks
    from pardot_mock.web.call import Answer, ApiCall
    from pardot_mock.world import World

Step = Callable[["ApiCall", "World"], None]


def check_uri(call: ApiCall, world: World) -> None:
    """A GET with too long a URI is refused by the web server in front of the API."""
    if call.request.method not in ("GET", "HEAD") or call.uri_length <= LONGEST_URI:
        return
    attribute(call, world)
    if call.quirks["long_uri"] == "refuse":
        detail = f"the URI has {call.uri_length} characters, more than {LONGEST_URI}: use POST"
        raise BareAnswerError(414, "414 URI Too Long\n", "text/plain; charset=utf-8", detail)


def find_what(call: ApiCall, world: World) -> None:
    """An unknown object or operation is code 2, in newer eras code 198."""
    call.operation = find_operation(call)
    if call.operation is None:
        attribute(call, world)
        detail = f"there is no operation {call.path.pairs.get('do', '')!r} of {call.path.object!r}"
        call.hint = nearest_path(call)
        raise Refused(_unknown_path(call.quirks), detail=detail)


def _unknown_path(quirks: Quirks) -> ErrorCode:
    if quirks["unknown_path"] == "era":
        newer = quirks["auth_era"] == "oauth"
        return ErrorCode.ENDPOINT_NOT_FOUND if newer else ErrorCode.INVALID_ACTION
    return ErrorCode(quirks.number("unknown_path"))


def find_who(call: ApiCall, world: World) -> None:
    """Find the account, as far as the request says, so that its quirks apply from here on."""
    if not _operation(call).authenticated:
        login.find_user(call, world)


def check_method(call: ApiCall, world: World) -> None:
    """A method that the operation does not take is code 60."""
    operation = _operation(call)
    if not operation.takes(call.request.method, call):
        attribute(call, world)
        detail = f"{operation.name} does not take {call.request.method}"
        call.hint = f"send it by {' or '.join(sorted(operation.methods))}"
        raise Refused(ErrorCode.INVALID_METHOD, detail=detail)


def check_caller(call: ApiCall, world: World) -> None:
    """Every call but a login must be authenticated."""
    if _operation(call).authenticated:
        authenticate(call, world)
        require_open(call.caller[0])


def check_version(call: ApiCall, world: World) -> None:
    """The version must be 3 or 4, and the one the account is bound to. A login does not care."""
    del world
    if call.account is None or not _operation(call).authenticated:
        return
    bound = call.account.info.api_version
    text = call.param("version")
    if text is None and call.quirks["missing_version"] == "account":
        text = str(bound or V4.version)
    if text not in (str(V3.version), str(V4.version)):
        call.hint = "write /version/4 or /version/3 into the path"
        detail = f"version {str(text)[:40]!r} is neither 3 nor 4"
        raise Refused(ErrorCode.INVALID_VERSION, detail=detail)
    call.dialect = dialect_for(int(text))
    if bound is not None and bound != call.dialect.version:
        newer = bound == V4.version
        code = ErrorCode.VERSION_4_REQUIRED if newer else ErrorCode.VERSION_4_UNAVAILABLE
        raise Refused(code, detail=f"account {call.account.id} is bound to version {bound}")


def check_limits(call: ApiCall, world: World) -> None:
    """The daily allowance comes before the concurrent places (inferred)."""
    del world
    if call.account is None or not _operation(call).authenticated:
        return
    account, op = call.account, _operation(call).name
    counts = op != "download" or account.quirks.on("count_downloads")
    try:
        with account.lock:
            account.begin_call(op, account.settle(), counts=counts)
    except LimitReachedError as reached:
        raise _over_limit(call, reached) from reached
    call.charged, call.placed = counts, True


def check_size(call: ApiCall, world: World) -> None:
    """A form with more than is read of one is code 204."""
    if not call.readable:
        attribute(call, world)
        raise Refused(ErrorCode.BODY_SIZE, detail="the form is too large")


STEPS: tuple[Step, ...] = (
    check_uri,
    check_size,
    find_what,
    find_who,
    check_method,
    check_caller,
    check_version,
    check_limits,
    meet_faults,
)


def answer(call: ApiCall, world: World) -> Answer:
    """Take `call` through the steps and answer it; raise `Refused` where a step turns it down."""
    for step in STEPS:
        step(call, world)
    return _operation(call).answer(call)


def _operation(call: ApiCall) -> Operation:
    if call.operation is None:
        raise AssertionError("the operation has not been looked up")
    return call.operation


def _over_limit(call: ApiCall, reached: LimitReachedError) -> Refused:
    if not reached.daily:
        return Refused(ErrorCode.CONCURRENT_LIMIT, detail=str(reached))
    suffix = "." if call.quirks.on("limit_message_full_stop") else ""
    return Refused(ErrorCode.DAILY_LIMIT, detail=str(reached), suffix=suffix)
