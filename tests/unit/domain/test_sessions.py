"""Who is locked out after which failed logins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.sessions import Sessions

logins = st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=12)


@given(logins, st.integers(0, 4), st.integers(1, 3))
def test_a_user_is_locked_by_as_many_failures_in_a_row_as_the_threshold_says(
    attempts: list[tuple[int, bool]], threshold: int, user: int
) -> None:
    sessions, in_a_row = Sessions(), 0
    for who, right in attempts:
        sessions = sessions.succeeded(who) if right else sessions.failed(who)
        if who == user:
            in_a_row = 0 if right else in_a_row + 1
    assert sessions.is_locked(user, threshold) == (threshold > 0 and in_a_row >= threshold)
