"""Asks the emulator what a recording asked a server, and says where the answers differ in shape.

Each exchange gets an account of its own in the state that the recorded answer shows; ids, dates and
credentials are those of that account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_contracts.drift.recording import exchange_of
from pardot_contracts.drift.shapes import Shape, differences
from pardot_contracts.pact.reading import ABSENT, Interaction, State
from pardot_contracts.pact.states import ENDED, EXPORT, ORDINARY, SPENT, names, prepare
from pardot_contracts.pact.verify import send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_contracts.drift.recording import Exchange, Recording
    from pardot_mock.reports import Report, Result
    from pardot_mock.testing import MockPardot

_STALE, _SPENT, _WRONG_STATE = ("=1", "=184"), ("=122",), "=178"
_DATES = (("after", "-90 days"), ("before", "now"))
_VALUES = (("deleted", "all"), ("type", (1,)), ("prospectOnly", False))
_FORM = "email=a&password=b&user_key=c"


def compare(recording: Recording) -> Report:
    """Compare every exchange of `recording`."""
    from pardot_mock import MockPardot
    from pardot_mock.reports import Report

    with MockPardot() as mock:
        results = tuple(_compared(mock, each) for each in recording.exchanges.values())
    facts = {"recorded": f"{recording.target} at {recording.began}"}
    return Report("Drift", recording.target, results, facts)


def _compared(mock: MockPardot, exchange: Exchange) -> Result:
    from pardot_mock.reports import Result

    state = state_of(exchange)
    prepared = prepare(mock, (State(state),))
    try:
        answer = send(_interaction(exchange, state), prepared)
    finally:
        prepared.account.delete()
    kind = answer.headers.get("Content-Type", "")
    ours = exchange_of(
        (exchange.method, exchange.path, exchange.query, {}, b""),
        (answer.status_code, kind, answer.content),
    )
    found = list(_differences(exchange, ours))
    status = "fail" if found else "pass"
    says = f"{exchange.name}, with {state}"
    told = "\n".join(found) or "the emulator answers in the same shape"
    return Result(exchange.name, "drift", "must", status, told, source="recorded", says=says)


def _differences(theirs: Exchange, ours: Exchange) -> Iterator[str]:
    if theirs.status != ours.status:
        yield f"status: {theirs.status} recorded, {ours.status} emulated"
    if theirs.content_type != ours.content_type:
        yield f"content type: {theirs.content_type} recorded, {ours.content_type} emulated"
    else:
        yield from differences(theirs.shape, ours.shape)


def state_of(exchange: Exchange) -> str:
    """Give the provider state that an exchange needs, as its answer shows it."""
    found = dict(_leaves(exchange.shape))
    code = found.get("err_code", found.get("@code", ""))
    if code in _STALE:
        return ENDED
    if code in _SPENT:
        return SPENT
    if exchange.path.endswith("/login") or "/login/" in exchange.path:
        return ORDINARY
    if "/downloadResults/" in exchange.path:
        return f"{EXPORT}{'Processing' if code == _WRONG_STATE else 'Complete'}"
    if found.get("state") and "/{id}" in exchange.path:
        word = "expired" if found.get("isExpired") == "=true" else _finished(exchange, found)
        return f"{EXPORT}{word}" if f"{EXPORT}{word}" in names() else ORDINARY
    if "/export/" in exchange.path and exchange.path.endswith("/query"):
        return f"{EXPORT}Complete"
    return "oauth-only" if exchange.auth == "bearer" else ORDINARY


def _finished(exchange: Exchange, found: dict[str, str]) -> str:
    state = found["state"].removeprefix("=")
    if state != "Complete":
        return state
    refs = _of(exchange.shape, "resultRefs")
    if refs is None:
        return "Complete without a file"
    return "Complete with several files" if isinstance(refs, list) else "Complete"


def _of(shape: Shape, name: str) -> Shape:
    if not isinstance(shape, dict):
        return None
    if name in shape:
        return shape[name]
    return next((found for each in shape.values() if (found := _of(each, name)) is not None), None)


def _leaves(shape: Shape) -> Iterator[tuple[str, str]]:
    if isinstance(shape, dict):
        for name, value in shape.items():
            if isinstance(value, str):
                yield name, value
            yield from _leaves(value)
    elif isinstance(shape, list) and shape:
        yield from _leaves(shape[0])


def _interaction(exchange: Exchange, state: str) -> Interaction:
    expression = exchange.path.replace("/id/{id}", "/id/${export_id}")
    expression = expression.replace("/file/{file}", "/file/${file_id}")
    unknown = expression.replace("${export_id}", "999999").replace("${file_id}", "999999")
    headers: dict[str, str] = {}
    if exchange.auth:
        headers["Authorization"] = "Bearer x" if exchange.auth == "bearer" else "Pardot x"
    body: Any = ABSENT
    if exchange.body is not None:
        headers["Content-Type"] = "application/json"
        body = _body(exchange.body)
    elif "/login" in exchange.path:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = _FORM
    return Interaction(
        description=exchange.name,
        states=(State(state),),
        method=exchange.method,
        path=unknown,
        query={name: [value] for name, value in exchange.query.items()},
        headers=headers,
        body=body,
        status=exchange.status,
        answer_headers={},
        answer_body=ABSENT,
        body_rules=(),
        header_rules={},
        path_expression=expression if state.startswith(EXPORT) else "",
    )


def _body(recorded: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(recorded, dict):
        return "{"
    named = recorded["procedure"]["arguments"]
    known = dict(_VALUES)
    dates = {name: value for name in named for end, value in _DATES if name.endswith(f"_{end}")}
    given = {name: dates.get(name, known.get(name, "now")) for name in named}
    return {**recorded, "procedure": {**recorded["procedure"], "arguments": given}}
