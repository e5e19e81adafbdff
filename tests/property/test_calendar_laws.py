"""What the calendar lists: everything once, and no more midnights than it promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.domain.calendar import MAX_RESETS, Event, EventKind, Jobs, events_between
from pardot_mock.domain.imports import ImportDesk
from pardot_mock.domain.queue import ExportQueue, advance
from pardot_mock.domain.sessions import Sessions
from tests.property.test_queue_laws import HORIZON, START, queues

ZONE = ZoneInfo("Europe/Berlin")
IDLE = Jobs(ExportQueue(), ImportDesk())
instants = st.integers(0, 20 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(queues(), st.lists(instants, min_size=3, max_size=3).map(sorted), st.data())
@settings(max_examples=60)
def test_an_interval_lists_what_its_two_parts_list(
    queue: ExportQueue, instants: list[datetime], data: st.DataObject
) -> None:
    settled = Jobs(advance(queue, HORIZON), ImportDesk())
    stamps = sorted({e.finished_at for e in settled.exports if e.finished_at is not None})
    first, middle, last = instants
    # An interval that is cut at the very instant of an event is the case worth looking at.
    middle = min(max(first, data.draw(st.sampled_from([middle, *stamps]))), last)

    def listed(*interval: datetime) -> list[Event]:
        after, until = interval
        return events_between(settled, Sessions(), {}, ZONE, (after, until))

    assert listed(first, middle) + listed(middle, last) == listed(first, last)
    assert all(first < event.at <= last for event in listed(first, last))


@given(queues())
@settings(max_examples=60)
def test_events_follow_in_the_order_in_which_exports_free_one_another(queue: ExportQueue) -> None:
    settled = Jobs(advance(queue, HORIZON), ImportDesk())
    running: list[int | str] = []
    for event in events_between(settled, Sessions(), {}, ZONE, (START, HORIZON)):
        if event.kind is EventKind.EXPORT_STARTS:
            running.append(event.subject)
        elif event.kind in (EventKind.EXPORT_FINISHES, EventKind.EXPORT_CANCELLED):
            export = settled.exports.by_id[int(event.subject)]
            # What was cancelled while it waited never ran.
            assert running == ([] if export.started_at in (None, START) else [event.subject])
            running.clear()
    assert not running


@given(st.integers(MAX_RESETS - 3, MAX_RESETS + 3))
@settings(max_examples=7)
def test_every_midnight_is_listed_once_until_there_are_too_many(days: int) -> None:
    interval = (START, START + timedelta(days=days))
    events = events_between(IDLE, Sessions(), {}, ZONE, interval)
    assert {event.kind for event in events} == {EventKind.QUOTA_RESETS}
    midnights = [(START + timedelta(days=n)).date().isoformat() for n in range(1, days + 1)]
    assert [event.subject for event in events] == midnights[:MAX_RESETS]
