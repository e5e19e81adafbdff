"""What of a call was ignored though it may matter: for the journal, never for the wire.

The service ignores whatever it does not know (documented), so a misspelled filter silently gives
every row. Here the tester is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.web.call import ApiCall
    from pardot_mock.web.operations import Operation

EVERYWHERE = frozenset(
    {"version", "do", "format", "output", "api_key", "user_key", "email", "password"}
)
"""Parameters that clients send with every call; the last four are credentials."""
_FORMATS = ("json", "xml")
_OUTPUTS = ("full", "simple", "mobile", "bulk")
_FORMS = ("", "application/x-www-form-urlencoded", "multipart/form-data")
_MOST = 10
_SHOWN = 60


def warnings_of(call: ApiCall) -> tuple[str, ...]:
    """Say what of `call` was not understood and left aside."""
    operation = call.operation
    if operation is None:
        return ()
    found = [*_values(call), *_body(call, operation), *_names(call, operation)]
    return tuple(found[:_MOST])


def _names(call: ApiCall, operation: Operation) -> Iterator[str]:
    if operation.parameters is None:
        return
    known = operation.parameters | EVERYWHERE
    for where, sent in (("path", call.path.pairs), ("form", call.form), ("query", call.query)):
        if sent.keys() <= known:
            continue
        for name in sent:
            if name.removesuffix("[]") not in known:
                yield _unknown(name, where, operation.parameters)


def _unknown(name: str, where: str, known: frozenset[str]) -> str:
    shown = f"unknown parameter {name[:_SHOWN]!r} in the {where} was ignored"
    if where == "path" and name.isdecimal():
        return f"{shown}: an id is written as a pair, id/{name[:_SHOWN]}"
    near = nearest(name, known | EVERYWHERE)
    return f"{shown}: did you mean {near}?" if near is not None else shown


def _values(call: ApiCall) -> Iterator[str]:
    form = call.param("format")
    if form is not None and form not in _FORMATS:
        yield f"format {form[:_SHOWN]!r} is unknown: the answer is {call.form_of_answer}"
    output = call.param("output")
    if output is not None and output not in _OUTPUTS:
        yield f"output {output[:_SHOWN]!r} is unknown and was taken for full"


def _body(call: ApiCall, operation: Operation) -> Iterator[str]:
    if operation.reads_body or call.request.environ.get("CONTENT_LENGTH", "") in ("", "0"):
        return
    if call.request.mimetype not in _FORMS:
        yield f"the body was not read: its type is {call.request.mimetype[:_SHOWN]!r}"
