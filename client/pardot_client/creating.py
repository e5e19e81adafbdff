"""Creating an export exactly once, even when the answer gets lost.

A create whose connection broke may have been carried out, and sending it again would then
leave two exports in the queue. So the service is asked for exports of the last moments that
echo the same request; only if there is none, the create is sent again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .errors import CreateUncertain, GarbledAnswer, PardotError, TransportFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .answers import Answer
    from .caller import Caller
    from .dialect import Dialect, ExportFacts, ExportRequest
    from .transport import Request

# Seconds by which the service's clock may lag behind the moment the create was sent.
_MARGIN = 5.0


def facts_in(caller: Caller, answer: Answer) -> ExportFacts:
    """The export an answer describes.

    Raises:
        GarbledAnswer: it describes none.
    """
    facts = caller.dialect.export_of(answer.payload)
    if facts is None:
        raise GarbledAnswer("the answer describes no export", answer=answer)
    return facts


def create(
    caller: Caller, request: ExportRequest, is_known: Callable[[int], bool]
) -> tuple[ExportFacts, Answer]:
    """Create an export, or find the one that a broken attempt created.

    Returns:
        The export, and the answer that describes it.

    Args:
        caller: makes the calls.
        request: what to export.
        is_known: whether an export is one that an earlier create returned.

    Raises:
        CreateUncertain: it cannot be told whether the export exists.
        PardotError: see `Caller.call`.
    """
    shared = caller.shared
    started = shared.clock.monotonic()
    for failures in range(1, shared.retrying.attempts + 1):
        try:
            return _described(caller, lambda dialect: dialect.create(request))
        except TransportFailed as error:
            if not error.maybe_sent:
                raise
            lost = error
        if shared.retrying.uncertain_create == "raise":
            break
        pause = shared.retrying.wait(failures, shared.chance())
        # The service may still be busy with the create when the connection breaks.
        shared.sleep(pause)
        if shared.retrying.uncertain_create == "look_up":
            elapsed = shared.clock.monotonic() - started
            found = _look_up(caller, request, is_known, elapsed, lost)
            if found is not None:
                return found
    raise _uncertain("the answer to a create never came", lost) from lost


def _uncertain(why: str, lost: TransportFailed) -> CreateUncertain:
    return CreateUncertain(
        f"{why}; the export may exist or not", code=lost.code, answer=lost.answer
    )


def _look_up(
    caller: Caller,
    request: ExportRequest,
    is_known: Callable[[int], bool],
    elapsed: float,
    lost: TransportFailed,
) -> tuple[ExportFacts, Answer] | None:
    """The export that a broken create made, or None if it made none."""
    # Relative to the service's own clock, so neither zones nor clock errors matter.
    filters = {
        "object": request.object_name,
        "created_after": f"-{math.ceil(elapsed + _MARGIN)} seconds",
    }
    try:
        answer = caller.call(lambda dialect: dialect.query(filters))
        _, listed = caller.dialect.exports_of(answer.payload)
        fresh = [facts.id for facts in listed if not is_known(facts.id)]
        found = [_described(caller, _reader(number)) for number in fresh]
    except PardotError as error:
        raise _uncertain(f"a create broke off and looking it up failed ({error})", lost) from error
    for facts, answer in found:
        if request.is_echoed_by(facts):
            return facts, answer
    if any(facts.procedure is None for facts, _ in found):
        raise _uncertain("a create broke off and the service does not tell its exports apart", lost)
    return None


def _described(caller: Caller, build: Callable[[Dialect], Request]) -> tuple[ExportFacts, Answer]:
    answer = caller.call(build)
    return facts_in(caller, answer), answer


def _reader(export_id: int) -> Callable[[Dialect], Request]:
    return lambda dialect: dialect.read(export_id)
