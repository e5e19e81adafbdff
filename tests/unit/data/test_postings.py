"""The activities of prospects are found without missing or inventing any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.data.postings import MOST_WINDOWS, Postings
from pardot_mock.data.tables.activities import Activities, contact_bounds

from .worlds import world

ROWS = 20_000


def every_contact() -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    index = np.arange(ROWS, dtype=np.uint64)
    return Activities(world(3, ROWS).engine.world, index).contact


def test_the_contact_of_an_activity_lies_within_its_bounds() -> None:
    low, high = contact_bounds(world(3, ROWS).engine.world, np.arange(ROWS, dtype=np.uint64))
    contact = every_contact()
    assert bool(np.all((low <= contact) & (contact <= high)))
    # The bounds say something: mostly a group, of a dozen groups.
    assert int(np.median(high - low)) == 63


@pytest.mark.parametrize("wanted", [[0], [5, 6, 799], [64, 65], [700, 3]])
def test_every_activity_of_a_prospect_is_found(
    wanted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pardot_mock.data.postings.WINDOW", 50)
    postings = Postings(world(3, ROWS).engine.world)
    contact = every_contact()
    for _ in range(2):
        found = postings.of(np.array(wanted, dtype=np.uint64))
        assert found is not None
        assert found.tolist() == np.flatnonzero(np.isin(contact, wanted)).tolist() != []


def test_a_question_about_too_many_windows_is_left_to_a_scan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pardot_mock.data.postings.WINDOW", 50)
    spread = np.arange(0, 800, 50, dtype=np.uint64)
    assert Postings(world(3, ROWS).engine.world).of(spread) is None


@given(
    st.lists(
        st.lists(st.integers(0, 15), min_size=1, max_size=MOST_WINDOWS), min_size=1, max_size=8
    )
)
def test_whatever_was_asked_before_changes_no_answer(questions: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pardot_mock.data.postings.WINDOW", 50)
        postings = Postings(world(3, ROWS).engine.world)
        contact = every_contact()
        for windows in questions:
            wanted = [50 * window for window in windows]
            found = postings.of(np.array(wanted, dtype=np.uint64))
            assert found is not None
            assert found.tolist() == np.flatnonzero(np.isin(contact, wanted)).tolist()
