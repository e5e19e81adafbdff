"""Laws of the reference client."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pardot_client import Answer, Polling, Request, Retrying
from pardot_client.answers import as_list, facts_of, read_answer
from pardot_client.auth import Keyring, run
from pardot_client.credentials import UserKeyLogin
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
