"""Laws of the reference client."""

# Bounds without a zone are meant in the API user's, so naive datetimes are the point here.
# ruff: noqa: DTZ001

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pardot_client import Answer, BudgetExceeded, Polling, Request, Retrying
from pardot_client.answers import as_list, facts_of, read_answer
from pardot_client.auth import Keyring, run
from pardot_client.budget import Meter
from pardot_client.credentials import UserKeyLogin
from pardot_client.ranges import instant_of, one_year_after, windows
from tests.unit.client.fake import FakeTime, xml_of

NAMES = st.from_regex(r"[a-z][a-zA-Z_]{0,6}", fullmatch=True).filter(lambda n: n != "err")
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\r\t"), max_size=12
)
SCALARS = st.none() | st.booleans() | st.integers() | TEXT
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: (
            st.dictionaries(NAMES, inner, max_size=3)
            | st.lists(inner.filter(lambda item: not isinstance(item, list)), max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(TREES)
def test_xml_and_json_of_the_same_tree_are_read_to_the_same_facts(tree: dict[str, Any]) -> None:
    envelope = {"@attributes": {"stat": "ok", "version": 1}, **tree}
    from_json = read_answer(200, {}, json.dumps(envelope).encode())
    from_xml = read_answer(200, {}, xml_of(tree))
    assert from_json.payload == from_xml.payload
    assert from_json.ok
    assert from_xml.ok


@given(st.lists(SCALARS.filter(lambda value: facts_of(value) is not None), max_size=4))
def test_a_collection_has_as_many_items_as_were_put_in(items: list[Any]) -> None:
    read = read_answer(200, {}, xml_of({"item": items})).payload
    assert as_list(read.get("item")) == [facts_of(item) for item in items]


@given(st.lists(st.floats(0, 7200), min_size=1, max_size=60))
def test_a_key_is_never_asked_for_twice_within_the_hour(pauses: list[float]) -> None:
    time = FakeTime()
    keyring = Keyring(UserKeyLogin("https://pi.pardot.com", "e", "p", "u"), time)
    logins: list[float] = []

    def send(request: Request) -> Answer:
        if request.form is None:
            return Answer(200)
        logins.append(time.seconds)
        return Answer(200, payload={"api_key": "k"})

    for pause in pauses:
        run(keyring.authenticated(Request("GET", "https://pi.pardot.com/api")), send)
        time.seconds += pause
    assert all(later - earlier >= 3600 for earlier, later in itertools.pairwise(logins))


@given(
    st.builds(
        Polling,
        unit=st.floats(0, 1e4),
        at_least=st.floats(0, 1e4),
        longest=st.floats(0, 1e6),
    ),
    st.integers(0, 10**9),
)
def test_polling_intervals_never_shrink_and_keep_their_floor(policy: Polling, poll: int) -> None:
    assert policy.at_least <= policy.interval(poll) <= policy.interval(poll + 1)


@given(st.integers(0, 10**9))
def test_the_default_policy_never_polls_within_thirty_seconds(poll: int) -> None:
    assert 30 <= Polling().interval(poll) <= 3600


@given(
    st.builds(Retrying, scatter=st.floats(0, 1), longest=st.floats(0, 1e6)),
    st.integers(1, 10**6),
    st.floats(0, 1),
)
def test_retry_waits_stay_within_their_scatter(
    policy: Retrying, failures: int, chance: float
) -> None:
    full = policy.wait(failures, 0)
    assert full * (1 - policy.scatter) - 1e-9 <= policy.wait(failures, chance) <= full
    assert full <= policy.longest


MOMENTS = st.datetimes(datetime(2018, 1, 1), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=-7))])


@given(MOMENTS, MOMENTS, ZONES, st.data())
def test_the_pieces_of_a_range_cover_every_second_exactly_once(
    one: datetime, other: datetime, zone: timezone | None, data: st.DataObject
) -> None:
    after, before = (moment.replace(tzinfo=zone) for moment in sorted((one, other)))
    low_end, high_end = (m if zone else m.isoformat(" ") for m in (after, before))
    pieces = windows(low_end, high_end, datetime(2026, 6, 1, tzinfo=UTC), None)
    read = [(instant_of(piece.after), instant_of(piece.before or "")) for piece in pieces]
    edges = [edge for pair in read for edge in pair if edge is not None]
    around = st.sampled_from(edges).flatmap(
        lambda edge: st.integers(-3, 3).map(lambda seconds: edge + timedelta(seconds=seconds))
    )
    for moment in data.draw(st.lists(around, min_size=1, max_size=20)):
        held = sum(low < moment < high for low, high in read if low and high)
        assert held == (after < moment < before)
    for low, high in read:
        assert low is not None
        assert high is not None
        assert high <= one_year_after(low) or len(read) == 1


# Wall times at which clocks have just gone forward or back, many of them at midnight.
CHANGES = [
    ("America/Santiago", datetime(2023, 9, 3, 1)),
    ("America/Santiago", datetime(2024, 4, 7, 0)),
    ("Asia/Beirut", datetime(2024, 3, 31, 1)),
    ("Asia/Beirut", datetime(2023, 10, 29, 0)),
    ("Africa/Cairo", datetime(2023, 4, 28, 1)),
    ("Australia/Lord_Howe", datetime(2023, 10, 1, 2, 30)),
    ("America/New_York", datetime(2024, 3, 10, 3)),
    ("America/New_York", datetime(2023, 11, 5, 2)),
    ("Europe/London", datetime(2024, 3, 31, 2)),
    ("Pacific/Apia", datetime(2011, 12, 31)),
]


@given(
    st.sampled_from(CHANGES), st.integers(2, 4), st.integers(-2, 2), st.sampled_from([-1, 0, 0, 1])
)
def test_wall_time_ranges_lose_and_repeat_no_second_when_clocks_change(
    change: tuple[str, datetime], years: int, days: int, seconds: int
) -> None:
    zone, moment = ZoneInfo(change[0]), change[1]
    # A careless cut, a year less some days after the lower bound, would fall on the change.
    near = moment + timedelta(days=days, seconds=seconds)
    after = near.replace(year=near.year - 1)
    before = after.replace(year=after.year + years)

    def read(moment: Any) -> datetime:
        """As the service reads wall time: the first of two, and past a gap."""
        wall = instant_of(moment)
        assert wall is not None
        return wall.replace(tzinfo=zone).astimezone(UTC)

    pieces = windows(after.isoformat(" "), before.isoformat(" "), datetime.now(UTC), None)
    spans = [(read(piece.after), read(piece.before)) for piece in pieces]
    assert len(spans) >= years
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert end - start == timedelta(seconds=1)


@given(MOMENTS, ZONES)
def test_without_an_upper_bound_only_the_last_piece_is_open(
    after: datetime, zone: timezone | None
) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    lower = after.replace(tzinfo=zone) if zone else after.isoformat(" ")
    *closed, last = windows(lower, None, now, None)
    assert all(piece.before is not None for piece in closed)
    assert last.before is None
    start = instant_of(last.after)
    assert start is not None
    assert one_year_after(start) >= (now if zone else now.replace(tzinfo=None))


@given(st.text(max_size=12), st.text(max_size=12))
def test_bounds_only_the_service_can_read_are_passed_on_untouched(after: str, before: str) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    pieces = windows(after, before, now, None)
    if instant_of(after) is None or instant_of(before) is None:
        assert [(piece.after, piece.before) for piece in pieces] == [(after, before)]


def test_hour_twenty_four_rolls_over_as_at_the_service() -> None:
    assert instant_of("2020-12-25 24:59:59") == datetime(2020, 12, 26, 0, 59, 59)
    assert instant_of("2017-1-5 09:05:00") == datetime(2017, 1, 5, 9, 5)
    assert instant_of("2019-01-01T00:00:00Z") == datetime(2019, 1, 1, tzinfo=UTC)
    assert instant_of("2019-02-30") is None


@given(st.integers(0, 50), st.integers(1, 200))
def test_a_budget_is_never_overdrawn(limit: int, wanted: int) -> None:
    meter, taken = Meter(limit), 0
    for _ in range(wanted):
        try:
            meter.take()
        except BudgetExceeded:
            break
        taken += 1
    assert taken == meter.used == min(limit, wanted)
